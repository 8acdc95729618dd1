package main

import (
	"testing"

	"github.com/chromedp/chromedp/kb"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// TestSearchJourney: every number of a device leads from the one box to it, and the keys lead through what is found
// while one types, without a loss of focus or text.
func TestSearchJourney(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withEnv("CMP_SYNC_EVERY", "6h"))
	in.awaitRun(t)
	order, _ := in.sim.Order(cmpsim.DemoOrder)
	card, _ := in.sim.Device(order.DeviceID)
	imsi, msisdn := card.Profiles[0].IMSI, card.Profiles[0].MSISDN
	device := "/devices/" + order.DeviceID
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "support")
	for text, leads := range map[string]string{
		order.DeviceID: device, order.DeviceID[:4] + " " + order.DeviceID[4:12] + "-" + order.DeviceID[12:]: device, "'" + order.DeviceID: device,
		imsi: device, msisdn: device, "+" + msisdn: device, "00" + msisdn: device, order.ID: "/orders/" + order.ID,
	} {
		b.Open("/")
		b.Type("#q", text)
		b.Submit(at(leads))
	}

	b.Open("/")
	b.Type("#q", order.DeviceID[4:])
	b.Until(`document.querySelector("#found .hits mark")?.innerText === ` + testkit.Quote(order.DeviceID[4:]))
	b.Check(`document.activeElement.id === "q" && location.pathname === "/" && document.querySelector("#live").innerText.includes("1 found")`)
	b.Press(kb.ArrowDown)
	b.Check(`document.activeElement.matches("#found a[href='` + device + `']")`)
	b.Press(kb.ArrowUp)
	b.Check(`document.activeElement.id === "q" && document.activeElement.value === ` + testkit.Quote(order.DeviceID[4:]))
	b.Press(kb.Escape)
	b.Check(`!document.querySelector("#found").firstChild && document.activeElement.value === ` + testkit.Quote(order.DeviceID[4:]))

	b.Open("/search?q=8985")
	b.Check(shows("More than ") + " && " + shows("in the devices list"))
	b.Type("#q", order.DeviceID[4:])
	b.Until(`document.querySelectorAll("#results .hits li").length === 1 && location.search === "?q=` + order.DeviceID[4:] + `"`)
	b.Check(`document.activeElement.id === "q"`)
	b.Press(kb.ArrowDown)
	b.Check(`document.activeElement.matches("#results a[href='` + device + `']")`)
	for _, v := range b.Axe() {
		t.Errorf("%+v", v)
	}
}

// TestSearchWithoutScripts: the box is a form.
func TestSearchWithoutScripts(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withEnv("CMP_SYNC_EVERY", "6h"))
	in.awaitRun(t)
	order, _ := in.sim.Order(cmpsim.DemoOrder)
	card, _ := in.sim.Device(order.DeviceID)
	b := testkit.OpenPlainTab(t, in.url)
	signInAt(b, "support")
	b.Type("#q", card.Profiles[0].IMSI)
	b.Submit(at("/devices/" + order.DeviceID))
	b.Open("/search?q=8985")
	b.Check(shows("in the devices list"))
}
