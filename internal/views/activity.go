package views

import (
	"cmp"
	"slices"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// activity is what the log tells of a device or an order: changes and their outcomes, not who looked at it.
// Everyone who may see the thing may see what was done to it; only the rows' details need the right to the log.
func (s *Server) activity(c *gin.Context, f audit.Filter) ([]templates.ActivityRow, error) {
	f.Changes = true
	if f.Limit == 0 {
		f.Limit = 10
	}
	rows, err := s.changes(c, f)
	if err != nil {
		return nil, err
	}
	settled, err := s.Audit.Settlements(c.Request.Context(), doubtful(rows))
	if err != nil {
		return nil, err
	}
	tasks, err := s.tasks(c, settled, rows)
	if err != nil {
		return nil, err
	}
	k, who := s.clock(c), operator(c)
	var list []templates.ActivityRow
	for _, r := range rows {
		row := templates.ActivityRow{Seq: r.Seq, At: k.at(r.Time), Who: r.Actor, What: actionWord(r.Action), Reason: r.Reason, Outcome: outcomeBadge(r.Outcome)}
		row.OrderID, row.OrderHref = thingOf(r)
		if verdict, ok := settled[r.Of]; ok && r.Phase == audit.PhaseOutcome {
			row.Outcome = settledBadge(verdict)
		} else if task, ok := tasks[r.Of]; ok && r.Phase == audit.PhaseOutcome {
			row.Outcome = taskBadge(task)
		}
		if r.Actor == who.Name || who.Can(auth.AuditRead) {
			row.Href = auditHref(r.Seq)
		}
		list = append(list, row)
	}
	return list, nil
}

// ours are the actions that change what we ourselves keep about a device. They are done when they are recorded, so that
// the log does not count them among the changes, which have outcomes.
var ours = []audit.Action{audit.DeviceLabel, audit.DeviceUnlabel, audit.DeviceNote, audit.DeviceNoteEdit, audit.DeviceNoteRemove}

// changes lists the changes of the CMP that the filter finds and, of a device, those of what we keep about it.
func (s *Server) changes(c *gin.Context, f audit.Filter) ([]audit.Row, error) {
	rows, err := s.Audit.List(c.Request.Context(), f)
	if err != nil || f.Device == "" {
		return rows, err
	}
	own := audit.Filter{Device: f.Device, Limit: f.Limit, Before: f.Before}
	for _, action := range ours {
		own.Action = string(action)
		more, err := s.Audit.List(c.Request.Context(), own)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	slices.SortFunc(rows, func(a, b audit.Row) int { return cmp.Compare(b.Seq, a.Seq) })
	return rows[:min(f.Limit, len(rows))], nil
}

// thingOf is what a change was about beside the device: an order, a message, an IMEI or a package.
func thingOf(r audit.Row) (id, href string) {
	switch r.Action {
	case audit.SMSSend:
		id = r.Get("msg_id")
		return id, linkTo(smsHref, id)
	case audit.IMEIBind:
		return r.Get("bound_wanted"), ""
	case audit.IMEIUnbind:
		return r.Get("bound_before"), ""
	case audit.DeviceLabel, audit.DeviceUnlabel:
		return r.Get("labels"), ""
	case audit.OrderCreate:
		id = r.Get("package")
		return id, linkTo(packageHref, id)
	}
	return r.Order, linkTo(orderHref, r.Order)
}

// tasks are the actions in doubt, by intent, when one of the rows tells of a doubt that is not settled.
func (s *Server) tasks(c *gin.Context, settled map[int64]string, rows []audit.Row) (map[int64]ops.Action, error) {
	if len(doubtful(rows)) == len(settled) {
		return nil, nil
	}
	doubts, err := s.Actions.Doubts(c.Request.Context())
	byIntent := map[int64]ops.Action{}
	for _, d := range doubts {
		byIntent[d.IntentSeq] = d
	}
	return byIntent, err
}

// doubtful are the intents whose answers were lost.
func doubtful(rows []audit.Row) (intents []int64) {
	for _, r := range rows {
		if r.Phase == audit.PhaseOutcome && r.Outcome == audit.Unknown {
			intents = append(intents, r.Of)
		}
	}
	return intents
}
