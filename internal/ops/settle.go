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

// lookAfter is the schedule of re-reads of an action in doubt; the last look always settles it. Each wait
// begins at the look before, so that a clock that jumps brings one look forward and not all of them.
var lookAfter = []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute}

// What is not evident is concluded only after this many of the console's own looks over this long a time:
// until then the request may still be queued at the CMP.
const (
	enoughLooks = 5
	enoughTime  = 15 * time.Minute
)

// gone stands in the log for the status of an order that the CMP does not know any more.
const gone cmp.OrderStatus = "gone"

// Observe takes a read of an order, begun at asked, as evidence for an action in doubt and settles it when it
// can. It returns the action that still blocks the order, nil when nothing does. Looks of people do not move
// the console's own schedule.
func (o *Orders) Observe(ctx context.Context, order cmp.Order, asked time.Time) (*Action, error) {
	a, err := o.Open(ctx, order.ID)
	if err != nil || a == nil {
		return nil, err
	}
	if a.State != Unknown || asked.Before(a.Finished) {
		return a, nil // on its way, still to be recorded, or lost after this read was asked for
	}
	verdict := judge(*a, order.Status, o.now())
	if verdict == Unknown {
		return a, nil
	}
	return o.conclude(ctx, *a, order.Status, verdict)
}

// conclude settles a doubt. Who comes second finds it settled.
func (o *Orders) conclude(ctx context.Context, a Action, read cmp.OrderStatus, verdict State) (*Action, error) {
	err := o.db.Write(ctx, func(tx *sql.Tx) error { return o.settle(ctx, tx, a, read, verdict) })
	if errors.Is(err, errMoved) {
		return o.Open(ctx, a.OrderID)
	}
	if err != nil {
		return &a, fmt.Errorf("settle action %s: %w", a.ID, err)
	}
	return nil, nil
}

// judge says what a status read tells of an action in doubt. An effect that is there is not called a success:
// somebody else may have caused it.
func judge(a Action, read cmp.OrderStatus, now time.Time) State {
	rule := a.rule()
	switch {
	case read == rule.To, rule.Verb == Open && read == cmp.StatusSuspended: // only an opened order can be suspended
		return EffectPresent
	case read == cmp.StatusEnded:
		return Undetermined // ended by something else; it may have taken our change before
	case a.Looks+1 < enoughLooks || now.Sub(a.Dispatched) < enoughTime:
		return Unknown
	case read == a.Before:
		return EffectAbsent
	}
	return Undetermined // a status that no order of ours can have now, or the order is gone
}

func (o *Orders) settle(ctx context.Context, tx *sql.Tx, a Action, read cmp.OrderStatus, verdict State) error {
	if _, err := o.log.AppendTx(ctx, tx, audit.Entry{
		Actor: ourselves, Action: audit.OrderSettled, Phase: audit.Event, Outcome: string(verdict),
		Device: a.DeviceID, Order: a.OrderID, Of: a.IntentSeq,
		Detail: []audit.Field{{Key: "action_id", Value: a.ID}, {Key: "verb", Value: string(a.Verb)}, {Key: "status_read", Value: string(read)}},
	}); err != nil {
		return err
	}
	if err := unlockOrder(ctx, tx, a); err != nil {
		return err
	}
	return update(ctx, tx, a, "state,settled_at,looks,next_look", verdict, o.now().UnixMicro(), a.Looks+1, nil)
}
