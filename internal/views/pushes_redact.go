package views

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
)

// textErased stands in lists where it is told otherwise how long a text is.
const textErased = "Text erased"

func eraseHref(push int64) string { return pushHref(push) + "/redact" }

// newErasure shows the form by which the text that a callback brought is erased.
func (s *Server) newErasure(c *gin.Context) (response, error) {
	id, err := pushID(c)
	noteOf(c, "", "", "push", c.Param("id"))
	if err != nil {
		return nil, err
	}
	return s.erasurePage(c, http.StatusOK, id, templates.RedactForm{})
}

// redactPush erases it, and shows the form again when that cannot be done.
func (s *Server) redactPush(c *gin.Context) (response, error) {
	id, err := pushID(c)
	if err != nil {
		return nil, err
	}
	reason := strings.TrimSpace(c.PostForm("reason"))
	b, err := s.Inbox.Brought(c.Request.Context(), id)
	if err == nil {
		err = s.Eraser.EraseBy(c.Request.Context(), operator(c), reason, s.Inbox.EraseText(id))
	}
	if err == nil {
		s.Live.Publish("pushes", "unread", "device:"+b.Device)
		return seeOther(eraseHref(id)), nil
	}
	c.Set(keyCause, err)
	f, refused := classify(err), templates.RedactForm{Reason: reason}
	if f.Kind == fault.Invalid {
		refused.ReasonError = f.Message
	} else {
		refused.Error = &templates.Notice{Tone: "bad", Title: "This could not be done.", Text: f.Message}
	}
	return s.erasurePage(c, problems[f.Kind].status, id, refused)
}

func (s *Server) erasurePage(c *gin.Context, status int, id int64, form templates.RedactForm) (response, error) {
	b, err := s.Inbox.Brought(c.Request.Context(), id)
	if err != nil {
		return nil, err
	}
	if c.Request.Method == http.MethodGet {
		noteOf(c, b.Device, "", "push", c.Param("id"))
	}
	k, number := s.clock(c), strconv.FormatInt(id, 10)
	view := templates.PushErasure{ID: number, BackHref: pushHref(id), Device: b.Device, DeviceHref: linkTo(deviceHref, b.Device), Known: b.Known}
	if b.Erased == 0 {
		form.Title, form.Post, form.CSRF, form.Field = "Erase the text", eraseHref(id), operator(c).CSRF, ops.TextField
		view.Form = &form
	} else if view.Erased, err = s.erasureIn(c, k, b.Erased); err == nil {
		view.Freed, err = s.freedOf(c, k, b.Erased)
	}
	frame := s.frame(c, "Erase the text of callback "+number, templates.Crumb{Label: "Callbacks", Href: "/pushes"}, templates.Crumb{Label: "No. " + number, Href: pushHref(id)}, templates.Crumb{Label: "Erase the text"})
	return page(status, frame, templates.PushErasurePage(view)), err
}

// addErasure tells who erased the text that a callback brought, or where it can be erased.
func (s *Server) addErasure(c *gin.Context, k clock, p webhook.Push, view *templates.PushPage) (err error) {
	switch {
	case p.Erased > 0:
		view.Erased, err = s.erasureIn(c, k, p.Erased)
	case p.MayHoldText() && operator(c).Can(auth.AuditRedact):
		view.EraseHref = eraseHref(p.ID)
	}
	return err
}

// erasureIn words the row of the log that tells of an erasure.
func (s *Server) erasureIn(c *gin.Context, k clock, seq int64) (*templates.Erasure, error) {
	told, err := s.Audit.Get(c.Request.Context(), seq)
	if err != nil {
		return nil, err
	}
	return k.erasure(&told), nil
}

// freedOf tells whether bytes are left of what a row says was erased.
func (s *Server) freedOf(c *gin.Context, k clock, seq int64) (*templates.Notice, error) {
	left, err := s.Eraser.Freeing(c.Request.Context())
	if err != nil {
		return nil, err
	}
	told, err := s.Audit.Get(c.Request.Context(), seq)
	n := k.freeing(left, left.Covers(&told))
	return &n, err
}
