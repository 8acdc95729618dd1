package views

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// note is what a handler adds to the record of a read.
type note struct {
	device, order string
	detail        []audit.Field
	later         bool // the row is written when what was read has settled
}

// recordLater leaves the record of a read to the handler.
func recordLater(c *gin.Context) { c.Set(keyNote, note{later: true}) }

// recordedOrNothing is what leaves with its record only, with what is said when there is none: the log itself, texts of
// messages, and lists of devices. The switches of the console are not among it: they are the way out when nothing can be recorded.
var recordedOrNothing = map[audit.Action]string{
	audit.AuditView:    "That you look at the log could not be recorded, so it is not shown.",
	audit.AuditExport:  "That you take this away could not be recorded, so it was not handed out.",
	audit.DeviceExport: "That you take this away could not be recorded, so it was not handed out.",
	audit.PushToken:    "That you look at the token could not be recorded, so it is not shown.",
	audit.SMSReveal:    "That you read this text could not be recorded, so it is not shown.",
}

// recordAnswer has the row of a look written before its answer leaves. What may leave with its record only waits here, and is an error
// when there is none.
func (s *Server) recordAnswer(c *gin.Context, r route, failed error) error {
	recorded := s.recordRead(c, r, failed)
	if recorded == nil {
		return failed
	}
	withheld := recordedOrNothing[r.action]
	if withheld == "" {
		hold(c, recorded)
		return failed
	}
	if unwritten := recorded(); unwritten != nil {
		return fault.Wrap(fault.Unavailable, unwritten, withheld+" Try again when the database takes writes.")
	}
	return failed
}

// recordRead begins to write the row of a page that was looked at, which is drawn meanwhile. What it returns waits for the row, and is nil
// when none is due; the error says that it could not be written. What a page reads by itself is part of the look that was recorded.
func (s *Server) recordRead(c *gin.Context, r route, failed error) (recorded func() error) {
	look := lookOf(c, r)
	if failed != nil || c.Value(keyCause) != nil {
		look = "" // a failure is recorded each time, and is no look that others are part of
	}
	e, due := readEntry(c, r, failed)
	if !due || isLiveRead(c) && look != "" && s.looks.recent(look, s.Now()) {
		return nil
	}
	ctx, done := c.Request.Context(), make(chan error, 1)
	go func() {
		err := s.recordOn(ctx, e)
		if err == nil && look != "" {
			s.looks.recorded(look, s.Now())
		}
		done <- err
	}()
	runtime.Gosched() // the row begins here and now, and another processor draws: the other way round it waits for one to be free
	return sync.OnceValue(func() error { return <-done })
}

// readEntry is the row of a look; due is false when the handler writes it later.
func readEntry(c *gin.Context, r route, failed error) (e audit.Entry, due bool) {
	e = operator(c).Entry(r.action, audit.Event)
	e.Outcome = audit.OK
	if failed != nil || c.Value(keyCause) != nil { // a page may stand in for what could not be read
		e.Outcome = audit.Failed
	}
	n, _ := c.Value(keyNote).(note)
	if n.later && failed == nil {
		return e, false
	}
	e.Device, e.Order, e.Detail = n.device, n.order, n.detail
	if cause, ok := c.Value(keyCause).(error); ok && failed == nil {
		failed = cause
	}
	if failed != nil {
		e.Detail = append(e.Detail, audit.Field{Key: "why", Value: why(failed)})
	}
	if said, ok := errors.AsType[*cmp.Error](failed); ok && said.Kind != cmp.NotSent {
		e.UpstreamCode, e.UpstreamMessage = said.Code, said.Message
	}
	return e, true
}

// record appends to the log on a context that survives the browser, and logs why it could not. Most reads go on then;
// changes do not come here, they refuse.
func (s *Server) record(c *gin.Context, e audit.Entry) error {
	return s.recordOn(c.Request.Context(), e)
}

func (s *Server) recordOn(ctx context.Context, e audit.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := fault.Survived(func() error { // nobody stands above a row that is written beside its page
		_, err := s.Audit.Append(ctx, e)
		return err
	})
	if err != nil {
		s.Logger.Error("audit row not written", "action", e.Action, "request_id", e.RequestID, "err", err)
	}
	return err
}
