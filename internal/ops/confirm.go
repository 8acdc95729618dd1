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

// heardLate is how long before its callback a change may have been confirmed by another read: pages read the order too.
const heardLate = 10 * time.Minute

// Heard takes a read of an order that a callback caused, begun at asked, as evidence, as Observe does. It names the action that this
// settled or confirmed, or that another read did shortly before the callback came; empty when there was none.
func (o *Actions) Heard(ctx context.Context, order cmp.Order, asked, came time.Time) (actionID string, err error) {
	before, err := o.Open(ctx, order.ID)
	if err != nil {
		return "", err
	}
	if before == nil {
		if id, err := o.confirm(ctx, order, asked); id != "" || err != nil {
			return id, err
		}
		return o.confirmedLately(ctx, order.ID, came)
	}
	if open, err := o.Observe(ctx, order, asked); err != nil || open != nil {
		return "", err
	}
	ended, err := selectAction(ctx, o.db.Read(), `WHERE id = ?`, before.ID)
	if err != nil || ended == nil || ended.State != EffectPresent && ended.Confirmed.IsZero() {
		return "", err // it ended otherwise
	}
	return ended.ID, nil
}

// confirmedLately names the newest change of an order when it was confirmed or settled as present since shortly before a moment.
func (o *Actions) confirmedLately(ctx context.Context, orderID string, came time.Time) (actionID string, err error) {
	a, err := o.newestOn(ctx, orderID, `claimed_at IS NOT NULL`)
	if err != nil || a == nil {
		return "", err
	}
	at := a.Confirmed
	if a.State == EffectPresent {
		at = a.Settled
	}
	if at.IsZero() || at.Before(came.Add(-heardLate)) {
		return "", nil
	}
	return a.ID, nil
}

// DeviceOf is the device of an order that something was done to here; empty when nothing was.
func (o *Actions) DeviceOf(ctx context.Context, orderID string) (deviceID string, err error) {
	a, err := o.newestOn(ctx, orderID, `claimed_at IS NOT NULL`)
	if err != nil || a == nil {
		return "", err
	}
	return a.DeviceID, nil
}

// newestOn returns the newest of the actions on an order that a condition picks, the purchase that made it among them; nil when there is none.
func (o *Actions) newestOn(ctx context.Context, orderID, condition string) (*Action, error) {
	return selectAction(ctx, o.db.Read(), `WHERE `+condition+` AND (order_id = ? OR id IN (SELECT action_id FROM purchase WHERE order_id = ? AND order_id <> '')) ORDER BY intent_seq DESC`, orderID, orderID)
}

// confirm notes that the newest change of an order, which the CMP only said to have accepted, is seen in a read begun at asked. A purchase
// is seen by its order. The plus keeps SQLite from going through all that were accepted.
func (o *Actions) confirm(ctx context.Context, order cmp.Order, asked time.Time) (actionID string, err error) {
	a, err := o.newestOn(ctx, order.ID, `+state = 'ok'`)
	if err != nil || a == nil || !a.Confirmed.IsZero() || asked.Before(a.Finished) {
		return "", err
	}
	if a.Read = orderState(order, *a); a.Read != a.wanted() && a.Verb != Buy {
		return "", nil
	}
	now := o.now()
	err = o.db.Write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE action SET confirmed_at = ? WHERE id = ? AND confirmed_at IS NULL`, now.UnixMicro(), a.ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return errors.Join(errMoved, err)
		}
		_, err = o.log.AppendTx(ctx, tx, a.confirmation(order))
		return err
	})
	switch {
	case errors.Is(err, errMoved):
		return "", nil // somebody else's read came first
	case err != nil:
		return "", fmt.Errorf("confirm action %s: %w", a.ID, err)
	}
	o.touched(*a)
	o.tell(*a)
	return a.ID, nil
}

func (a Action) confirmation(order cmp.Order) audit.Entry {
	return audit.Entry{Actor: audit.CMP, Action: audit.OrderConfirmed, Phase: audit.Event, Outcome: audit.OK, Device: a.DeviceID, Order: order.ID, Of: a.IntentSeq,
		Detail: []audit.Field{{Key: "action_id", Value: a.ID}, {Key: "verb", Value: string(a.Verb)}, {Key: "status_read", Value: string(order.Status)}}}
}
