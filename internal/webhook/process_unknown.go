package webhook

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"cmpconsole/internal/cmp"
)

// unknownAtOnce is how many devices that the copy does not have the CMP is asked about at once; after them it is one each time that Coalesce
// passes, so that made-up numbers cost no more.
const unknownAtOnce = 20

// NotAsked is why the CMP was not asked about a device that the copy does not have.
const NotAsked = "too many such at once"

// unknown has the CMP asked about the number that callbacks about orders name and no device of the copy has, or several have, and goes on with the
// device when the CMP has it.
func (p *Processor) unknown(ctx context.Context, group []*Push) error {
	named := group[0].Device
	if named == "" {
		return p.strangers(ctx, group, "")
	}
	at, none, err := p.lastAsked(ctx, look(named))
	if err != nil {
		return err
	}
	wait := min(Coalesce-p.Now().Sub(at), Coalesce)
	switch {
	case wait > 0 && none: // the CMP has just said so
		return p.strangers(ctx, group, "")
	case wait > 0:
		p.later(group, wait)
		return p.keep(ctx, group)
	}
	turn, err := p.turn(ctx, named)
	if err != nil {
		return err
	}
	if !turn {
		return p.noTurn(ctx, group, !at.IsZero() && !none)
	}
	return p.lookUp(ctx, named, group)
}

// look is what a look at a number is noted under: apart from the readings of the device that has it as its id, and answered only when the CMP
// knows none.
func look(named string) string { return "look " + named }

// turn tells whether the CMP may be asked about a number now. One that several devices of the copy have is not made up, and takes no other's turn.
func (p *Processor) turn(ctx context.Context, named string) (bool, error) {
	owners, err := p.Fleet.ExactMany(ctx, []string{named})
	if err != nil {
		return false, err
	}
	return len(owners[named]) > 0 || p.newcomers.AllowN(p.Now(), 1), nil
}

// noTurn has callbacks wait for the next turn when the CMP was to be asked again about what they name, each time longer and for a day at most, as
// failed does. Others are settled, or made-up numbers would wait by the thousand.
func (p *Processor) noTurn(ctx context.Context, group []*Push, promised bool) error {
	if promised || slices.ContainsFunc(group, func(push *Push) bool { return push.Tries > 0 }) {
		p.again(group, NotAsked)
		return p.keep(ctx, group)
	}
	return p.strangers(ctx, group, NotAsked)
}

// lookUp asks the CMP about a device. What it tells is in the copy then.
func (p *Processor) lookUp(ctx context.Context, named string, group []*Push) error {
	asked := p.Now()
	device, err := p.CMP.Device(ctx, named)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	none := noSuchDevice(err) || err == nil && device.ID == ""
	noted := func(ctx context.Context, tx *sql.Tx) error { return noteAsked(ctx, tx, look(named), asked, none) }
	switch {
	case none:
		for _, push := range group {
			push.settled(Stranger, p.Now())
		}
	case err != nil:
		p.failed(group, err)
	default:
		for _, push := range group {
			push.Holder = device.ID
		}
		if err := p.keep(ctx, group, noted); err != nil {
			return err
		}
		return p.orders(ctx, group)
	}
	return p.keep(ctx, group, noted)
}

// noSuchDevice tells an answer that the CMP knows no such device from one that says nothing: it has no code of its own for that.
func noSuchDevice(err error) bool {
	e, ok := errors.AsType[*cmp.Error](err)
	return ok && (e.NoSuchDevice() || e.Kind == cmp.Rejected && !e.Trouble())
}
