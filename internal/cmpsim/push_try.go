package cmpsim

import "fmt"

// TryPush plans a push of a kind about the demo's device in use, to see that it
// arrives. Nothing of the fleet changes but that the device has sent a message.
func (s *Sim) TryPush(kind PushKind) error {
	if kind == PushMO {
		return s.SendMO(MO{Device: DemoInUse, Dest: "12345", Content: "Test of the callbacks"})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, ok := s.fleet.device(DemoInUse)
	if !ok {
		return fmt.Errorf("the fleet has no such device %q", DemoInUse)
	}
	switch kind {
	case PushOrder:
		for i := range d.Orders {
			if o := &d.Orders[i]; o.ID == DemoOrder {
				s.tellOrder(operationOpened, d, o)
				return nil
			}
		}
		return fmt.Errorf("the device has no such order %q", DemoOrder)
	case PushMT:
		now := s.opts.Now()
		s.tellReport(d, message{ID: "LK" + now.Format("20060102150405"), Device: d.ID, Sent: now, Report: reportDelivered, Reported: now})
		return nil
	}
	return fmt.Errorf("there is no push %q", kind)
}
