package views

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/web/static"
)

// panicking is an upstream whose every device breaks the handler.
type panicking struct{ upstream }

func (panicking) Device(context.Context, string) (cmp.Device, error)    { panic("secret-of-the-heap") }
func (panicking) OrdersOf(context.Context, string) ([]cmp.Order, error) { return nil, nil }

func TestHeadersOnEveryAnswer(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":  "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	}
	tests := []struct {
		name   string
		answer answer
		status int
	}{
		{"page", v.get("/"), 200},
		{"fragment", v.get("/devices", "HX-Request", "true"), 200},
		{"redirect", v.get("/search?q=" + cmpsim.DemoInUse), 303},
		{"static file", v.get(static.URL("console.css")), 200},
		{"no static file", v.get("/static/none.css"), 404},
		{"no page", v.get("/nothing/here"), 404},
		{"no method", v.do(http.MethodDelete, "/devices", nil), 405},
		{"malformed id", v.get("/devices/1"), 422},
		{"bad page", v.get("/devices?page=-1"), 422},
		{"too large", v.do(http.MethodPost, "/login", map[string][]string{"username": {strings.Repeat("x", maxBody)}}), 413},
		{"health", v.get("/livez"), 200},
	}
	for _, tt := range tests {
		if tt.answer.status != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, tt.answer.status, tt.status)
		}
		for header, value := range want {
			if got := tt.answer.header.Get(header); got != value {
				t.Errorf("%s: %s is %q", tt.name, header, got)
			}
		}
		if tt.answer.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", tt.name)
		}
	}
	if page := tests[0].answer.header; page.Get("Cache-Control") != "no-store" || page.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("page: %v", page)
	}
}

// A panic gives a page with the reference that the log also has, and the log holds no cookie.
func TestPanic(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) { d.CMP = panicking{d.CMP} })
	v := st.visit(t, auth.Support)
	a := v.get("/search?q="+cmpsim.DemoInUse, "X-Canary", "header-canary")
	ref := a.header.Get("X-Request-Id")
	if a.status != http.StatusInternalServerError || !strings.Contains(a.body, ref) || strings.Contains(a.body, "secret-of-the-heap") || a.header.Get("Content-Security-Policy") == "" {
		t.Errorf("%d, reference %s shown %v", a.status, ref, strings.Contains(a.body, ref))
	}
	log := st.logs.String()
	if !strings.Contains(log, ref) || !strings.Contains(log, "secret-of-the-heap") || strings.Contains(log, "header-canary") || strings.Contains(strings.ToLower(log), "cookie") {
		t.Errorf("log: %s", log)
	}
}

func TestFragments(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for _, path := range []string{"/", "/devices", "/orders", "/audit", "/devices/" + cmpsim.DemoInUse, "/orders/" + cmpsim.DemoOrder, "/nothing"} {
		whole, part, restored := v.get(path), v.get(path, "HX-Request", "true"), v.get(path, "HX-Request", "true", "HX-History-Restore-Request", "true")
		if !strings.Contains(whole.body, "<html") || strings.Contains(part.body, "<html") || !strings.Contains(restored.body, "<html") {
			t.Errorf("%s: whole page %v, fragment %v, restored %v", path, strings.Contains(whole.body, "<html"), strings.Contains(part.body, "<html"), strings.Contains(restored.body, "<html"))
		}
		if !strings.Contains(part.body, "<title>") || !strings.Contains(strings.Join(part.header.Values("Vary"), ","), "HX-Request") {
			t.Errorf("%s: fragment without title or Vary: %v", path, part.header.Values("Vary"))
		}
	}
}

// Forwarded addresses count only when they come from a proxy that is trusted.
func TestForwardedAddresses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		proxies []string
		want    string
	}{"no proxy": {nil, "127.0.0.1"}, "a trusted one": {[]string{"127.0.0.1"}, "203.0.113.9"}} {
		st := newSite(t, func(d *Deps) { d.Proxies = tt.proxies })
		st.visit(t, auth.Support).get("/search?q=zzzz", "X-Forwarded-For", "203.0.113.9")
		if row := st.newest(t, "search"); row.IP != tt.want {
			t.Errorf("%s: recorded %s, want %s", name, row.IP, tt.want)
		}
	}
}
