package cmpsim

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "data", "sandbox.json")
	now := noon
	opts := Options{StateFile: file, Seed: 9, Devices: 300, Now: fixed(now)}
	d := openDoor(t, opts)
	for _, step := range []struct{ path, id string }{
		{"package/openPackage", DemoWaitingOrder}, {"device/pauseService", DemoOrder},
		{"device/restartService", DemoSuspendedOrder}, {"package/aheadFinishDeviceOrder", DemoSeveralOrder},
	} {
		if a := d.post(t, step.path, orderBody(step.id)); !a.Success {
			t.Fatalf("%s: %s", step.path, a.Raw)
		}
	}
	// A day later nothing has moved, dates of untouched orders included.
	opts.Now = fixed(now.AddDate(0, 0, 1))
	again := newSim(t, opts)
	was, is := d.Samples(SortUsage, 300), again.Samples(SortUsage, 300)
	ids := []string{DemoInUse, DemoSuspended, DemoWaiting, DemoSeveral}
	for i := range min(len(was), len(is)) {
		ids = append(ids, was[i].ID)
	}
	for _, id := range ids {
		before, _ := d.Device(id)
		after, _ := again.Device(id)
		expires := before.any(func(o *Order) bool { return o.Status == StatusInUse && o.Expire.Equal(dateOf(noon)) })
		if !expires && string(encode(deviceNode(&before))) != string(encode(deviceNode(&after))) {
			t.Errorf("%s was\n%s\nand is\n%s", id, encode(deviceNode(&before)), encode(deviceNode(&after)))
		}
	}
	if o, _ := again.Order(DemoSeveralOrder); o.Status != StatusEnded || o.Cause != "ticket 4711" || o.DeviceType != "4" {
		t.Errorf("the ended order came back as %+v", o)
	}
}

func TestWithoutAStateFileNothingIsKept(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	d.post(t, "device/pauseService", orderBody(DemoOrder))
	if o, _ := newSim(t, Options{}).Order(DemoOrder); o.Status != StatusInUse {
		t.Errorf("status %s", o.Status)
	}
}

func TestStateOfASmallerFleetIsKept(t *testing.T) {
	t.Parallel()
	opts := Options{StateFile: filepath.Join(t.TempDir(), "s.json"), Devices: 300}
	d := openDoor(t, opts)
	card := d.Samples(SortInUse, 300)[100]
	id := card.withStatus(StatusInUse).ID
	d.post(t, "device/pauseService", orderBody(id))
	opts.Devices = 10
	small := openDoor(t, opts)
	small.post(t, "device/pauseService", orderBody(DemoOrder))
	opts.Devices = 300
	if o, _ := newSim(t, opts).Order(id); o.Status != StatusSuspended {
		t.Errorf("%s has status %s after a start with fewer devices", id, o.Status)
	}
}

func TestBadStateIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"not JSON": `{"seed":`, "another seed": `{"seed":3,"orders":{},"devices":{}}`, "null": `{"seed":0,"orders":null,"devices":{}}`,
	} {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "_"))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := New(Options{StateFile: file, Devices: 1}); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", name, err)
		}
		if kept, _ := os.ReadFile(file); string(kept) != text {
			t.Errorf("%s: the file was overwritten", name)
		}
	}
	if _, err := New(Options{StateFile: dir, Devices: 1}); err == nil {
		t.Error("a folder was taken for the state")
	}
}
