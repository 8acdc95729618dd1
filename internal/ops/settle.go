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

// lookAfter is the schedule of re-reads of an action in doubt, from a few seconds up to an hour.
var lookAfter = []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// Absence of the effect is concluded only after this many looks over this long a time:
// until then the request may still be queued at the CMP.
const (
	absenceLooks = 5
	absenceAfter = 15 * time.Minute
)

// Observe takes a fresh read of an order as evidence for an action in doubt and settles it when it can.
// It returns the action that still blocks the order, nil when nothing does.
func (o *Orders) Observe(ctx context.Context, order cmp.Order) (*Action, error) {
	a, err := o.Open(ctx, order.ID)
	if err != nil || a == nil {
		return nil, err
	}
	if a.State != Unknown {
		return a, nil // on its way, or its outcome is still to be recorded
	}
	verdict := judge(*a, order, o.now())
	err = o.db.Write(ctx, func(tx *sql.Tx) error { return o.settle(ctx, tx, *a, order, verdict) })
	if errors.Is(err, errMoved) {
		return o.Open(ctx, order.ID) // somebody else looked at the same time and was first
	}
	if err != nil {
		return a, fmt.Errorf("settle action %s: %w", a.ID, err)
	}
	if verdict == Unknown {
		return a, nil
	}
	return nil, nil
}

// judge says what a read tells of an action in doubt. An effect that is there is not called a success:
// somebody else may have caused it.
func judge(a Action, order cmp.Order, now time.Time) State {
	rule := a.rule()
	switch {
	case order.Status == rule.To, rule.Verb == Open && order.Status == cmp.StatusSuspended: // only an opened order can be suspended
		return EffectPresent
	case order.Status == cmp.StatusEnded:
		return Undetermined // ended by something else; it may have taken our change before
	case order.Status == a.Before && a.Looks+1 >= absenceLooks && now.Sub(a.Dispatched) >= absenceAfter:
		return EffectAbsent
	}
	return Unknown
}

func (o *Orders) settle(ctx context.Context, tx *sql.Tx, a Action, order cmp.Order, verdict State) error {
	now := o.now()
	if verdict == Unknown {
		wait := lookAfter[min(a.Looks+1, len(lookAfter)-1)]
		return update(ctx, tx, a, "looks,next_look", a.Looks+1, now.Add(wait).UnixMicro())
	}
	if _, err := o.log.AppendTx(ctx, tx, audit.Entry{
		Actor: "console", Action: audit.OrderSettled, Phase: audit.Event, Outcome: string(verdict),
		Device: a.DeviceID, Order: a.OrderID, Of: a.IntentSeq,
		Detail: []audit.Field{{Key: "action_id", Value: a.ID}, {Key: "verb", Value: string(a.Verb)}, {Key: "status_read", Value: string(order.Status)}},
	}); err != nil {
		return err
	}
	if err := unlockOrder(ctx, tx, a); err != nil {
		return err
	}
	return update(ctx, tx, a, "state,settled_at,looks,next_look", verdict, now.UnixMicro(), a.Looks+1, nil)
}

// Reconcile looks again at actions in doubt, by reads only, until ctx ends. tick says when to check the schedule.
func (o *Orders) Reconcile(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			if err := o.reconcileDue(ctx); err != nil && ctx.Err() == nil {
				o.logger.Warn("reconcile", "err", err)
			}
		}
	}
}

func (o *Orders) reconcileDue(ctx context.Context) error {
	if err := o.Recover(ctx); err != nil {
		return err
	}
	due, err := selectActions(ctx, o.db.Read(), `WHERE state = 'unknown' AND next_look <= ? ORDER BY next_look LIMIT 5`, o.now().UnixMicro())
	if err != nil {
		return err
	}
	for _, a := range due {
		order, err := o.client.Order(ctx, a.OrderID)
		if err != nil {
			err = o.postpone(ctx, a)
		} else {
			_, err = o.Observe(ctx, order)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// postpone moves the next look on without counting one: the CMP gave no evidence.
func (o *Orders) postpone(ctx context.Context, a Action) error {
	wait := lookAfter[min(a.Looks+2, len(lookAfter)-1)]
	return o.db.Write(ctx, func(tx *sql.Tx) error {
		return update(ctx, tx, a, "next_look", o.now().Add(wait).UnixMicro())
	})
}

// Recover closes what a crash left open: a request that may have left becomes unknown, with its outcome row;
// a claimed one that provably did not leave becomes expired. Actions that this process is busy with are left alone.
func (o *Orders) Recover(ctx context.Context) error {
	open, err := selectActions(ctx, o.db.Read(), `WHERE state = 'dispatched' OR (state = 'prepared' AND claimed_at IS NOT NULL) ORDER BY intent_seq LIMIT 1000`)
	if err != nil {
		return err
	}
	for _, a := range open {
		if o.flights.aloft(a.ID) {
			continue
		}
		if err := o.db.Write(ctx, func(tx *sql.Tx) error { return o.recoverAction(ctx, tx, a) }); err != nil {
			return fmt.Errorf("recover action %s: %w", a.ID, err)
		}
	}
	return nil
}

const lostMessage = "The console stopped before the answer was recorded."

func (o *Orders) recoverAction(ctx context.Context, tx *sql.Tx, a Action) error {
	now := o.now()
	if a.State == Prepared {
		return update(ctx, tx, a, "state,finished_at,message", Expired, now.UnixMicro(), "The console stopped before anything was sent.")
	}
	e := a.entry(Operator{}, audit.PhaseOutcome, audit.Unknown)
	e.Actor, e.Roles, e.Of, e.UpstreamMessage = "console", "", a.IntentSeq, lostMessage
	seq, err := o.log.AppendTx(ctx, tx, e)
	if err != nil {
		return err
	}
	return update(ctx, tx, a, "state,finished_at,outcome_seq,message,next_look", Unknown, now.UnixMicro(), seq, lostMessage, now.Add(lookAfter[0]).UnixMicro())
}
