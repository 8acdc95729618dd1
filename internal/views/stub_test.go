package views

import (
	"context"

	"cmpconsole/internal/cmp"
)

// stub is an upstream of which a test sets what matters; the rest is the sandbox's.
type stub struct {
	upstream
	device   func(id string) (cmp.Device, error)
	ordersOf func(id string) ([]cmp.Order, error)
	order    func(id string) (cmp.Order, error)
	orders   func(q cmp.OrderQuery) (cmp.OrderPage, error)
	devices  func() (cmp.DevicePage, error)
	health   func() cmp.Health
	sms      func(q cmp.SMSRecordQuery) cmp.SMSRecordPage
}

func (s *stub) SMSRecords(ctx context.Context, q cmp.SMSRecordQuery) (cmp.SMSRecordPage, error) {
	if s.sms == nil {
		return s.upstream.SMSRecords(ctx, q)
	}
	return s.sms(q), nil
}

func (s *stub) Device(ctx context.Context, id string) (cmp.Device, error) {
	if s.device == nil {
		return s.upstream.Device(ctx, id)
	}
	return s.device(id)
}

func (s *stub) Devices(ctx context.Context, page, size int) (cmp.DevicePage, error) {
	if s.devices == nil {
		return s.upstream.Devices(ctx, page, size)
	}
	return s.devices()
}

func (s *stub) Orders(ctx context.Context, q cmp.OrderQuery) (cmp.OrderPage, error) {
	if s.orders == nil {
		return s.upstream.Orders(ctx, q)
	}
	return s.orders(q)
}

func (s *stub) OrdersOf(ctx context.Context, id string) ([]cmp.Order, error) {
	if s.ordersOf == nil {
		return s.upstream.OrdersOf(ctx, id)
	}
	return s.ordersOf(id)
}

func (s *stub) Order(ctx context.Context, id string) (cmp.Order, error) {
	if s.order == nil {
		return s.upstream.Order(ctx, id)
	}
	return s.order(id)
}

func (s *stub) Health() cmp.Health {
	if s.health == nil {
		return s.upstream.Health()
	}
	return s.health()
}

// failing is an upstream that fails every read with the error.
func failing(err error) func(*Deps) {
	return func(d *Deps) {
		d.CMP = &stub{
			upstream: d.CMP,
			device:   func(string) (cmp.Device, error) { return cmp.Device{}, err },
			devices:  func() (cmp.DevicePage, error) { return cmp.DevicePage{}, err },
			orders:   func(cmp.OrderQuery) (cmp.OrderPage, error) { return cmp.OrderPage{}, err },
			ordersOf: func(string) ([]cmp.Order, error) { return nil, err },
			order:    func(string) (cmp.Order, error) { return cmp.Order{}, err },
		}
	}
}
