package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// TestEveryIdentifierJourney types every kind of identifier, in the forms that people have it in, into the box of a page,
// and sees where it leads.
func TestEveryIdentifierJourney(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withEnv("CMP_SYNC_EVERY", "6h"))
	in.awaitRun(t)
	order, _ := in.sim.Order(cmpsim.DemoOrder)
	card, _ := in.sim.Device(order.DeviceID)
	several := in.cardOfSeveral(t)
	support := in.signIn(t, "support")
	message := in.send(t, support, "Reboot, please", card.ID)[0]
	support.submit(t, support.get(t, "/devices/"+card.ID+"/labels"), "/devices/"+card.ID+"/labels", url.Values{"label": {"Depot Süd"}}).want(t, http.StatusOK)
	in.bindAnywhere(t, support, card.ID)
	b := testkit.OpenTab(t, in.url)
	signInAt(b, "support")
	id, second := card.ID, several.Profiles[1]
	imsi, msisdn := card.Profiles[0].IMSI, card.Profiles[0].MSISDN
	device, other, bought := "/devices/"+id, "/devices/"+several.ID, "/packages/"+order.PackageCode
	for _, tt := range []struct{ what, typed, leads string }{
		{"device id", id, device},
		{"ICCID in groups", id[:4] + " " + id[4:8] + " " + id[8:12] + " " + id[12:16] + " " + id[16:], device},
		{"ICCID with dashes", id[:6] + "-" + id[6:12] + "-" + id[12:], device},
		{"ICCID out of a spreadsheet", `="` + id + `"`, device},
		{"ICCID of a second profile", second.ICCID, other},
		{"IMSI", imsi, device},
		{"IMSI in groups", imsi[:3] + " " + imsi[3:5] + " " + imsi[5:], device},
		{"IMSI of a second profile", second.IMSI, other},
		{"MSISDN", msisdn, device},
		{"MSISDN with +", "+" + msisdn[:2] + " " + msisdn[2:5] + "-" + msisdn[5:], device},
		{"MSISDN with 00", "00" + msisdn, device},
		{"IMEI", someIMEI, device},
		{"IMEI with dashes", someIMEI[:2] + "-" + someIMEI[2:8] + "-" + someIMEI[8:14] + "-" + someIMEI[14:], device},
		{"order code", order.ID, "/orders/" + order.ID},
		{"order code in small letters", strings.ToLower(order.ID), "/orders/" + order.ID},
		{"message", strings.TrimPrefix(message, "/sms/"), message},
		{"package code", order.PackageCode, bought},
		{"package name in Chinese", "日本30GB不限速", bought},
		{"package name in English", "tracker 300 mb half", "/packages/LP14221130002245"},
		{"label", "depot süd", "/devices"},
		{"last digits", id[4:], device},
		{"inner digits with a space", id[5:12] + " " + id[12:19], device},
		{"first digits with a dash", id[:10] + "-" + id[10:19], device},
	} {
		b.Open("/packages")
		b.Type("#q", tt.typed)
		b.Press("\r")
		b.Until(`location.pathname !== "/packages" && location.pathname !== "/search"`)
		if at := testkit.Eval[string](b, "location.pathname"); at != tt.leads {
			t.Errorf("%s (%s) leads to %s, want %s", tt.what, tt.typed, at, tt.leads)
		}
	}
	b.Open("/packages")
	b.Type("#q", "depot süd")
	b.Submit(at("/devices") + ` && new URLSearchParams(location.search).get("label") === "Depot Süd" && ` + `document.querySelectorAll("main tr[data-id]").length === 1`)
}

// cardOfSeveral is a card with more than one profile.
func (in *instance) cardOfSeveral(t *testing.T) cmpsim.Device {
	t.Helper()
	for _, d := range in.sim.Samples(cmpsim.SortInUse, 400) {
		if len(d.Profiles) > 1 && d.Profiles[1].ICCID != d.ID {
			return d
		}
	}
	t.Fatal("no card has several profiles")
	return cmpsim.Device{}
}

// bindAnywhere binds a card to an IMEI beside the console, which then reads it.
func (in *instance) bindAnywhere(t *testing.T, v *visitor, device string) {
	t.Helper()
	card, _ := in.sim.Device(device)
	if err := in.elsewhere(t).BindIMEI(t.Context(), cmp.Binding{DeviceID: device, IMEI: someIMEI, OTA: card.OTA}); err != nil {
		t.Fatal(err)
	}
	v.get(t, "/devices/"+device+"/imei").want(t, http.StatusOK).says(t, someIMEI)
}
