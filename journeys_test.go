package main

import (
	"fmt"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// at is the condition that a browser stands at an address of the site.
func at(path string) string { return "location.pathname === " + testkit.Quote(path) }

// shows is the condition that a text stands in main.
func shows(text string) string {
	return `document.querySelector("main").innerText.replace(/\s+/g, " ").includes(` + testkit.Quote(text) + `)`
}

// hooked is the condition that the first element in main with the hook has the value.
func hooked(name, value string) string {
	return fmt.Sprintf(`document.querySelector("main [data-%s]").dataset.%s === %q`, name, name, value)
}

// signInAt walks through the door.
func signInAt(b *testkit.Tab, name string) {
	b.Open("/")
	b.Check(at("/login"))
	b.Type("#username", name)
	b.Type("#password", testPassword)
	b.Submit(at("/") + ` && document.querySelector(".me bdi").innerText === ` + testkit.Quote(name))
}

// TestSupportJourney is the day of somebody at the support desk, with the scripts of the pages and without them.
func TestSupportJourney(t *testing.T) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			in := startProgram(t)
			open := testkit.OpenTab
			if !scripts {
				open = testkit.OpenPlainTab
			}
			d := &desk{t: t, in: in, tab: open(t, in.url), scripts: scripts, device: cmpsim.DemoInUse, order: cmpsim.DemoOrder}
			d.find()
			d.act("pause", "ticket 4711, number lost", cmpsim.StatusSuspended, "Suspended")
			d.act("restart", "ticket 4711, found again", cmpsim.StatusInUse, "In use")
			d.endEarly("ticket 4712, given back")
			d.review()
		})
	}
}

// desk is the support desk with one order before it.
type desk struct {
	t             *testing.T
	in            *instance
	tab           *testkit.Tab
	scripts       bool
	device, order string
}

// find signs in, goes to the one box and follows the number to the order.
func (d *desk) find() {
	signInAt(d.tab, "support")
	if d.scripts {
		testkit.Eval[bool](d.tab, `document.querySelector("#main").focus(), window.stayed = true`)
		d.tab.Press("/")
		d.tab.Until(`document.activeElement.id === "q"`)
		d.tab.Press(d.device)
	} else {
		d.tab.Type("#q", d.device)
	}
	d.tab.Submit(at("/devices/" + d.device))
	d.tab.Check(`document.querySelector("main").textContent.includes("` + d.device + `")`) // ungrouped, for Ctrl+F
	d.tab.Check(hooked("lifecycle", "2") + " && " + hooked("status", cmpsim.StatusInUse))
	d.tab.Go(`main tr[data-id="`+d.order+`"] a[href="/orders/`+d.order+`"]`, at("/orders/"+d.order)+" && "+hooked("status", cmpsim.StatusInUse))
}

// ask opens the page before an action and looks at what it tells.
func (d *desk) ask(verb string) {
	action := "/orders/" + d.order + "/" + verb
	d.tab.Go(`main .actions a[href="`+action+`"]`, at(action)+` && document.querySelectorAll("main form[method=post]").length === 1`)
	d.tab.Check(shows(d.order) + " && " + shows(d.device))
}

// act does an action from the page of the order and comes back to it with the result.
func (d *desk) act(verb, reason, status, word string) {
	d.ask(verb)
	d.tab.Type("#reason", reason)
	d.tab.Go("main form button[type=submit]", at("/orders/"+d.order)+" && "+hooked("outcome", "ok"))
	d.tab.Check(hooked("status", status) + ` && document.querySelector("main .head [data-status]").innerText.trim() === ` + testkit.Quote(word))
	d.tab.Check(shows(reason))
	wantStatus(d.t, d.in.sim, d.order, status)
	d.sameDocument()
}

// endEarly gives the wrong four characters first.
func (d *desk) endEarly(reason string) {
	action := "/orders/" + d.order + "/end"
	d.ask("end")
	d.tab.Expect("answered 422: POST " + action)
	d.tab.Type("#reason", reason)
	d.tab.Type("#confirm", "9999")
	d.tab.Go("main form button[type=submit]", `document.querySelector("#confirm[aria-invalid]") !== null`)
	d.tab.Check(`document.querySelector("#reason").value === ` + testkit.Quote(reason) + ` && document.querySelector("#confirm").value === "9999"`)
	d.tab.Check(`document.getElementById(document.querySelector("#confirm").getAttribute("aria-describedby").split(" ")[0]).innerText.includes("right device")`)
	d.tab.Check(at(action) + ` && document.querySelector("#reason[aria-invalid]") === null`)
	if d.scripts {
		d.tab.Until(`document.activeElement.id === "confirm"`)
	}
	wantStatus(d.t, d.in.sim, d.order, cmpsim.StatusInUse)

	d.tab.Type("#confirm", d.device[len(d.device)-4:])
	d.tab.Submit(at("/orders/"+d.order) + " && " + hooked("outcome", "ok") + " && " + hooked("status", cmpsim.StatusEnded))
	wantStatus(d.t, d.in.sim, d.order, cmpsim.StatusEnded)
	d.sameDocument()
}

// review looks at what the pages say afterwards, and at what the CMP was sent.
func (d *desk) review() {
	d.tab.Go(`main a.act[href="/devices/`+d.device+`"]`, at("/devices/"+d.device))
	d.tab.Check(`document.querySelector('main tr[data-id="` + d.order + `"] [data-status]').dataset.status === "3"`)
	for _, want := range []string{"Pause", "Restart", "End early", "ticket 4711, number lost", "ticket 4711, found again", "ticket 4712, given back"} {
		d.tab.Check(`document.querySelector("main .feed").innerText.includes(` + testkit.Quote(want) + `)`)
	}
	d.sameDocument()
	var sent []string
	for _, r := range changes(d.in.sim, "") {
		sent = append(sent, r.Path[strings.LastIndexByte(r.Path, '/')+1:]+" "+r.OrderID)
	}
	if got := strings.Join(sent, ", "); got != fmt.Sprintf("pauseService %[1]s, restartService %[1]s, aheadFinishDeviceOrder %[1]s", d.order) {
		d.t.Errorf("the CMP was asked for %s", got)
	}
	d.tab.Go(`.me button`, at("/login"))
	d.tab.Open("/orders/" + d.order)
	d.tab.Check(at("/login"))
}

// sameDocument makes sure that the pages came as parts: a mark on the window is still there.
func (d *desk) sameDocument() {
	if d.scripts {
		d.tab.Check("window.stayed === true")
	}
}
