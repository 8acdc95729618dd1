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

// lookAfter is the schedule of re-reads of an action in doubt; the last wait comes again and again. Each begins at
// the look before, so that a clock that jumps brings one look forward and not all of them.
var lookAfter = []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}

// handOverAfter is how long reads may take to settle a doubt before a person has to.
const handOverAfter = 24 * time.Hour

// What is not evident is concluded only after this many of the console's own looks over this long a time:
// until then the request may still be queued at the CMP.
const (
	enoughLooks = 5
	enoughTime  = 15 * time.Minute
)

// Gone stands in the log for the state of what the CMP does not know any more.
const Gone = "gone"

// Observe takes a read of an order, begun at asked, as evidence for an action in doubt and settles it when it
// can, or confirms one that the CMP accepted. It returns the action that still blocks the order, nil when nothing does. Looks of
// people do not move the console's own schedule.
func (o *Actions) Observe(ctx context.Context, order cmp.Order, asked time.Time) (*Action, error) {
	open, err := o.observe(ctx, order.ID, func(a Action) string { return orderState(order, a) }, asked)
	if err != nil || open != nil {
		return open, err
	}
	if _, err = o.confirm(ctx, order, asked); err != nil {
		o.logger.Warn("that a change was confirmed is not recorded", "order", order.ID, "err", err) // the next read will
	}
	return nil, nil
}

// observe takes what was read of a subject as evidence; state says what that is for the action in doubt.
func (o *Actions) observe(ctx context.Context, subject string, state func(Action) string, asked time.Time) (*Action, error) {
	a, err := o.Open(ctx, subject)
	if err != nil || a == nil {
		return nil, err
	}
	if a.State != Unknown || asked.Before(a.Finished) {
		return a, nil // on its way, still to be recorded, or lost after this read was asked for
	}
	a.Read, a.ReadAt = state(*a), o.now()
	switch verdict, err := o.weigh(ctx, *a, a.Read); {
	case err != nil:
		return a, err
	case verdict == EffectPresent, verdict == EffectAbsent && a.Looks >= enoughLooks: // a person's look is none of those
		return o.conclude(ctx, *a, verdict)
	}
	return a, nil
}

// is stands for a state that is the same for every action.
func is(state string) func(Action) string { return func(Action) string { return state } }

// conclude settles a doubt by what was read of it last. Who comes second finds it settled.
func (o *Actions) conclude(ctx context.Context, a Action, verdict State) (*Action, error) {
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		return o.settle(ctx, tx, a, verdict, a.doubtEntry(Operator{}, a.rule().settled, string(verdict)))
	})
	if errors.Is(err, errMoved) {
		return o.Open(ctx, a.rule().subject(a))
	}
	if err != nil {
		return &a, fmt.Errorf("settle action %s: %w", a.ID, err)
	}
	o.touched(a)
	o.tell(a)
	return nil, nil
}

// judge says what a state read tells of an action in doubt: Unknown when another look may tell more, Undetermined when
// none will. An effect that is there is not called a success: somebody else may have caused it.
func judge(a Action, read string, now time.Time) State {
	switch evident := a.rule().evident(a.rule(), a, read, now); {
	case evident != Unknown:
		return evident
	case read == a.wanted():
		return EffectPresent
	case a.Looks+1 < enoughLooks || now.Sub(a.Dispatched) < enoughTime:
		return Unknown
	case read == a.Before:
		return EffectAbsent
	}
	return Undetermined // a state that nobody asked for, or the thing is gone
}

// settle records how a doubt ended and lets the next change of its subject begin.
func (o *Actions) settle(ctx context.Context, tx *sql.Tx, a Action, verdict State, e audit.Entry) error {
	if kept := a.rule().kept; kept != nil && verdict == EffectPresent {
		order, err := kept(ctx, tx, a)
		if err != nil {
			return err
		}
		e.Order = order
	}
	if _, err := o.log.AppendTx(ctx, tx, e); err != nil {
		return err
	}
	if err := unlock(ctx, tx, a); err != nil {
		return err
	}
	return update(ctx, tx, a, "state,settled_at,settled_by,settled_why,looks,read_state,read_at,next_look",
		verdict, o.now().UnixMicro(), a.SettledBy, a.SettledWhy, a.Looks, a.Read, micros(a.ReadAt), nil)
}

// doubtEntry is the audit entry of what became of a doubt: the console's own, unless a person is named.
func (a Action) doubtEntry(who Operator, action audit.Action, outcome string) audit.Entry {
	e := who.Entry(action, audit.Event)
	if who.Name == "" {
		e.Actor, e.Roles = audit.Console, ""
	}
	e.Outcome, e.Device, e.Order, e.Of = outcome, a.DeviceID, a.OrderID, a.IntentSeq
	e.Detail = []audit.Field{{Key: "action_id", Value: a.ID}, {Key: "verb", Value: string(a.Verb)}, {Key: "status_read", Value: a.rule().told(a)}}
	return e
}
