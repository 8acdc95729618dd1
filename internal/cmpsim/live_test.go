package cmpsim

import (
	"fmt"
	"strings"
	"testing"
)

func TestLiveSessionAsPrinted(t *testing.T) {
	t.Parallel()
	d := printed(t, noon, &Device{ID: "x", Profiles: []Profile{{"x", "525016126013486", "65144095005251"}}})
	d.same(t, "sms/queryLatestCDR", "queryLatestCDR", string(sample(t, "queryLatestCDR.request")))
}

// A card in use has a live session, any other one none, and both are successes of the call.
func TestLiveSession(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 200})
	active := 0
	for _, card := range d.Samples(SortInUse, 30) {
		a := decode[liveAnswer](t, d.post(t, "sms/queryLatestCDR", fmt.Sprintf(`{"imsi":%q}`, card.Profiles[0].IMSI)).Data)
		if a.ReturnCode != liveOK || a.SessionStart == "" || a.LastActivity > formatTime(noon, spacedLayout) {
			t.Errorf("%s: %+v", card.ID, a)
		}
		if a.GPRS.Active == "true" {
			active++
		}
	}
	if active == 0 {
		t.Error("no session is active")
	}
	for id, told := range map[string][]string{DemoInUse: {"lastDest", "lastSms", "giDestAddress"}, DemoOverQuota: {"lastSmsError", "lastSmsErrorTime"}} {
		card, _ := d.Device(id)
		a := d.post(t, "sms/queryLatestCDR", fmt.Sprintf(`{"imsi":%q}`, card.Profiles[0].IMSI))
		for _, field := range told {
			if !strings.Contains(string(a.Raw), `"`+field+`":"`) {
				t.Errorf("%s has no %s: %s", id, field, a.Raw)
			}
		}
	}
	card, _ := d.Device(DemoSuspended)
	if a := decode[liveAnswer](t, d.post(t, "sms/queryLatestCDR", fmt.Sprintf(`{"imsi":%q}`, card.Profiles[0].IMSI)).Data); a.ReturnCode != liveNone {
		t.Errorf("a suspended card: %+v", a)
	}
	for body, code := range map[string]string{`{}`: codeMissing, `{"imsi":"001010000000000"}`: codeNoIMSI} {
		if a := d.post(t, "sms/queryLatestCDR", body); a.Code != code {
			t.Errorf("%s: %s", body, a.Raw)
		}
	}
}

func bindBody(device, imei, verb string) string {
	return fmt.Sprintf(`{"device_id":%q,"imei":%q,"oper_type":%q,"ota_flag":"2","auto_bind_flag":"2"}`, device, imei, verb)
}

func TestBindingAsPrinted(t *testing.T) {
	t.Parallel()
	d := printed(t, stamp(t, spacedLayout, "2024-08-20 10:37:52"), &Device{ID: "8949120240814080070", Profiles: []Profile{{}}})
	d.same(t, "device/bind", "bind", string(sample(t, "bind.request")))
	d.same(t, "device/getBindTrackList", "getBindTrackList", string(sample(t, "getBindTrackList.request")))
}

// A card is bound to one IMEI, which a live session then shows, until it is unbound from that one.
func TestBinding(t *testing.T) {
	t.Parallel()
	const one, two = "860996043052016", "8609960430520172"
	d := openDoor(t, Options{StateFile: t.TempDir() + "/state.json"})
	for _, step := range []struct{ imei, verb, code string }{
		{one, unbindIMEI, codeNotBound}, {one, bindIMEI, codeSuccess}, {one, bindIMEI, codeBound}, {two, bindIMEI, codeBound}, {two, unbindIMEI, codeNotBound},
		{one, unbindIMEI, codeSuccess}, {two, bindIMEI, codeSuccess},
	} {
		if a := d.post(t, "device/bind", bindBody(DemoInUse, step.imei, step.verb)); a.Code != step.code {
			t.Fatalf("%+v: %s", step, a.Raw)
		}
	}
	card, _ := d.Device(DemoInUse)
	if a := decode[liveAnswer](t, d.post(t, "sms/queryLatestCDR", fmt.Sprintf(`{"imsi":%q}`, card.Profiles[0].IMSI)).Data); a.IMEI != two {
		t.Errorf("the live session has IMEI %q", a.IMEI)
	}
	again := newSim(t, d.opts)
	history, _, err := again.getBindTrackList(params{"device_id": encode(DemoInUse)})
	if rows, ok := history.([]track); err != nil || !ok || len(rows) != 3 || rows[0].IMEI != two || rows[1].Track != trackUnbound || rows[2].IMEI != one {
		t.Errorf("after a restart: %+v", history)
	}
}

func TestBindingsThatAreRefused(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 400})
	good := bindBody(DemoInUse, "860996043052016", bindIMEI)
	for old, tt := range map[string]struct{ with, code string }{
		"860996043052016":      {"86099604305201", codeBadValue},
		`"oper_type":"1"`:      {`"oper_type":"3"`, codeBadValue},
		`"ota_flag":"2"`:       {`"ota_flag":"1"`, codeOTAFlag},
		`"auto_bind_flag":"2"`: {`"auto_bind_flag":""`, codeMissing},
		DemoInUse:              {"89000000000000000000", codeNoDevice},
	} {
		if a := d.post(t, "device/bind", strings.Replace(good, old, tt.with, 1)); a.Code != tt.code {
			t.Errorf("%s in place of %s: %s, want %s", tt.with, old, a.Raw, tt.code)
		}
	}
	refused := 0
	for card := range d.Fleet() {
		if a := d.post(t, "device/getBindTrackList", `{"device_id":"`+card.ID+`"}`); a.Code == codeNoBinding {
			refused++
		}
	}
	if refused < 20 || refused > 120 {
		t.Errorf("%d of %d cards do not take part", refused, d.Size())
	}
}
