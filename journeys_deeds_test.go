package main

import (
	"fmt"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// bothWays runs a journey with the scripts of the pages and without them.
func bothWays(t *testing.T, journey func(t *testing.T, in *instance, b *testkit.Tab, scripts bool)) {
	t.Parallel()
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %t", scripts), func(t *testing.T) {
			t.Parallel()
			in := startProgram(t)
			open := testkit.OpenTab
			if !scripts {
				open = testkit.OpenPlainTab
			}
			journey(t, in, open(t, in.url), scripts)
		})
	}
}

// calls counts the requests that reached an address of the CMP.
func calls(sim *cmpsim.Sim, path string) (n int) {
	for _, q := range sim.Journal() {
		if strings.HasSuffix(q.Path, path) {
			n++
		}
	}
	return n
}

// TestIMEIJourney binds a card to its hardware; a mistyped IMEI is asked about first.
func TestIMEIJourney(t *testing.T) {
	bothWays(t, func(t *testing.T, in *instance, b *testkit.Tab, _ bool) {
		page := "/devices/" + cmpsim.DemoInUse + "/imei"
		signInAt(b, "support")
		b.Open("/devices/" + cmpsim.DemoInUse)
		b.Go(`nav.tabs a[href="`+page+`"]`, at(page)+" && "+shows("works in any hardware"))
		b.Go(`main a.act[href="`+page+`/bind"]`, at(page+"/bind"))
		b.Expect("answered 422: POST " + page + "/bind")
		b.Type("#imei", "860996043052017")
		b.Type("#reason", "ticket 4711, fixed to the truck")
		b.Go("main form button[type=submit]", `document.querySelector("#imei[aria-invalid]") !== null`)
		b.Check(`document.querySelector("#reason").value === "ticket 4711, fixed to the truck"`)
		b.Type("#imei", "860996043052016")
		b.Go("main form button[type=submit]", at(page)+" && "+hooked("outcome", "ok"))
		b.Check(shows("works in no other") + " && " + shows("机卡绑定"))
		if n := calls(in.sim, "/device/bind"); n != 1 {
			t.Errorf("%d requests to bind", n)
		}
	})
}

// TestSMSJourney writes to two devices, sees what it takes, sends it and, with scripts, watches it arrive by itself.
func TestSMSJourney(t *testing.T) {
	bothWays(t, func(t *testing.T, in *instance, b *testkit.Tab, scripts bool) {
		signInAt(b, "support")
		b.Go(`nav a[href="/sms"]`, at("/sms"))
		b.Go(`main a[href="/sms/new"]`, at("/sms/new"))
		b.Type("#devices", cmpsim.DemoInUse+" "+cmpsim.DemoOverQuota)
		b.Type("#content", "It’s time to reboot")
		if scripts {
			b.Until(`document.querySelector("#count").dataset.segments === "1" && document.querySelector("#count mark").innerText === "’"`)
		}
		b.Go("main form button[type=submit]", shows("2 devices, 2 SMS in all")+` && document.querySelector("[data-segments]").dataset.segments === "1"`)
		b.Go(`main form button[type=submit]`, at("/sms")+" && "+shows("The CMP took 2 messages."))
		if n := calls(in.sim, "/sms/sendSms"); n != 2 {
			t.Errorf("%d requests to send", n)
		}
		b.Go(`main tr[data-id] a[href^="/sms/LK"]`, shows("Show the text"))
		if scripts {
			b.Until(shows("Delivered"))
		}
		b.Go(`main a[href$="/text"]`, shows("It’s time to reboot"))
	})
}

// TestOrderingJourney orders for 30 pasted devices, of which some cannot have it and one is refused by the CMP.
func TestOrderingJourney(t *testing.T) {
	bothWays(t, func(t *testing.T, in *instance, b *testkit.Tab, scripts bool) {
		var ids []string
		for _, d := range in.sim.Samples(cmpsim.SortEnded, 14) {
			ids = append(ids, d.ID)
		}
		for _, d := range in.sim.Samples(cmpsim.SortInUse, 15) {
			ids = append(ids, d.ID)
		}
		ids = append(ids, "89000000000000000000")
		in.sim.Script(cmpsim.Fault{Path: "batchOrderPackages", Times: 1, Kind: cmpsim.KindBusiness, Code: "3010", Message: "设备已锁定"})
		signInAt(b, "manager")
		b.Open("/packages/DP20190726001274")
		b.Go(`main a[href^="/orders/new"]`, at("/orders/new")+` && document.querySelector("#package").value === "DP20190726001274"`)
		testkit.Eval[bool](b, `(document.querySelector("#devices").value = `+testkit.Quote(strings.Join(ids, ";\n"))+`) !== ""`)
		testkit.Eval[bool](b, `(document.querySelector("#open").value = "1") !== ""`)
		b.Type("#reason", "ticket 4711, depot")
		b.Go("main form button[type=submit]", shows("What will be ordered for each device"))
		b.Check(`document.querySelectorAll("main tr[data-id]").length === 30 && ` + shows("The CMP does not know this device."))
		left := testkit.Eval[int](b, `[...document.querySelectorAll("main tr[data-id]")].filter(r => r.innerText.includes("Left out")).length`)
		b.Go("main form button[type=submit]", shows("What became of the order"))
		if !scripts { // the page follows by itself, or is asked again
			for !testkit.Eval[bool](b, shows("orders placed.")) {
				b.Go(`#batch-state a`, shows("What became of the order"))
			}
		}
		b.Until(shows("设备已锁定") + " && " + shows("orders placed."))
		b.Check(shows(fmt.Sprintf("%d orders placed.", 30-left-1)))
		if n := calls(in.sim, "/batchOrderPackages"); n != 30-left || left < 16 {
			t.Errorf("%d orders were sent, %d devices left out", n, left)
		}
	})
}
