package cmpsim

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// told are the pushes of a kind.
func (s *Sim) told(kind PushKind) (found []Push) {
	for _, p := range s.Pushes() {
		if p.Kind == kind {
			found = append(found, p)
		}
	}
	return found
}

// only is the one push of a kind.
func (s *Sim) only(t *testing.T, kind PushKind) Push {
	t.Helper()
	found := s.told(kind)
	if len(found) != 1 {
		t.Fatalf("%d pushes %s: %+v", len(found), kind, found)
	}
	return found[0]
}

func pushAsPrinted(t *testing.T, name string, p Push) {
	t.Helper()
	if want := compact(t, sample(t, name+".push")); p.Body != want {
		t.Errorf("the sandbox sends\n%s\nthe document prints\n%s", p.Body, want)
	}
}

func TestOrderPushAsPrinted(t *testing.T) {
	t.Parallel()
	d := printed(t, stamp(t, spacedLayout, "2019-11-02 08:00:00"), &Device{
		ID: "89852420180910344720", Profiles: []Profile{{IMSI: "204046990912345"}},
		Orders: []Order{{ID: "L201901290000000533", Status: StatusInUse, Expire: noon, Ordered: stamp(t, spacedLayout, "2019-10-16 12:34:54")}},
	})
	d.post(t, addresses[ActionEnd], orderBody("L201901290000000533"))
	pushAsPrinted(t, "orderStatus", d.only(t, PushOrder))
}

func TestSMSPushesAsPrinted(t *testing.T) {
	t.Parallel()
	clock := newTicking(stamp(t, spacedLayout, "2024-05-30 17:00:00"))
	d := printed(t, clock.now(), &Device{
		ID: "8943108169998931684", Profiles: []Profile{{"8943108169998931684", "505026900144551", "61482271041"}},
		Orders: []Order{{ID: "O", Status: StatusInUse, Expire: noon, Supplier: "SP000040"}},
	})
	d.opts.Now = clock.now
	if err := d.SendMO(MO{Device: "8943108169998931684", Dest: "12345"}); err != nil {
		t.Fatal(err)
	}
	pushAsPrinted(t, "smsMo", d.only(t, PushMO))

	clock.wait(time.Hour - deliveryTime)
	d.post(t, "sms/sendSms", smsBody("LK1", "8943108169998931684"))
	clock.wait(deliveryTime)
	d.mt(t, `{}`)
	p := d.only(t, PushMT)
	providers := decode[mtPush](t, []byte(p.Body)).ID
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(providers) {
		t.Errorf("the provider's id is %q", providers)
	}
	p.Body = strings.Replace(p.Body, providers, "18fc707863a0000a37157dd34e6ec630", 1)
	pushAsPrinted(t, "smsMt", p)
}

// Every change of an order is told with the document's number, and nothing else is.
func TestEveryOperationIsTold(t *testing.T) {
	t.Parallel()
	step := func(kind StepKind) func(*testing.T, door, string, string) {
		return func(t *testing.T, d door, device, _ string) { alter(t, d.Sim, Step{Kind: kind, Device: device}) }
	}
	ask := func(a Action) func(*testing.T, door, string, string) {
		return func(t *testing.T, d door, _, order string) { d.post(t, addresses[a], orderBody(order)) }
	}
	for name, tt := range map[string]struct {
		do        func(t *testing.T, d door, device, order string)
		sort      Sort
		order     func(*Order) bool
		operation string
		status    string
	}{
		"ended early": {ask(ActionEnd), SortInUse, in(StatusInUse), "1001", StatusEnded},
		"cancelled":   {ask(ActionCancel), SortWaiting, in(StatusWaiting), "1002", StatusEnded},
		"paused":      {ask(ActionPause), SortInUse, in(StatusInUse), "1003", StatusSuspended},
		"restarted":   {ask(ActionRestart), SortSuspended, in(StatusSuspended), "1004", StatusInUse},
		"opened":      {ask(ActionOpen), SortWaiting, in(StatusWaiting), "1005", StatusInUse},
		"located":     {step(StepLocate), SortOTASecondary, (*Order).waitsForNetwork, "1007", StatusInUse},
		"expired":     {step(StepExpire), SortInUse, in(StatusInUse), "1008", StatusEnded},
		"renewed":     {step(StepRenew), SortInUse, in(StatusInUse), "1009", StatusInUse},
		"reduced":     {reduced, SortInUse, in(StatusInUse), "1010", StatusInUse},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openDoor(t, Options{Devices: 400})
			card, o := someOrder(t, d.Sim, tt.sort, tt.order)
			tt.do(t, d, card.ID, o.ID)
			p := d.Pushes()[len(d.Pushes())-1]
			want := orderPush{AssetID: card.ID, IMSI: card.Profiles[0].IMSI, Operation: tt.operation, OrderID: o.ID, Time: formatTime(o.Ordered, spacedLayout)}
			if got := decode[orderPush](t, []byte(p.Body)); got != want {
				t.Errorf("told %+v, want %+v", got, want)
			}
			if p.Kind != PushOrder || p.OrderID != o.ID || p.DeviceID != card.ID || p.Operation != tt.operation || !p.Time.Equal(noon) || p.Fate != FateWaiting {
				t.Errorf("remembered as %+v", p)
			}
			if now, _ := d.Order(o.ID); now.Status != tt.status {
				t.Errorf("the order has status %s, want %s", now.Status, tt.status)
			}
			n := len(d.Pushes())
			d.post(t, addresses[ActionOpen], orderBody(DemoOrder)) // refused
			d.post(t, "package/queryOrder", `{}`)
			if len(d.Pushes()) != n {
				t.Error("what changed nothing is told")
			}
		})
	}
}

func in(status string) func(*Order) bool { return func(o *Order) bool { return o.Status == status } }

// reduced takes back a cycle that the order was given first.
func reduced(t *testing.T, d door, device, _ string) {
	t.Helper()
	alter(t, d.Sim, Step{Kind: StepRenew, Device: device, Count: 2}, Step{Kind: StepReduce, Device: device})
}

// someOrder is one that fits, on a card with one IMSI where no other order is in use.
func someOrder(t *testing.T, s *Sim, sort Sort, fits func(*Order) bool) (Device, Order) {
	t.Helper()
	for _, card := range s.Samples(sort, 400) {
		at := slices.IndexFunc(card.Orders, func(o Order) bool { return fits(&o) })
		if at < 0 || card.MultiIMSI() || card.Orders[at].Status != StatusInUse && card.withStatus(StatusInUse) != nil || card.Orders[at].Secondary != (sort == SortOTASecondary) {
			continue
		}
		return card, card.Orders[at]
	}
	t.Fatalf("no order of a card that is %s", sort)
	return Device{}, Order{}
}

func TestAPushNamesEveryIMSI(t *testing.T) {
	t.Parallel()
	d := printed(t, noon, &Device{ID: "8", Profiles: []Profile{{IMSI: "1"}, {IMSI: "2"}}, Orders: []Order{{ID: "O", Status: StatusInUse, Expire: noon}}})
	d.post(t, addresses[ActionPause], orderBody("O"))
	if got := decode[orderPush](t, []byte(d.only(t, PushOrder).Body)); got.IMSI != "1,2" {
		t.Errorf("%+v", got)
	}
}

// Cycles move the last day of an order and of its device's stage, and outlive a restart.
func TestCyclesMoveTheLastDay(t *testing.T) {
	t.Parallel()
	opts := Options{StateFile: t.TempDir() + "/s.json"}
	s := newSim(t, opts)
	before, _ := s.Device(DemoInUse)
	was := before.Orders[0]
	alter(t, s, Step{Kind: StepRenew, Device: DemoInUse, Count: 3}, Step{Kind: StepReduce, Device: DemoInUse}, Step{Kind: StepRenew, Device: DemoWaiting})
	for _, s := range []*Sim{s, newSim(t, opts)} {
		after, _ := s.Device(DemoInUse)
		is := after.Orders[0]
		if want := expiry(was.Active, was.PackageType, was.Period+2); is.Period != was.Period+2 || !is.Expire.Equal(want) || !after.LifecycleEnd.Equal(want) {
			t.Errorf("period %d until %v, stage until %v; want %d until %v", is.Period, is.Expire, after.LifecycleEnd, was.Period+2, want)
		}
		if o, _ := s.Order(DemoWaitingOrder); o.Period != 13 || !o.Expire.IsZero() {
			t.Errorf("the order that waits: %+v", o)
		}
	}
	for _, step := range []Step{{Kind: StepReduce, Device: DemoInUse, Count: 99}, {Kind: StepReduce, Device: DemoInUse, Count: 12}, {Kind: StepExpire, Device: DemoWaiting}, {Kind: StepLocate, Device: DemoInUse}, {Kind: StepRenew, Device: DemoNoOrder}, {Kind: StepRenew, Device: "1"}} {
		if _, err := s.Alter(step); err == nil {
			t.Errorf("%+v was done", step)
		}
	}
}

// The calendar's endings are told once, of devices held and not, and not those of before the start.
func TestExpiriesAreTold(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	opts := Options{Now: clock.now, Devices: 400, StateFile: t.TempDir() + "/s.json"}
	d := openDoor(t, opts)
	running := map[string]bool{}
	for card := range d.Fleet() {
		if o := card.withStatus(StatusInUse); o != nil && o.Expire.Before(dateOf(noon).AddDate(0, 0, 10)) {
			running[o.ID] = true
		}
	}
	d.post(t, addresses[ActionPause], orderBody(DemoOverQuotaOrder))
	d.post(t, addresses[ActionRestart], orderBody(DemoOverQuotaOrder)) // it is held from now on
	for range 2 {
		clock.wait(5 * 24 * time.Hour)
		d.post(t, "package/queryOrder", `{}`)
	}
	told := map[string]bool{}
	for _, p := range d.told(PushOrder)[2:] {
		if p.Operation != "1008" || told[p.OrderID] || !running[p.OrderID] {
			t.Errorf("told %+v", p)
		}
		told[p.OrderID] = true
	}
	if len(told) != len(running) || !told[DemoOverQuotaOrder] {
		t.Errorf("%d of %d endings were told", len(told), len(running))
	}
	again := newSim(t, opts)
	again.Device(DemoInUse)
	if n := len(again.Pushes()); n != 0 {
		t.Errorf("after a restart %d are told again", n)
	}
}

// A report is told once, is the one that queryMTSmsStatus gives from then on, and bears the id that the script says.
func TestReportsAreTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id     MessageID
		device string
		report string
		text   string
	}{{"", DemoInUse, "1", "DELIVRD"}, {MessageIDProvider, DemoNoOrder, "2", "FAILED"}, {MessageIDCaller, DemoInUse, "1", "DELIVRD"}} {
		clock := newTicking(noon)
		opts := Options{Now: clock.now, StateFile: t.TempDir() + "/s.json"}
		d := openDoor(t, opts)
		rule(t, d.Sim, PushRule{MessageID: tt.id})
		d.post(t, "sms/sendSms", smsBody("LK1", tt.device))
		clock.wait(giveUpTime)
		d.mt(t, `{}`)
		d.post(t, addresses[ActionPause], orderBody(DemoOrder))
		clock.wait(giveUpTime)
		p := d.only(t, PushMT)
		got := decode[mtPush](t, []byte(p.Body))
		if got.Report != tt.report || got.ReportMsg != tt.text || got.ICCID != tt.device || p.MessageID != "LK1" || (got.ID == "LK1") != (tt.id == MessageIDCaller) {
			t.Errorf("%+v told %+v", tt, got)
		}
		for _, d := range []door{d, openDoor(t, opts)} {
			if m := d.mt(t, `{"msg_id":"LK1"}`); m.Total != 1 || m.Data[0].Report != tt.report || *m.Data[0].End != got.Time {
				t.Errorf("%+v is later reported as %+v, told at %s", tt, m, got.Time)
			}
		}
	}
}

// A report that nobody was there to tell is told after a restart; of what was never sent there is none.
func TestReportsOutliveARestart(t *testing.T) {
	t.Parallel()
	clock := newTicking(noon)
	opts := Options{Now: clock.now, Devices: 120, StateFile: t.TempDir() + "/s.json"}
	d := openDoor(t, opts)
	withdrawn, _ := d.Sample(SortDisposal)
	d.post(t, "sms/sendSms", smsBody("LK1", DemoInUse))
	d.post(t, "sms/sendSms", smsBody("LK2", withdrawn.ID))
	clock.wait(time.Hour)
	again := openDoor(t, opts)
	again.mt(t, `{}`)
	if p := again.only(t, PushMT); p.MessageID != "LK1" {
		t.Errorf("told %+v", p)
	}
}

// Messages from a device are told with their text and stand in its records without it.
func TestMessagesFromADevice(t *testing.T) {
	t.Parallel()
	opts := Options{StateFile: t.TempDir() + "/s.json"}
	d := openDoor(t, opts)
	const text = `up & running: "1" <ok> 你好`
	if err := d.SendMO(MO{DemoSuspended, "12345", text}); err != nil {
		t.Fatal(err)
	}
	got := decode[moPush](t, []byte(d.only(t, PushMO).Body))
	if want := (moPush{got.Supplier, "85251000002", DemoSuspended, "12345", text, formatTime(noon, spacedLayout)}); got != want || got.Supplier == "" {
		t.Errorf("told %+v, want %+v", got, want)
	}
	for _, d := range []door{d, openDoor(t, opts)} {
		rows := decode[smsAnswer](t, d.post(t, "sms/querySmsCDR", `{"device_id":"`+DemoSuspended+`","begin_time":"2025-11-24","page_size":100}`).Data).Data
		if !slices.ContainsFunc(rows, func(x smsNode) bool {
			return x.Type == "MO" && *x.FromICCID == DemoSuspended && x.Time == formatTime(noon, spacedLayout)
		}) {
			t.Errorf("the records lack it: %+v", rows)
		}
	}
	for _, m := range []MO{{"1", "12345", "x"}, {DemoInUse, "", "x"}} {
		if err := d.SendMO(m); err == nil {
			t.Errorf("%+v was sent", m)
		}
	}
}

// The script may send digits as numbers and the time of the event.
func TestOtherSpellingsOfPushes(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	rule(t, d.Sim, PushRule{Numbers: true, EventTime: true})
	d.post(t, addresses[ActionPause], orderBody(DemoOrder))
	want := `{"assetid":` + DemoInUse + `,"imsi":454120260000001,"operation":1003,"orderid":"` + DemoOrder + `","time":"2025-11-24 12:00:00"}`
	if p := d.only(t, PushOrder); p.Body != want {
		t.Errorf("sends %s, want %s", p.Body, want)
	}
	if err := d.SendMO(MO{DemoInUse, "007", `say:"7"`}); err != nil {
		t.Fatal(err)
	}
	if p := d.only(t, PushMO); !json.Valid([]byte(p.Body)) || !strings.Contains(p.Body, `"dest_address":"007","sms_content":"say:\"7\""`) {
		t.Errorf("sends %s", p.Body)
	}
}

// rule makes one rule the script.
func rule(t *testing.T, s *Sim, r PushRule) {
	t.Helper()
	if err := s.SetPushScript(r); err != nil {
		t.Fatal(err)
	}
}
