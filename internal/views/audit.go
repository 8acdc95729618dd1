package views

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
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
	status := http.StatusOK
	if wrong := filterFault(view); wrong != nil {
		c.Set(keyCause, wrong)
		status = problems[wrong.Kind].status
	}
	k := s.clock(c)
	view.Chain = s.chainBadge()
	k.auditQuick(&view, operator(c))
	for _, r := range rows {
		view.Rows = append(view.Rows, k.auditRow(r))
	}
	auditPages(&view, f, rows)
	return page(status, s.frame(c, auditTitle(view.Mine)), templates.AuditPage(view)), nil
}

// auditRows reads a page of rows and how many there are, unless something is wrong with the filter. While texts are still
// read in, it tells how far back they are found.
func (s *Server) auditRows(c *gin.Context, f audit.Filter, view *templates.AuditList) ([]audit.Row, error) {
	if filterFault(*view) != nil {
		return nil, nil //nolint:nilerr // the page says it at the field
	}
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
