package main

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// soon is within how long the page of somebody else shows what was done.
const soon = 2 * time.Second

// notLive is the condition that the page says that nobody tells it of changes.
const notLive = `document.querySelector("#notlive").innerText.includes("Not live: looking every 30 s")`

// word is the condition that a part of the page says a word.
func word(part, text string) string {
	return `document.getElementById(` + testkit.Quote(part) + `).innerText.includes(` + testkit.Quote(text) + `)`
}

// act has somebody else pause or restart the order.
func act(t *testing.T, v *visitor, verb string) {
	t.Helper()
	path := orderPage(cmpsim.DemoOrder) + "/" + verb
	v.submit(t, v.get(t, path), path, url.Values{"reason": {"ticket 4711"}}).want(t, http.StatusOK)
}

// holdsWithin fails the test when the condition took longer than that to come true.
func holdsWithin(t *testing.T, b *testkit.Tab, limit time.Duration, condition string) {
	t.Helper()
	begun := time.Now()
	b.Until(condition)
	if took := time.Since(begun); took > limit {
		t.Errorf("%s: after %s", condition, took)
	}
}

// TestLiveOrder: one person acts, and the page of another shows it without being loaded again, and without taking from them what they
// type, select or are about to press.
func TestLiveOrder(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	other := in.signIn(t, "support")
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "support")
	b.Screen(1000, 900, false)
	b.Go(`.nav a[href="/orders"]`, at("/orders"))
	b.Open(orderPage(cmpsim.DemoOrder))
	const facts = `document.querySelector("#order-facts")`
	testkit.Eval[bool](b, `window.stayed = true`)
	stays := func(what string, do func()) {
		t.Helper()
		where := what + ".getBoundingClientRect().top"
		before := testkit.Eval[float64](b, where)
		do()
		if now := testkit.Eval[float64](b, where); math.Abs(now-before) > 1 {
			t.Errorf("%s has moved from %v to %v", what, before, now)
		}
	}

	b.Click(`#order-facts [data-copy]`)
	stays(facts+`.querySelector("[data-copy]")`, func() { // a result comes above what the mouse is on
		b.Check(`scrollY === 0`)
		act(t, other, "pause")
		holdsWithin(t, b, soon, word("order-state", "Suspended")+" && "+hooked("outcome", "ok")+" && "+word("order-actions", "Restart"))
		b.Until(`document.querySelector("#live").innerText === "Order: Suspended"`)
	})

	b.Type("#q", "half a word")
	testkit.Eval[bool](b, `scrollTo(0, 200), true`)
	stays(facts, func() {
		act(t, other, "restart")
		holdsWithin(t, b, soon, word("order-state", "In use")+" && "+word("order-result", "Restart"))
	})
	b.Check(`window.stayed === true && document.activeElement.id === "q" && document.querySelector("#q").value === "half a word"`)

	testkit.Eval[bool](b, `document.querySelector("#order-actions a").focus(), getSelection().selectAllChildren(document.querySelector("#order-history")), true`)
	act(t, other, "pause")
	holdsWithin(t, b, soon, word("order-state", "Suspended"))
	b.Check(`document.querySelector("#order-actions").contains(document.activeElement) && document.querySelectorAll("#order-history li").length === 2`)
	testkit.Eval[bool](b, `getSelection().removeAllRanges(), document.activeElement.blur(), true`)
	holdsWithin(t, b, soon, `document.querySelectorAll("#order-history li").length === 3 && document.querySelector('#order-actions a[href$="/restart"]') !== null`)
	b.Check(`window.stayed === true`)

	auditor := in.signIn(t, "auditor")
	rows := auditor.get(t, "/audit?action=order.view&order="+cmpsim.DemoOrder).want(t, http.StatusOK)
	if n := len(rows.all("tr", "data-id", "")); n != 7 { // the tab, and the other's two forms with what came of them
		t.Errorf("%d looks are recorded:\n%s", n, rows.text())
	}
}

// TestLiveDevice: the pages of a device show what was done to its order.
func TestLiveDevice(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	other := in.signIn(t, "support")
	overview, tab := testkit.OpenTab(t, in.url), testkit.OpenTab(t, in.url)
	for b, path := range map[*testkit.Tab]string{overview: "", tab: "/orders"} {
		signInAt(b, "manager")
		b.Open("/devices/" + cmpsim.DemoInUse + path)
		b.Check(word("device-state", "In use"))
	}
	act(t, other, "pause")
	suspended := word("device-state", "Suspended") + " && " + word("device-orders", "Suspended")
	holdsWithin(t, overview, soon, suspended+" && "+word("device-activity", "ticket 4711"))
	holdsWithin(t, tab, soon, suspended)
}

// switched is a console behind somebody who can take its streams away.
type switched struct {
	url  string
	mu   sync.Mutex
	cut  bool
	hang []context.CancelFunc
}

func switchedConsole(t *testing.T, in *instance) *switched {
	t.Helper()
	to, err := url.Parse(in.url)
	if err != nil {
		t.Fatal(err)
	}
	s := &switched{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }, ErrorHandler: func(http.ResponseWriter, *http.Request, error) {}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			ctx, ok := s.pass(r.Context())
			if !ok {
				http.Error(w, "no streams", http.StatusServiceUnavailable)
				return
			}
			r = r.WithContext(ctx)
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { s.streams(false) })
	s.url = srv.URL
	return s
}

func (s *switched) pass(ctx context.Context) (context.Context, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut {
		return ctx, false
	}
	ctx, cancel := context.WithCancel(ctx)
	s.hang = append(s.hang, cancel)
	return ctx, true
}

// streams gives them back, or ends those that there are and lets none through.
func (s *switched) streams(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = !on
	for _, hang := range s.hang {
		hang()
	}
	s.hang = nil
}

// TestNotLive: without a stream a page says so and looks by itself; with one again it shows at once what it has missed.
func TestNotLive(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	s := switchedConsole(t, in)
	other := in.signIn(t, "support")
	b := testkit.OpenTab(t, s.url)
	b.Expect("answered 503: GET /events", "ERR_INCOMPLETE_CHUNKED_ENCODING")
	signInAt(b, "support")
	b.Open(orderPage(cmpsim.DemoOrder))
	b.Check(`!` + notLive)
	s.streams(false)
	holdsWithin(t, b, 10*time.Second, notLive)
	b.Check(`document.querySelector("#notlive").getAttribute("role") === "status"`)
	act(t, other, "pause")
	b.Check(word("order-state", "In use"))
	testkit.Eval[bool](b, `document.querySelector("#notlive").dataset.every = "1", true`) // and not half a minute
	b.Until(word("order-state", "Suspended"))
	testkit.Eval[bool](b, `document.querySelector("#notlive").dataset.every = "3600", true`)
	act(t, other, "restart")
	s.streams(true)
	b.Until(`!` + notLive + ` && ` + word("order-state", "In use"))
}

// TestSignedOutPage: a page whose session has ended says so, shows nothing new, and leads nobody away from what they read.
func TestSignedOutPage(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	other := in.signIn(t, "support")
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "support")
	b.Open(orderPage(cmpsim.DemoOrder))
	testkit.Eval[bool](b, `fetch("/logout", {method: "POST", body: new URLSearchParams({csrf: document.querySelector(".me [name=csrf]").value})}).then((r) => r.ok)`)
	holdsWithin(t, b, soon, `document.querySelector("#notlive").innerText.includes("Signed out: reload to go on")`)
	act(t, other, "pause")
	b.Check(at(orderPage(cmpsim.DemoOrder)) + " && " + word("order-state", "In use"))
}

// TestLiveByCallback: what changes elsewhere is on the page once the CMP has called, and not because of what the callback says.
func TestLiveByCallback(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-callbacks-for-live-pages"
	in := startProgram(t, withEnv("CMP_PUSH_TOKEN", token))
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "support")
	b.Open("/devices/" + cmpsim.DemoInUse) // now the copy of the fleet has it
	b.Go(`main a[href="`+orderPage(cmpsim.DemoOrder)+`"]`, at(orderPage(cmpsim.DemoOrder))+" && "+word("order-state", "In use"))
	if err := in.elsewhere(t).PauseService(t.Context(), cmp.ServiceOrder{OrderID: cmpsim.DemoOrder, DeviceID: cmpsim.DemoInUse}); err != nil {
		t.Fatal(err)
	}
	in.push(t, token, "order-status", `{"assetid":"`+cmpsim.DemoInUse+`","operation":"1003","orderid":"`+cmpsim.DemoOrder+`","time":"2026-11-28 12:34:54"}`)
	holdsWithin(t, b, 2*soon, word("order-state", "Suspended"))
}

// TestUnreadIsLive: an SMS from a device is counted on pages that show something else, and stands in the inbox, as soon as it has come.
func TestUnreadIsLive(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-callbacks-for-the-inbox"
	in := startProgram(t, withEnv("CMP_PUSH_TOKEN", token))
	home, inbox := testkit.OpenTab(t, in.url), testkit.OpenTab(t, in.url)
	for b, path := range map[*testkit.Tab]string{home: "/", inbox: "/sms?box=in"} {
		signInAt(b, "support")
		b.Open(path)
		b.Check(`document.querySelector("#unread").innerText === "" && document.querySelector("#unread").checkVisibility() === false`)
	}
	in.push(t, token, "sms-mo", `{"supplier_code":"SP000040","phone":"61482271041","iccid":"`+cmpsim.DemoInUse+`","dest_address":"12345","sms_content":"hello","timestamp":"2026-11-28 17:00:00"}`)
	for _, b := range []*testkit.Tab{home, inbox} {
		holdsWithin(t, b, 2*soon, `document.querySelector("#unread").innerText.startsWith("1") && document.querySelector("#unread").checkVisibility()`)
	}
	holdsWithin(t, inbox, 2*soon, word("inbound", "61482271041")+" && "+word("sms-boxes", "1 unread")+" && "+word("inbound-total", "1 from devices"))
}

// TestLiveBatch: who orders for several devices gets a page that follows while they are ordered for, and so does whoever else looks at it.
func TestLiveBatch(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	answers := make(chan struct{})
	in.sim.Script(cmpsim.Fault{Path: "batchOrderPackages", Times: 1, Kind: cmpsim.KindDelay, Until: answers})
	b, other := testkit.OpenTab(t, in.url), testkit.OpenTab(t, in.url)
	signInAt(b, "manager")
	signInAt(other, "auditor")
	b.Open("/orders/new?package=DP20190726001274&devices=" + url.QueryEscape(cmpsim.DemoNoOrder+" "+cmpsim.DemoSuspended+" "+cmpsim.DemoWaiting))
	b.Type("#reason", "ticket 4711, depot")
	b.Go("main form button[type=submit]", shows("What will be ordered for each device"))
	b.Go("main form button[type=submit]", word("batch-state", "Ordering: 0 of 3 done.")+" && "+word("batch-rows", "No answer yet"))
	other.Open(testkit.Eval[string](b, `document.querySelector("#batch-state a").getAttribute("href")`))
	other.Check(word("batch-state", "Ordering: 0 of 3 done.") + " && " + word("batch-rows", "Waiting"))
	testkit.Eval[bool](b, `window.stayed = true`)
	close(answers)
	for _, tab := range []*testkit.Tab{b, other} {
		holdsWithin(t, tab, 2*soon, word("batch-state", "3 orders placed.")+` && !`+word("batch-rows", "Waiting")+` && document.querySelector("#live").innerText.startsWith("Order: 3 orders placed.")`)
	}
	b.Check(`window.stayed === true`)
}

// TestLiveTabs: what one person does to a device shows on its tabs, on the list of orders and at home, and nobody loses what they are writing.
func TestLiveTabs(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	other := in.signIn(t, "support")
	device := "/devices/" + cmpsim.DemoInUse
	tabs := map[string]*testkit.Tab{}
	for path, who := range map[string]string{"/": "auditor", "/orders?order=" + cmpsim.DemoOrder: "manager", device + "/activity": "manager", device + "/notes": "manager", device + "/imei": "manager"} {
		b := testkit.OpenTab(t, in.url)
		signInAt(b, who)
		b.Open(path)
		testkit.Eval[bool](b, `window.stayed = true`)
		tabs[path] = b
	}
	notes := tabs[device+"/notes"]
	notes.Type("#note", "half a note")
	act(t, other, "pause")
	holdsWithin(t, tabs["/"], soon, word("home-mine", "ticket 4711"))
	holdsWithin(t, tabs["/orders?order="+cmpsim.DemoOrder], soon, word("orders-rows", "Suspended"))
	holdsWithin(t, tabs[device+"/activity"], soon, word("device-activity", "ticket 4711")+" && "+word("device-state", "Suspended"))
	other.submit(t, other.get(t, device+"/notes"), device+"/notes", url.Values{"note": {"in the depot"}}).want(t, http.StatusOK)
	holdsWithin(t, notes, soon, word("device-notes", "in the depot"))
	notes.Check(`document.querySelector("#note").value === "half a note" && document.activeElement.id === "note"`)
	other.submit(t, other.get(t, device), device+"/labels", url.Values{"label": {"depot"}}).want(t, http.StatusOK)
	bind := device + "/imei/bind"
	other.submit(t, other.get(t, bind), bind, url.Values{"imei": {"860996043052016"}, "reason": {"ticket 4712"}}).want(t, http.StatusOK)
	holdsWithin(t, tabs[device+"/imei"], soon, word("imei-now", "works in no other")+" && "+word("device-labels", "depot"))
	for path, b := range tabs {
		if !testkit.Eval[bool](b, `window.stayed === true`) {
			t.Errorf("%s was loaded anew", path)
		}
	}
}
