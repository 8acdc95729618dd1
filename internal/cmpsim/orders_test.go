package cmpsim

import (
	"fmt"
	"testing"
	"time"
)

var addresses = map[Action]string{
	ActionOpen: "package/openPackage", ActionCancel: "package/cancelPackage", ActionPause: "device/pauseService",
	ActionRestart: "device/restartService", ActionEnd: "package/aheadFinishDeviceOrder",
}

func orderBody(id string) string {
	return fmt.Sprintf(`{"order_id":%q,"ahead_finish_cause":"ticket 4711","device_type":"4"}`, id)
}

// orderIn gives a demo order that is in a status.
func orderIn(t *testing.T, s *Sim, status string) Order {
	t.Helper()
	for _, id := range []string{DemoInUse, DemoSuspended, DemoWaiting, DemoSeveral} {
		d, _ := s.Device(id)
		if o := d.withStatus(status); o != nil {
			return *o
		}
	}
	t.Fatalf("no demo order has status %s", status)
	return Order{}
}

func TestStateMachine(t *testing.T) {
	t.Parallel()
	allowed := map[Action]map[string]string{
		ActionOpen: {"1": "2"}, ActionCancel: {"1": "3"}, ActionPause: {"2": "5"}, ActionRestart: {"5": "2"}, ActionEnd: {"2": "3"},
	}
	for action, path := range addresses {
		for _, from := range []string{"1", "2", "3", "5"} {
			t.Run(string(action)+" from "+from, func(t *testing.T) {
				t.Parallel()
				d := openDoor(t, Options{Devices: len(demos)})
				before := orderIn(t, d.Sim, from)
				a := d.post(t, path, orderBody(before.ID))
				after, _ := d.Order(before.ID)
				to, ok := allowed[action][from]
				if !ok {
					if a.Success || a.Code != "3002" || after.Status != from || a.Status != 200 {
						t.Fatalf("answered %s, status now %s; want a refusal", a.Raw, after.Status)
					}
					return
				}
				if !a.Success || a.Code != "0000" || a.Message != "Success" || after.Status != to {
					t.Fatalf("answered %s, status now %s; want %s", a.Raw, after.Status, to)
				}
				if q := d.Journal()[0]; !q.Applied || q.OrderID != before.ID || q.Code != "0000" {
					t.Errorf("journal: %+v", q)
				}
			})
		}
	}
}

func TestOpenSetsDatesAndLifecycle(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	a := d.postIn(t, "zh-CN", "package/openPackage", orderBody(DemoWaitingOrder))
	if a.Message != "成功" {
		t.Errorf("message %q", a.Message)
	}
	n := decode[openedNode](t, a.Data)
	if n.OrderID != DemoWaitingOrder || n.OrderStartDate != "2025-11-24 12:00:00" || n.OrderExpireDate != "2026-11-30 23:59:59" {
		t.Errorf("opened: %+v", n)
	}
	card, _ := d.Device(DemoWaiting)
	if card.Lifecycle != LifecycleUsage || formatTime(card.LifecycleStart, dateLayout) != "20251124" || formatTime(card.LifecycleEnd, dateLayout) != "20261130" {
		t.Errorf("lifecycle %s from %v to %v", card.Lifecycle, card.LifecycleStart, card.LifecycleEnd)
	}
	q := decode[deviceAnswer](t, d.post(t, "device/queryDevice", `{"device_id":"`+DemoWaiting+`"}`).Data)
	if q.PackageOrder == nil || q.PackageOrder.OrderStatus != "2" || q.PackageOrder.ActiveDate != "20251124" || q.PackageOrder.ExpireDate != "20261130" {
		t.Errorf("queryDevice after the opening: %+v", q.PackageOrder)
	}
}

func TestOneOrderInUseAtATime(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	card, _ := d.Device(DemoSeveral)
	waiting := card.withStatus(StatusWaiting).ID
	if a := d.post(t, "package/openPackage", orderBody(waiting)); a.Code != "3004" {
		t.Fatalf("a second order was opened: %s", a.Raw)
	}
	for _, step := range []struct{ path, id, code string }{
		{"device/pauseService", DemoSeveralOrder, "0000"},
		{"package/openPackage", waiting, "0000"},
		{"device/restartService", DemoSeveralOrder, "3004"},
		{"package/aheadFinishDeviceOrder", waiting, "0000"},
		{"device/restartService", DemoSeveralOrder, "0000"},
	} {
		if a := d.post(t, step.path, orderBody(step.id)); a.Code != step.code {
			t.Fatalf("%s %s: %s, want %s", step.path, step.id, a.Raw, step.code)
		}
	}
}

func TestSecondaryPackageIsNotOpened(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 400})
	for _, card := range d.Samples(SortOTASecondary, 5) {
		for _, o := range card.Orders {
			if !o.waitsForNetwork() {
				continue
			}
			if a := d.post(t, "package/openPackage", orderBody(o.ID)); a.Code != "3003" {
				t.Errorf("%s: %s", o.ID, a.Raw)
			}
			if a := d.post(t, "package/cancelPackage", orderBody(o.ID)); a.Code != "0000" {
				t.Errorf("%s cannot be cancelled: %s", o.ID, a.Raw)
			}
		}
	}
}

func TestEndEarlyKeepsTheCause(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	d.post(t, "package/aheadFinishDeviceOrder", orderBody(DemoOrder))
	o, _ := d.Order(DemoOrder)
	if o.Cause != "ticket 4711" || o.DeviceType != "4" || formatTime(o.Expire, dateLayout) != "20251124" {
		t.Errorf("ended: %+v", o)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		active, kind string
		period       int
		last         string
	}{
		{"20231124", "2", 6, "20240531"},   // The sample of queryDevice.
		{"20240717", "2", 360, "20540731"}, // The sample of queryBatchDevice.
		{"20240131", "2", 1, "20240229"},
		{"20231115", "3", 2, "20240531"},
		{"20240301", "4", 1, "20240930"},
		{"20240229", "5", 1, "20250228"},
		{"20240228", "1", 1, "20240228"},
		{"20240228", "1", 30, "20240328"},
		{"20240228", "", 30, "20240328"},
	} {
		active, err := time.ParseInLocation(dateLayout, c.active, Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := expiry(active.Add(23*time.Hour), c.kind, c.period).Format(dateLayout); got != c.last {
			t.Errorf("type %q, period %d from %s ends %s, want %s", c.kind, c.period, c.active, got, c.last)
		}
	}
}

func TestTheCalendarEndsOrders(t *testing.T) {
	t.Parallel()
	now := noon
	s := newSim(t, Options{Now: func() time.Time { return now }})
	now = noon.AddDate(0, 0, 4)
	if o, _ := s.Order(DemoOverQuotaOrder); o.Status != StatusInUse {
		t.Errorf("on its last day the order has status %s", o.Status)
	}
	now = noon.AddDate(0, 0, 5)
	if o, _ := s.Order(DemoOverQuotaOrder); o.Status != StatusEnded {
		t.Errorf("after its last day the order has status %s", o.Status)
	}
	if d, _ := s.Device(DemoOverQuota); d.Lifecycle != LifecycleSuspended || formatTime(d.LifecycleStart, dateLayout) != "20251129" {
		t.Errorf("the device is in stage %s since %v", d.Lifecycle, d.LifecycleStart)
	}
}
