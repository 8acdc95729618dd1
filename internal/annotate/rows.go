package annotate

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/notebook"
)

// recorded writes the row of the whole: that it was begun, stopped or gone on with.
func (r *Runner) recorded(as audit.Entry, step string) func(*sql.Tx, notebook.Annotation) error {
	return func(tx *sql.Tx, a notebook.Annotation) error {
		as.Action, as.Phase, as.Outcome = audit.SelectionAnnotate, audit.Event, audit.OK
		as.Detail = []audit.Field{{Key: "selection", Value: a.Selection}, {Key: "step", Value: step}, {Key: "rows", Value: strconv.Itoa(a.Left())}, {Key: "labels", Value: strings.Join(a.Add, ", ")}, {Key: "labels_taken", Value: strings.Join(a.Remove, ", ")}}
		if a.Note != "" {
			as.Detail = append(as.Detail, audit.Field{Key: "note", Value: "one for each device"})
		}
		_, err := r.log.AppendTx(context.Background(), tx, as)
		return err
	}
}

// Rows are those of the log for what one step did; as is who did it.
func Rows(done notebook.Annotated, as audit.Entry) (rows []audit.Entry) {
	about := []audit.Field{{Key: "selection", Value: done.Selection}}
	for _, l := range done.Labels {
		rows = append(rows, LabelRows(l, as, about...)...)
	}
	for _, n := range done.Notes {
		rows = append(rows, NoteRow(audit.DeviceNote, n, as, append(audit.Parts("note", n.Text), about...)))
	}
	return rows
}

// LabelRows are one row for the labels that a device got, and one for those that it lost.
func LabelRows(l notebook.Labelling, as audit.Entry, about ...audit.Field) (rows []audit.Entry) {
	for _, part := range []struct {
		action audit.Action
		labels []string
	}{{audit.DeviceLabel, l.Added}, {audit.DeviceUnlabel, l.Removed}} {
		if len(part.labels) == 0 {
			continue
		}
		e := as
		e.Action, e.Phase, e.Device, e.Outcome = part.action, audit.Event, l.DeviceID, audit.OK
		e.Detail = append([]audit.Field{{Key: "labels", Value: strings.Join(part.labels, ", ")}, {Key: "labels_before", Value: strings.Join(l.Before, ", ")}, {Key: "labels_now", Value: strings.Join(l.After, ", ")}}, about...)
		rows = append(rows, e)
	}
	return rows
}

// NoteRow is the row of a note with its texts, as audit.Parts makes them.
func NoteRow(action audit.Action, n notebook.Note, as audit.Entry, texts []audit.Field) audit.Entry {
	as.Action, as.Phase, as.Device, as.Outcome = action, audit.Event, n.DeviceID, audit.OK
	as.Detail = append([]audit.Field{{Key: "number", Value: strconv.FormatInt(n.ID, 10)}, {Key: "author", Value: n.Author}}, texts...)
	return as
}
