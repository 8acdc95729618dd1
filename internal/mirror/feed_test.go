package mirror

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// Whatever is read of a device by a page or an action is in the mirror afterwards, and takes nothing away that only
// another read tells.
func TestWhatIsReadIsKept(t *testing.T) {
	t.Parallel()
	sim, client := startSandbox(t, 300)
	m, now := open(t, Options{}), noon
	feed := NewFeed(client, m, func() time.Time { return now }, slog.New(slog.DiscardHandler))
	list, err := feed.Devices(t.Context(), 1, 300)
	if err != nil || m.Known() != 300 {
		t.Fatalf("%d devices, %v", m.Known(), err)
	}
	now = now.Add(time.Hour)
	id := cmpsim.DemoSeveral
	if _, err := feed.Device(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	var told cmp.Device
	for _, d := range list.Devices {
		if d.ID == id {
			told = d
		}
	}
	d := get(t, m, id)
	if d.PartnerCode != told.PartnerCode || d.MainICCID != told.MainICCID || len(d.Profiles) == 0 || !d.Read.Equal(now) {
		t.Errorf("kept: %+v", d)
	}
	if _, err := feed.OrdersOf(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	bound := "860996043052016"
	for _, step := range []struct {
		cmp.Binding

		want string
	}{{cmp.Binding{IMEI: bound}, bound}, {cmp.Binding{IMEI: bound, Unbind: true}, ""}, {cmp.Binding{IMEI: bound, AutoBind: true}, ""}} {
		step.DeviceID = cmpsim.DemoInUse
		if err := feed.BindIMEI(t.Context(), step.Binding); err != nil {
			t.Fatal(err)
		}
		if d := get(t, m, cmpsim.DemoInUse); d.IMEI != step.want {
			t.Errorf("%+v: bound to %q", step.Binding, d.IMEI)
		}
	}
	if _, err := feed.Bindings(t.Context(), cmpsim.DemoInUse); err != nil || get(t, m, cmpsim.DemoInUse).IMEI != bound {
		t.Errorf("bound to %q, %v", get(t, m, cmpsim.DemoInUse).IMEI, err)
	}
	if _, err := feed.Device(t.Context(), cmpsim.DemoInUse); err != nil || get(t, m, cmpsim.DemoInUse).IMEI == "" {
		t.Errorf("a look at the device takes its IMEI away, %v", err)
	}
	sim.Script(cmpsim.Fault{Path: "queryDevice", Times: 1, Kind: cmpsim.KindBusiness, Code: "4711"}, cmpsim.Fault{Path: "queryDevice", Times: 1, Kind: cmpsim.KindBusiness, Code: "2001"})
	if _, err := feed.Device(t.Context(), id); err == nil || !get(t, m, id).Gone.IsZero() {
		t.Errorf("a refusal marks it gone, %v", err)
	}
	if _, err := feed.Device(t.Context(), id); err == nil || get(t, m, id).Gone.IsZero() {
		t.Errorf("that there is no such device does not, %v", err)
	}
}

// A mirror that takes nothing keeps no answer from whoever asked, and is told in the log.
func TestAMirrorThatIsClosedHindersNobody(t *testing.T) {
	t.Parallel()
	_, client := startSandbox(t, 50)
	var log strings.Builder
	m := open(t, Options{})
	feed := NewFeed(client, m, time.Now, slog.New(slog.NewTextHandler(&log, nil)))
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if d, err := feed.Device(t.Context(), cmpsim.DemoInUse); err != nil || d.ID != cmpsim.DemoInUse {
		t.Errorf("%+v, %v", d, err)
	}
	if !strings.Contains(log.String(), "the mirror did not take what was read") {
		t.Errorf("the log says %q", log.String())
	}
}
