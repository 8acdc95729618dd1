package cmpsim

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// whole is the fleet as it would be with every device in memory: built at once,
// and moved by the calendar day after day.
func whole(seed uint64, size int, born time.Time, days int) []*Device {
	fleet := buildFleet(seed, size, born)
	for day := range days + 1 {
		for _, d := range fleet {
			d.age(dateOf(born).AddDate(0, 0, day))
		}
	}
	return fleet
}

// What is built on demand, after a leap of the calendar, is what a fleet in
// memory would have become.
func TestDevicesOnDemandAreTheFleet(t *testing.T) {
	t.Parallel()
	const size, days = 4000, 45
	now := noon
	s := newSim(t, Options{Seed: 7, Devices: size, Now: func() time.Time { return now }})
	now = noon.AddDate(0, 0, days)
	want := whole(7, size, noon, days)
	n := 0
	for d := range s.Fleet() {
		if !reflect.DeepEqual(&d, want[n]) {
			t.Fatalf("device %d is\n%+v\nwant\n%+v", n, d, *want[n])
		}
		n++
	}
	if n != size {
		t.Errorf("the fleet has %d devices", n)
	}
}

func TestTheClockDoesNotReviveOrders(t *testing.T) {
	t.Parallel()
	now := noon
	s := newSim(t, Options{Now: func() time.Time { return now }})
	for _, day := range []int{10, 0} {
		now = noon.AddDate(0, 0, day)
		if o, _ := s.Order(DemoOverQuotaOrder); o.Status != StatusEnded && day == 10 || o.Status == StatusInUse {
			t.Errorf("day %d: status %s", day, o.Status)
		}
	}
}

// The cards' counts stay true while the calendar and callers change orders.
func TestOrderTotalsFollowTheFleet(t *testing.T) {
	t.Parallel()
	now := noon
	d := openDoor(t, Options{Devices: 700, Now: func() time.Time { return now }})
	agree := func(when string) {
		t.Helper()
		for _, q := range []orderFilter{{}, {status: "1"}, {status: "2"}, {status: "3"}, {status: "5"}, {device: "2024"}, {device: "8944", status: "2"}} {
			want := 0
			for c := range d.Fleet() {
				if strings.Contains(c.ID, q.device) {
					want += countOf(&c, q)
				}
			}
			body := fmt.Sprintf(`{"device_id":%q,"order_status":%q,"page_size":1000,"page_no":%%d}`, q.device, q.status)
			rows := 0
			for page := 1; page <= want/1000+1; page++ {
				n := decode[orderAnswer](t, d.post(t, "package/queryOrder", fmt.Sprintf(body, page)).Data)
				if rows += len(n.PackageOrder); n.Page.TotalCount != want {
					t.Errorf("%s, %+v: %d orders are told, want %d", when, q, n.Page.TotalCount, want)
				}
			}
			if rows != want {
				t.Errorf("%s, %+v: the pages hold %d orders, want %d", when, q, rows, want)
			}
		}
	}
	agree("at first")
	for _, c := range d.Samples(SortInUse, 20) {
		d.post(t, "device/pauseService", orderBody(c.withStatus(StatusInUse).ID))
	}
	d.post(t, "package/batchOrderPackages", bulkBody(t, map[string]any{"deviceList": []string{DemoNoOrder, DemoInUse}}))
	agree("after changes")
	for day := range 6 {
		now = noon.AddDate(0, 0, day)
		agree(now.Format(dateLayout))
	}
	now = noon.AddDate(0, 2, 0)
	agree("two months later")
}

func TestEveryNumberLeadsToItsDevice(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{Devices: 12_000, Seed: 3})
	for d := range s.Fleet() {
		if got, ok := s.Device(d.ID); !ok || got.ID != d.ID {
			t.Fatalf("%s leads to %q", d.ID, got.ID)
		}
		for _, o := range d.Orders {
			if got, ok := s.Order(o.ID); !ok || got.DeviceID != d.ID {
				t.Fatalf("order %s leads to %q, want %s", o.ID, got.DeviceID, d.ID)
			}
		}
		for _, p := range d.Profiles {
			if got, _, ok := s.fleet.subscription(p.IMSI); !ok || got.ID != d.ID {
				t.Fatalf("IMSI %s does not lead to %s", p.IMSI, d.ID)
			}
		}
	}
	if _, ok := s.Device("89852024000000000000"); ok {
		t.Error("a number that no card has leads to a device")
	}
}

func TestAFleetThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Devices: mostDevices + 1}); err == nil {
		t.Error("numbers of added devices would occur twice")
	}
}
