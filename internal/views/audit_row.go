package views

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// showAudit shows one row whole, with the other rows of the same action.
func (s *Server) showAudit(c *gin.Context) (response, error) {
	return s.auditPage(c, http.StatusOK, nil)
}

// seqIn reads the number of the row that the address is about.
func seqIn(c *gin.Context) (int64, error) {
	seq, ok := serial(c.Param("seq"))
	if !ok {
		return 0, fault.New(fault.Invalid, "Rows of the log have whole numbers, from 1 up.")
	}
	return seq, nil
}

// auditPage shows the row; refused is a form that could not be done, shown again as it was sent.
func (s *Server) auditPage(c *gin.Context, status int, refused *templates.RedactForm) (response, error) {
	seq, err := seqIn(c)
	if err != nil {
		return nil, err
	}
	noteOf(c, "", "", "seq", c.Param("seq"))
	row, err := s.Audit.Get(c.Request.Context(), seq)
	if err != nil {
		return nil, err
	}
	who := operator(c)
	if !mayRead(who, row) {
		s.deny(c, route{action: audit.AuditView}, "row of somebody else")
		return nil, fault.New(fault.Forbidden, "This row tells of somebody else's doing. Only auditors and admins may read the whole log.")
	}
	view, err := s.auditRowView(c, row)
	if err != nil {
		return nil, err
	}
	if view.Values, err = s.valuesOf(c, row, refused); err != nil {
		return nil, err
	}
	frame := s.frame(c, "Row "+c.Param("seq"), templates.Crumb{Label: auditTitle(!who.Can(auth.AuditRead)), Href: "/audit"}, templates.Crumb{Label: "Row " + c.Param("seq")})
	return page(status, frame, templates.AuditRowPage(view)), nil
}

func mayRead(who ops.Operator, r audit.Row) bool {
	return r.Actor == who.Name || who.Can(auth.AuditRead)
}

// auditRowView leads to those other rows only that the reader may open.
func (s *Server) auditRowView(c *gin.Context, row audit.Row) (templates.AuditDetail, error) {
	ctx, who, k := c.Request.Context(), operator(c), s.clock(c)
	related, err := s.Audit.Related(ctx, row.Seq)
	if err != nil {
		return templates.AuditDetail{}, err
	}
	view := k.auditDetail(row, related)
	for _, r := range related {
		step := k.auditStep(r, related[0], row.Seq)
		if mayRead(who, r) {
			step.Href = auditHref(r.Seq)
		}
		view.Steps = append(view.Steps, step)
	}
	view.Verified = s.chainBadge()
	s.stand(ctx, k, row.Seq, &view)
	if who.Can(auth.AuditRead) {
		view.CheckpointHref = checkpointHref("note")
	}
	return view, s.auditSteps(ctx, who, row.Seq, &view)
}

// auditSteps sets the ways to the next older and newer rows that the reader may open.
func (s *Server) auditSteps(ctx context.Context, who ops.Operator, seq int64, view *templates.AuditDetail) (err error) {
	older, newer := audit.Filter{Limit: 1, Before: seq}, audit.Filter{Limit: 1, After: seq}
	if !who.Can(auth.AuditRead) {
		older.Actor, newer.Actor = who.Name, who.Name
	}
	if view.OlderHref, err = s.rowHref(ctx, older); err != nil {
		return err
	}
	view.NewerHref, err = s.rowHref(ctx, newer)
	return err
}

// rowHref is the address of the first row that fits, empty when there is none.
func (s *Server) rowHref(ctx context.Context, f audit.Filter) (string, error) {
	rows, err := s.Audit.List(ctx, f)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return auditHref(rows[0].Seq), nil
}

// stand verifies the row and tells what vouches for it. A row that is not what was recorded is told at the top. A page
// without that is better than none.
func (s *Server) stand(ctx context.Context, k clock, seq int64, view *templates.AuditDetail) {
	row, err := s.Checkpoints.Standing(ctx, seq)
	switch {
	case row.Wrong != "":
		view.Covered = templates.Notice{Tone: "bad", Title: "This row does not agree with itself or with the row before it.", Text: "No checkpoint vouches for it."}
		view.Forged = &templates.Notice{Tone: "bad", Title: "This row is not what was recorded:", Text: row.Wrong + "."}
	case err != nil:
		s.Logger.Error("checkpoints of the audit log not read", "err", err)
		view.Covered = templates.Notice{Tone: "bad", Title: "The checkpoints could not be read.", Text: "Whether one covers this row is not known."}
	case row.Doubt != "":
		view.Covered = templates.Notice{Tone: "bad", Title: "Not proven by the signed checkpoint that covers it.", Text: "It was signed " + k.stamp(row.By.At).Text + " for rows 1 to " + number(int(row.By.Size)) + "."}
		view.Forged = &templates.Notice{Tone: "bad", Title: "Nothing proves that this row is what was recorded:", Text: row.Doubt + "."}
	case !row.Covered:
		view.Covered = templates.Notice{Title: "No signed checkpoint covers this row yet.", Text: "One is signed every 256 rows, and ten minutes after the last one."}
	default:
		view.Covered = templates.Notice{Tone: "good", Title: "Proven by a signed checkpoint.", Text: "It covers rows 1 to " + number(int(row.By.Size)) + " and was signed " + k.stamp(row.By.At).Text + "."}
	}
}
