package webhook

import (
	"context"
	"database/sql"
	"errors"

	"cmpconsole/internal/cmp"
)

// unknownAtOnce is how many devices that the copy does not have the CMP is asked about at once; after them it is one each time that Coalesce
// passes, so that made-up numbers cost no more.
const unknownAtOnce = 20

// NotAsked is why the CMP was not asked about a device that the copy does not have.
const NotAsked = "too many such at once"

// unknown has the CMP asked about the device that callbacks about orders name and the copy does not have, and goes on with it when the CMP has it.
func (p *Processor) unknown(ctx context.Context, group []*Push) error {
	named := group[0].Device
	if named == "" {
		return p.strangers(ctx, group)
	}
	at, answered, err := p.lastAsked(ctx, named)
	if err != nil {
		return err
	}
	wait := min(Coalesce-p.Now().Sub(at), Coalesce)
	switch {
	case wait > 0 && answered: // the CMP has just said that it knows none
		return p.strangers(ctx, group)
	case wait > 0:
		p.later(group, wait)
		return p.keep(ctx, group)
	case !p.newcomers.AllowN(p.Now(), 1):
		for _, push := range group {
			push.Wrong = NotAsked
		}
		return p.strangers(ctx, group)
	}
	return p.lookUp(ctx, named, group)
}

// lookUp asks the CMP about a device. What it tells is in the copy then.
func (p *Processor) lookUp(ctx context.Context, named string, group []*Push) error {
	asked := p.Now()
	device, err := p.CMP.Device(ctx, named)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	switch {
	case err == nil:
		for _, push := range group {
			push.Holder = device.ID
		}
		return p.orders(ctx, group)
	case noSuchDevice(err):
		for _, push := range group {
			push.Wrong = ""
			push.settled(Stranger, p.Now())
		}
	default:
		p.failed(group, err)
	}
	return p.keep(ctx, group, func(ctx context.Context, tx *sql.Tx) error {
		return noteAsked(ctx, tx, named, asked, noSuchDevice(err))
	})
}

// noSuchDevice tells an answer that the CMP knows no such device from one that says nothing: it has no code of its own for that.
func noSuchDevice(err error) bool {
	e, ok := errors.AsType[*cmp.Error](err)
	return ok && (e.NoSuchDevice() || e.Kind == cmp.Rejected && !e.Trouble())
}
