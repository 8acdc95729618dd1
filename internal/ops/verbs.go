// Package ops is what an operator can do. Every change of the upstream goes through here, in one order:
// allowed, checked against a fresh read, recorded, sent once, recorded again.
package ops

import (
	"context"
	"slices"
	"strings"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// Verb is one of the things that can be done.
type Verb string

// The verbs, as they stand in addresses: five of an order, two of a card's IMEI, one of an SMS, and ordering.
const (
	Open    Verb = "open"
	Pause   Verb = "pause"
	Restart Verb = "restart"
	Cancel  Verb = "cancel"
	End     Verb = "end"
	Bind    Verb = "bind"
	Unbind  Verb = "unbind"
	Send    Verb = "send"
	Buy     Verb = "create"
)

// Rule says who may do a verb, from which status, and what it leads to (API document, order status table).
type Rule struct {
	Verb       Verb
	Permission auth.Permission
	Audit      audit.Action
	From       cmp.OrderStatus // of orders only
	To         cmp.OrderStatus
	Final      bool   // cannot be taken back: the last four of the device id are asked for
	Needs      string // why another status does not allow it
	send       func(ctx context.Context, c changer, a Action) (answer, error)
	*kind
}

// changer is the part of the CMP client that changes an order.
type changer interface {
	OpenPackage(ctx context.Context, orderID string) (cmp.Opened, error)
	CancelPackage(ctx context.Context, orderID string) error
	EndOrder(ctx context.Context, end cmp.EndOrder) error
	PauseService(ctx context.Context, order cmp.ServiceOrder) error
	RestartService(ctx context.Context, order cmp.ServiceOrder) error
	BindIMEI(ctx context.Context, b cmp.Binding) error
	SendSMS(ctx context.Context, m cmp.SMS) error
	OrderPackages(ctx context.Context, b cmp.BulkOrder) ([]cmp.BulkResult, error)
	Has(call string) bool
}

var orderRules = []Rule{
	{Pause, auth.OrdersPause, audit.OrderPause, cmp.StatusInUse, cmp.StatusSuspended, false, "Only an order in use can be paused.",
		func(ctx context.Context, c changer, a Action) (answer, error) {
			return answer{}, c.PauseService(ctx, a.serviceOrder())
		}, orders},
	{Restart, auth.OrdersRestart, audit.OrderRestart, cmp.StatusSuspended, cmp.StatusInUse, false, "Only a suspended order can be restarted.",
		func(ctx context.Context, c changer, a Action) (answer, error) {
			return answer{}, c.RestartService(ctx, a.serviceOrder())
		}, orders},
	{Open, auth.OrdersOpen, audit.OrderOpen, cmp.StatusNotEnabled, cmp.StatusInUse, false, "Only an order that has not started can be opened.",
		func(ctx context.Context, c changer, a Action) (answer, error) {
			got, err := c.OpenPackage(ctx, a.OrderID)
			return answer{facts: openedFacts(got)}, err
		}, orders},
	{Cancel, auth.OrdersCancel, audit.OrderCancel, cmp.StatusNotEnabled, cmp.StatusEnded, true, "Only an order that has not started can be cancelled.",
		func(ctx context.Context, c changer, a Action) (answer, error) {
			return answer{}, c.CancelPackage(ctx, a.OrderID)
		}, orders},
	{End, auth.OrdersEnd, audit.OrderEnd, cmp.StatusInUse, cmp.StatusEnded, true, "Only an order in use can be ended early.",
		func(ctx context.Context, c changer, a Action) (answer, error) {
			return answer{}, c.EndOrder(ctx, cmp.EndOrder{OrderID: a.OrderID, Cause: a.Reason, DeviceType: a.deviceType})
		}, orders},
}

// openedFacts are the period that an opened order has, as the CMP wrote it.
func openedFacts(got cmp.Opened) (facts []audit.Field) {
	for _, f := range []audit.Field{{Key: "starts", Value: got.Start.Raw}, {Key: "ends", Value: got.Expire.Raw}} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

// calls are what the verbs need of the CMP.
var calls = map[Verb]string{
	Open: cmp.CallOpen, Pause: cmp.CallPause, Restart: cmp.CallRestart, Cancel: cmp.CallCancel, End: cmp.CallEnd,
	Bind: cmp.CallBind, Unbind: cmp.CallBind, Send: cmp.CallSendSMS, Buy: cmp.CallBuy,
}

const notOffered = "Your CMP installation does not offer this."

// lacks says that the CMP does not offer a verb, and is nil when it does. Nothing is recorded or sent then.
func (o *Actions) lacks(v Verb) error {
	if o.client.Has(calls[v]) {
		return nil
	}
	return fault.New(fault.NotOffered, notOffered)
}

// RuleOf returns the rule of a verb; false when there is no such verb.
func RuleOf(v Verb) (Rule, bool) {
	for _, rules := range [][]Rule{orderRules, imeiRules, smsRules, purchaseRules} {
		if i := slices.IndexFunc(rules, func(r Rule) bool { return r.Verb == v }); i >= 0 {
			return rules[i], true
		}
	}
	return Rule{}, false
}

// Offer is a verb with whether it can be done now and, when not, why.
type Offer struct {
	Rule
	Allowed bool
	Why     string
}

// Offers says of each verb whether this operator can do it to the order now. open is the action that
// still waits for its outcome, nil when there is none.
func (o *Actions) Offers(ctx context.Context, who auth.Identity, order cmp.Order, open *Action) []Offer {
	offers, closed := make([]Offer, len(orderRules)), o.closed(ctx)
	for i, r := range orderRules {
		why := o.refusal(closed, r, who, order, open)
		offers[i] = Offer{Rule: r, Allowed: why == "", Why: why}
	}
	return offers
}

func (o *Actions) refusal(closed string, r Rule, who auth.Identity, order cmp.Order, open *Action) string {
	if o.lacks(r.Verb) != nil {
		return notOffered
	}
	if why := refusal(r, who, order, open); why != "" {
		return why
	}
	return closed
}

func refusal(r Rule, who auth.Identity, order cmp.Order, open *Action) string {
	switch {
	case order.Status != r.From:
		return r.Needs
	case !who.Can(r.Permission):
		return "Your role does not allow this. It needs " + holders(r.Permission) + "."
	case open != nil:
		return "The outcome of the last change is not known yet."
	}
	return ""
}

// holders names the roles that give a permission.
func holders(p auth.Permission) string {
	var names []string
	for _, role := range auth.Roles() {
		if role.Can(p) {
			names = append(names, role.Title())
		}
	}
	return strings.Join(names, " or ")
}

// Want is the status that a verb of an order leads to.
func Want(v Verb) cmp.OrderStatus {
	r, _ := RuleOf(v)
	return r.To
}
