package ops

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// RecordTime is how long an outcome may take to be written, whatever became of the caller.
const RecordTime = store.WriteTime + 5*time.Second

// send calls the CMP once and records the outcome. A doubt keeps the order locked.
func (o *Actions) send(ctx context.Context, who Operator, a Action) Action {
	calling, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	got, err := a.rule().send(calling, o.client, a)
	done := a
	done.Finished, done.LatencyMS = o.now(), o.now().Sub(a.Dispatched).Milliseconds()
	done.State, done.Code, done.Message, done.Why = classify(err)
	defer o.tell(a)
	if done.State == OK || done.State == Unknown {
		defer o.touched(a)
	}
	err = o.record(ctx, a, func(ctx context.Context, tx *sql.Tx) (err error) {
		if done.OutcomeSeq, err = o.log.AppendTx(ctx, tx, got.addTo(done.entry(who, audit.PhaseOutcome, done.Outcome()))); err != nil {
			return err
		}
		if err = got.keep(ctx, tx, a); err != nil {
			return err
		}
		return o.finish(ctx, tx, a, done)
	})
	if err != nil {
		o.logger.Error("outcome not recorded, so that the action counts as unknown", "action", a.ID, "order", a.OrderID, "err", err)
		return a // still dispatched, which every page shows as unknown
	}
	return done
}

// touched tells that an action has, or may have, made another one of its device.
func (o *Actions) touched(a Action) {
	if a.Verb != Send {
		o.changed(a.DeviceID)
	}
}

// answer is what the CMP tells with its confirmation.
type answer struct {
	order string // that it has made
	facts []audit.Field
}

func (got answer) addTo(e audit.Entry) audit.Entry {
	e.Detail = append(e.Detail, got.facts...)
	if got.order != "" {
		e.Order = got.order
	}
	return e
}

func (got answer) keep(ctx context.Context, tx *sql.Tx, a Action) error {
	if got.order == "" {
		return nil
	}
	return keepOrderID(ctx, tx, a.ID, got.order)
}

func (o *Actions) finish(ctx context.Context, tx *sql.Tx, a, done Action) error {
	var next any
	if done.State == Unknown {
		next = done.Finished.Add(lookAfter[0]).UnixMicro()
	} else if err := unlock(ctx, tx, a); err != nil {
		return err
	}
	return update(ctx, tx, a, "state,finished_at,outcome_seq,latency_ms,code,message,why,next_look",
		done.State, done.Finished.UnixMicro(), done.OutcomeSeq, done.LatencyMS, done.Code, done.Message, done.Why, next)
}

// classify turns the client's answer into a state, the CMP's own words, and ours for why they are missing.
// Only what is certain is said: the rest is unknown.
func classify(err error) (state State, code, message, why string) {
	if err == nil {
		return OK, "0000", "", ""
	}
	why = "The call ended in a way that says nothing about the change."
	if e, ok := errors.AsType[*cmp.Error](err); ok {
		code, message, why = e.Code, e.Message, e.Why()
	}
	switch cmp.KindOf(err) {
	case cmp.Rejected:
		if message != "" {
			why = "" // the CMP has said it
		}
		return Rejected, code, message, why
	case cmp.NotSent:
		return NotSent, code, message, why
	default:
		return Unknown, code, message, why
	}
}

// refuse records that an action was not sent, and returns the reason for the operator. Should another console on
// the same file have sent it meanwhile, that one's outcome is the answer.
func (o *Actions) refuse(ctx context.Context, who Operator, a Action, cause error) (Action, error) {
	state, why := Refused, "The order could not be read just before sending, so nothing was sent."
	if f, ok := errors.AsType[*fault.Error](cause); ok {
		why = f.Message
	}
	if errors.Is(cause, errOld) {
		state = Expired
	}
	err := o.record(ctx, a, func(ctx context.Context, tx *sql.Tx) error {
		e := a.entry(who, audit.Event, audit.Refused)
		e.Detail = append(e.Detail, audit.Field{Key: "why", Value: why})
		if _, err := o.appendFirst(ctx, tx, a, e); err != nil {
			return err
		}
		return update(ctx, tx, a, "state,claimed_at,finished_at,reason,wants,why", state, a.Claimed.UnixMicro(), o.now().UnixMicro(), a.Reason, a.Wants, why)
	})
	switch {
	case errors.Is(err, errMoved):
		return o.again(ctx, a.ID)
	case err != nil:
		o.logger.Error("refusal not recorded yet", "action", a.ID, "order", a.OrderID, "err", err)
	default:
		o.tell(a)
	}
	return Action{}, cause
}

// record writes how an action ended. What the database does not take now is kept and written by WriteEnds, unless
// somebody has moved the action on (errMoved); only a crash before that loses it, and then recovery says unknown.
func (o *Actions) record(ctx context.Context, a Action, write write) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), RecordTime)
	defer cancel()
	err := o.db.Write(ctx, func(tx *sql.Tx) error { return write(ctx, tx) })
	if err != nil && !errors.Is(err, errMoved) {
		o.unwritten.keep(a.ID, write)
	}
	return err
}

// entry is the audit entry of the action in its present state.
func (a Action) entry(who Operator, phase audit.Phase, outcome string) audit.Entry {
	e := who.Entry(a.rule().Audit, phase)
	e.Device, e.Order, e.Reason, e.Outcome = a.DeviceID, a.OrderID, a.Reason, outcome
	e.Detail = append([]audit.Field{{Key: "action_id", Value: a.ID}}, a.rule().fields(a.rule(), a)...)
	if a.deviceType != "" {
		e.Detail = append(e.Detail, audit.Field{Key: "device_type", Value: a.deviceType})
	}
	if phase == audit.PhaseOutcome {
		e.Of, e.UpstreamCode, e.UpstreamMessage, e.LatencyMS = a.IntentSeq, a.Code, a.Message, a.LatencyMS
		if a.Why != "" {
			e.Detail = append(e.Detail, audit.Field{Key: "why", Value: a.Why})
		}
	}
	return e
}
