package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
)

// readers are the pages that cannot be built without the CMP, for a device and an order that exist.
func readers(in *instance, t testing.TB) []string {
	t.Helper()
	o := in.mine.order(t, deedOf("pause"))
	return []string{"/devices/" + o.DeviceID, "/orders", "/orders/" + o.ID, "/orders/" + o.ID + "/pause", "/search?q=" + o.DeviceID}
}

// wantTrouble fails the test unless the page tells of the trouble in words, and names the request as the header
// and the log do.
func (in *instance) wantTrouble(t testing.TB, p page, status int, says string) {
	t.Helper()
	p.want(t, status).says(t, says)
	id := p.header.Get("X-Request-Id")
	if id == "" || !strings.Contains(p.text(), id) {
		t.Errorf("%s does not show its reference %q:\n%s", p.url, id, p.text())
	}
	line, err := in.logs.await(func(line map[string]any) bool { return line["msg"] == "request" && line["request_id"] == id }, nil)
	if err != nil || line["level"] != "ERROR" || line["err"] == nil || line["status"] != float64(status) || line["path"] != p.url.Path {
		t.Errorf("the log has no such request with its cause: %v, %v", line, err)
	}
}

// heldBack is what pages say once some reads in a row got no answer.
const heldBack = "so it is not asked again for"

// wantTroubles opens the pages and fails the test unless each tells of the trouble, or that the CMP is left alone
// because of it.
func (in *instance) wantTroubles(t testing.TB, v *visitor, pages []string, status int, says string, holds bool) {
	t.Helper()
	for i, path := range pages {
		p := v.get(t, path)
		if holds && i > 0 && strings.Contains(p.text(), heldBack) {
			in.wantTrouble(t, p, http.StatusBadGateway, "The CMP did not answer the last")
			continue
		}
		in.wantTrouble(t, p, status, says)
	}
}

// TestUpstreamTroubles: whatever a read runs into, each page says what happened and what to do, and the pages
// that need no CMP still open. A CMP that gives no answer is left alone after a while.
func TestUpstreamTroubles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		fault  cmpsim.Fault
		status int
		says   string
		holds  bool
	}{
		{"slow", cmpsim.Fault{Kind: cmpsim.KindHang}, http.StatusGatewayTimeout, "The CMP is too slow The CMP did not answer", true},
		{"reset", cmpsim.Fault{Kind: cmpsim.KindResetBefore}, http.StatusBadGateway, "The CMP cannot be read", true},
		{"HTML", cmpsim.Fault{Kind: cmpsim.KindHTML}, http.StatusBadGateway, "The answer is not JSON.", false},
		{"500", cmpsim.Fault{Kind: cmpsim.KindInternal}, http.StatusBadGateway, "The CMP, or the gateway before it, has failed (HTTP 500).", false},
		{"502", cmpsim.Fault{Kind: cmpsim.KindBadGateway}, http.StatusBadGateway, "The CMP, or the gateway before it, has failed (HTTP 502).", true},
		{"503", cmpsim.Fault{Kind: cmpsim.KindUnavailable}, http.StatusBadGateway, "The CMP, or the gateway before it, has failed (HTTP 503).", true},
		{"429", cmpsim.Fault{Kind: cmpsim.KindTooMany}, http.StatusBadGateway, "The CMP cannot be read The CMP is asked too often and refuses to answer for now (HTTP 429). The CMP asks to wait 5 s.", false},
		{"401", cmpsim.Fault{Kind: cmpsim.KindUnauthorised}, http.StatusBadGateway, "The CMP refused our signature", false},
		{"cut", cmpsim.Fault{Kind: cmpsim.KindCut}, http.StatusBadGateway, "The answer was cut off.", true},
		{"bad JSON", cmpsim.Fault{Kind: cmpsim.KindBadJSON}, http.StatusBadGateway, "The answer is not JSON.", false},
		{"contradiction", cmpsim.Fault{Kind: cmpsim.KindContradiction}, http.StatusBadGateway, "contradict each other.", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			timeout := 4 * time.Second // less than a 429 asks to wait
			if c.name == "slow" {
				timeout = 500 * time.Millisecond
			}
			in := startProgram(t, withDevices(40), withTimeout(timeout))
			support := in.signIn(t, "support")
			pages := readers(in, t)
			in.sim.Script(c.fault)
			in.wantTroubles(t, support, pages, c.status, c.says, c.holds)
			support.get(t, "/").want(t, http.StatusOK)
			support.get(t, "/audit").want(t, http.StatusOK)
			in.sim.ClearFaults()
			if c.holds {
				asked := len(in.sim.Journal())
				in.wantTrouble(t, support.get(t, pages[1]), http.StatusBadGateway, heldBack)
				if n := len(in.sim.Journal()); n != asked {
					t.Errorf("a CMP that is left alone was asked %d times", n-asked)
				}
				return
			}
			support.get(t, pages[1]).want(t, http.StatusOK)
		})
	}
}

// TestUpstreamRefuses: what the CMP says stands on the page, in its own words, and a code that nobody knows is not
// taken for a device that is not there.
func TestUpstreamRefuses(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	in.sim.Script(cmpsim.Fault{Kind: cmpsim.KindBusiness, Code: "5099", Message: "系统繁忙 <b>busy</b>"})
	for _, path := range readers(in, t) {
		support.get(t, path).want(t, http.StatusBadGateway).says(t, "The CMP said 5099 系统繁忙 <b>busy</b>", "Try again")
	}
	in.sim.ClearFaults()
	support.get(t, "/devices/89000000000000000000").want(t, http.StatusNotFound).says(t, "The CMP does not know this device.")
}

// TestUpstreamDown: nobody listens where the CMP should be.
func TestUpstreamDown(t *testing.T) {
	t.Parallel()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	in := startProgram(t, withEnv("CMP_BASE_URL", "http://"+ln.Addr().String()))
	support := in.signIn(t, "support")
	in.wantTroubles(t, support, readers(in, t), http.StatusBadGateway, "No connection to the CMP could be made. Nothing was changed", true)
	support.get(t, "/").want(t, http.StatusOK).says(t, "Outcome unknown")
}

// TestWrongKey: a key that the CMP does not take is told as that, with what to check.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withEnv("CMP_SECRET_KEY", "not-the-key"))
	support := in.signIn(t, "support")
	for _, path := range readers(in, t) {
		in.wantTrouble(t, support.get(t, path), http.StatusBadGateway, "The CMP refused our signature Tell an administrator. To be checked are CMP_ACCESS_KEY, the secret key, the clock")
	}
}

// TestReadFailsJustBeforeSending: what cannot be checked is not sent, and what was typed stays.
func TestReadFailsJustBeforeSending(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	for name, times := range map[string]int{"once": 1, "always": 0} {
		tr := in.prepareDeed(t, support, "end")
		in.sim.Script(cmpsim.Fault{Path: "package/queryOrder", Times: times, Kind: cmpsim.KindHTML})
		p := support.post(t, tr.action, tr.form).want(t, http.StatusBadGateway)
		kept, ok := p.fields(tr.action)
		if !ok || kept.Get("reason") != tr.form.Get("reason") || kept.Get("confirm") != tr.form.Get("confirm") {
			t.Errorf("%s: of %v the form keeps %v", name, tr.form, kept)
		}
		in.sim.ClearFaults()
		if len(changes(in.sim, tr.order.ID)) != 0 {
			t.Fatalf("%s: a change was sent unchecked", name)
		}
		wantRefusal(t, in, tr)
		for kept.Get("action") == "" { // the form of a page that could not read the order reads it again
			again := support.post(t, tr.action, kept).want(t, http.StatusConflict).says(t, "Nothing was sent.")
			kept = again.fill(t, tr.action, nil)
		}
		if p := support.post(t, tr.action, kept).want(t, http.StatusOK); p.hook("data-outcome") != "ok" {
			t.Errorf("%s: the form that was kept ends as %q", name, p.hook("data-outcome"))
		}
	}
}

// TestReadFailsAfterSending: the outcome is known and shown, although the order cannot be read, however often that
// is tried.
func TestReadFailsAfterSending(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	for want, kind := range map[string]cmpsim.Kind{"ok": cmpsim.KindDelay, "rejected": cmpsim.KindBusiness, "unknown": cmpsim.KindResetAfter} {
		tr := in.prepareDeed(t, support, "pause")
		in.sim.Script(cmpsim.Fault{Path: "package/queryOrder", Times: 1, Kind: cmpsim.KindDelay}, // the check before sending
			cmpsim.Fault{Path: "package/queryOrder", Times: 3, Kind: cmpsim.KindBadGateway}, cmpsim.Fault{Path: tr.call, Times: 1, Kind: kind})
		p := support.post(t, tr.action, tr.form).want(t, http.StatusBadGateway)
		if p.hook("data-outcome") != want || p.hook("data-status") != "" {
			t.Errorf("outcome %q and status %q are shown, want %q and none", p.hook("data-outcome"), p.hook("data-status"), want)
		}
		if p = support.get(t, orderPage(tr.order.ID)).want(t, http.StatusOK); p.hook("data-outcome") != want {
			t.Errorf("once it can be read, the order shows outcome %q, want %q", p.hook("data-outcome"), want)
		}
	}
}
