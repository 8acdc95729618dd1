package main

import (
	"fmt"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// TestAuditorJourney: an auditor finds in the log what support did to an order, whole, and can change nothing.
func TestAuditorJourney(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := trial{deed: deedOf("pause"), action: "/orders/" + cmpsim.DemoOrder + "/pause"}
	tr.order, _ = in.sim.Order(cmpsim.DemoOrder)
	support.post(t, tr.action, tr.again(t, support)).want(t, 200)
	intent, outcome := wantPair(t, in.dir, tr.order.ID, "pause", "ok")

	b := testkit.OpenTab(t, in.url)
	signInAt(b, "auditor")
	b.Go(`#nav a[href="/audit"]`, at("/audit")+" && "+shows("Audit log"))
	b.Type("#f-order", tr.order.ID)
	b.Submit(`location.search.includes("order=` + tr.order.ID + `") && ` + onlyOrder(tr.order.ID))
	b.Check(shows("order.pause") + " && " + shows("the second tab") + " && " + shows("order.view"))
	b.Go(`.chips a`, `location.search === ""`)
	b.Type("#f-device", tr.order.DeviceID)
	b.Submit(`location.search.includes("device=` + tr.order.DeviceID + `") && document.querySelectorAll("main tbody tr").length > 1`)

	b.Go(fmt.Sprintf(`main tbody a[href="/audit/%d"]`, outcome.seq), at(fmt.Sprintf("/audit/%d", outcome.seq)))
	for _, want := range []string{"order.pause", "support", "the second tab", tr.order.ID, tr.order.DeviceID, "support paused order", "The CMP accepted it.", "0000", " ms", "Before", "In use", "After, as the CMP confirmed", "Suspended", fmt.Sprintf("Intent Row %d", intent.seq)} {
		b.Check(shows(want))
	}
	b.Go(fmt.Sprintf(`main .feed a[href="/audit/%d"]`, intent.seq), at(fmt.Sprintf("/audit/%d", intent.seq))+" && "+shows("the second tab"))
	b.Go(`main a[href="/orders/`+tr.order.ID+`"]`, at("/orders/"+tr.order.ID)+" && "+hooked("outcome", "ok"))
	nothingToPress(b)
	b.Expect("answered 403: GET /orders/" + tr.order.ID + "/restart")
	b.Open("/orders/" + tr.order.ID + "/restart")
	b.Check(shows("Not allowed") + " && " + shows("You hold: Auditor."))
	nothingToPress(b)
	if n := len(changes(in.sim, "")); n != 1 {
		t.Errorf("%d changes reached the CMP, want the one of support", n)
	}
}

// onlyOrder is the condition that every row of the list is about the order.
func onlyOrder(id string) string {
	return fmt.Sprintf(`((rows) => rows.length > 1 && rows.every((row) => row.textContent.includes(%q)))([...document.querySelectorAll("main tbody tr")])`, id)
}

// nothingToPress makes sure that nothing in main changes anything: no form that posts, and no way to one.
func nothingToPress(b *testkit.Tab) {
	b.Check(`document.querySelectorAll('main form[method=post], main .actions a, main a[href$="/pause"], main a[href$="/restart"], main a[href$="/end"], main a[href$="/open"], main a[href$="/cancel"]').length === 0`)
}
