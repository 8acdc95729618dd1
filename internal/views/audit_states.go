package views

import (
	"strings"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// story is what the rows of one action tell together. A row that is missing has no number.
type story struct{ self, intent, outcome, settled audit.Row }

func storyOf(self audit.Row, related []audit.Row) story {
	st := story{self: self}
	for _, r := range append([]audit.Row{self}, related...) {
		switch {
		case r.Phase == audit.Intent:
			st.intent = r
		case r.Phase == audit.PhaseOutcome:
			st.outcome = r
		case isSettlement(r.Action):
			st.settled = r
		}
	}
	return st
}

// about is the row that knows what the action was about.
func (st story) about() audit.Row {
	for _, r := range []audit.Row{st.intent, st.outcome} {
		if r.Seq > 0 {
			return r
		}
	}
	return st.self
}

// change puts what was before beside what came of it, each with where that is known from. What was asked for is never
// told as what came of it unless the CMP confirmed it. It is nil for a row that is about no change.
func (k clock) change(st story) *templates.AuditChange {
	about := st.about()
	if _, ok := phrases[about.Action]; !ok && !isSettlement(about.Action) || st.self.Action == audit.AuditRedact {
		return nil
	}
	asked := stateWanted(about)
	asked.Title = "Asked for:"
	if blank(asked) {
		asked.Title = ""
	}
	return &templates.AuditChange{Before: k.before(st), Asked: asked, After: k.after(st)}
}

func (k clock) before(st story) templates.AuditState {
	about := st.about()
	state := stateBefore(about)
	state.Title, state.Source, state.At = "Before", "Read from the CMP just before sending,", k.stamp(about.Time)
	switch {
	case about.Action == audit.SMSSend:
		state.Words, state.Source, state.At = "A new message", "Nothing is read before a message is sent.", ui.Moment{}
	case blank(state):
		state.Words, state.Source, state.At = "Not in the log", "No row of this action says how it was before.", ui.Moment{}
	case st.self.Outcome == audit.Refused:
		state.Source, state.At = "As the page with the form had read it.", ui.Moment{}
	}
	return state
}

// after is the newest that is known: what reads have found, else what the CMP's answer says, else nothing.
func (k clock) after(st story) templates.AuditState {
	about := st.about()
	state := templates.AuditState{Title: "After"}
	switch end := st.outcome; {
	case st.settled.Seq > 0:
		return k.afterSettled(st)
	case st.self.Outcome == audit.Refused:
		state.Words, state.Source = "Not touched by this console", "Nothing was sent."
	case end.Seq == 0:
		state.Words, state.Source = "Not known yet", "How the request ended is not recorded yet."
	case end.Outcome == audit.OK:
		state = stateWanted(about)
		state.Title, state.Source, state.At = "After, as the CMP confirmed", "By its answer alone,", k.stamp(end.Time)
	case end.Outcome == audit.Rejected:
		state = stateBefore(about)
		state.Title, state.Source, state.At = "After: unchanged", "By the CMP's answer,", k.stamp(end.Time)
	case end.Outcome == audit.NotSent:
		state = stateBefore(about)
		state.Title, state.Source, state.At = "After: unchanged", "Nothing left the console,", k.stamp(end.Time)
	default:
		state.Words, state.Source = "Not known", "The answer was lost, and no read has told since."
	}
	if end := st.outcome.Outcome; blank(state) && (end == audit.Rejected || end == audit.NotSent) {
		state.Words = "As before"
	}
	return state
}

// afterSettled is how it was when the doubt was settled.
func (k clock) afterSettled(st story) templates.AuditState {
	r, about := st.settled, st.about()
	if isSettlement(about.Action) {
		about.Action = actionOf(r.Get("verb"), about.Action)
	}
	if !byItself(r) {
		word := verdictWords[ops.State(r.Outcome)]
		return templates.AuditState{Title: "After, as a person settled it", Words: word, Source: "By the word of " + r.Actor + ",", At: k.stamp(r.Time)}
	}
	state := templates.AuditState{Words: "Not in the log"}
	if read, ok := r.Lookup("status_read"); ok {
		state = stateAs(about.Action, read)
	}
	state.Title, state.Source, state.At = "After, as it was read", "Read from the CMP by the console,", k.stamp(r.Time)
	return state
}

// actionOf finds the action of a settlement that stands alone.
func actionOf(verb string, settled audit.Action) audit.Action {
	if rule, ok := ops.RuleOf(ops.Verb(verb)); ok {
		return rule.Audit
	}
	return settled
}

func stateBefore(r audit.Row) templates.AuditState {
	for _, key := range []string{"before_status", "bound_before"} {
		if state, ok := r.Lookup(key); ok {
			return stateAs(r.Action, state)
		}
	}
	switch orders, ok := r.Lookup("orders_before"); {
	case orders != "":
		return templates.AuditState{Words: ordersOf + orders}
	case ok:
		return templates.AuditState{Words: noOrder}
	}
	return templates.AuditState{}
}

func stateWanted(r audit.Row) templates.AuditState {
	for _, key := range []string{"wanted_status", "bound_wanted"} {
		if state, ok := r.Lookup(key); ok {
			return stateAs(r.Action, state)
		}
	}
	switch r.Action {
	case audit.SMSSend:
		return templates.AuditState{Words: "Taken by the CMP"}
	case audit.OrderCreate:
		return templates.AuditState{Words: "One order more of package " + r.Get("package")}
	}
	return templates.AuditState{}
}

// ordersWords words a list of a device's orders of a package: those that it had, or those that a read has found besides.
func ordersWords(state string) string {
	ids, found := strings.CutPrefix(state, "new orders:")
	switch ids = strings.TrimSpace(ids); {
	case found && ids == "":
		return "No new order of this package"
	case found:
		return "New: " + ids
	case !strings.HasPrefix(state, "["): // rows of an earlier version hold a count
		return state + " orders of this package on the device"
	}
	if ids = ops.OrdersIn(state); ids == "" {
		return noOrder
	}
	return ordersOf + ids
}

// What the orders of a package on a device are called.
const (
	noOrder  = "No order of this package"
	ordersOf = "Orders of this package: "
)

// blank tells a state of which nothing is known.
func blank(s templates.AuditState) bool { return s.Words+s.ID+s.Badge.Word == "" }

// stateAs words a state of what the action is about, as the log or an action keeps it: an order's status, a card's IMEI,
// a message, the orders of a package.
func stateAs(a audit.Action, state string) templates.AuditState {
	kind, _, _ := strings.Cut(string(a), ".")
	words := ""
	switch {
	case state == ops.Gone && kind == "order":
		words = "The CMP knows no such order any more"
	case state == ops.Gone:
		words = "The CMP does not know it any more"
	case state == ops.Moved:
		words = "The order belongs to another device"
	case kind == "imei" && state != "":
		return templates.AuditState{ID: state}
	case kind == "imei":
		words = "Bound to no IMEI"
	case kind == "sms" && state == "":
		words = "Not known to the CMP"
	case kind == "sms":
		words = "Known to the CMP"
	case a == audit.OrderCreate:
		words = ordersWords(state)
	case state == "":
		words = "None"
	default:
		return templates.AuditState{Badge: statusBadge(cmp.OrderStatus(state))}
	}
	return templates.AuditState{Words: words}
}

// stateText words a state of what an action of ours is about, where there is no room for more.
func stateText(a ops.Action, state string) string {
	rule, _ := ops.RuleOf(a.Verb)
	s := stateAs(rule.Audit, state)
	return s.Words + s.ID + s.Badge.Word // one of them
}
