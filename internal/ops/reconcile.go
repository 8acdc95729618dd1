package ops

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// retryAtMost is the longest wait after a look that failed.
const retryAtMost = 5 * time.Minute

// looksAtOnce is how many actions in doubt are looked at in a round, the one that waits longest first.
const looksAtOnce = 5

// Reconcile looks again at actions in doubt, by reads only, until ctx ends. tick says when to check the schedule.
func (o *Actions) Reconcile(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			if err := o.lookAtDue(ctx); err != nil && ctx.Err() == nil {
				o.logger.Warn("actions in doubt not looked at", "err", err)
			}
		}
	}
}

func (o *Actions) lookAtDue(ctx context.Context) error {
	due, err := selectActions(ctx, o.db.Read(), `WHERE state = 'unknown' AND next_look <= ? ORDER BY next_look LIMIT ?`, o.now().UnixMicro(), looksAtOnce)
	if err != nil {
		return err
	}
	var failed error
	for _, a := range due {
		failed = errors.Join(failed, o.look(ctx, a))
	}
	return failed
}

// look reads what an action in doubt was about once, and settles it, hands it to a person, or says when to look
// next. A read that fails is no look; that the CMP knows no such thing is one.
func (o *Actions) look(ctx context.Context, a Action) error {
	reading, cancel := context.WithTimeout(cmp.InBackground(ctx), o.timeout)
	defer cancel()
	state, err := o.readState(reading, a)
	var verdict State
	if err == nil {
		verdict, err = o.weigh(reading, a, state)
	}
	if err != nil {
		o.logger.Warn("an action in doubt could not be looked at", "action", a.ID, "err", err)
		return o.lookLater(ctx, a, Unknown, min(lookAfter[min(a.Looks+2, len(lookAfter)-1)], retryAtMost))
	}
	a.Looks, a.Read, a.ReadAt = a.Looks+1, state, o.now()
	if verdict == EffectPresent || verdict == EffectAbsent {
		_, err := o.conclude(ctx, a, verdict)
		return err
	}
	return o.lookLater(ctx, a, verdict, lookAfter[min(a.Looks, len(lookAfter)-1)])
}

// readState reads the state of what an action is about; that the CMP does not know it any more is one too.
func (o *Actions) readState(ctx context.Context, a Action) (string, error) {
	state, err := a.rule().read(ctx, o.client, a)
	if err != nil && cmp.KindOf(err) == cmp.NotFound {
		return Gone, nil
	}
	return state, err
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
		o.tell(a)
		o.logger.Warn("an action in doubt waits for a person", "action", a.ID, "order", a.OrderID, "device", a.DeviceID)
	}
	return err
}
