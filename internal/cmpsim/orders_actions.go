package cmpsim

import (
	"crypto/sha1" //nolint:gosec // a stand-in for an echo of 20 bytes; it protects nothing
	"encoding/base64"
)

// openedNode is the data node of openPackage.
type openedNode struct {
	Sign            string `json:"sign"`
	OrderID         string `json:"order_id"`
	OrderStartDate  string `json:"order_start_date"`
	OrderExpireDate string `json:"order_expire_date"`
}

// openPackage answers section "Open data plan".
func (s *Sim) openPackage(p params) (any, bool, *refusal) {
	d, o, err := s.orderFor(p)
	if err != nil {
		return nil, false, err
	}
	if err := s.change(ActionOpen, d, o); err != nil {
		return nil, false, err
	}
	s.keep(d, o)
	return openedNode{
		Sign: echoSign(o.ID), OrderID: o.ID,
		OrderStartDate:  formatTime(s.opts.Now(), spacedLayout),
		OrderExpireDate: formatTime(endOfDay(o.Expire), spacedLayout),
	}, true, nil
}

// cancelPackage answers section "Cancel package order".
func (s *Sim) cancelPackage(p params) (any, bool, *refusal) { return s.act(ActionCancel, p) }

// pauseService answers section "Suspend an active order".
func (s *Sim) pauseService(p params) (any, bool, *refusal) { return s.act(ActionPause, p) }

// restartService answers section "Restart a suspended order".
func (s *Sim) restartService(p params) (any, bool, *refusal) { return s.act(ActionRestart, p) }

// aheadFinishDeviceOrder answers section "End package orders early".
func (s *Sim) aheadFinishDeviceOrder(p params) (any, bool, *refusal) {
	cause, err := p.need("ahead_finish_cause")
	if err != nil {
		return nil, false, err
	}
	kind := p.text("device_type")
	if kind != "" && (len(kind) != 1 || kind < "1" || kind > "5") {
		return nil, false, refuse(codeBadValue, "device_type")
	}
	d, o, err := s.orderFor(p)
	if err != nil {
		return nil, false, err
	}
	if err := s.change(ActionEnd, d, o); err != nil {
		return nil, false, err
	}
	o.Cause, o.DeviceType = cause, kind
	s.keep(d, o)
	return nil, true, nil
}

// act performs an action whose answer carries no data.
func (s *Sim) act(a Action, p params) (any, bool, *refusal) {
	d, o, err := s.orderFor(p)
	if err != nil {
		return nil, false, err
	}
	if err := s.change(a, d, o); err != nil {
		return nil, false, err
	}
	s.keep(d, o)
	return nil, true, nil
}

// orderFor finds the order a change names. device_id is optional everywhere,
// but one that belongs to another order is a caller's mistake. The device is
// held from now on, so that what is changed stays.
func (s *Sim) orderFor(p params) (*Device, *Order, *refusal) {
	id, err := p.need("order_id")
	if err != nil {
		return nil, nil, err
	}
	d, o, ok := s.fleet.order(id)
	if !ok {
		return nil, nil, refuse(codeNoOrder, id)
	}
	if device := p.text("device_id"); device != "" && device != d.ID {
		return nil, nil, refuse(codeOtherDevice, id, device)
	}
	s.fleet.hold(d)
	return d, o, nil
}

// echoSign stands in for the left-over data.sign of the samples: 28 characters
// of Base64 that mean nothing to a caller.
func echoSign(s string) string {
	sum := sha1.Sum([]byte(s)) //nolint:gosec // see above
	return base64.StdEncoding.EncodeToString(sum[:])
}
