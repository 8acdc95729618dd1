package templates_test

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestQuick drives the pages with htmx and our script in a browser, under the strict policy.
func TestQuick(t *testing.T) {
	t.Parallel()
	s, tab := newStage(t), browser(t)
	for name, test := range map[string]func(*testing.T, *stage, context.Context){
		"links swap main": linksSwap, "a filter is an address": filterSwaps, "a refused form comes back": refusedForm, "an action is read out": actionReadOut,
		"a form is sent once": sentOnce, "no answer": noAnswer, "keys": singleKeys, "the way back": wayBack, "an error page": errorSwaps, "copy": copies,
	} {
		t.Run(name, func(t *testing.T) { test(t, s, tab) })
	}
}

func linksSwap(t *testing.T, s *stage, tab context.Context) {
	check := quiet(t, tab)
	open(t, tab, s.URL+"/")
	eval[bool](t, tab, "window.stayed = true")
	click(t, tab, `#nav a[href="/devices"]`)
	until(t, tab, `location.pathname === "/devices" && document.title === "Devices · CMP Console"`)
	until(t, tab, `document.activeElement === document.querySelector("h1") && document.querySelector("#nav [aria-current]").textContent.trim() === "Devices"`)
	click(t, tab, `main tbody a`)
	until(t, tab, `location.pathname.startsWith("/devices/8985") && scrollY === 0`)
	if !eval[bool](t, tab, "window.stayed === true && document.querySelectorAll('#nav').length === 1 && document.querySelectorAll('h1').length === 1") {
		t.Error("the whole page was loaded again, or a part stands twice")
	}
	check()
}

func filterSwaps(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/orders")
	eval[bool](t, tab, "window.stayed = true")
	click(t, tab, `.filters button`)
	until(t, tab, `location.search.includes("device=89852024031900012345") && location.search.includes("status=2") && window.stayed`)
}

func refusedForm(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/orders/"+orderID+"/end")
	before := eval[int64](t, tab, "history.length")
	click(t, tab, `main form button[type=submit]`)
	until(t, tab, `document.activeElement.id === "confirm" && document.querySelector("#reason").value.startsWith("Customer returned")`)
	until(t, tab, `document.querySelector("#live").textContent.includes("Not sent.")`)
	if after := eval[int64](t, tab, "history.length"); after != before {
		t.Errorf("the refused form is a step of the history: %d, then %d", before, after)
	}
}

func actionReadOut(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/orders/"+orderID+"/end")
	fill(t, tab, "#reason", "lost device")
	click(t, tab, `main form button[type=submit]`)
	until(t, tab, `location.pathname === "/orders/`+orderID+`" && document.querySelector("#live").textContent.startsWith("Paused. The CMP accepted it.")`)
}

// sentOnce presses the button of a form many times, and posts the form again by script, while the first
// post is still under way.
func sentOnce(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/orders/"+orderID+"/end")
	fill(t, tab, "#reason", "pressed twice")
	hold := make(chan struct{})
	s.mu.Lock()
	s.hold, s.posts = hold, nil
	s.mu.Unlock()
	eval[bool](t, tab, `for (let i = 0; i < 5; i++) document.querySelector("main form button[type=submit]").click(); true`)
	until(t, tab, `document.querySelector("main form button[aria-busy=true]") !== null`)
	eval[bool](t, tab, `document.querySelector("main form").requestSubmit(); true`)
	s.mu.Lock()
	s.hold = nil
	s.mu.Unlock()
	close(hold)
	until(t, tab, `location.pathname === "/orders/`+orderID+`"`)
	if posts := s.posted(); len(posts) != 1 || posts[0] != "pressed twice" {
		t.Errorf("posted %q, want once", posts)
	}
}

func noAnswer(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/orders/"+orderID+"/end")
	fill(t, tab, "#reason", "kept")
	eval[bool](t, tab, `window.fetch = () => Promise.reject(new TypeError("cut")); htmx.logAll = false; true`)
	click(t, tab, `main form button[type=submit]`)
	until(t, tab, `document.querySelector("main > .lost[role=alert]")?.textContent.includes("may have been sent")`)
	until(t, tab, `document.querySelector("#reason").value === "kept" && !document.querySelector("[aria-busy]")`)
}

func singleKeys(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/")
	press(t, tab, "/")
	until(t, tab, `document.activeElement.id === "q"`)
	press(t, tab, "g")
	press(t, tab, "d")
	until(t, tab, `document.querySelector("#q").value.endsWith("gd") && location.pathname === "/"`)
	eval[bool](t, tab, "document.activeElement.blur(); true")
	press(t, tab, "g")
	press(t, tab, "o")
	until(t, tab, `location.pathname === "/orders"`)
	press(t, tab, "?")
	until(t, tab, `document.querySelector("#keys").open`)
	press(t, tab, kb.Escape)
	until(t, tab, `!document.querySelector("#keys").open`)
	eval[bool](t, tab, `localStorage.keys = "off"; true`)
	press(t, tab, "?")
	if eval[bool](t, tab, `document.querySelector("#keys").open`) {
		t.Error("the keys cannot be switched off")
	}
	eval[bool](t, tab, `localStorage.keys = "on"; true`)
}

func wayBack(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/")
	click(t, tab, `#nav a[href="/orders"]`)
	until(t, tab, `document.querySelector("h1").textContent === "Orders"`)
	eval[bool](t, tab, "history.back(); true")
	until(t, tab, `location.pathname === "/" && document.querySelector("h1").textContent.startsWith("Good morning") && document.querySelectorAll("#nav").length === 1`)
	click(t, tab, `#nav a[href="/audit"]`)
	until(t, tab, `location.pathname === "/audit" && document.querySelector("h1").textContent.trim() === "Audit log"`)
}

func errorSwaps(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/")
	eval[bool](t, tab, `document.querySelector("#nav li a").setAttribute("href", "/gone"); true`)
	click(t, tab, `#nav a[href="/gone"]`)
	until(t, tab, `location.pathname === "/gone" && document.querySelector("h1").textContent === "Not found"`)
}

func copies(t *testing.T, s *stage, tab context.Context) {
	open(t, tab, s.URL+"/devices/"+deviceID)
	eval[bool](t, tab, `navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }; true`)
	click(t, tab, `.head .copy`)
	until(t, tab, `window.copied === "`+deviceID+`" && document.querySelector("#live").textContent === "Copied" && document.querySelector(".head .copy.done")`)
	selected := eval[string](t, tab, `getSelection().selectAllChildren(document.querySelector("h1")); getSelection().toString().trim()`)
	if selected != deviceID {
		t.Errorf("selecting the id copies %q, want it ungrouped", selected)
	}
	open(t, tab, s.URL+"/devices")
	if row := eval[string](t, tab, `getSelection().selectAllChildren(document.querySelector("tbody td .id")); getSelection().toString().trim()`); row != deviceID {
		t.Errorf("selecting the id in a row copies %q", row)
	}
	if !eval[bool](t, tab, `getSelection().empty(); window.find("`+deviceID[2:18]+`")`) {
		t.Error("finding in the page does not see the id")
	}
	if zone := eval[string](t, tab, "document.cookie"); zone == "" {
		t.Error("no cookie tells the zone")
	}
}

func click(t *testing.T, tab context.Context, selector string) {
	t.Helper()
	eval[bool](t, tab, "document.querySelector(`"+selector+"`).click(); true")
}

func fill(t *testing.T, tab context.Context, selector, text string) {
	t.Helper()
	eval[bool](t, tab, "document.querySelector(`"+selector+"`).value = `"+text+"`; true")
}

func press(t *testing.T, tab context.Context, key string) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.KeyEvent(key)); err != nil {
		t.Fatal(err)
	}
}
