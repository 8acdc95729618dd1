package mirror

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cmpconsole/internal/cmp"
)

// keepTime is how long a page may wait for the mirror to take in what it has just read.
const keepTime = 2 * time.Second

// Feed is the client of the CMP whose answers about devices also go to the mirror. Pages and actions are given it in place
// of the client: so whatever anybody reads of a device makes the mirror younger, and no handler has to remember it. A mirror
// that takes nothing is logged and hinders nobody.
type Feed struct {
	*cmp.Client

	mirror *Mirror
	now    func() time.Time
	logger *slog.Logger
}

// NewFeed returns a client that feeds the mirror.
func NewFeed(client *cmp.Client, m *Mirror, now func() time.Time, logger *slog.Logger) *Feed {
	return &Feed{Client: client, mirror: m, now: now, logger: logger}
}

// Device reads one device.
func (f *Feed) Device(ctx context.Context, id string) (cmp.Device, error) {
	asked := f.now()
	d, err := f.Client.Device(ctx, id)
	if err == nil || isGone(err) {
		f.keep(ctx, func(ctx context.Context) error { return f.mirror.hear(ctx, id, d, err, asked) })
	}
	return d, err
}

// Devices reads a page of all devices.
func (f *Feed) Devices(ctx context.Context, page, size int) (cmp.DevicePage, error) {
	asked := f.now()
	list, err := f.Client.Devices(ctx, page, size)
	if err == nil {
		f.keep(ctx, func(ctx context.Context) error {
			_, err := f.mirror.Put(ctx, list.Devices, asked)
			return err
		})
	}
	return list, err
}

// OrdersOf reads the orders of a device, which tell numbers of it.
func (f *Feed) OrdersOf(ctx context.Context, deviceID string) ([]cmp.Order, error) {
	orders, err := f.Client.OrdersOf(ctx, deviceID)
	if err == nil {
		f.keep(ctx, func(ctx context.Context) error { return f.mirror.Learn(ctx, deviceID, orders) })
	}
	return orders, err
}

// Bindings reads what a card is bound to.
func (f *Feed) Bindings(ctx context.Context, deviceID string) ([]cmp.BindingTrack, error) {
	asked := f.now()
	tracks, err := f.Client.Bindings(ctx, deviceID)
	if err == nil {
		f.keep(ctx, func(ctx context.Context) error { return f.mirror.BindAt(ctx, deviceID, cmp.BoundIMEI(tracks), asked) })
	}
	return tracks, err
}

// BindIMEI ties a card to an IMEI or unties it. What the CMP has accepted is known at once; what is bound at the first use is not, until
// somebody reads the bindings.
func (f *Feed) BindIMEI(ctx context.Context, b cmp.Binding) error {
	err := f.Client.BindIMEI(ctx, b)
	if err != nil || b.AutoBind && !b.Unbind {
		return err
	}
	bound := b.IMEI
	if b.Unbind {
		bound = ""
	}
	f.keep(ctx, func(ctx context.Context) error { return f.mirror.BindAt(ctx, b.DeviceID, bound, f.now()) })
	return nil
}

// keep writes to the mirror, also when the reader has left.
func (f *Feed) keep(ctx context.Context, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	if err := write(ctx); err != nil {
		f.logger.Warn("the mirror did not take what was read", "err", err)
	}
}

// hear takes in what the CMP has answered about a device: all of it, or that there is none. Any other failure says
// nothing and is returned.
func (m *Mirror) hear(ctx context.Context, id string, d cmp.Device, failed error, asked time.Time) error {
	if failed == nil {
		_, err := m.PutOne(ctx, d, asked)
		return err
	}
	if isGone(failed) {
		return m.Drop(ctx, []string{id}, asked)
	}
	return failed
}

// isGone tells the CMP's word that there is no such device from every other failure.
func isGone(err error) bool {
	e, ok := errors.AsType[*cmp.Error](err)
	return ok && e.NoSuchDevice()
}
