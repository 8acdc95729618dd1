package views

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/fault"
)

// secretCause is what only the log may tell.
const secretCause = "hidden-cause: /var/lib/console"

// failures are errors as they come, and the status and headline that the operator gets for each.
var failures = []struct {
	name   string
	err    error
	kind   fault.Kind
	status int
	title  string
}{
	{"nobody marked it", errors.New(secretCause), fault.Internal, 500, "Something went wrong here"},
	{"invalid", fault.Wrap(fault.Invalid, errors.New(secretCause), "Mend it."), fault.Invalid, 422, "Something is not right with the input"},
	{"not found", fault.New(fault.NotFound, "No such thing."), fault.NotFound, 404, "Not found"},
	{"forbidden", fault.New(fault.Forbidden, "No."), fault.Forbidden, 403, "Not allowed"},
	{"conflict", fault.New(fault.Conflict, "Changed."), fault.Conflict, 409, "Not sent"},
	{"too many", fault.New(fault.TooMany, "Slowly."), fault.TooMany, 429, "Too many tries"},
	{"unavailable", fault.Wrap(fault.Unavailable, errors.New(secretCause), "Not now."), fault.Unavailable, 503, "Not possible just now"},
	{"too large", fault.New(fault.TooLarge, "Too much."), fault.TooLarge, 413, "Too large"},
	{"not offered", fault.New(fault.NotOffered, "Not here."), fault.NotOffered, 404, "Not offered by this CMP"},
	{"no method", fault.New(fault.NoMethod, "Not so."), fault.NoMethod, 405, "Not possible here"},
	{"marked deep inside", fmt.Errorf("a: %w", fmt.Errorf("b: %w", fault.New(fault.Conflict, "Changed."))), fault.Conflict, 409, "Not sent"},
	{"throttled", &auth.ThrottledError{RetryAfter: 9 * time.Second}, fault.TooMany, 429, "Too many tries"},
	{"CMP: no such device", &cmp.Error{Op: cmp.CallDevice, Kind: cmp.Rejected, Code: "CB-01-0001", Message: "no"}, fault.Rejected, 502, "The CMP said no"},
	{"CMP: rejected", &cmp.Error{Op: cmp.CallDevice, Kind: cmp.Rejected, Code: "3002", Message: "no"}, fault.Rejected, 502, "The CMP said no"},
	{"CMP: in trouble", &cmp.Error{Kind: cmp.Rejected, Code: "9999", Message: "busy"}, fault.Rejected, 502, "The CMP said no"},
	{"CMP: asked too often", &cmp.Error{Kind: cmp.Unknown, HTTPStatus: 429}, fault.Unreachable, 502, "The CMP cannot be read"},
	{"CMP: signature", &cmp.Error{Kind: cmp.Unauthorised, HTTPStatus: 401}, fault.BadSignature, 502, "The CMP refused our signature"},
	{"CMP: not found", &cmp.Error{Kind: cmp.NotFound}, fault.NotFound, 404, "Not found"},
	{"CMP: no connection", &cmp.Error{Kind: cmp.NotSent, Err: errors.New(secretCause)}, fault.Unreachable, 502, "The CMP cannot be read"},
	{"CMP: senseless", &cmp.Error{Kind: cmp.Unknown, Excerpt: secretCause}, fault.Unreachable, 502, "The CMP cannot be read"},
	{"CMP: too slow", &cmp.Error{Kind: cmp.Unknown, Err: context.DeadlineExceeded}, fault.Timeout, 504, "The CMP is too slow"},
	{"CMP: too slow to connect", &cmp.Error{Kind: cmp.NotSent, Err: context.DeadlineExceeded}, fault.Timeout, 504, "The CMP is too slow"},
	{"CMP: busy", &cmp.Error{Kind: cmp.Unknown, HTTPStatus: 429, RetryAfter: 9 * time.Second, Err: errors.New(secretCause)}, fault.Unreachable, 502, "The CMP cannot be read"},
	{"CMP: held back", &cmp.Error{Kind: cmp.NotSent, RetryAfter: 9 * time.Second, Err: errors.New(secretCause)}, fault.Unreachable, 502, "The CMP cannot be read"},
	{"CMP, wrapped", fmt.Errorf("read device: %w", &cmp.Error{Op: cmp.CallDevice, Kind: cmp.Rejected}), fault.Rejected, 502, "The CMP said no"},
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, tt := range failures {
		f := classify(tt.err)
		if f.Kind != tt.kind || problems[f.Kind].status != tt.status || problems[f.Kind].title != tt.title || f.Message == "" {
			t.Errorf("%s: %+v, %+v", tt.name, f, problems[f.Kind])
		}
		if strings.Contains(f.Message, "hidden-cause") {
			t.Errorf("%s: the operator is told %q", tt.name, f.Message)
		}
	}
	for kind := fault.Internal; kind <= fault.NotOffered; kind++ {
		if p := problems[kind]; p.status < 400 || p.title == "" {
			t.Errorf("kind %d has no status or headline", kind)
		}
	}
}

// The skew of the clocks is told where it matters, and only when it can be the cause.
func TestSkew(t *testing.T) {
	t.Parallel()
	for skew, want := range map[time.Duration]string{0: "", 29 * time.Second: "", 30 * time.Second: "differ by 30s", -11 * time.Minute: "differ by 11m0s", 90*time.Second + 300*time.Millisecond: "differ by 1m30s"} {
		got := classify(&cmp.Error{Kind: cmp.Unauthorised, Skew: skew}).Message
		if (want == "") == strings.Contains(got, "differ") || !strings.Contains(got, want) {
			t.Errorf("%s: %q", skew, got)
		}
	}
}

// How long to wait is told when the CMP asks for it.
func TestTheWaitIsTold(t *testing.T) {
	t.Parallel()
	f := classify(&cmp.Error{Kind: cmp.Unknown, HTTPStatus: 503, RetryAfter: 8500 * time.Millisecond})
	if want := "The CMP, or the gateway before it, has failed (HTTP 503). The CMP asks to wait 9 s. Nothing was changed; try again then."; f.Message != want {
		t.Errorf("%q, want %q", f.Message, want)
	}
}

// The words of a failed read fit its cause: they blame neither a CMP that refuses for a reason, nor one that was not asked.
func TestDiagnoses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err   *cmp.Error
		says  []string
		never string
	}{
		{&cmp.Error{HTTPStatus: 429}, []string{"asked too often", "wait a minute"}, "cut off"},
		{&cmp.Error{HTTPStatus: 503}, []string{"gateway", "has failed (HTTP 503)"}, "cut off"},
		{&cmp.Error{Err: errors.New("reset")}, []string{"The connection broke before an answer came."}, "cut off"},
		{&cmp.Error{HTTPStatus: 200, Err: io.ErrUnexpectedEOF}, []string{"The answer was cut off."}, "connection"},
		{&cmp.Error{Kind: cmp.Unauthorised, HTTPStatus: 403, Skew: time.Hour}, []string{"Tell an administrator.", "CMP_ACCESS_KEY", "clock", "differ by 1h"}, "Nothing"},
		{&cmp.Error{Kind: cmp.NotSent, Err: &net.OpError{Op: "dial", Err: errors.New("refused")}}, []string{"No connection to the CMP could be made.", "tell an administrator"}, "CMP_BASE_URL"},
	} {
		got := classify(tt.err).Message
		for _, says := range tt.says {
			if !strings.Contains(got, says) || strings.Contains(got, tt.never) {
				t.Errorf("%v: %q, want %q and never %q", tt.err, got, says, tt.never)
			}
		}
	}
}

// When the console's own limits leave no room for a read, the page blames them and not the CMP.
func TestOurOwnLimits(t *testing.T) {
	t.Parallel()
	sim, err := cmpsim.New(cmpsim.Options{Devices: 10})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(srv.Close)
	slow, err := cmp.New(cmp.Options{BaseURL: srv.URL, Signing: cmp.SigningNone, Timeout: time.Minute, Rate: 0.001, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	v := newSite(t, func(d *Deps) { d.CMP = slow }).visit(t, auth.Support)
	v.get("/orders").want(t, http.StatusOK)
	a := v.get("/orders").want(t, http.StatusServiceUnavailable)
	if text := textOf(a.tree(t)); !strings.Contains(text, "its own limits allow (CMP_RATE, CMP_MAX_CONNS)") || strings.Contains(text, "too slow") || linked(a.tree(t), "Try again") == "" {
		t.Errorf("%s", text)
	}
}

// Whatever a read fails with, each page that reads says what happened, with a reference and nothing of the cause.
func TestFailuresOnPages(t *testing.T) {
	t.Parallel()
	for _, tt := range failures {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			st := newSite(t, failing(tt.err))
			v := st.visit(t, auth.Support)
			for _, path := range []string{"/devices/" + cmpsim.DemoInUse, "/orders", "/orders/" + cmpsim.DemoOrder, "/search?q=8985"} {
				status, title := tt.status, tt.title
				if tt.name == "CMP: no such device" && path == "/devices/"+cmpsim.DemoInUse {
					status, title = 404, "Not found" // elsewhere the code is about something else
				}
				for _, header := range [][]string{nil, {"HX-Request", "true"}} {
					a := v.get(path, header...)
					text := textOf(a.tree(t))
					if a.status != status || !strings.Contains(text, title) || !strings.Contains(a.body, a.header.Get("X-Request-Id")) || strings.Contains(a.body, "hidden-cause") {
						t.Errorf("%s: %d, %s", path, a.status, text)
					}
					if retry := linked(a.tree(t), "Try again") == path; retry != (status >= 500) {
						t.Errorf("%s, %d: to try again is offered: %v", path, a.status, retry)
					}
				}
			}
			if strings.Contains(tt.err.Error(), "hidden-cause") && !strings.Contains(st.logs.String(), secretCause) {
				t.Error("the cause is not in the log")
			}
		})
	}
}

// linked returns the address of the link with the words.
func linked(tree *html.Node, words string) string {
	for _, a := range all(tree, "a", "href") {
		if textOf(a) == words {
			return attr(a, "href")
		}
	}
	return ""
}

// The home page stands even when the CMP tells nothing.
func TestHomeWithoutTheCMP(t *testing.T) {
	t.Parallel()
	a := newSite(t, failing(errors.New(secretCause))).visit(t, auth.Support).get("/").want(t, 200)
	if !strings.Contains(a.body, "–") || strings.Contains(a.body, "hidden-cause") {
		t.Errorf("home: %s", textOf(a.tree(t)))
	}
}

// A device whose orders cannot be read is shown without them, and says so.
func TestDeviceWithoutItsOrders(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) {
		d.CMP = &stub{upstream: d.CMP, ordersOf: func(string) ([]cmp.Order, error) { return nil, errors.New(secretCause) }}
	})
	a := st.visit(t, auth.Support).get("/devices/"+cmpsim.DemoInUse).want(t, 200)
	if text := textOf(a.tree(t)); !strings.Contains(text, "The orders could not be read.") || strings.Contains(text, "No package was ever ordered") || strings.Contains(a.body, "hidden-cause") {
		t.Errorf("%s", text)
	}
}

// What is typed into a filter or an address that is wrong comes back escaped, and is not sent on.
func TestMalformedInput(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	for _, path := range []string{
		"/devices/short", "/devices/" + strings.Repeat("9", 33), "/devices/8985202600000000001%27", "/devices/<script>alert(1)</script>",
		"/orders/a%20b", "/orders/" + strings.Repeat("a", 65), "/orders/%3Cscript%3E", "/orders?device=%3Cscript%3E", "/orders?order=a%20b",
		"/orders?page=0", "/devices?after=1e9", "/devices?before=%3Cscript%3E", "/devices?sort=%3Cscript%3E", "/devices?lifecycle=%3Cscript%3E", "/devices?expires=%3Cscript%3E", "/devices?q=%3Cscript%3E", "/devices?in=%3Cscript%3E",
		"/audit/0", "/audit/-1", "/audit/x", "/audit/99999999999999999999", "/audit?before=x", "/audit?after=-1", "/audit?before=%3Cscript%3E",
	} {
		a := v.get(strings.ReplaceAll(path, "<script>alert(1)</script>", url.PathEscape("<script>alert(1)</script>")))
		if strings.Contains(path, "/script") || a.status == 404 {
			continue // a slash inside makes it an address that there is not
		}
		a.want(t, http.StatusUnprocessableEntity)
		if n := len(all(a.tree(t), "script", "")); n != 3 {
			t.Errorf("%s: %d scripts on the page", path, n)
		}
	}
	for _, r := range st.sim.Journal() {
		t.Errorf("the CMP was asked: %s %s", r.Path, r.Body)
	}
	v.get("/audit/987654").want(t, http.StatusNotFound)
	if rows, err := st.Audit.List(t.Context(), audit.Filter{Outcome: audit.Failed, Limit: 100}); err != nil || len(rows) == 0 {
		t.Errorf("the failed look-ups left %d rows, %v", len(rows), err)
	}
}
