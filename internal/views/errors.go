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
	errNoDoor   = fault.New(fault.NotFound, "There is no page at this address. Sign in to look for a device or an order.")
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
	fault.NotOffered:      {http.StatusNotFound, "Not offered by this CMP"},
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

// upstreamFault tells in the operator's words what reading from the CMP ran into, and what to do.
func upstreamFault(e *cmp.Error) *fault.Error {
	again := e.Why() + " Nothing was changed; try again in a moment."
	switch {
	case e.Missing():
		return fault.Wrap(fault.NotOffered, e, notOfferedText)
	case e.Busy():
		return fault.Wrap(fault.Unavailable, e, "The console asks the CMP as often as its own limits allow (CMP_RATE, CMP_MAX_CONNS), and this had no turn in time. Nothing was changed; try again in a moment.")
	case e.Kind == cmp.NotFound:
		return fault.Wrap(fault.NotFound, e, "The CMP does not know this id. Check it for a missing or doubled digit.")
	case e.Kind == cmp.Unauthorised:
		return fault.Wrap(fault.BadSignature, e, "Tell an administrator. To be checked are CMP_ACCESS_KEY, the secret key, the clock of this machine, and whether the CMP has withdrawn our rights."+skewText(e))
	case e.Kind == cmp.Rejected:
		return fault.Wrap(fault.Rejected, e, "It understood the request and refused it. Its own words stand below.")
	case e.RetryAfter > 0 && e.Kind == cmp.NotSent:
		return fault.Wrap(fault.Unreachable, e, e.Why()+" Nothing was changed.")
	case e.RetryAfter > 0:
		return fault.Wrap(fault.Unreachable, e, e.Why()+" Nothing was changed; try again then.")
	case e.TooMany():
		return fault.Wrap(fault.Unreachable, e, e.Why()+" Nothing was changed; wait a minute and try again.")
	case e.Timeout():
		return fault.Wrap(fault.Timeout, e, again)
	case e.Kind == cmp.NotSent:
		return fault.Wrap(fault.Unreachable, e, again+" If it stays so, tell an administrator.")
	}
	return fault.Wrap(fault.Unreachable, e, again)
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
	view := trouble(c, err)
	page(view.Status, s.frame(c, view.Title), templates.ErrorBody(view))(c)
}

// trouble is what an error's page says.
func trouble(c *gin.Context, err error) templates.ErrorPage {
	f := classify(err)
	p := problems[f.Kind]
	view := templates.ErrorPage{Status: p.status, Title: p.title, Message: f.Message, Ref: c.GetString(keyRequestID), BackHref: "/", BackText: "Home"}
	if operator(c).Name == "" {
		view.BackHref, view.BackText = "/login", "Sign in"
	} else if f.Kind == fault.Forbidden && operator(c).Can(auth.AuditRead) {
		view.BackHref, view.BackText = "/audit", "Audit log"
	}
	if e, ok := errors.AsType[*cmp.Error](err); ok && e.Kind != cmp.NotSent {
		view.Code, view.Said = e.Code, e.Message
	}
	if c.Request.Method == get && p.status >= 500 {
		view.RetryHref = c.Request.URL.RequestURI()
	}
	return view
}

// why says what a look ran into and no more. A page about a change must not add that nothing was changed.
func why(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Message
	}
	if e, ok := errors.AsType[*cmp.Error](err); ok {
		return e.Why()
	}
	return classify(err).Message
}

// noPage answers for addresses that the table does not have.
func (s *Server) noPage(c *gin.Context) {
	if operator(c).Name == "" {
		s.fail(c, errNoDoor)
		return
	}
	s.fail(c, errNoPage)
}

// askToSignIn leads to the door and back: a page asked for is reopened after signing in, and what was typed
// into a form that the session did not outlive is kept, in the door's own form.
func (s *Server) askToSignIn(c *gin.Context, f *fault.Error) {
	next, expired, typed := c.Request.URL.RequestURI(), errors.Is(f.Err, auth.ErrExpired), url.Values{}
	if c.Request.Method == post {
		next, expired, typed = formPage(c.Request.URL.Path), true, typedIn(c)
	}
	if len(typed) > 0 || c.Request.Method == post && !isHTMX(c) {
		page(http.StatusUnauthorized, s.frame(c, "Sign in"), templates.LoginPage(s.loginView(next, typed.Encode(), expired)))(c)
		return
	}
	door := withQuery("/login", "next", next)
	if expired {
		door = withQuery("/login", "next", next, "expired", "1")
	}
	if isHTMX(c) {
		if !isLiveRead(c) { // nobody is led away from what they are reading
			c.Header("HX-Redirect", door)
		}
		c.Status(http.StatusUnauthorized)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Redirect(http.StatusSeeOther, door)
}
