package main

import (
	"net"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// TestDoubtJourney: the answer to a change is lost. The page says so, the order takes no other change, and once
// a look finds the effect it says that too.
func TestDoubtJourney(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	d := &desk{t: t, in: in, tab: testkit.OpenTab(t, in.url), scripts: true, device: cmpsim.DemoInUse, order: cmpsim.DemoOrder}
	d.find()
	d.ask("pause")
	in.sim.Script(cmpsim.Fault{Path: deedOf("pause").call, Times: 1, Kind: cmpsim.KindResetBefore})
	d.tab.Type("#reason", "ticket 4711")
	d.tab.Go("main form button[type=submit]", at("/orders/"+d.order)+" && "+hooked("outcome", "unknown"))
	d.tab.Check(shows("The outcome is unknown.") + " && " + shows("may or may not have taken effect") + " && " + hooked("status", cmpsim.StatusInUse))
	nothingToPress(d.tab)

	d.tab.Expect("answered 409: GET /orders/" + d.order + "/end")
	d.tab.Open("/orders/" + d.order + "/end")
	d.tab.Check(shows("This cannot be done now.") + " && " + shows("The outcome of the last change is not known yet."))
	nothingToPress(d.tab)

	order, _ := in.sim.Order(d.order)
	if err := in.elsewhere(t).PauseService(t.Context(), serviceOf(order)); err != nil {
		t.Fatal(err)
	}
	d.tab.Go(`main a[href="/orders/`+d.order+`"]`, at("/orders/"+d.order))
	d.tab.Check(hooked("outcome", "unknown") + " && " + shows("Settled by reading: the order is now suspended, as asked.") + " && " + hooked("status", cmpsim.StatusSuspended))
	d.tab.Check(`document.querySelector('main .actions a[href$="/restart"]') !== null`)
}

// TestLostAnswerJourney: the change was made, only its answer was lost. The first look settles it.
func TestLostAnswerJourney(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	d := &desk{t: t, in: in, tab: testkit.OpenTab(t, in.url), scripts: true, device: cmpsim.DemoInUse, order: cmpsim.DemoOrder}
	d.find()
	d.ask("pause")
	in.sim.Script(cmpsim.Fault{Path: deedOf("pause").call, Times: 1, Kind: cmpsim.KindResetAfter})
	d.tab.Type("#reason", "ticket 4711")
	d.tab.Go("main form button[type=submit]", at("/orders/"+d.order)+" && "+hooked("outcome", "unknown"))
	d.tab.Check(shows("The answer was lost.") + " && " + shows("Settled by reading: the order is now suspended") + " && " + hooked("status", cmpsim.StatusSuspended))
	d.tab.Until(`document.querySelector("#live").textContent.includes("Settled by reading")`)
	if n := len(changes(in.sim, d.order)); n != 1 {
		t.Errorf("%d changes were sent, want 1", n)
	}
}

// TestNoUpstreamJourney: nobody answers where the CMP should be. The page says so in words, with a reference
// that the log has, and comes back by itself when asked again.
func TestNoUpstreamJourney(t *testing.T) {
	t.Parallel()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := ln.Close(); err != nil {
		t.Fatal(err)
	}
	in := startProgram(t, withEnv("CMP_BASE_URL", "http://"+ln.Addr().String()))
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "support")
	b.Expect("answered 502: GET /orders")
	b.Go(`#nav a[href="/orders"]`, at("/orders")+" && "+shows("The CMP cannot be read")+" && "+shows("No connection to the CMP could be made."))
	ref := testkit.Eval[string](b, `document.querySelector("main .reference .id").textContent.trim()`)
	line, err := in.logs.await(func(line map[string]any) bool { return line["msg"] == "request" && line["request_id"] == ref }, nil)
	if err != nil || line["path"] != "/orders" || line["err"] == nil {
		t.Errorf("the reference %q leads to %v, %v", ref, line, err)
	}
	b.Check(`document.querySelector('main a[href="/orders"]').innerText.trim() === "Try again" && document.querySelector(".health").innerText.includes("CMP not answering")`)
}

// TestSessionEndsMidForm: the session ends while a form is filled in. The door keeps the reason, with scripts
// and without them.
func TestSessionEndsMidForm(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	for _, scripts := range []bool{true, false} {
		open := testkit.OpenTab
		if !scripts {
			open = testkit.OpenPlainTab
		}
		b := open(t, in.url)
		signInAt(b, "support")
		action := "/orders/" + cmpsim.DemoOrder + "/end"
		b.Open(action)
		b.Type("#reason", "ticket 4711, “quoted” & <odd>")
		b.Type("#confirm", "0016")
		// Another tab of the same browser signs out.
		testkit.Eval[int](b, `fetch("/logout", {method: "POST", body: new URLSearchParams({csrf: document.querySelector(".me [name=csrf]").value}), redirect: "manual"}).then((r) => r.status)`)
		b.Expect("answered 401: POST " + action)
		b.Go("main form button[type=submit]", `document.querySelector("#username") !== null`)
		b.Check(shows("Your session has ended.") + " && " + shows("What you typed is kept: “ticket 4711, “quoted” & <odd>”"))
		b.Type("#username", "support")
		b.Type("#password", testPassword)
		b.Submit(at(action) + ` && document.querySelector("#reason").value === "ticket 4711, “quoted” & <odd>"`)
	}
	if sent := changes(in.sim, ""); len(sent) != 0 {
		t.Errorf("changes were sent: %+v", sent)
	}
}
