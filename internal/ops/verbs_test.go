package ops

import (
	"context"
	"slices"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/store"
)

// ruleBook is the table of docs/order-states.md, in the order in which pages list the verbs.
var ruleBook = []struct {
	verb       Verb
	permission auth.Permission
	action     audit.Action
	from, to   cmp.OrderStatus
	final      bool
	needs      string
}{
	{Pause, "orders:pause", "order.pause", "2", "5", false, "Only an order in use can be paused."},
	{Restart, "orders:restart", "order.restart", "5", "2", false, "Only a suspended order can be restarted."},
	{Open, "orders:open", "order.open", "1", "2", false, "Only an order that has not started can be opened."},
	{Cancel, "orders:cancel", "order.cancel", "1", "3", true, "Only an order that has not started can be cancelled."},
	{End, "orders:end", "order.end", "2", "3", true, "Only an order in use can be ended early."},
}

func TestRulesAreTheTable(t *testing.T) {
	t.Parallel()
	rules := orderRules
	if len(rules) != len(ruleBook) {
		t.Fatalf("%d rules, %d in the table", len(rules), len(ruleBook))
	}
	for i, want := range ruleBook {
		r := rules[i]
		if r.Verb != want.verb || r.Permission != want.permission || r.Audit != want.action || r.From != want.from || r.To != want.to || r.Final != want.final || r.Needs != want.needs {
			t.Errorf("rule %d: %+v, want %+v", i, r, want)
		}
		if found, ok := RuleOf(want.verb); !ok || found.Verb != want.verb || Want(want.verb) != want.to {
			t.Errorf("%s: found %v %+v, leads to %s", want.verb, ok, found, Want(want.verb))
		}
	}
	for _, verb := range []Verb{"", "delete", "Pause"} {
		if _, ok := RuleOf(verb); ok || Want(verb) != "" {
			t.Errorf("%q is a verb", verb)
		}
	}
}

// Each verb, in each status, for each role and for several: it is offered, or the page says why it is not.
func TestOffers(t *testing.T) {
	t.Parallel()
	o := &Actions{client: &fakeCMP{missing: cmp.CallEnd}, db: newBench(t).db, gate: func(context.Context, store.Querier) string { return "" }}
	roles := [][]auth.Role{nil, {auth.Support}, {auth.Manager}, {auth.Auditor}, {auth.Admin}, {auth.Manager, auth.Auditor, auth.Admin}, {auth.Manager, auth.Support}}
	for _, status := range []cmp.OrderStatus{"1", "2", "3", "5", "4", "", "unheard-of"} {
		for _, held := range roles {
			for _, open := range []*Action{nil, {State: Dispatched}, {State: Unknown}} {
				offers := o.Offers(t.Context(), auth.Identity{Name: "x", Roles: held}, cmp.Order{Status: status}, open)
				for i, rule := range ruleBook {
					reason := ""
					switch {
					case rule.verb == End:
						reason = "Your CMP installation does not offer this."
					case status != rule.from:
						reason = rule.needs
					case !slices.Contains(held, auth.Support):
						reason = "Your role does not allow this. It needs Support."
					case open != nil:
						reason = "The outcome of the last change is not known yet."
					}
					if got := offers[i]; got.Verb != rule.verb || got.Why != reason || got.Allowed != (reason == "") {
						t.Errorf("status %q, %v, open %v: %s allowed %v, %q; want %s, %q", status, held, open != nil, got.Verb, got.Allowed, got.Why, rule.verb, reason)
					}
				}
			}
		}
	}
}

// What the log says of an action, and whether it holds its order, for every state that it can be in.
func TestWhatStatesSay(t *testing.T) {
	t.Parallel()
	for state, want := range map[State]struct {
		outcome string
		doubt   bool
	}{
		Prepared: {"", false}, Dispatched: {"unknown", true}, OK: {"ok", false}, Rejected: {"rejected", false}, Unknown: {"unknown", true},
		NotSent: {"not_sent", false}, Refused: {"", false}, Expired: {"", false},
		EffectPresent: {"unknown", false}, EffectAbsent: {"unknown", false}, Undetermined: {"unknown", false},
	} {
		a := Action{State: state}
		if a.Outcome() != want.outcome || a.InDoubt() != want.doubt {
			t.Errorf("%s: outcome %q, in doubt %v", state, a.Outcome(), a.InDoubt())
		}
	}
}
