package views

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

func auditHref(seq int64) string { return "/audit/" + strconv.FormatInt(seq, 10) }

// listAudit shows one page of the log, newest first. Without the right to the whole log it shows one's own rows.
func (s *Server) listAudit(c *gin.Context) (response, error) {
	f, view, err := s.auditFilter(c)
	if err != nil {
		return nil, err
	}
	noteOf(c, f.Device, f.Order, "filter", c.Request.URL.RawQuery)
	rows, err := s.auditRows(c, f, &view)
	if err != nil {
		return nil, err
	}
	k := s.clock(c)
	view.Chain = s.chainBadge()
	k.auditQuick(&view, operator(c))
	for _, r := range rows {
		view.Rows = append(view.Rows, k.auditRow(r))
	}
	auditPages(&view, f, rows)
	return page(http.StatusOK, s.frame(c, auditTitle(view.Mine)), templates.AuditPage(view)), nil
}

// auditRows reads a page of rows and how many there are, unless the text to look for is too short. While texts are still
// read in, it tells how far back they are found.
func (s *Server) auditRows(c *gin.Context, f audit.Filter, view *templates.AuditList) ([]audit.Row, error) {
	ctx := c.Request.Context()
	rows, err := s.Audit.List(ctx, f)
	if errors.Is(err, audit.ErrShortText) {
		view.TextError = classify(err).Message
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	total, more, err := s.Audit.Matching(ctx, f)
	if err != nil {
		return nil, err
	}
	if view.Total, view.More = int(total), more; f.Text == "" {
		return rows, nil
	}
	reach, err := s.Audit.TextReach(ctx)
	if err != nil || reach == 1 {
		return rows, err
	}
	oldest, err := s.Audit.Get(ctx, reach)
	view.TextNote = templates.Notice{Tone: "info", Title: "Texts are still being read in.", Text: "So far they are found in rows from " + number(int(reach)) +
		" on, of " + s.clock(c).stamp(oldest.Time).Text + " and later. An export holds older ones too, and takes its time."}
	return rows, err
}

func auditTitle(mine bool) string {
	if mine {
		return "My actions"
	}
	return "Audit log"
}

func (s *Server) auditFilter(c *gin.Context) (audit.Filter, templates.AuditList, error) {
	v := templates.AuditList{Actor: pasted(c.Query("actor")), Action: c.Query("action"), Device: compact(c.Query("device")),
		Order: pasted(c.Query("order")), Outcome: c.Query("outcome"), Text: strings.TrimSpace(c.Query("q")), From: c.Query("from"), Until: c.Query("until")}
	v.Filtered = v.Actor+v.Action+v.Device+v.Order+v.Outcome+v.Text+v.From+v.Until != ""
	f := audit.Filter{Actor: v.Actor, Action: v.Action, Device: v.Device, Order: v.Order, Outcome: v.Outcome, Text: v.Text, Limit: listSize + 1}
	if err := s.clock(c).between(&f, v.From, v.Until); err != nil {
		return f, v, err
	}
	if who := operator(c); !who.Can(auth.AuditRead) {
		v.Mine, f.Actor = true, who.Name
	}
	for key, field := range map[string]*int64{"before": &f.Before, "after": &f.After} {
		if text := c.Query(key); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 0 {
				return f, v, fault.New(fault.Invalid, "The page of the log is not given as a row number.")
			}
			*field = n
		}
	}
	v.Chips = chips("/audit", []filter{{"actor", "Who", v.Actor, false}, {"action", "Action", v.Action, false}, {"device", "Device", v.Device, true}, {"order", "Order", v.Order, true}, {"outcome", "Outcome", v.Outcome, false}, {"from", "From", v.From, false}, {"until", "Until", v.Until, false}, {"q", "Text", v.Text, false}})
	v.CSVHref, v.JSONHref = withQuery("/audit/export", append(auditPairs(v), "format", "csv")...), withQuery("/audit/export", append(auditPairs(v), "format", "jsonl")...)
	v.Actions, v.Outcomes = auditOptions(v.Action, v.Outcome)
	return f, v, nil
}

// auditPairs are the filters as they stand in addresses.
func auditPairs(v templates.AuditList) []string {
	return []string{"actor", v.Actor, "action", v.Action, "device", v.Device, "order", v.Order, "outcome", v.Outcome, "from", v.From, "until", v.Until, "q", v.Text}
}

// between narrows a filter to days in the reader's zone, the last one included.
func (k clock) between(f *audit.Filter, from, until string) (err error) {
	if from != "" {
		if f.Since, err = time.ParseInLocation(time.DateOnly, from, k.zone); err != nil {
			return fault.New(fault.Invalid, "The first day is not written as 2026-01-31.")
		}
	}
	if until != "" {
		if f.Until, err = time.ParseInLocation(time.DateOnly, until, k.zone); err != nil {
			return fault.New(fault.Invalid, "The last day is not written as 2026-01-31.")
		}
		f.Until = f.Until.AddDate(0, 0, 1)
	}
	return nil
}

func auditOptions(action, outcome string) (actions, outcomes []templates.Option) {
	actions = []templates.Option{{Label: "Any action", Selected: action == ""}}
	for _, a := range audit.Actions() {
		actions = append(actions, templates.Option{Value: string(a), Label: string(a), Selected: action == string(a)})
	}
	outcomes = []templates.Option{{Label: "Any outcome", Selected: outcome == ""}}
	for _, o := range []string{audit.OK, audit.Rejected, audit.Unknown, audit.NotSent, audit.Refused, audit.Denied, audit.Failed,
		string(ops.EffectPresent), string(ops.EffectAbsent), string(ops.Undetermined)} {
		outcomes = append(outcomes, templates.Option{Value: o, Label: outcomeBadge(o).Word, Selected: outcome == o})
	}
	return actions, outcomes
}

// auditPages sets the ways to newer and older rows. One row more than a page was asked for: it tells whether there is more.
func auditPages(v *templates.AuditList, f audit.Filter, rows []audit.Row) {
	more := len(rows) > listSize
	if len(rows) == 0 {
		return
	}
	keep := auditPairs(*v)
	if more && f.After > 0 {
		v.Rows, rows = v.Rows[1:], rows[1:]
	} else if more {
		v.Rows, rows = v.Rows[:listSize], rows[:listSize]
	}
	first, last := rows[0].Seq, rows[len(rows)-1].Seq
	if f.Before > 0 || (f.After > 0 && more) {
		v.NewerHref = withQuery("/audit", append(keep[:len(keep):len(keep)], "after", strconv.FormatInt(first, 10))...)
	}
	if more && f.After == 0 || f.After > 0 {
		v.OlderHref = withQuery("/audit", append(keep[:len(keep):len(keep)], "before", strconv.FormatInt(last, 10))...)
	}
}

func (s *Server) chainBadge() ui.Badge {
	switch state := s.ChainState(); state.Verdict {
	case audit.Intact:
		return ui.Badge{Icon: "shield-check", Word: state.Text, Tone: "good", Plain: true}
	case audit.Broken:
		return ui.Badge{Icon: "triangle-alert", Word: state.Text, Tone: "bad"}
	default:
		return ui.Badge{Icon: "circle-help", Word: state.Text, Tone: "warn"}
	}
}

func (k clock) auditRow(r audit.Row) templates.AuditRow {
	row := templates.AuditRow{Seq: strconv.FormatInt(r.Seq, 10), Href: auditHref(r.Seq), At: k.stamp(r.Time), Who: r.Actor, Action: string(r.Action),
		Device: r.Device, Order: r.Order, Reason: r.Reason, Phase: string(r.Phase), Outcome: auditOutcome(r.Entry)}
	if row.Who == "" {
		row.Who = "not signed in"
	}
	if r.Device != "" {
		row.DeviceHref = deviceHref(r.Device)
	}
	if r.Order != "" {
		row.OrderHref = orderHref(r.Order)
	}
	return row
}

func auditOutcome(e audit.Entry) ui.Badge {
	if e.Phase == audit.Intent {
		return ui.Badge{Icon: "arrow-right", Word: "Intent", Plain: true}
	}
	b := outcomeBadge(e.Outcome)
	if e.Outcome == audit.OK && e.Phase == audit.PhaseOutcome {
		b.Plain = false
	}
	return b
}
