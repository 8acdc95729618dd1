package cmpsim

import "time"

// Order is one package order on a device.
type Order struct {
	ID          string
	DeviceID    string
	Status      string
	PackageName string
	PackageCode string
	PackageType string
	BuyType     string
	Period      int
	FlowMB      int64
	UsedKB      int64
	TotalKB     int64
	Supplier    string
	// Secondary marks the second package of an OTA device, which only the
	// network can open.
	Secondary  bool
	TestFlow   bool
	Refuelling []Refuelling
	// Ordered is a moment; Active and Expire are days, zero when there is none.
	Ordered time.Time
	Active  time.Time
	Expire  time.Time
	// Cause and DeviceType are what aheadFinishDeviceOrder was told.
	Cause      string
	DeviceType string
}

// Refuelling is an extra volume bought for a prepaid order.
type Refuelling struct {
	OrderID string `json:"ref_orderId"`
	Flow    string `json:"refpackage_flow"`
	Ordered string `json:"refpackage_order_date"`
	Status  string `json:"refpackage_status"`
}

// The states of an order; the document has no 4.
const (
	StatusWaiting   = "1"
	StatusInUse     = "2"
	StatusEnded     = "3"
	StatusSuspended = "5"
)

// Action is one change an operator may ask for.
type Action string

// The five actions of the document.
const (
	ActionOpen    Action = "open"
	ActionCancel  Action = "cancel"
	ActionPause   Action = "pause"
	ActionRestart Action = "restart"
	ActionEnd     Action = "end"
)

// transitions is the state machine: what is not here is refused. Ending early
// asks that "the order is enabled", so a suspended order cannot be ended.
var transitions = map[Action]struct{ from, to string }{
	ActionOpen:    {StatusWaiting, StatusInUse},
	ActionCancel:  {StatusWaiting, StatusEnded},
	ActionPause:   {StatusInUse, StatusSuspended},
	ActionRestart: {StatusSuspended, StatusInUse},
	ActionEnd:     {StatusInUse, StatusEnded},
}

// change moves an order of a device and tells of it, or says why not; the caller
// holds the lock.
func (s *Sim) change(a Action, d *Device, o *Order) *refusal {
	t := transitions[a]
	if o.Status != t.from {
		return refuse(codeWrongState, o.ID, o.Status)
	}
	if a == ActionOpen && o.Secondary {
		return refuse(codeSecondary, o.ID)
	}
	if t.to == StatusInUse && d.withStatus(StatusInUse) != nil {
		return refuse(codeAlreadyInUse, d.ID)
	}
	o.Status = t.to
	switch a {
	case ActionOpen:
		o.open(s.opts.Now())
		d.use(o)
	case ActionEnd:
		o.Expire = dateOf(s.opts.Now())
	}
	s.tellOrder(operations[a], d, o)
	return nil
}

// open starts the order's period today.
func (o *Order) open(now time.Time) {
	o.Active = dateOf(now)
	o.Expire = expiry(now, o.PackageType, o.Period)
}

// use brings a device whose order was opened into its usage stage.
func (d *Device) use(o *Order) {
	if d.Lifecycle != LifecycleUsage {
		d.Lifecycle = LifecycleUsage
		d.LifecycleStart, d.LifecycleEnd = o.Active, o.Expire
	}
	if o.Expire.After(d.LifecycleEnd) {
		d.LifecycleEnd = o.Expire
	}
}
