package ops

import (
	"context"
	"errors"
	"slices"
	"sync"

	"cmpconsole/internal/cmp"
)

// call is one change as it arrived at the CMP.
type call struct {
	verb                             Verb
	order, device, cause, deviceType string
}

// fakeCMP holds one status, whatever order is asked for, and answers changes as a test wants: with or without
// effect, with any error.
type fakeCMP struct {
	mu       sync.Mutex
	order    cmp.Order
	device   cmp.Device
	opened   cmp.Opened
	effect   bool
	answer   error
	readErr  error
	onRead   func(ctx context.Context) // runs when a read arrives
	onChange func(ctx context.Context) // runs when a change arrives, before its effect
	reads    int
	missing  string // a call that it does not offer
	calls    []call
	tracks   []cmp.BindingTrack // newest first
	bindings []cmp.Binding
	messages []cmp.SMS
	known    []string      // ids of messages that the CMP took
	told     cmp.MTMessage // of every message that is known
	asked    []string      // ids of messages, as they were asked about
	onAsk    func()
	bought   []cmp.BulkOrder
	unwanted string // a device for which nothing can be bought
}

func (f *fakeCMP) Order(ctx context.Context, id string) (cmp.Order, error) {
	f.mu.Lock()
	f.reads++
	hook := f.onRead
	f.mu.Unlock()
	if hook != nil {
		hook(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.order
	o.ID = id
	return o, f.readErr
}

func (f *fakeCMP) change(ctx context.Context, to cmp.OrderStatus, c call) error {
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.mu.Unlock()
	f.arrives(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.effect {
		f.order.Status = to
	}
	return f.answer
}

// arrives runs what a test does when a change has come, before its effect.
func (f *fakeCMP) arrives(ctx context.Context) {
	f.mu.Lock()
	hook := f.onChange
	f.mu.Unlock()
	if hook != nil {
		hook(ctx)
	}
}

func (f *fakeCMP) OpenPackage(ctx context.Context, id string) (cmp.Opened, error) {
	return f.opened, f.change(ctx, cmp.StatusInUse, call{verb: Open, order: id})
}

func (f *fakeCMP) CancelPackage(ctx context.Context, id string) error {
	return f.change(ctx, cmp.StatusEnded, call{verb: Cancel, order: id})
}

func (f *fakeCMP) EndOrder(ctx context.Context, e cmp.EndOrder) error {
	return f.change(ctx, cmp.StatusEnded, call{verb: End, order: e.OrderID, cause: e.Cause, deviceType: e.DeviceType})
}

func (f *fakeCMP) PauseService(ctx context.Context, o cmp.ServiceOrder) error {
	return f.change(ctx, cmp.StatusSuspended, call{verb: Pause, order: o.OrderID, device: o.DeviceID})
}

func (f *fakeCMP) RestartService(ctx context.Context, o cmp.ServiceOrder) error {
	return f.change(ctx, cmp.StatusInUse, call{verb: Restart, order: o.OrderID, device: o.DeviceID})
}

func (f *fakeCMP) Has(call string) bool { return call != f.missing }

func (f *fakeCMP) Device(_ context.Context, id string) (cmp.Device, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.device
	d.ID = id
	return d, f.readErr
}

func (f *fakeCMP) Bindings(context.Context, string) ([]cmp.BindingTrack, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	return f.tracks, f.readErr
}

func (f *fakeCMP) BindIMEI(_ context.Context, b cmp.Binding) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bindings = append(f.bindings, b)
	text := "机卡绑定"
	if b.Unbind {
		text = "机卡解绑"
	}
	if f.effect {
		f.tracks = append([]cmp.BindingTrack{{ICCID: b.DeviceID, IMEI: b.IMEI, Text: text}}, f.tracks...)
	}
	return f.answer
}

func (f *fakeCMP) SendSMS(ctx context.Context, m cmp.SMS) error {
	f.arrives(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages = append(f.messages, m)
	if f.effect {
		f.known = append(f.known, m.To[0].MsgID)
	}
	return f.answer
}

func (f *fakeCMP) MTMessages(_ context.Context, q cmp.MTQuery) (cmp.MTPage, error) {
	if f.onAsk != nil {
		f.onAsk()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	f.asked = append(f.asked, q.MsgID)
	if f.readErr != nil || !slices.Contains(f.known, q.MsgID) {
		return cmp.MTPage{}, f.readErr
	}
	return cmp.MTPage{Total: 1, Messages: []cmp.MTMessage{f.told}}, nil
}

// OrdersOf is what was bought here, on whatever device.
func (f *fakeCMP) OrdersOf(_ context.Context, id string) ([]cmp.Order, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads++
	var found []cmp.Order
	for _, b := range f.bought {
		if b.Devices[0] == id && f.effect {
			found = append(found, cmp.Order{ID: "ORDER_9", DeviceID: id, PackageCode: b.PackageCode})
		}
	}
	return found, f.readErr
}

func (f *fakeCMP) OrderPackages(ctx context.Context, b cmp.BulkOrder) ([]cmp.BulkResult, error) {
	f.arrives(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bought = append(f.bought, b)
	if f.answer != nil {
		return nil, f.answer
	}
	if b.Devices[0] == f.unwanted {
		return []cmp.BulkResult{{DeviceID: b.Devices[0], Code: "2001", Message: "unknown", Kind: cmp.Rejected}}, nil
	}
	return []cmp.BulkResult{{DeviceID: b.Devices[0], OrderID: "ORDER_9", Code: "0000", OK: true}}, nil
}

// set changes the order behind the console's back.
func (f *fakeCMP) set(status cmp.OrderStatus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.order.Status = status
}

// fail lets reads fail, or work again when err is nil.
func (f *fakeCMP) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.readErr = err
}

// answers says how the next changes go.
func (f *fakeCMP) answers(err error, effect bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer, f.effect = err, effect
}

func (f *fakeCMP) sent() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]call(nil), f.calls...)
}

func (f *fakeCMP) looks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

var (
	errLost     = &cmp.Error{Op: "device/pauseService", Kind: cmp.Unknown, Err: errors.New("connection reset")}
	errRejected = &cmp.Error{Op: "device/pauseService", Kind: cmp.Rejected, Code: "3002", Message: "订单状态不允许"}
	errOffline  = &cmp.Error{Op: "device/pauseService", Kind: cmp.NotSent, Err: errors.New("connection refused")}
)
