package ops

import (
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// State is how far an action has come: prepared → dispatched → ok, rejected, not_sent or unknown;
// prepared → refused or expired; unknown → effect_present or effect_absent, and undetermined when a person says so.
type State string

// The states of an action.
const (
	Prepared      State = "prepared"
	Dispatched    State = "dispatched"
	OK            State = "ok"
	Rejected      State = "rejected"
	Unknown       State = "unknown"
	NotSent       State = "not_sent"
	Refused       State = "refused"
	Expired       State = "expired"
	EffectPresent State = "effect_present"
	EffectAbsent  State = "effect_absent"
	Undetermined  State = "undetermined"
)

// Action is one change asked of the CMP.
type Action struct {
	ID, OrderID, DeviceID string
	Verb                  Verb
	Actor, Reason         string
	State                 State
	Before                string    // the state that the operator was shown
	Expires               time.Time // when the order would end by itself, as it was shown; zero when it was not stated
	Wants                 string    // what the verb alone does not say, such as an IMEI
	Prepared, Claimed     time.Time
	Dispatched, Finished  time.Time
	Settled               time.Time
	Confirmed             time.Time // when a read first showed the effect of what the CMP had accepted; zero before
	IntentSeq, OutcomeSeq int64
	LatencyMS             int64
	Code, Message         string // what the CMP said
	Why                   string // in our words, for the operator: why it said nothing, or why nothing was sent
	Looks                 int    // the console's own re-reads since the outcome became unknown
	Read                  string // the state that the last of them found
	ReadAt                time.Time
	Task                  time.Time // since when reads alone cannot settle it, so that a person has to; zero before
	SettledBy, SettledWhy string    // the person who settled it, and why; empty when reads did
	batch                 string    // of the orders that were placed together; empty for all other actions
	deviceType            string
	autoBind              bool         // the binding is to be made when the card first uses the network
	binding               *cmp.Binding // what is sent; nil, like the next two, in an action that was read back
	sms                   *cmp.SMS
	purchase              *Purchase
}

// Outcome is what the audit log says of the action: ok, rejected, not_sent or unknown. A doubt that was
// settled later stays unknown here, and State tells how it was settled. It is empty before the action is sent.
func (a Action) Outcome() string {
	switch a.State {
	case OK:
		return audit.OK
	case Rejected:
		return audit.Rejected
	case NotSent:
		return audit.NotSent
	case Dispatched, Unknown, EffectPresent, EffectAbsent, Undetermined:
		return audit.Unknown
	case Prepared, Refused, Expired:
	}
	return ""
}

// InDoubt tells whether nobody knows yet if the action took effect; its order takes no other change until then.
func (a Action) InDoubt() bool { return a.State == Unknown || a.State == Dispatched }

func (a Action) serviceOrder() cmp.ServiceOrder {
	return cmp.ServiceOrder{OrderID: a.OrderID, DeviceID: a.DeviceID}
}

// wanted is the state that the action is to lead to.
func (a Action) wanted() string {
	r := a.rule()
	return r.wanted(r, a)
}

func (a Action) rule() Rule {
	r, _ := RuleOf(a.Verb)
	return r
}

// TookEffect tells that the CMP has done what the action asks. What is to be bound at the card's first use of the network may not be yet, so
// it counts once a read has shown it.
func (a Action) TookEffect() bool {
	return a.State == EffectPresent || a.State == OK && (!a.autoBind || !a.Confirmed.IsZero())
}

// Known is when it was last known here that the action took effect, or how else it ended: from a read, or else from its answer.
func (a Action) Known() time.Time {
	for _, at := range []time.Time{a.Confirmed, a.Settled} {
		if !at.IsZero() {
			return at
		}
	}
	return a.Finished
}
