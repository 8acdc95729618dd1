package views

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// redactAudit erases a value beside a row, and shows the row again when that cannot be done.
func (s *Server) redactAudit(c *gin.Context) (response, error) {
	seq, err := seqIn(c)
	if err != nil {
		return nil, err
	}
	r := ops.Redaction{Seq: seq, Field: c.PostForm("field"), Reason: strings.TrimSpace(c.PostForm("reason")), Same: c.PostForm("same") == "yes"}
	if err = s.Eraser.Erase(c.Request.Context(), operator(c), r); err == nil {
		return seeOther(auditHref(seq)), nil
	}
	c.Set(keyCause, err)
	f, refused := classify(err), templates.RedactForm{Field: r.Field, Reason: r.Reason, Same: r.Same}
	if f.Kind == fault.Invalid {
		refused.ReasonError = f.Message
	} else {
		refused.Error = &templates.Notice{Tone: "bad", Title: "This could not be done.", Text: f.Message}
	}
	shown, failed := s.auditPage(c, problems[f.Kind].status, &refused)
	if failed == nil && refused.Post == "" {
		return nil, err // the row has no such form
	}
	return shown, failed
}

// valueID is the place of a value on the page of its row.
func valueID(field string) string { return "value-" + field }

// valuesOf tells of the values that the row commits to, and how to erase them. refused is the form of one of them
// that was sent in vain.
func (s *Server) valuesOf(c *gin.Context, row audit.Row, refused *templates.RedactForm) ([]templates.AuditValue, error) {
	var values []templates.AuditValue
	left, err := s.Eraser.Freeing(c.Request.Context())
	if err != nil {
		return nil, err
	}
	for _, one := range row.Commitments {
		told, err := s.Audit.Redaction(c.Request.Context(), row.Seq, one.Key)
		if err != nil {
			return nil, err
		}
		v := templates.AuditValue{
			ID: valueID(one.Key), Title: "Kept beside the row: " + valueWord(one.Key), Facts: []templates.Fact{{Name: "Commitment", Value: one.Value, ID: true}},
			Text: "It stands in no row, so that it can be erased while the log goes on to verify. The row holds a salted fingerprint of it:",
		}
		if told != nil {
			v.Title, v.Text, v.Erased = "Once kept beside the row: "+valueWord(one.Key), "The row still holds a salted fingerprint of it, at which nobody can guess, so that the log verifies:", s.clock(c).erasure(told)
			freed := s.clock(c).freeing(left, left.Covers(told))
			v.Freed = &freed
		}
		if refused != nil && refused.Field == one.Key {
			v.Form = refused
		} else if told == nil {
			v.Form = &templates.RedactForm{Field: one.Key}
		}
		if err := s.completeForm(c, row.Seq, &v); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// erasure words the row that tells of one.
func (k clock) erasure(told *audit.Row) *templates.Erasure {
	return &templates.Erasure{At: k.stamp(told.Time), By: told.Actor, Reason: told.Reason}
}

// freeing words how far the database's files are rid of what was erased; gone says that they are.
func (k clock) freeing(f ops.Freeing, gone bool) templates.Notice {
	switch {
	case gone:
		return templates.Notice{Tone: "good", Title: "The bytes of what was erased are gone from the database's files.", Text: "Backups made before keep them."}
	case !f.Begun.IsZero():
		return templates.Notice{Title: "The bytes of what was erased are being freed.", Text: "The database's files are written anew, since " + k.stamp(f.Begun).Text + ". Whatever is to be recorded waits meanwhile: changes, sign-ins, and looks at what is recorded."}
	case !f.Failed.IsZero():
		return templates.Notice{Tone: "warn", Title: "The bytes of what was erased are not freed yet.", Text: "The last try failed, " + k.stamp(f.Failed).Text + ": the database was busy, or the disk has no room for a copy of it. The console tries again every minute. On the server “cmpconsole audit redact” for the same row finishes it too, and says what is in the way."}
	}
	return templates.Notice{Title: "The bytes of what was erased are yet to be freed.", Text: "The console writes the database's files anew in the background, within a minute or two."}
}

// completeForm says which other rows have the same value. Who may not erase gets no form.
func (s *Server) completeForm(c *gin.Context, seq int64, v *templates.AuditValue) error {
	who := operator(c)
	if v.Form == nil || !who.Can(auth.AuditRedact) {
		v.Form = nil
		return nil
	}
	v.Form.Title, v.Form.Post, v.Form.CSRF = "Erase the "+valueWord(v.Form.Field), auditHref(seq)+"/redact", who.CSRF
	others, err := s.Eraser.Same(c.Request.Context(), seq, v.Form.Field)
	if len(others) > 0 {
		v.Form.Others = otherRows(others)
	}
	return err
}

// shownRows is how many rows are named one by one.
const shownRows = 5

func otherRows(seqs []int64) string {
	var words []string
	for _, seq := range seqs[:min(len(seqs), shownRows)] {
		words = append(words, strconv.FormatInt(seq, 10))
	}
	if more := len(seqs) - shownRows; more > 0 {
		words = append(words, "and "+number(more)+" more")
	}
	if len(seqs) == 1 {
		return "row " + words[0]
	}
	return "rows " + strings.Join(words, ", ")
}
