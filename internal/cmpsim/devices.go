package cmpsim

import (
	"slices"
	"time"
)

// Device is one SIM card of the fleet.
type Device struct {
	ID             string
	Lifecycle      string
	LifecycleStart time.Time
	LifecycleEnd   time.Time
	SilentMonths   int
	ShutdownMonths int
	OTA            bool
	BIP            bool
	PartnerName    string
	PartnerCode    string
	MSISDN         string
	MainICCID      string
	TaskNo         string
	Profiles       []Profile
	Orders         []Order
}

// Profile is one subscription on a card; a card with two is multi-IMSI.
type Profile struct {
	ICCID  string `json:"iccid"`
	IMSI   string `json:"imsi"`
	MSISDN string `json:"msisdn"`
}

// The stages of a device's life.
const (
	LifecycleInventory = "0"
	LifecycleSilent    = "1"
	LifecycleUsage     = "2"
	LifecycleSuspended = "3"
	LifecycleDisposal  = "4"
	LifecycleInternal  = "5"
)

// MultiIMSI tells whether the card holds more than one subscription.
func (d *Device) MultiIMSI() bool { return len(d.Profiles) > 1 }

// current is the order a device query shows: only an activated one, in use
// before suspended; nil when there is none.
func (d *Device) current() *Order {
	if o := d.withStatus(StatusInUse); o != nil {
		return o
	}
	return d.withStatus(StatusSuspended)
}

func (d *Device) withStatus(status string) *Order {
	for i := range d.Orders {
		if d.Orders[i].Status == status {
			return &d.Orders[i]
		}
	}
	return nil
}

func (d *Device) clone() Device {
	c := *d
	c.Orders = slices.Clone(d.Orders)
	c.Profiles = slices.Clone(d.Profiles)
	return c
}

// queryDevice answers section "Query device information".
func (s *Sim) queryDevice(p params) (any, bool, *refusal) {
	id, err := p.need("device_id")
	if err != nil {
		return nil, false, err
	}
	d, ok := s.fleet.device(id)
	if !ok {
		return nil, false, refuse(codeNoDevice, id)
	}
	return deviceNode(d), false, nil
}

// queryBatchDevice answers section "Batch query device information".
func (s *Sim) queryBatchDevice(p params) (any, bool, *refusal) {
	no, size, err := p.page(s.opts.PageCap)
	if err != nil {
		return nil, false, err
	}
	page, from, to := pageOf(no, size, len(s.fleet.line))
	rows := make([]batchNode, 0, to-from)
	for _, n := range s.fleet.line[from:to] {
		rows = append(rows, batchNodeOf(s.fleet.at(n)))
	}
	s.churned()
	return batchAnswer{Device: rows, Page: page, DeviceNum: len(rows)}, false, nil
}

// age moves what time moves, and tells of it: reports on messages come, and once
// a day an order in use ends after its last day, and a device without one leaves
// the usage stage with it.
func (s *Sim) age() {
	for _, e := range s.fleet.age(dateOf(s.opts.Now())) {
		s.tellOrder(operationExpired, e.device, e.order)
	}
	s.settleReports()
}

// age returns the orders that ended.
func (d *Device) age(today time.Time) (ended []*Order) {
	for i := range d.Orders {
		if o := &d.Orders[i]; o.Status == StatusInUse && o.Expire.Before(today) {
			o.Status = StatusEnded
			ended = append(ended, o)
		}
	}
	if d.Lifecycle == LifecycleUsage && d.current() == nil && d.LifecycleEnd.Before(today) {
		d.Lifecycle = LifecycleSuspended
		d.LifecycleStart = d.LifecycleEnd.AddDate(0, 0, 1)
		d.LifecycleEnd = d.LifecycleStart.AddDate(0, d.ShutdownMonths, 0)
	}
	return ended
}
