package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/audit"
)

// WriteEnds writes how actions ended that the database did not take at once, at every tick until ctx ends, and then a
// last time. It waits for no read of the CMP, so that an outcome stands in the log as soon as the database takes it.
func (o *Actions) WriteEnds(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			o.writeLast(ctx)
			return
		case <-tick:
			if err := errors.Join(o.writeEnds(ctx), o.Recover(ctx)); err != nil && ctx.Err() == nil {
				o.logger.Warn("ends of actions not recorded yet", "err", err)
			}
		}
	}
}

// writeEnds tries again to record how actions ended that the database did not take before.
func (o *Actions) writeEnds(ctx context.Context) error {
	for id, write := range o.unwritten.all() {
		err := o.db.Write(ctx, func(tx *sql.Tx) error { return (*write)(ctx, tx) })
		if err != nil && !errors.Is(err, errMoved) {
			return fmt.Errorf("record the end of action %s: %w", id, err)
		}
		o.unwritten.drop(id, write)
		if a, err := selectAction(ctx, o.db.Read(), `WHERE id = ?`, id); err == nil && a != nil {
			o.tell(*a)
		}
	}
	return nil
}

func (o *Actions) writeLast(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), RecordTime)
	defer cancel()
	if err := o.writeEnds(ctx); err != nil {
		o.logger.Error("stopping with an outcome not recorded; the next start will call it unknown", "err", err)
	}
}

// Recover closes what a crash left open: a request that may have left becomes unknown, with its outcome row.
// Actions that this process is busy with, or whose end it still has to write, are left alone.
func (o *Actions) Recover(ctx context.Context) error {
	open, err := selectActions(ctx, o.db.Read(), `WHERE state = 'dispatched' ORDER BY intent_seq LIMIT 1000`)
	if err != nil {
		return err
	}
	for _, a := range open {
		if o.flights.aloft(a.ID) || o.unwritten.has(a.ID) {
			continue
		}
		err := o.db.Write(ctx, func(tx *sql.Tx) error { return o.recoverAction(ctx, tx, a) })
		if err != nil && !errors.Is(err, errMoved) { // moved on: its end has just been written
			return fmt.Errorf("recover action %s: %w", a.ID, err)
		}
		o.tell(a)
	}
	return nil
}

const lostWhy = "The console was interrupted before it recorded an answer."

func (o *Actions) recoverAction(ctx context.Context, tx *sql.Tx, a Action) error {
	now := o.now()
	a.Why = lostWhy
	e := a.entry(Operator{}, audit.PhaseOutcome, audit.Unknown)
	e.Actor, e.Roles = audit.Console, ""
	seq, err := o.log.AppendTx(ctx, tx, e)
	if err != nil {
		return err
	}
	return update(ctx, tx, a, "state,finished_at,outcome_seq,why,next_look", Unknown, now.UnixMicro(), seq, lostWhy, now.Add(lookAfter[0]).UnixMicro())
}
