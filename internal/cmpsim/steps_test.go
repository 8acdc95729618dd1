package cmpsim

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ids are the fleet's, in order.
func (s *Sim) ids() []string {
	var all []string
	for d := range s.Fleet() {
		all = append(all, d.ID)
	}
	return all
}

func alter(t *testing.T, s *Sim, steps ...Step) []string {
	t.Helper()
	added, err := s.Alter(steps...)
	if err != nil {
		t.Fatal(err)
	}
	return added
}

func TestNewDevicesAppearAtTheirPlace(t *testing.T) {
	t.Parallel()
	for place, want := range map[Place]int{PlaceStart: 0, "3": 3, PlaceEnd: 60, "": 60, "999": 60} {
		d := openDoor(t, Options{})
		before := d.ids()
		added := alter(t, d.Sim, Step{Kind: StepAdd, At: place})
		if len(added) != 1 || slices.Contains(before, added[0]) {
			t.Fatalf("%q: added %v", place, added)
		}
		if got := d.ids(); !slices.Equal(got, slices.Insert(slices.Clone(before), want, added[0])) {
			t.Errorf("%q: the new device is at %d, want %d", place, slices.Index(got, added[0]), want)
		}
		a := decode[batchAnswer](t, d.post(t, "device/queryBatchDevice", `{"page_size":100}`).Data)
		if a.Page.TotalCount != 61 || a.Device[want].DeviceID != added[0] {
			t.Errorf("%q: page %+v, at its place %s", place, a.Page, a.Device[want].DeviceID)
		}
	}
}

// New devices are as believable as the others, and none is one of them.
func TestNewDevicesAreNew(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{Devices: 500})
	added := alter(t, s, Step{Kind: StepAdd, Count: 500, At: PlaceAnywhere, Seed: 4})
	seen := map[string]bool{}
	for d := range s.Fleet() {
		for _, p := range d.Profiles {
			if seen[p.ICCID] || seen[p.IMSI] || luhn(p.ICCID) != 0 || len(p.IMSI) != 15 {
				t.Errorf("profile %+v", p)
			}
			seen[p.ICCID], seen[p.IMSI] = true, true
		}
		checkDevice(t, &d, s.fleet.today)
	}
	places := map[bool]int{}
	for i, id := range s.ids() {
		if slices.Contains(added, id) {
			places[i < 500]++
		}
	}
	if len(added) != 500 || places[true] < 150 || places[false] < 150 {
		t.Errorf("%d added; in the first and second half %v", len(added), places)
	}
}

func TestARemovedDeviceIsUnknown(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	card, _ := d.Device(DemoInUse)
	alter(t, d.Sim, Step{Kind: StepRemove, Device: DemoInUse})
	for path, want := range map[string]struct{ body, code string }{
		"device/queryDevice":       {`{"device_id":"` + DemoInUse + `"}`, codeNoDevice},
		"device/pauseService":      {orderBody(DemoOrder), codeNoOrder},
		"sms/queryLatestCDR":       {fmt.Sprintf(`{"imsi":%q}`, card.Profiles[0].IMSI), codeNoIMSI},
		"sms/sendSms":              {`{"flag_list":[{"device_id":"` + DemoInUse + `","msg_id":"LK1"}],"sms_content":"x","message_type":"1"}`, codeNoDevice},
		"device/getBindTrackList":  {`{"device_id":"` + DemoInUse + `"}`, codeNoDevice},
		"sms/querySmsCDR":          {`{"device_id":"` + DemoInUse + `"}`, codeNoDevice},
		"package/openPackage":      {orderBody(DemoOrder), codeNoOrder},
		"device/queryBatchDevice":  {`{"page_size":100}`, codeSuccess},
		"package/queryOrder":       {`{"device_id":"` + DemoInUse + `"}`, codeSuccess},
		"device/restartService":    {orderBody(DemoOrder), codeNoOrder},
		"sms/queryMTSmsStatus":     {`{"device_id":"` + DemoInUse + `"}`, codeSuccess},
		"package/cancelPackage":    {orderBody(DemoOrder), codeNoOrder},
		"package/queryOrder ":      {`{"order_id":"` + DemoOrder + `"}`, codeSuccess},
		"device/queryBatchDevice ": {`{"page_no":3,"page_size":20}`, codeSuccess},
	} {
		if a := d.post(t, strings.TrimSpace(path), want.body); a.Code != want.code || a.Success && strings.Contains(string(a.Data), DemoInUse) {
			t.Errorf("%s: %s", path, a.Raw)
		}
	}
	if slices.Contains(d.ids(), DemoInUse) || d.Size() != 59 {
		t.Errorf("the fleet has %d devices", d.Size())
	}
}

func TestADeviceReturnsAsItWas(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	d.post(t, "device/pauseService", orderBody(DemoOrder))
	alter(t, d.Sim, Step{Kind: StepRemove, Device: DemoInUse}, Step{Kind: StepReturn, Device: DemoInUse, At: "2"})
	if o, ok := d.Order(DemoOrder); !ok || o.Status != StatusSuspended || d.ids()[2] != DemoInUse {
		t.Errorf("returned as %+v at %d", o, slices.Index(d.ids(), DemoInUse))
	}
}

func TestDevicesChangePlaces(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{Devices: 10})
	before := s.ids()
	alter(t, s, Step{Kind: StepMove, Device: before[0], At: PlaceEnd}, Step{Kind: StepMove, Device: before[9], At: "1"})
	want := []string{before[1], before[9], before[2], before[3], before[4], before[5], before[6], before[7], before[8], before[0]}
	if got := s.ids(); !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
	alter(t, s, Step{Kind: StepShuffle, Seed: 5})
	got := s.ids()
	if slices.Equal(got, want) {
		t.Error("the shuffled fleet is in its old order")
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the shuffled fleet holds %v", got)
	}
}

func TestDevicesMoveOn(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	before, _ := s.Device(DemoInUse)
	alter(t, s, Step{Kind: StepChange, Device: DemoInUse})
	after, _ := s.Device(DemoInUse)
	if more := after.Orders[0].UsedKB - before.Orders[0].UsedKB; more != 30720*1024/100 || after.Orders[0].TotalKB <= before.Orders[0].TotalKB {
		t.Errorf("usage grew by %d kB", more)
	}
	for _, want := range []string{LifecycleUsage, LifecycleSuspended, LifecycleDisposal, LifecycleInventory, LifecycleSilent} {
		alter(t, s, Step{Kind: StepChange, Device: DemoNoOrder})
		if d, _ := s.Device(DemoNoOrder); d.Lifecycle != want || !d.LifecycleStart.Equal(dateOf(noon)) || !d.LifecycleEnd.After(noon) {
			t.Errorf("stage %s from %v to %v, want stage %s", d.Lifecycle, d.LifecycleStart, d.LifecycleEnd, want)
		}
	}
}

func TestStepsThatCannotBeDone(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	before := s.ids()
	for want, step := range map[string]Step{
		`place "middle" is none`:        {Kind: StepAdd, At: "middle"},
		`place "-1" is none`:            {Kind: StepMove, Device: DemoInUse, At: "-1"},
		`step "explode" is unknown`:     {Kind: "explode"},
		`remove: the fleet has no such`: {Kind: StepRemove, Device: "1"},
		`return: the fleet has no such`: {Kind: StepReturn, Device: DemoInUse},
		`move: the fleet has no such`:   {Kind: StepMove},
		`change: the fleet has no such`: {Kind: StepChange, Device: "1"},
	} {
		if _, err := s.Alter(step); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", step, err)
		}
	}
	if !slices.Equal(s.ids(), before) {
		t.Error("a refused step changed the fleet")
	}
}

// The state file repeats the steps, and what became of the devices.
func TestStepsSurviveARestart(t *testing.T) {
	t.Parallel()
	opts := Options{StateFile: filepath.Join(t.TempDir(), "s.json"), Devices: 200, Seed: 11}
	d := openDoor(t, opts)
	alter(t, d.Sim, Step{Kind: StepAdd, Count: 5, At: PlaceAnywhere, Seed: 2}, Step{Kind: StepRemove, Device: DemoSuspended},
		Step{Kind: StepShuffle, Seed: 3}, Step{Kind: StepMove, Device: DemoInUse, At: PlaceStart}, Step{Kind: StepChange, Device: DemoInUse},
		Step{Kind: StepChange, Device: DemoNoOrder}, Step{Kind: StepRemove, Device: DemoWaiting}, Step{Kind: StepReturn, Device: DemoWaiting, At: "7"})
	again := newSim(t, opts)
	if !slices.Equal(d.ids(), again.ids()) {
		t.Errorf("the fleet was\n%v\nand is\n%v", d.ids(), again.ids())
	}
	for _, id := range []string{DemoInUse, DemoNoOrder} {
		was, _ := d.Device(id)
		if is, ok := again.Device(id); !ok || string(encode(deviceNode(&was))) != string(encode(deviceNode(&is))) {
			t.Errorf("%s was %s and is %s", id, encode(deviceNode(&was)), encode(deviceNode(&is)))
		}
	}
}
