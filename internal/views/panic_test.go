package views

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

func panicking(with any) func(*Deps) {
	return func(d *Deps) {
		d.CMP = &stub{upstream: d.CMP, order: func(string) (cmp.Order, error) { panic(with) }}
	}
}

// A panic gives a page with the reference that the log also has. The log has the cause and the stack, and
// nothing that the browser sent but the path.
func TestPanic(t *testing.T) {
	t.Parallel()
	st := newSite(t, panicking("cause-of-the-panic"))
	v := st.visit(t, auth.Support)
	for _, htmx := range []string{"false", "true"} {
		a := v.get("/orders/"+cmpsim.DemoOrder+"?canary=query-canary", "HX-Request", htmx, "X-Canary", "header-canary", "Authorization", "Bearer token-canary").want(t, 500)
		ref := a.header.Get("X-Request-Id")
		if !strings.Contains(a.body, ref) || strings.Contains(a.body, "cause-of-the-panic") || strings.Contains(a.body, "<html") == (htmx == "true") {
			t.Errorf("htmx %s: %s", htmx, a.body)
		}
		line := st.lineOf(t, "panic", ref)
		if line["level"] != "ERROR" || line["panic"] != "cause-of-the-panic" || !strings.Contains(line["stack"].(string), "panic_test.go") {
			t.Errorf("log line %v", line)
		}
		if line := st.lineOf(t, "request", ref); line["level"] != "ERROR" || line["status"] != 500.0 || line["path"] != "/orders/"+cmpsim.DemoOrder || line["user"] != "support" {
			t.Errorf("log line %v", line)
		}
	}
	for _, secret := range []string{"canary", v.cookie("session"), v.csrf, "ookie"} {
		if strings.Contains(st.logs.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	v.get("/devices").want(t, 200)
}

// lineOf returns the log's line with the message and the request id.
func (st *site) lineOf(t *testing.T, message, ref string) map[string]any {
	t.Helper()
	for text := range strings.Lines(st.logs.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		if line["msg"] == message && line["request_id"] == ref {
			return line
		}
	}
	t.Fatalf("the log has no line %q of %s", message, ref)
	return nil
}

// A handler that gives the connection up on purpose is left to net/http, which closes it.
func TestAbortedHandler(t *testing.T) {
	t.Parallel()
	st := newSite(t, panicking(http.ErrAbortHandler))
	v := st.visit(t, auth.Support)
	req, err := http.NewRequestWithContext(t.Context(), get, st.url+"/orders/"+cmpsim.DemoOrder, nil)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := v.http.Do(req); err == nil {
		res.Body.Close()
		t.Errorf("answered with %d", res.StatusCode)
	}
	if strings.Contains(st.logs.String(), `"panic"`) {
		t.Errorf("logged as a panic: %s", st.logs)
	}
}
