package cmpsim

import (
	"maps"
	"slices"
	"time"
)

// Sort names a sort of device that a test may ask for.
type Sort string

// The sorts of devices. Those named after an order's state mean the order
// that decides: a waiting device has no activated order.
const (
	SortInUse         Sort = "in use"
	SortSuspended     Sort = "suspended"
	SortWaiting       Sort = "waiting"
	SortEnded         Sort = "ended"
	SortCancelled     Sort = "cancelled"
	SortExpired       Sort = "expired"
	SortNoOrder       Sort = "no order"
	SortSeveral       Sort = "in use and waiting"
	SortOverQuota     Sort = "over quota"
	SortNoQuota       Sort = "no quota"
	SortExpiring7     Sort = "expires within 7 days"
	SortExpiring30    Sort = "expires within 30 days"
	SortFarExpiry     Sort = "expires in decades"
	SortOTA           Sort = "OTA"
	SortOTASecondary  Sort = "OTA secondary waiting"
	SortMultiIMSI     Sort = "multi-IMSI"
	SortFillerMSISDN  Sort = "filler msisdn"
	SortRefuelled     Sort = "refuelled"
	SortInventory     Sort = "lifecycle 0"
	SortSilent        Sort = "lifecycle 1"
	SortUsage         Sort = "lifecycle 2"
	SortStopped       Sort = "lifecycle 3"
	SortDisposal      Sort = "lifecycle 4"
	SortInternal      Sort = "lifecycle 5"
	SortUntypedBundle Sort = "package without type"
)

// sorts decides; today is the sandbox's day.
var sorts = map[Sort]func(d *Device, today time.Time) bool{
	SortInUse:         func(d *Device, _ time.Time) bool { return d.withStatus(StatusInUse) != nil },
	SortSuspended:     func(d *Device, _ time.Time) bool { return d.withStatus(StatusSuspended) != nil },
	SortWaiting:       func(d *Device, _ time.Time) bool { return d.current() == nil && d.opens() },
	SortEnded:         func(d *Device, _ time.Time) bool { return d.current() == nil && d.withStatus(StatusEnded) != nil },
	SortCancelled:     func(d *Device, _ time.Time) bool { return d.any((*Order).cancelled) },
	SortExpired:       expired,
	SortNoOrder:       func(d *Device, _ time.Time) bool { return len(d.Orders) == 0 },
	SortSeveral:       func(d *Device, _ time.Time) bool { return d.withStatus(StatusInUse) != nil && d.opens() },
	SortOverQuota:     func(d *Device, _ time.Time) bool { return d.any((*Order).overQuota) },
	SortNoQuota:       func(d *Device, _ time.Time) bool { return d.current() != nil && d.current().FlowMB == 0 },
	SortExpiring7:     func(d *Device, today time.Time) bool { return d.endsWithin(today, 7) },
	SortExpiring30:    func(d *Device, today time.Time) bool { return d.endsWithin(today, 30) },
	SortFarExpiry:     func(d *Device, today time.Time) bool { return d.current() != nil && !d.endsWithin(today, 9000) },
	SortOTA:           func(d *Device, _ time.Time) bool { return d.OTA },
	SortOTASecondary:  func(d *Device, _ time.Time) bool { return d.any((*Order).waitsForNetwork) },
	SortMultiIMSI:     func(d *Device, _ time.Time) bool { return d.MultiIMSI() },
	SortFillerMSISDN:  func(d *Device, _ time.Time) bool { return d.Profiles[0].MSISDN == filler },
	SortRefuelled:     func(d *Device, _ time.Time) bool { return d.any(func(o *Order) bool { return len(o.Refuelling) > 0 }) },
	SortInventory:     func(d *Device, _ time.Time) bool { return d.Lifecycle == LifecycleInventory },
	SortSilent:        func(d *Device, _ time.Time) bool { return d.Lifecycle == LifecycleSilent },
	SortUsage:         func(d *Device, _ time.Time) bool { return d.Lifecycle == LifecycleUsage },
	SortStopped:       func(d *Device, _ time.Time) bool { return d.Lifecycle == LifecycleSuspended },
	SortDisposal:      func(d *Device, _ time.Time) bool { return d.Lifecycle == LifecycleDisposal },
	SortInternal:      func(d *Device, _ time.Time) bool { return d.Lifecycle == LifecycleInternal },
	SortUntypedBundle: func(d *Device, _ time.Time) bool { return d.any(func(o *Order) bool { return o.PackageType == "" }) },
}

// Sorts lists every sort in a stable order.
func Sorts() []Sort { return slices.Sorted(maps.Keys(sorts)) }

// Sample returns the first device that is of the sort now.
func (s *Sim) Sample(kind Sort) (Device, bool) {
	found := s.Samples(kind, 1)
	if len(found) == 0 {
		return Device{}, false
	}
	return found[0], true
}

// Samples returns up to limit devices of a sort, so that tests that run side
// by side can take one each.
func (s *Sim) Samples(kind Sort, limit int) []Device {
	is, ok := sorts[kind]
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age()
	var found []Device
	for _, n := range s.fleet.line {
		if len(found) == limit {
			break
		}
		if d := s.fleet.at(n); is(d, s.fleet.today) {
			found = append(found, d.clone())
		}
	}
	return found
}

// Current returns the order a device query shows, in use before suspended.
func (d Device) Current() (Order, bool) {
	if o := d.current(); o != nil {
		return *o, true
	}
	return Order{}, false
}

func (d *Device) any(is func(*Order) bool) bool {
	for i := range d.Orders {
		if is(&d.Orders[i]) {
			return true
		}
	}
	return false
}

// opens tells whether an order waits that an operator can open.
func (d *Device) opens() bool {
	return d.any(func(o *Order) bool { return o.Status == StatusWaiting && !o.Secondary })
}

func (d *Device) endsWithin(today time.Time, days int) bool {
	o := d.withStatus(StatusInUse)
	return o != nil && o.Expire.Before(today.AddDate(0, 0, days))
}

func (o *Order) cancelled() bool { return o.Status == StatusEnded && o.Active.IsZero() }

func (o *Order) waitsForNetwork() bool { return o.Status == StatusWaiting && o.Secondary }

func (o *Order) overQuota() bool {
	return o.Status == StatusInUse && o.FlowMB > 0 && o.UsedKB > o.FlowMB*1024
}

func expired(d *Device, today time.Time) bool {
	return d.any(func(o *Order) bool { return o.Status == StatusEnded && !o.Active.IsZero() && o.Expire.Before(today) })
}
