package views

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
)

// Keys of what middleware and handlers leave in the Gin context.
const (
	keyRequestID = "request_id"
	keyIdentity  = "identity"
	keyNote      = "note"
	keyStart     = "start"
	keyCause     = "cause"
	keyKeptWhy   = "kept"
	keyStatus    = "status"
	keyAt        = "at"
	keyUnread    = "unread"
)

// serve makes a route's handler answer: session, permission, form token, handler, record, answer.
func (s *Server) serve(r route) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := s.admit(c, r); err != nil {
			s.turnAway(c, r, err)
			return
		}
		if !s.offered(r.path) {
			s.notOffered(c, r)
			return
		}
		if _, ok := s.forms[r.path]; ok && c.Request.Method == get {
			s.refill(c)
		}
		c.Set(keyAt, s.Live.At()) // before anything is read: what changes from here on, the page's stream tells
		answer, err := r.handler(s, c)
		if r.method == get && r.action != "" {
			err = s.recordAnswer(c, r, err)
		}
		if err != nil {
			s.fail(c, err)
			return
		}
		answer(c)
	}
}

// turnAway answers whoever was not admitted. A form that is older than the session is shown again.
func (s *Server) turnAway(c *gin.Context, r route, err error) {
	if shown, ok := s.forms[r.path]; ok && errors.Is(err, errOldForm) && c.PostForm("csrf") != "" {
		s.formAgain(c, shown)
		return
	}
	s.fail(c, err)
}

// admit lets a request pass when its identity holds the route's permission and, for a change, its form is ours.
func (s *Server) admit(c *gin.Context, r route) error {
	known := s.Sessions.Identity
	if isLiveRead(c) || r.path == "/events" {
		known = s.Sessions.Peek
	}
	id, err := known(c.Request)
	if err == nil {
		c.Set(keyIdentity, id)
	}
	if r.permission == auth.Public {
		return nil
	}
	if r.permission == "" {
		return fault.New(fault.Forbidden, "This page has no permission assigned, so nobody may open it.")
	}
	if err != nil {
		return signInFault(err)
	}
	if !id.Can(r.permission) {
		s.deny(c, r, "no permission "+string(r.permission))
		return fault.New(fault.Forbidden, "Your role does not allow this. You hold: "+roleTitles(id)+".")
	}
	if r.method == post && !auth.CheckForm(id, c.PostForm("csrf")) {
		s.deny(c, r, "form token missing or wrong")
		return errOldForm
	}
	return nil
}

// signInFault tells a session that has ended from a database that does not answer.
func signInFault(err error) error {
	switch {
	case errors.Is(err, auth.ErrExpired):
		return fault.Wrap(fault.Unauthenticated, err, "Your session has ended. Sign in to go on; nothing was sent, and what you typed is kept.")
	case errors.Is(err, auth.ErrNoSession):
		return fault.Wrap(fault.Unauthenticated, err, "Sign in to go on.")
	}
	return fault.Wrap(fault.Unavailable, err, "The session could not be checked, because the database did not answer. Try again in a moment.")
}

// deny records a refusal in the audit log.
func (s *Server) deny(c *gin.Context, r route, why string) {
	e := operator(c).Entry(audit.AccessDenied, audit.Event)
	e.Outcome = audit.Denied
	e.Detail = []audit.Field{{Key: "method", Value: c.Request.Method}, {Key: "path", Value: shownPath(c.Request.URL.Path)}, {Key: "wanted", Value: string(r.action)}, {Key: "why", Value: why}}
	if operator(c).Name == "" {
		s.recordSome(c, e)
		return
	}
	_ = s.record(c, e) // it is refused in any case
}

// recordSome records a refusal of somebody who has not signed in: one row a source and minute, which counts the
// others, so that nobody can fill the log from outside.
func (s *Server) recordSome(c *gin.Context, e audit.Entry) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), 5*time.Second)
	defer cancel()
	if err := s.Audit.AppendDenied(ctx, e); err != nil {
		s.Logger.Error("audit row not written", "action", e.Action, "request_id", e.RequestID, "err", err)
	}
}

// operator is who makes the request; its name is empty when nobody is signed in.
func operator(c *gin.Context) ops.Operator {
	id, _ := c.Value(keyIdentity).(auth.Identity)
	return ops.Operator{Identity: id, RequestID: c.GetString(keyRequestID), IP: c.ClientIP()}
}

// guest loads the session, if there is one, for pages outside the table.
func (s *Server) guest(c *gin.Context) {
	if id, err := s.Sessions.Identity(c.Request); err == nil {
		c.Set(keyIdentity, id)
	}
}

// livez says that the process runs.
func (s *Server) livez(*gin.Context) (response, error) { return plain(http.StatusOK, "ok\n"), nil }

// readyz says that the database answers; the CMP's health is no reason to take the console away.
func (s *Server) readyz(c *gin.Context) (response, error) {
	if _, err := s.Audit.Count(c.Request.Context()); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The database does not answer.")
	}
	return plain(http.StatusOK, "ready\n"), nil
}
