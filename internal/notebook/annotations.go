package notebook

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// Annotation is what somebody puts on all devices of a selection, or takes off them, and how far that has come.
type Annotation struct {
	ID, Selection string
	Author        string // the user's name
	Add, Remove   []string
	Note          string
	Asked         time.Time
	Devices       int
	Done          int       // of those
	Place         int       // the line of the selection that had its turn last
	Ended         time.Time // zero while it goes on
	Why           string    // why it ended before its last device
}

// Left is how many devices had no turn yet.
func (a Annotation) Left() int { return a.Devices - a.Done }

// Annotated is what one step did.
type Annotated struct {
	Annotation

	Labels []Labelling // of the devices whose labels changed
	Notes  []Note
}

// errOver is why nothing more is done of an annotation: it has ended, somebody else goes on with it, or it is gone with its selection.
var errOver = errors.New("nobody wants this annotation to go on here")

// Over tells that a step was not made because the annotation is not to go on.
func Over(err error) bool { return errors.Is(err, errOver) }

// BeginAnnotation keeps what is asked, before anything of it is done, and its record with it.
func (b *Book) BeginAnnotation(ctx context.Context, a Annotation, record func(*sql.Tx, Annotation) error) (Annotation, error) {
	var err error
	if a.Add, err = labelNames(a.Add); err != nil {
		return a, err
	}
	if a.Note != "" {
		if a.Note, err = NoteText(a.Note); err != nil {
			return a, err
		}
	}
	a.ID, a.Asked = rand.Text(), b.now().UTC().Truncate(time.Microsecond)
	err = b.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO annotation (id, selection, author, added, removed, note, asked, devices, done, place, ended, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, '')`,
			a.ID, a.Selection, a.Author, strings.Join(a.Add, ","), strings.Join(a.Remove, ","), a.Note, a.Asked.UnixMicro(), a.Devices)
		if err != nil {
			return err
		}
		return record(tx, a)
	})
	if err != nil {
		return a, fmt.Errorf("begin to annotate: %w", err)
	}
	return a, nil
}

// StepSize is how many devices have their turn in one transaction, so that others come to write between two.
const StepSize = 500

// Annotate gives the next devices their turn, at most StepSize of them, in one transaction with its record and with how far the annotation
// is. last says that there are none behind them. When the annotation is not to go on, the error is one that Over knows.
func (b *Book) Annotate(ctx context.Context, a Annotation, members []Member, last bool, record func(*sql.Tx, Annotated) error) (Annotation, error) {
	is := a
	is.Done += len(members)
	if len(members) > 0 {
		is.Place = members[len(members)-1].Place
	}
	if last {
		is.Ended = b.now().UTC().Truncate(time.Microsecond)
	}
	err := b.db.Write(ctx, func(tx *sql.Tx) error {
		if err := advance(ctx, tx, a, is); err != nil {
			return err
		}
		done, err := b.annotate(ctx, tx, is, devicesOf(members))
		if err != nil {
			return err
		}
		return record(tx, done)
	})
	if err != nil {
		return a, fmt.Errorf("annotate devices: %w", err)
	}
	return is, nil
}

// advance moves an annotation on, unless it is not any more where the step began.
func advance(ctx context.Context, tx *sql.Tx, was, is Annotation) error {
	result, err := tx.ExecContext(ctx, `UPDATE annotation SET devices = ?, done = ?, place = ?, ended = ? WHERE id = ? AND done = ? AND place = ? AND ended = 0`,
		is.Devices, is.Done, is.Place, micros(is.Ended), is.ID, was.Done, was.Place)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); n == 0 || err != nil {
		return errors.Join(errOver, err)
	}
	return nil
}

func (b *Book) annotate(ctx context.Context, tx *sql.Tx, a Annotation, ids []string) (done Annotated, err error) {
	done.Annotation = a
	if len(ids) == 0 {
		return done, nil
	}
	if len(a.Add)+len(a.Remove) > 0 {
		if done.Labels, err = b.relabel(ctx, tx, a.Author, ids, a.Add, a.Remove); err != nil {
			return done, err
		}
	}
	if a.Note != "" {
		done.Notes, err = insertNotes(ctx, tx, Note{Author: a.Author, Text: a.Note, At: b.now().UTC().Truncate(time.Microsecond)}, ids)
	}
	return done, err
}

// EndAnnotation ends an annotation before its last device, for a reason that readers are told. One that has ended stays as it is.
func (b *Book) EndAnnotation(ctx context.Context, id, why string, record func(*sql.Tx, Annotation) error) error {
	return b.turnAnnotation(ctx, id, record, `UPDATE annotation SET ended = ?, why = ? WHERE id = ? AND ended = 0`, b.now().UnixMicro(), why, id)
}

// ResumeAnnotation lets an annotation go on that has ended before its last device, for so many devices in all, in the name of whoever wants it to. One
// that has moved on since it was read is Over.
func (b *Book) ResumeAnnotation(ctx context.Context, a Annotation, by string, devices int, record func(*sql.Tx, Annotation) error) (Annotation, error) {
	resumed := false
	err := b.turnAnnotation(ctx, a.ID, func(tx *sql.Tx, is Annotation) error {
		resumed, a = true, is
		return record(tx, is)
	}, `UPDATE annotation SET ended = 0, why = '', author = ?, devices = ? WHERE id = ? AND done = ? AND place = ? AND done < devices`, by, devices, a.ID, a.Done, a.Place)
	if err == nil && !resumed {
		err = errOver
	}
	return a, err
}

func (b *Book) turnAnnotation(ctx context.Context, id string, record func(*sql.Tx, Annotation) error, update string, args ...any) error {
	err := b.db.Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, update, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); n == 0 || err != nil {
			return err
		}
		a, err := annotationOf(ctx, tx, id)
		if err != nil {
			return err
		}
		return record(tx, a)
	})
	if err != nil {
		return fmt.Errorf("annotation %s: %w", id, err)
	}
	return nil
}

// Annotation returns one annotation. It is kept as long as its selection.
func (b *Book) Annotation(ctx context.Context, id string) (Annotation, error) {
	return annotationOf(ctx, b.db.Read(), id)
}

func annotationOf(ctx context.Context, q store.Querier, id string) (Annotation, error) {
	list, err := selectAnnotations(ctx, q, `WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "This is not kept any more: it goes with its selection. What was put on each device is in the audit log.")
	}
	if err != nil {
		return Annotation{}, err
	}
	return list[0], nil
}

// UndoneAnnotations returns those of a selection that some of its devices had no turn of, the newest first.
func (b *Book) UndoneAnnotations(ctx context.Context, selection string) ([]Annotation, error) {
	return selectAnnotations(ctx, b.db.Read(), `WHERE selection = ? AND done < devices ORDER BY asked DESC`, selection)
}

func selectAnnotations(ctx context.Context, q store.Querier, which string, args ...any) (list []Annotation, err error) {
	rows, err := q.QueryContext(ctx, `SELECT id, selection, author, added, removed, note, asked, devices, done, place, ended, why FROM annotation `+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read annotations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a Annotation
		var add, remove string
		var asked, ended int64
		if err := rows.Scan(&a.ID, &a.Selection, &a.Author, &add, &remove, &a.Note, &asked, &a.Devices, &a.Done, &a.Place, &ended, &a.Why); err != nil {
			return nil, fmt.Errorf("read annotations: %w", err)
		}
		comma := func(r rune) bool { return r == ',' }
		a.Add, a.Remove, a.Asked = strings.FieldsFunc(add, comma), strings.FieldsFunc(remove, comma), moment(asked)
		if ended > 0 {
			a.Ended = moment(ended)
		}
		list = append(list, a)
	}
	return list, rows.Err()
}
