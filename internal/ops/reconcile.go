package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// retryAtMost is the longest wait after a look that failed.
const retryAtMost = 5 * time.Minute

// Reconcile writes what could not be written and looks again at actions in doubt, by reads only, until ctx
// ends; then it writes a last time. tick says when to check the schedule.
func (o *Actions) Reconcile(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			o.writeLast(ctx)
			return
		case <-tick:
			if err := o.reconcileDue(ctx); err != nil && ctx.Err() == nil {
				o.logger.Warn("reconcile", "err", err)
			}
		}
	}
}

func (o *Actions) reconcileDue(ctx context.Context) error {
	if err := errors.Join(o.writeEnds(ctx), o.Recover(ctx)); err != nil {
		return err
	}
	due, err := selectActions(ctx, o.db.Read(), `WHERE state = 'unknown' AND next_look <= ? ORDER BY next_look LIMIT 5`, o.now().UnixMicro())
	if err != nil {
		return err
	}
	var failed error
	for _, a := range due {
		failed = errors.Join(failed, o.look(ctx, a))
	}
	return failed
}

// writeEnds tries again to record how actions ended that the database did not take before.
func (o *Actions) writeEnds(ctx context.Context) error {
	for id, write := range o.unwritten.all() {
		err := o.db.Write(ctx, func(tx *sql.Tx) error { return write(ctx, tx) })
		if err != nil && !errors.Is(err, errMoved) {
			return fmt.Errorf("record the end of action %s: %w", id, err)
		}
		o.unwritten.drop(id)
	}
	return nil
}

func (o *Actions) writeLast(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	if err := o.writeEnds(ctx); err != nil {
		o.logger.Error("stopping with an outcome not recorded; the next start will call it unknown", "err", err)
	}
}

// look reads what an action in doubt was about once, and settles it, hands it to a person, or says when to look
// next. A read that fails is no look; that the CMP knows no such thing is one.
func (o *Actions) look(ctx context.Context, a Action) error {
	reading, cancel := context.WithTimeout(cmp.InBackground(ctx), o.timeout)
	defer cancel()
	state, err := a.rule().read(reading, o.client, a)
	if err != nil && cmp.KindOf(err) == cmp.NotFound {
		state, err = gone, nil
	}
	var verdict State
	if err == nil {
		verdict, err = o.weigh(reading, a, state)
	}
	if err != nil {
		o.logger.Warn("an action in doubt could not be looked at", "action", a.ID, "err", err)
		return o.lookLater(ctx, a, Unknown, min(lookAfter[min(a.Looks+2, len(lookAfter)-1)], retryAtMost))
	}
	if verdict == EffectPresent || verdict == EffectAbsent {
		_, err := o.conclude(ctx, a, state, verdict)
		return err
	}
	a.Looks, a.Read, a.ReadAt = a.Looks+1, state, o.now()
	return o.lookLater(ctx, a, verdict, lookAfter[min(a.Looks, len(lookAfter)-1)])
}

// weigh judges what a look has read. Where an absence may only mean that the change takes its time, as its kind
// knows, reads do not conclude it.
func (o *Actions) weigh(ctx context.Context, a Action, state string) (State, error) {
	verdict := judge(a, state, o.now())
	if later := a.rule().later; verdict == EffectAbsent && later != nil {
		if waits, err := later(ctx, o.client, a); waits || err != nil {
			return Undetermined, err
		}
	}
	return verdict, nil
}

// lookLater keeps what was read and when to look next. What reads have not settled within a day, or cannot settle,
// is handed to a person; the console goes on looking all the same.
func (o *Actions) lookLater(ctx context.Context, a Action, verdict State, wait time.Duration) error {
	now := o.now()
	handOver := a.Task.IsZero() && (verdict == Undetermined || now.Sub(a.Dispatched) >= handOverAfter)
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		if handOver {
			a.Task = now
			if _, err := o.log.AppendTx(ctx, tx, a.doubtEntry(Operator{}, audit.DoubtTask, audit.Unknown)); err != nil {
				return err
			}
		}
		return update(ctx, tx, a, "looks,next_look,read_state,read_at,task_at", a.Looks, now.Add(wait).UnixMicro(), a.Read, micros(a.ReadAt), micros(a.Task))
	})
	if errors.Is(err, errMoved) {
		return nil // somebody's own look has settled it meanwhile
	}
	if handOver && err == nil {
		o.logger.Warn("an action in doubt waits for a person", "action", a.ID, "order", a.OrderID, "device", a.DeviceID)
	}
	return err
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
		if err := o.db.Write(ctx, func(tx *sql.Tx) error { return o.recoverAction(ctx, tx, a) }); err != nil {
			return fmt.Errorf("recover action %s: %w", a.ID, err)
		}
	}
	return nil
}

const (
	lostWhy   = "The console was interrupted before it recorded an answer."
	ourselves = "console" // the actor of rows that nobody asked for
)

func (o *Actions) recoverAction(ctx context.Context, tx *sql.Tx, a Action) error {
	now := o.now()
	a.Why = lostWhy
	e := a.entry(Operator{}, audit.PhaseOutcome, audit.Unknown)
	e.Actor, e.Roles = ourselves, ""
	seq, err := o.log.AppendTx(ctx, tx, e)
	if err != nil {
		return err
	}
	return update(ctx, tx, a, "state,finished_at,outcome_seq,why,next_look", Unknown, now.UnixMicro(), seq, lostWhy, now.Add(lookAfter[0]).UnixMicro())
}
