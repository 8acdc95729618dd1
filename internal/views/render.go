package views

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/web/templates"
)

// response writes one answer.
type response func(c *gin.Context)

// isHTMX tells whether htmx asks for the fragment of an address, not for the whole page.
func isHTMX(c *gin.Context) bool {
	return c.GetHeader("HX-Request") == "true" && c.GetHeader("HX-History-Restore-Request") != "true"
}

// page answers with the whole page, or with its fragment when htmx asks. It renders before it writes, so
// that an answer is never half a page.
func page(status int, frame templates.Page, body templ.Component) response {
	return func(c *gin.Context) {
		shell := templates.Layout(frame)
		switch {
		case isLiveRead(c):
			shell = templates.Inside()
		case isHTMX(c):
			shell = templates.Fragment(frame)
		}
		out := templ.GetBuffer()
		defer templ.ReleaseBuffer(out)
		if err := shell.Render(templ.WithChildren(c.Request.Context(), body), out); err != nil {
			c.Set(keyCause, err)
			plain(http.StatusInternalServerError, "The page could not be drawn. Reference "+c.GetString(keyRequestID)+"\n")(c)
			return
		}
		if other := c.GetInt(keyStatus); other != 0 { // the page stands in for another answer
			status = other
		}
		c.Header("Vary", "HX-Request")
		c.Data(status, "text/html; charset=utf-8", visible(out.Bytes()))
	}
}

// part answers with a part of a page alone.
func part(body templ.Component) response {
	return func(c *gin.Context) {
		out := templ.GetBuffer()
		defer templ.ReleaseBuffer(out)
		if err := body.Render(c.Request.Context(), out); err != nil {
			c.Set(keyCause, err)
			plain(http.StatusInternalServerError, "It could not be drawn. Reference "+c.GetString(keyRequestID)+"\n")(c)
			return
		}
		c.Header("Vary", "HX-Request")
		c.Data(http.StatusOK, "text/html; charset=utf-8", visible(out.Bytes()))
	}
}

// seeOther sends the browser to another of our pages, with a GET.
func seeOther(address string) response {
	return func(c *gin.Context) { c.Redirect(http.StatusSeeOther, address) }
}

func plain(status int, text string) response {
	return func(c *gin.Context) { c.Data(status, "text/plain; charset=utf-8", []byte(text)) }
}

// frame is what stands around every page for whoever is signed in.
func (s *Server) frame(c *gin.Context, title string, crumbs ...templates.Crumb) templates.Page {
	p := templates.Page{Title: title, Demo: s.Demo != nil, Crumbs: crumbs}
	if why := c.GetString(keyKeptWhy); why != "" {
		p.Notice = &templates.Notice{Tone: "warn", Title: why}
	}
	id := operator(c).Identity
	if id.Name == "" {
		return p
	}
	p.User = &templates.User{Name: id.Name, Initials: strings.ToUpper(id.Name[:min(2, len(id.Name))]), Roles: roleTitles(id)}
	p.Closed = s.closedNotice(c, id)
	p.CSRF, p.Nav = id.CSRF, s.navigation(c, id, c.Request.URL.Path)
	k := s.clock(c)
	p.Health, p.Zone = []templates.Signal{s.upstreamSignal(k), s.chainSignal()}, k.now.In(k.zone).Format("MST")
	return p
}

func roleTitles(id auth.Identity) string {
	titles := make([]string, len(id.Roles))
	for i, r := range id.Roles {
		titles[i] = r.Title()
	}
	return strings.Join(titles, ", ")
}

// upstreamSignal tells in the frame of every page whether the CMP answers.
func (s *Server) upstreamSignal(k clock) templates.Signal {
	health := s.CMP.Health()
	switch {
	case !health.NotBefore.IsZero():
		return templates.Signal{Tone: "bad", Text: "CMP not asked until " + k.at(health.NotBefore).Text, Title: "It did not answer the last reads; changes are still sent"}
	case health.At.IsZero():
		return templates.Signal{Tone: "warn", Text: "CMP not called yet"}
	case !health.OK:
		return templates.Signal{Tone: "bad", Text: "CMP not answering", Title: "The last call brought no usable answer"}
	}
	return templates.Signal{Tone: "good", Text: "CMP " + number(int(health.Latency.Milliseconds())) + " ms", Title: "How long the last call took"}
}

func (s *Server) chainSignal() templates.Signal {
	switch state := s.ChainState(); state.Verdict {
	case audit.Intact:
		return templates.Signal{Tone: "good", Text: "Audit intact", Title: state.Text}
	case audit.Broken:
		return templates.Signal{Tone: "bad", Text: "Audit log broken", Title: state.Text}
	default:
		return templates.Signal{Tone: "warn", Text: "Audit not verified", Title: state.Text}
	}
}

func (s *Server) navigation(c *gin.Context, id auth.Identity, path string) []templates.NavItem {
	items := []templates.NavItem{
		{Icon: "house", Label: "Home", Href: "/", Phone: true, Current: path == "/"},
		{Icon: "cpu", Label: "Devices", Href: "/devices", Phone: true, Current: within(path, "/devices")},
		{Icon: "shopping-cart", Label: "Orders", Href: "/orders", Phone: true, Current: within(path, "/orders")},
		{Icon: "message-square", Label: "SMS", Href: "/sms", Phone: true, Current: within(path, "/sms"), Unread: s.unreadBadge(c)},
		{Icon: "package", Label: "Packages", Href: "/packages", Phone: true, Current: within(path, "/packages"), Off: !s.offered("/packages")},
		{Icon: "hourglass", Label: "Lifecycle", Href: "/lifecycle", Current: within(path, "/lifecycle")},
	}
	label := "My actions"
	if id.Can(auth.AuditRead) {
		label = "Audit log"
	}
	items = append(items, templates.NavItem{Section: "Record", Icon: "scroll-text", Label: label, Href: "/audit", Phone: true, Current: within(path, "/audit")})
	items = append(items, templates.NavItem{Icon: "refresh-cw", Label: "Fleet mirror", Href: "/sync", Current: within(path, "/sync")})
	items = append(items, templates.NavItem{Icon: "webhook", Label: "Callbacks", Href: "/pushes", Current: within(path, "/pushes")})
	if id.Can(auth.SystemManage) {
		items = append(items, templates.NavItem{Icon: "shield-check", Label: "System", Href: "/system", Current: within(path, "/system")})
	}
	return items
}

func within(path, section string) bool {
	return path == section || strings.HasPrefix(path, section+"/")
}

// Addresses of resources: ids are escaped in one place.

func deviceHref(id string) string    { return "/devices/" + url.PathEscape(id) }
func orderHref(id string) string     { return "/orders/" + url.PathEscape(id) }
func batchHref(batch string) string  { return "/orders/batches/" + url.PathEscape(batch) }
func packageHref(code string) string { return "/packages/" + url.PathEscape(code) }

// withQuery builds an address from a path and the pairs whose value is not empty. Of two with one name the later counts, and
// takes the earlier away when it is empty.
func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if q.Set(pairs[i], pairs[i+1]); pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// noteOf keeps for the record of a read what it was about.
func noteOf(c *gin.Context, device, order string, pairs ...string) {
	n := note{device: device, order: order}
	for i := 0; i < len(pairs); i += 2 {
		n.detail = append(n.detail, audit.Field{Key: pairs[i], Value: pairs[i+1]})
	}
	c.Set(keyNote, n)
}
