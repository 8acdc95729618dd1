package cmpsim

import (
	"errors"
	"fmt"
	"time"
)

// MO is an SMS that a device sends when it is asked to.
type MO struct {
	Device  string `json:"device_id"`
	Dest    string `json:"dest_address"` // a short code
	Content string `json:"sms_content"`
}

// received is one that was sent. Its text is told and not kept.
type received struct {
	Device string    `json:"device"`
	At     time.Time `json:"at"`
}

// SendMO has devices send messages, which come to querySmsCDR and are pushed.
// The first that cannot be sent is an error; those before it were.
func (s *Sim) SendMO(messages ...MO) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age()
	defer s.save("messages")
	for _, m := range messages {
		d, ok := s.fleet.device(m.Device)
		if !ok {
			return fmt.Errorf("the fleet has no such device %q", m.Device)
		}
		if m.Dest == "" {
			return errors.New("a message goes to a short code: dest_address is missing")
		}
		at := s.opts.Now()
		s.saved.Received = append(s.saved.Received, received{Device: d.ID, At: at})
		s.tellMO(d, m, at)
	}
	return nil
}
