package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
)

// Do performs a prepared action: at most one request leaves, whatever is posted how often. It returns the
// action with its outcome; an error means that nothing was sent, and its message says why.
// The work goes on when the caller's context ends: a browser that leaves does not cut an action in half.
func (o *Actions) Do(ctx context.Context, who Operator, f Form) (Action, error) {
	if err := o.lacks(f.Verb); err != nil {
		return Action{}, err
	}
	f.Reason, f.Confirm = strings.TrimSpace(f.Reason), strings.TrimSpace(f.Confirm)
	a, err := o.prepared(ctx, who, f)
	if err != nil {
		return Action{}, err
	}
	if a.State == Prepared {
		if err := f.check(a); err != nil {
			return Action{}, err
		}
		if why := o.closed(ctx); why != "" {
			return Action{}, fault.New(fault.Unavailable, why+" Nothing was sent.")
		}
	}
	if !o.flights.enter(ctx, a.ID) {
		return o.again(ctx, a.ID)
	}
	defer o.flights.leave(a.ID)
	if a.State != Prepared {
		return o.again(ctx, a.ID) // posted again: the first post's outcome is the answer
	}
	return o.run(context.WithoutCancel(ctx), who, a, f)
}

// prepared loads the action that the form belongs to.
func (o *Actions) prepared(ctx context.Context, who Operator, f Form) (Action, error) {
	a, err := selectAction(ctx, o.db.Read(), `WHERE id = ?`, f.ActionID)
	if err != nil {
		return Action{}, fault.Wrap(fault.Unavailable, err, "The database did not answer. Nothing was sent.")
	}
	if a == nil || a.OrderID != f.OrderID || f.DeviceID != "" && a.DeviceID != f.DeviceID || a.Verb != f.Verb || a.Actor != who.Name {
		return Action{}, fault.New(fault.Conflict, "This form is not known here any more. Nothing was sent. Check the state below and send it again.")
	}
	if !who.Can(a.rule().Permission) {
		return Action{}, fault.New(fault.Forbidden, "Your role does not allow this action. Nothing was sent.")
	}
	return *a, nil
}

// again answers a post whose action somebody else is, or was, busy with.
func (o *Actions) again(ctx context.Context, id string) (Action, error) {
	a, err := selectAction(ctx, o.db.Read(), `WHERE id = ?`, id)
	if err != nil || a == nil {
		return Action{}, fault.Wrap(fault.Unavailable, err, "This action was sent already, but its outcome could not be read. Look at the order.")
	}
	switch a.State {
	case Refused, Expired:
		return Action{}, fault.New(fault.Conflict, a.Why)
	case Prepared: // refused, and the database did not take that
		return Action{}, fault.New(fault.Unavailable, "Nothing was sent, and why could not be recorded. Try again when the database takes writes.")
	}
	return *a, nil
}

// run checks the action against a fresh read, claims it together with its intent, sends, and records the outcome.
func (o *Actions) run(ctx context.Context, who Operator, a Action, f Form) (Action, error) {
	a.Claimed = o.now()
	a.Reason, a.Wants, a.deviceType, a.autoBind, a.binding, a.sms, a.purchase = f.Reason, f.Wants, f.DeviceType, f.AutoBind, f.binding(a), f.sms, f.purchase
	pressed := a.Claimed
	if !f.pressed.IsZero() {
		pressed = f.pressed
	}
	err := o.recheck(ctx, a, pressed)
	if err == nil {
		a, err = o.dispatch(ctx, who, a)
	}
	if err == nil && a.batch != "" {
		o.publish(topicBatch + a.batch) // this one is on its way
	}
	if err != nil {
		return o.refuse(ctx, who, a, err)
	}
	return o.send(ctx, who, a), nil
}

// errOld says that the page was shown too long ago.
var errOld = fault.New(fault.Conflict, "This page was older than 15 minutes, so nothing was sent. Check the state below, it has just been read, and send it again.")

// recheck compares the state that the operator was shown with what the CMP says now, when the page was not too old as they pressed. The CMP offers no
// compare-and-set, so the moments between this read and the change remain.
func (o *Actions) recheck(ctx context.Context, a Action, pressed time.Time) error {
	if pressed.Sub(a.Prepared) > formLife {
		return errOld
	}
	if a.rule().unread {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	state, err := a.rule().read(ctx, o.client, a)
	if err != nil {
		return fmt.Errorf("re-read before %s: %w", a.Verb, err)
	}
	if state != a.Before {
		return fault.New(fault.Conflict, a.rule().changed)
	}
	return nil
}

// dispatch claims the action, takes the order's lock and makes the intent durable, in one transaction. After it
// returns without error the request may leave, and only then.
func (o *Actions) dispatch(ctx context.Context, who Operator, a Action) (Action, error) {
	now := o.now()
	sending := a
	err := o.db.Write(ctx, func(tx *sql.Tx) (err error) {
		if err = o.stopped(ctx, tx); err != nil {
			return err
		}
		if err = claim(ctx, tx, a, now); err != nil {
			return err
		}
		if err = lock(ctx, tx, a); err != nil {
			return err
		}
		sending.State, sending.Dispatched = Dispatched, now
		if sending.IntentSeq, err = o.appendFirst(ctx, tx, a, a.entry(who, audit.Intent, "")); err != nil {
			return err
		}
		return update(ctx, tx, sending, "intent_seq", sending.IntentSeq)
	})
	switch {
	case err == nil:
		return sending, nil
	case errors.Is(err, errLocked):
		return a, fault.Wrap(fault.Conflict, err, a.rule().busy)
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return a, f
	}
	return a, fault.Wrap(fault.Unavailable, err, "The intent could not be written to the audit log, so nothing was sent. Try again when the database takes writes.")
}

// stopped says why no change may leave any more. Asked in the transaction of the claim, it holds until that commits.
func (o *Actions) stopped(ctx context.Context, tx *sql.Tx) error {
	if o.stopping.Load() {
		return fault.New(fault.Unavailable, "The console is being stopped, so nothing was sent. Send it again when it is back.")
	}
	if why := o.gate(ctx, tx); why != "" {
		return fault.New(fault.Unavailable, why+" Nothing was sent.")
	}
	return nil
}
