package views

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/web/templates"
)

var (
	errNoPage   = fault.New(fault.NotFound, "There is no page at this address. Look for the device or order in the box above.")
	errNoMethod = fault.New(fault.NoMethod, "This address does not take such a request.")
)

// problems is the one table from kind of fault to status and headline.
var problems = map[fault.Kind]struct {
	status int
	title  string
}{
	fault.Internal:        {http.StatusInternalServerError, "Something went wrong here"},
	fault.Invalid:         {http.StatusUnprocessableEntity, "Something is not right with the input"},
	fault.NotFound:        {http.StatusNotFound, "Not found"},
	fault.Unauthenticated: {http.StatusUnauthorized, "Sign in"},
	fault.Forbidden:       {http.StatusForbidden, "Not allowed"},
	fault.Conflict:        {http.StatusConflict, "Not sent"},
	fault.TooMany:         {http.StatusTooManyRequests, "Too many tries"},
	fault.Rejected:        {http.StatusBadGateway, "The CMP said no"},
	fault.BadSignature:    {http.StatusBadGateway, "The CMP refused our signature"},
	fault.Unreachable:     {http.StatusBadGateway, "The CMP cannot be read"},
	fault.Timeout:         {http.StatusGatewayTimeout, "The CMP is too slow"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "Not possible just now"},
	fault.TooLarge:        {http.StatusRequestEntityTooLarge, "Too large"},
	fault.NoMethod:        {http.StatusMethodNotAllowed, "Not possible here"},
}

// classify gives any error a kind and a message for the operator. What nobody marked is our own fault, and
// its text stays in the log.
func classify(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if e, ok := errors.AsType[*cmp.Error](err); ok {
		return upstreamFault(e)
	}
	return fault.Wrap(fault.Internal, err, "The console could not do this. The reference below finds the cause in its log.")
}

// upstreamFault tells in the operator's words what reading from the CMP ran into.
func upstreamFault(e *cmp.Error) *fault.Error {
	switch {
	case e.Kind == cmp.NotFound:
		return fault.Wrap(fault.NotFound, e, "The CMP does not know this id. Check it for a missing or doubled digit.")
	case e.Kind == cmp.Unauthorised:
		return fault.Wrap(fault.BadSignature, e, "Tell an administrator: CMP_ACCESS_KEY, the secret key or the clock of this machine is wrong, or the CMP has withdrawn our rights."+skewText(e))
	case e.Kind == cmp.Rejected:
		return fault.Wrap(fault.Rejected, e, "It understood the request and refused it. Its own words stand below.")
	case e.HTTPStatus == http.StatusTooManyRequests:
		return fault.Wrap(fault.Unreachable, e, "The CMP is being asked too often and refuses to answer for now. Nothing was changed; wait a minute and try again.")
	case e.Timeout():
		return fault.Wrap(fault.Timeout, e, e.Why()+" Nothing was changed; try again in a moment.")
	case e.Kind == cmp.NotSent:
		return fault.Wrap(fault.Unreachable, e, e.Why()+" Nothing was changed; try again in a moment. If it stays so, tell an administrator.")
	}
	return fault.Wrap(fault.Unreachable, e, e.Why()+" Nothing was changed; try again in a moment.")
}

func skewText(e *cmp.Error) string {
	if e.Skew.Abs().Seconds() < 30 {
		return ""
	}
	return " Its clock and ours differ by " + e.Skew.Abs().Round(1e9).String() + "."
}

// fail answers with the page or fragment of an error. It is the only place that turns an error into a status.
func (s *Server) fail(c *gin.Context, err error) {
	c.Abort()
	c.Set(keyCause, err)
	f := classify(err)
	if f.Kind == fault.Unauthenticated {
		s.askToSignIn(c, f)
		return
	}
	p := problems[f.Kind]
	view := templates.ErrorPage{Status: p.status, Title: p.title, Message: f.Message, Ref: c.GetString(keyRequestID), BackHref: "/", BackText: "Home"}
	if e, ok := errors.AsType[*cmp.Error](err); ok && e.Kind != cmp.NotSent {
		view.Code, view.Said = e.Code, e.Message
	}
	if c.Request.Method == get && p.status >= 500 {
		view.RetryHref = c.Request.URL.RequestURI()
	}
	page(p.status, s.frame(c, p.title), templates.ErrorBody(view))(c)
}

// askToSignIn leads to the door and back: a page asked for is reopened after signing in, and what was typed
// into a form that the session did not outlive is kept.
func (s *Server) askToSignIn(c *gin.Context, f *fault.Error) {
	next := c.Request.URL.RequestURI()
	if c.Request.Method == post {
		next = formPage(c.Request.URL.Path)
	}
	expired := errors.Is(f.Err, auth.ErrExpired) || c.Request.Method == post
	door := "/login?" + doorQuery(next, c.PostForm("reason"), expired)
	switch {
	case isHTMX(c):
		c.Header("HX-Redirect", door)
		c.Status(http.StatusUnauthorized)
		c.Writer.WriteHeaderNow()
	case c.Request.Method == post:
		view := s.loginView(next, c.PostForm("reason"), true)
		page(http.StatusUnauthorized, s.frame(c, "Sign in"), templates.LoginPage(view))(c)
	default:
		c.Redirect(http.StatusSeeOther, door)
	}
}

func doorQuery(next, reason string, expired bool) string {
	q := url.Values{"next": {next}}
	if reason != "" {
		q.Set("reason", reason)
	}
	if expired {
		q.Set("expired", "1")
	}
	return q.Encode()
}
