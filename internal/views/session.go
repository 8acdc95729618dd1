package views

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// newSession shows the door.
func (s *Server) newSession(c *gin.Context) (response, error) {
	next := localPath(c.Query("next"))
	if operator(c).Name != "" {
		return seeOther(next), nil
	}
	view := s.loginView(next, "", c.Query("expired") != "")
	return page(http.StatusOK, s.frame(c, "Sign in"), templates.LoginPage(view)), nil
}

// loginView is the door; kept is what was typed into the form at next, encoded.
func (s *Server) loginView(next, kept string, expired bool) templates.Login {
	v := templates.Login{Next: next, Kept: kept}
	if typed, err := url.ParseQuery(kept); err == nil {
		v.Typed = cmp.Or(typed.Get("reason"), typed.Get("content"))
	}
	if expired {
		v.Note = &templates.Notice{Tone: "warn", Title: "Your session has ended.", Text: "Sign in to go on where you were. Nothing was sent, and what you typed is kept."}
	}
	if s.Demo != nil {
		v.Demo, v.DemoPassword = s.Demo.Users, s.Demo.Password
	}
	return v
}

// createSession signs in and goes on to where the operator was heading.
func (s *Server) createSession(c *gin.Context) (response, error) {
	name, next, kept := c.PostForm("username"), localPath(c.PostForm("next")), c.PostForm("kept")
	user, err := s.Users.Authenticate(c.Request.Context(), name, c.PostForm("password"), c.ClientIP())
	if err != nil {
		return s.refuseSession(c, name, next, kept, err)
	}
	ctx := context.WithoutCancel(c.Request.Context()) // session and record come about together, also when the browser leaves
	_, err = s.Sessions.Login(c.Writer, c.Request.WithContext(ctx), user, func(tx *sql.Tx, id auth.Identity) error {
		e := ops.Operator{Identity: id, RequestID: c.GetString(keyRequestID), IP: c.ClientIP()}.Entry(audit.SessionLogin, audit.Event)
		e.Outcome = audit.OK
		_, err := s.Audit.AppendTx(ctx, tx, e)
		if err == nil && id.Ended > 0 {
			e.Action, e.Detail = audit.SessionRevoke, []audit.Field{{Key: "sessions", Value: number(int(id.Ended))}, {Key: "why", Value: "more than 10 at once; the one used longest ago ends"}}
			_, err = s.Audit.AppendTx(ctx, tx, e)
		}
		return errors.Join(err, auth.Remember(ctx, tx, id, keptOf(next, kept, "")))
	})
	if errors.Is(err, auth.ErrBadLogin) { // disabled or changed since the password was checked
		return s.refuseSession(c, name, next, kept, err)
	}
	if err != nil {
		return s.doorShut(c, name, next, kept, fault.Wrap(fault.Unavailable, err, "Signing in could not be recorded, so it was refused. Try again in a moment."))
	}
	s.Live.Publish(sessionsTopic(user.Name)) // the one that this browser had, or one too many, has ended
	return seeOther(next), nil
}

// doorShut shows the door again, with what was typed except the password, and why nobody gets in just now.
func (s *Server) doorShut(c *gin.Context, name, next, kept string, err error) (response, error) {
	c.Set(keyCause, err)
	f, view := classify(err), s.loginView(next, kept, false)
	view.Username, view.Error = name, f.Message
	return page(problems[f.Kind].status, s.frame(c, "Sign in"), templates.LoginPage(view)), nil
}

// refuseSession shows the door again with what was typed, except the password.
func (s *Server) refuseSession(c *gin.Context, name, next, kept string, err error) (response, error) {
	throttled, isThrottled := errors.AsType[*auth.ThrottledError](err)
	if fault.KindOf(err) == fault.Unavailable {
		return s.doorShut(c, name, next, kept, err)
	}
	if !isThrottled && !errors.Is(err, auth.ErrBadLogin) {
		return nil, err
	}
	e := operator(c).Entry(audit.SessionLoginFailed, audit.Event)
	e.Outcome = audit.Denied
	e.Detail = []audit.Field{{Key: "username", Value: s.knownName(c, name)}}
	if isThrottled {
		e.Detail = append(e.Detail, audit.Field{Key: "throttled", Value: throttled.RetryAfter.String()})
		s.recordSome(c, e)
	} else {
		_ = s.record(c, e) // it is refused in any case
	}
	view, status := s.loginView(next, kept, false), http.StatusUnauthorized
	view.Username, view.Error = name, "The user name or the password is wrong."
	if isThrottled {
		f := classify(err)
		view.Error, status = f.Message, problems[f.Kind].status
		c.Header("Retry-After", strconv.Itoa(int(throttled.RetryAfter.Seconds()))) // whole seconds already
	}
	return page(status, s.frame(c, "Sign in"), templates.LoginPage(view)), nil
}

// knownName keeps what is no user's name out of the log for ever: people type passwords into the wrong field.
func (s *Server) knownName(c *gin.Context, name string) string {
	users, err := s.Users.List(c.Request.Context())
	known := func(u auth.User) bool { return strings.EqualFold(u.Name, strings.TrimSpace(name)) }
	if i := slices.IndexFunc(users, known); err == nil && i >= 0 {
		return users[i].Name
	}
	return "(no such user)"
}

// endSession signs out. The browser loses its cookie in any case, also when the database does not answer.
func (s *Server) endSession(c *gin.Context) (response, error) {
	ctx := context.WithoutCancel(c.Request.Context())
	err := s.Sessions.Logout(c.Writer, c.Request.WithContext(ctx), func(tx *sql.Tx, _ auth.Identity) error {
		e := operator(c).Entry(audit.SessionLogout, audit.Event)
		e.Outcome = audit.OK
		_, err := s.Audit.AppendTx(ctx, tx, e)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "This browser is signed out, but that could not be recorded; the session itself ends when its time is up.")
	}
	s.Live.Publish(sessionsTopic(operator(c).Name))
	c.Header("Clear-Site-Data", `"cache"`)
	return seeOther("/login"), nil
}

// localPath keeps a wanted address only when it is one of ours.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "/login") || strings.HasPrefix(next, "/logout") {
		return "/"
	}
	return next
}

// formPage is the address of the page that shows the form posted to path.
func formPage(path string) string { return localPath(strings.TrimSuffix(path, "/refresh")) }
