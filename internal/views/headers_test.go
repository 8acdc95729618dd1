package views

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/web/static"
)

// secured are the headers of every answer, word for word.
var secured = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=()",
	"Cache-Control":                "no-store",
}

// wantHeaders is asked of every answer that a visitor of any test gets.
func (a answer) wantHeaders(t *testing.T, request string, secure bool) {
	t.Helper()
	for name, value := range secured {
		if name == "Cache-Control" && strings.Contains(request, " /static/") && a.status < 400 {
			value = a.header.Get(name) // static_test.go in web/static knows
		}
		if got := a.header.Values(name); len(got) != 1 || got[0] != value {
			t.Errorf("%s, %d: %s is %q", request, a.status, name, got)
		}
	}
	if id := a.header.Get("X-Request-Id"); len(id) != 16 {
		t.Errorf("%s, %d: request id %q", request, a.status, id)
	}
	if hsts := a.header.Get("Strict-Transport-Security"); (hsts == "max-age=31536000") != secure || (hsts == "") == secure {
		t.Errorf("%s: Strict-Transport-Security is %q", request, hsts)
	}
	if a.header.Get("Server") != "" || a.header.Get("X-Powered-By") != "" {
		t.Errorf("%s: the answer tells what it was made with", request)
	}
}

// Every sort of answer there is, beside those of the routes that TestRoleByRoute walks.
func TestHeadersOnEveryAnswer(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, nobody := st.visit(t, auth.Support), st.visit(t, "")
	css := v.get(static.URL("console.css")).want(t, 200)
	for _, tt := range []struct {
		name   string
		answer answer
		status int
		kind   string
	}{
		{"page", v.get("/"), 200, "text/html; charset=utf-8"},
		{"fragment", v.get("/devices", "HX-Request", "true"), 200, "text/html; charset=utf-8"},
		{"page without its body", v.do(http.MethodHead, "/devices", nil), 200, "text/html; charset=utf-8"},
		{"redirect to a hit", v.get("/search?q=" + cmpsim.DemoInUse), 303, "text/html; charset=utf-8"},
		{"redirect to the door", nobody.get("/"), 303, "text/html; charset=utf-8"},
		{"redirect by htmx", nobody.get("/", "HX-Request", "true"), 401, ""},
		{"static file", css, 200, "text/css; charset=utf-8"},
		{"static file not modified", v.get(static.URL("console.css"), "If-None-Match", css.header.Get("Etag"), "Accept-Encoding", "gzip"), 304, ""},
		{"no static file", v.get("/static/none.css"), 404, "text/plain; charset=utf-8"},
		{"out of the static files", v.get("/static/../console.db"), 404, "text/plain; charset=utf-8"},
		{"no page", v.get("/nothing/here"), 404, "text/html; charset=utf-8"},
		{"no page for nobody", nobody.get("/nothing/here"), 404, "text/html; charset=utf-8"},
		{"no method", v.do(http.MethodDelete, "/devices", nil), 405, "text/html; charset=utf-8"},
		{"a method of nobody's", v.do("BREW", "/devices", nil), 405, "text/html; charset=utf-8"},
		{"malformed id", v.get("/devices/1"), 422, "text/html; charset=utf-8"},
		{"unknown id", v.get("/devices/89000000000000000000"), 404, "text/html; charset=utf-8"},
		{"bad page", v.get("/orders?page=-1"), 422, "text/html; charset=utf-8"},
		{"bad filter", v.get("/orders?order=%27"), 422, "text/html; charset=utf-8"},
		{"foreign form", v.post("/logout", url.Values{"csrf": {"x"}}), 403, "text/html; charset=utf-8"},
		{"foreign site", v.post("/logout", nil, "Sec-Fetch-Site", "cross-site"), 403, "text/html; charset=utf-8"},
		{"too large", v.post("/login", url.Values{"username": {strings.Repeat("x", maxBody)}}), 413, "text/html; charset=utf-8"},
		{"health", nobody.get("/livez"), 200, "text/plain; charset=utf-8"},
	} {
		if got := tt.answer.header.Get("Content-Type"); tt.answer.status != tt.status || got != tt.kind {
			t.Errorf("%s: %d, %q", tt.name, tt.answer.status, got)
		}
	}
}

// Behind TLS browsers are told to stay there, and the cookie is one that no neighbour can plant.
func TestHeadersBehindTLS(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) { d.Secure = true })
	st.visit(t, "").get("/login").want(t, 200)
}

// A request id is ours alone: what the browser sends as one is not taken over.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, "")
	first, second := v.get("/livez", "X-Request-Id", "forged-request-id"), v.get("/livez")
	if a, b := first.header.Get("X-Request-Id"), second.header.Get("X-Request-Id"); a == b || strings.Contains(a, "forged") {
		t.Errorf("request ids %s and %s", a, b)
	}
}

// Forwarded addresses count only when they come from a proxy that is trusted, and only the nearest hop that is
// not one itself.
func TestForwardedAddresses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		proxies []string
		header  []string
		want    string
	}{
		"no proxy":                        {nil, []string{"X-Forwarded-For", "203.0.113.9"}, "127.0.0.1"},
		"no proxy, another header":        {nil, []string{"X-Real-Ip", "203.0.113.9"}, "127.0.0.1"},
		"another machine is trusted":      {[]string{"10.0.0.1"}, []string{"X-Forwarded-For", "203.0.113.9"}, "127.0.0.1"},
		"a trusted proxy":                 {[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "203.0.113.9"}, "203.0.113.9"},
		"a trusted proxy, a forged hop":   {[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "198.51.100.7, 203.0.113.9"}, "203.0.113.9"},
		"two trusted proxies":             {[]string{"127.0.0.1", "10.0.0.0/8"}, []string{"X-Forwarded-For", "203.0.113.9, 10.1.2.3"}, "203.0.113.9"},
		"a trusted proxy, no address":     {[]string{"127.0.0.1"}, []string{"X-Forwarded-For", "<script>"}, "127.0.0.1"},
		"a trusted proxy that says none":  {[]string{"127.0.0.1"}, nil, "127.0.0.1"},
		"a vendor's header is no address": {[]string{"127.0.0.1"}, []string{"Cf-Connecting-Ip", "203.0.113.9"}, "127.0.0.1"},
	} {
		st := newSite(t, func(d *Deps) { d.Proxies = tt.proxies })
		a := st.visit(t, auth.Support).get("/search?q=zzzz", tt.header...)
		if row, ok := st.rowOf(t, a, "search"); !ok || row.IP != tt.want {
			t.Errorf("%s: recorded %q, want %s", name, row.IP, tt.want)
		}
	}
}
