package cmpsim

import "fmt"

// orderSteps are the steps that change an order, which no call of the document
// can; count says how many cycles.
var orderSteps = map[StepKind]func(s *Sim, d *Device, count int) (operation string, o *Order){
	StepLocate: (*Sim).locate,
	StepExpire: (*Sim).expire,
	StepRenew:  (*Sim).renew,
	StepReduce: (*Sim).reduce,
}

// stepOrder performs one of them, and tells of it.
func (s *Sim) stepOrder(step Step) error {
	d, ok := s.fleet.device(step.Device)
	if !ok {
		return fmt.Errorf("%s: the fleet has no such device %q", step.Kind, step.Device)
	}
	s.fleet.hold(d)
	operation, o := orderSteps[step.Kind](s, d, max(step.Count, 1))
	if o == nil {
		return fmt.Errorf("%s: device %s has no order that allows it", step.Kind, d.ID)
	}
	s.note(d, o)
	s.tellOrder(operation, d, o)
	return nil
}

// locate starts the oldest secondary package that waits: the device was seen in a
// country that it covers.
func (s *Sim) locate(d *Device, _ int) (string, *Order) {
	if d.withStatus(StatusInUse) != nil {
		return "", nil
	}
	for i := range d.Orders {
		if o := &d.Orders[i]; o.waitsForNetwork() {
			o.Status = StatusInUse
			o.open(s.opts.Now())
			d.use(o)
			return operationLocated, o
		}
	}
	return "", nil
}

// expire ends the order in use as its last day would.
func (s *Sim) expire(d *Device, _ int) (string, *Order) {
	o := d.withStatus(StatusInUse)
	if o != nil {
		o.Status, o.Expire = StatusEnded, dateOf(s.opts.Now())
	}
	return operationExpired, o
}

func (s *Sim) renew(d *Device, cycles int) (string, *Order) {
	return operationRenewed, s.prolong(d, cycles)
}

func (s *Sim) reduce(d *Device, cycles int) (string, *Order) {
	return operationReduced, s.prolong(d, -cycles)
}

// prolong gives the activated order, or the oldest that waits, more cycles or
// fewer; nil when none would be left, or its last day would be over.
func (s *Sim) prolong(d *Device, cycles int) *Order {
	o := d.current()
	if o == nil {
		o = d.withStatus(StatusWaiting)
	}
	if o == nil || o.Period+cycles < 1 {
		return nil
	}
	if o.Active.IsZero() {
		o.Period += cycles
		return o
	}
	last := expiry(o.Active, o.PackageType, o.Period+cycles)
	if last.Before(dateOf(s.opts.Now())) {
		return nil
	}
	if d.LifecycleEnd.Equal(o.Expire) {
		d.LifecycleEnd = last
	}
	o.Period, o.Expire = o.Period+cycles, last
	d.use(o)
	return o
}
