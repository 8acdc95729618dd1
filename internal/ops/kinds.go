package ops

import (
	"context"

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
	busy    string                             // what the operator is told when another change of it waits for its outcome
	changed string                             // what the operator is told when the state is not the one shown any more
	evident func(a Action, state string) State // Unknown when the state alone does not tell
}

var orders = &kind{
	settled: audit.OrderSettled,
	fields: func(r Rule, a Action) []audit.Field {
		return []audit.Field{{Key: "before_status", Value: a.Before}, {Key: "wanted_status", Value: string(r.To)}}
	},
	subject: func(a Action) string { return a.OrderID },
	read: func(ctx context.Context, c Client, a Action) (string, error) {
		order, err := c.Order(ctx, a.OrderID)
		if err == nil && order.DeviceID != a.DeviceID {
			return "moved", nil
		}
		return string(order.Status), err
	},
	wanted:  func(r Rule, _ Action) string { return string(r.To) },
	busy:    "Another change of this order is waiting for its outcome, so nothing was sent.",
	changed: "The order has changed since this page was shown, so nothing was sent. Check its state below.",
	evident: func(a Action, state string) State {
		switch status := cmp.OrderStatus(state); {
		case a.Verb == Open && status == cmp.StatusSuspended: // only an opened order can be suspended
			return EffectPresent
		case status == cmp.StatusEnded:
			return Undetermined // ended by something else; it may have taken our change before
		}
		return Unknown
	},
}
