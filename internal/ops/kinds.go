package ops

import (
	"context"
	"database/sql"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// kind is what the verbs of one sort of thing have in common: how its state is read, and what a state tells.
type kind struct {
	settled audit.Action                         // the row of a doubt that reads have settled
	fields  func(r Rule, a Action) []audit.Field // what its rows say beside device, order and reason
	unread  bool                                 // nothing is read just before sending
	subject func(a Action) string
	read    func(ctx context.Context, c Client, a Action) (state string, err error)
	wanted  func(r Rule, a Action) string
	busy    string                                                    // what the operator is told when another change of it waits for its outcome
	changed string                                                    // what the operator is told when the state is not the one shown any more
	evident func(r Rule, a Action, state string, now time.Time) State // Unknown when the state alone does not tell

	later func(ctx context.Context, c Client, a Action) (bool, error)     // whether the effect may come much later; nil when it cannot
	kept  func(ctx context.Context, tx *sql.Tx, a Action) (string, error) // keeps the order that the effect has made, and names it; nil when it makes none
	says  func(a Action) string                                           // what the state read last says, for the log; nil when it is that state itself
}

// told is what the state that was read last says, as the log keeps it.
func (k *kind) told(a Action) string {
	if k.says == nil {
		return a.Read
	}
	return k.says(a)
}

var orders = &kind{
	settled: audit.OrderSettled,
	fields: func(r Rule, a Action) []audit.Field {
		return []audit.Field{{Key: "before_status", Value: a.Before}, {Key: "wanted_status", Value: string(r.To)}}
	},
	subject: func(a Action) string { return a.OrderID },
	read: func(ctx context.Context, c Client, a Action) (string, error) {
		order, err := c.Order(ctx, a.OrderID)
		return orderState(order, a), err
	},
	wanted:  func(r Rule, _ Action) string { return string(r.To) },
	busy:    "Another change of this order is waiting for its outcome, so nothing was sent.",
	changed: "The order has changed since this page was shown, so nothing was sent. Check its state below.",
	evident: func(r Rule, a Action, state string, now time.Time) State {
		switch status := cmp.OrderStatus(state); {
		case a.Verb == Open && status == cmp.StatusSuspended: // only an opened order can be suspended
			return EffectPresent
		case status == cmp.StatusEnded && (r.To != cmp.StatusEnded || a.ranOut(now)):
			return Undetermined // ended by something else, or by itself; it may have taken our change before
		}
		return Unknown
	},
	later: func(ctx context.Context, c Client, a Action) (bool, error) {
		if a.Verb != Open {
			return false, nil
		}
		d, err := c.Device(ctx, a.DeviceID)
		return d.OTA.Yes(), err // an OTA order begins with the device's next location update (API document, order push, 1007)
	},
}

// Moved stands for the status of an order that is on another device by now.
const Moved = "moved"

// orderState is the state of an order, for an action on it.
func orderState(order cmp.Order, a Action) string {
	if order.DeviceID != a.DeviceID {
		return Moved
	}
	return string(order.Status)
}

// notEvident is for states that tell nothing but whether they are the wanted one.
func notEvident(Rule, Action, string, time.Time) State { return Unknown }

// ranOut tells whether the order's own period has ended by now, which ends it without anybody's doing.
func (a Action) ranOut(now time.Time) bool { return !a.Expires.IsZero() && !now.Before(a.Expires) }
