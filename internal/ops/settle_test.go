package ops

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// doubtful brings an action whose answer is lost, with or without effect.
func doubtful(t *testing.T, verb Verb, effect bool) *bench {
	t.Helper()
	b := newBench(t)
	rule, _ := RuleOf(verb)
	b.cmp.set(rule.From)
	b.cmp.answers(errLost, effect)
	b.do(t, b.form(t, anna, verb), Unknown)
	b.cmp.answers(nil, true)
	return b
}

// view reads the order as every page of it does, and returns what the action is now.
func (b *bench) view(t *testing.T) State {
	t.Helper()
	order, err := b.cmp.Order(t.Context(), order1)
	if err != nil {
		t.Fatal(err)
	}
	open, err := b.Observe(t.Context(), order, b.time())
	if err != nil {
		t.Fatal(err)
	}
	a := b.latest(t)
	if (open != nil) != a.InDoubt() || b.locked(t) != a.InDoubt() {
		t.Errorf("%s: still open %+v, locked %v", a.State, open, b.locked(t))
	}
	return a.State
}

func TestAnEffectIsSeenAtTheFirstLook(t *testing.T) {
	t.Parallel()
	for _, rule := range ruleBook {
		b := doubtful(t, rule.verb, true)
		b.wait(3 * time.Second)
		if got := b.view(t); got != EffectPresent {
			t.Errorf("%s: %s", rule.verb, got)
		}
		a := b.latest(t)
		if a.Outcome() != audit.Unknown || a.Looks != 0 || !a.Settled.Equal(b.time()) || len(b.cmp.sent()) != 1 {
			t.Errorf("%s: %+v, %d sent", rule.verb, a, len(b.cmp.sent()))
		}
		if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown", "event:effect_present"}) {
			t.Errorf("%s: rows %v", rule.verb, got)
		}
	}
}

// The settlement's row is the console's own, points at the intent and says what was read.
func TestASettlementIsRecorded(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, true)
	b.view(t)
	a, r := b.latest(t), b.entries(t, order1)[2]
	detail := []audit.Field{{Key: "action_id", Value: a.ID}, {Key: "verb", Value: "pause"}, {Key: "status_read", Value: "5"}}
	if r.Actor != "console" || r.Roles != "" || r.Action != audit.OrderSettled || r.Phase != audit.Event || r.Outcome != "effect_present" ||
		r.Of != a.IntentSeq || r.Device != device || !slices.Equal(r.Detail, detail) {
		t.Errorf("%+v", r.Entry)
	}
	if b.view(t) != EffectPresent || len(b.rows(t)) != 3 {
		t.Errorf("a later look settled it again: %v", b.rows(t))
	}
}

// looks has the console look so many times by itself, whatever its schedule says.
func (b *bench) looks(t *testing.T, times int) State {
	t.Helper()
	for range times {
		if err := b.look(t.Context(), b.latest(t)); err != nil {
			t.Fatal(err)
		}
	}
	return b.latest(t).State
}

// Absence needs five looks and a quarter of an hour, both: until then the request may still be queued.
func TestAbsenceNeedsLooksAndTime(t *testing.T) {
	t.Parallel()
	many := doubtful(t, Pause, false)
	if got := many.looks(t, 8); got != Unknown { // many looks, but little time
		t.Fatalf("8 looks in no time: %s", got)
	}
	many.wait(15*time.Minute - time.Microsecond)
	if got := many.looks(t, 1); got != Unknown {
		t.Errorf("just before a quarter of an hour: %s", got)
	}
	many.wait(time.Microsecond)
	if got := many.looks(t, 1); got != EffectAbsent {
		t.Errorf("after a quarter of an hour: %s", got)
	}
	few := doubtful(t, Pause, false)
	few.wait(24 * time.Hour)
	if got := few.looks(t, 4); got != Unknown { // much time, but few looks
		t.Fatalf("4 looks after a day: %s", got)
	}
	if got := few.looks(t, 1); got != EffectAbsent {
		t.Errorf("fifth look after a day: %s", got)
	}
	if got := few.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown", "event:unknown", "event:effect_absent"}) {
		t.Errorf("rows %v", got)
	}
}

// However often people look at a page, the console's own schedule stands, and absence is not concluded sooner.
func TestPeopleWhoLookPushNothingAway(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	due := b.count(t, `SELECT next_look FROM action`)
	for range 20 {
		b.wait(time.Hour)
		if got := b.view(t); got != Unknown {
			t.Fatalf("state %s", got)
		}
	}
	if a := b.latest(t); a.Looks != 0 || b.count(t, `SELECT next_look FROM action`) != due {
		t.Errorf("%d looks counted; next look moved from %d", a.Looks, due)
	}
}

// A person's look late enough for absence does not make up for the console's own that are still to come.
func TestAPersonsLookIsNotTheFifth(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	b.looks(t, enoughLooks-1)
	b.wait(time.Hour)
	if got := b.view(t); got != Unknown {
		t.Errorf("after %d looks and a person's: %s", enoughLooks-1, got)
	}
	if got := b.looks(t, 1); got != EffectAbsent {
		t.Errorf("after the fifth: %s", got)
	}
}

// An order that is on another device by now says nothing of our change, whoever looks.
func TestAnOrderThatHasMovedSettlesNothing(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	b.cmp.order.DeviceID, b.cmp.order.Status = "89860000000000000009", cmp.StatusSuspended
	b.wait(time.Hour)
	if got := b.view(t); got != Unknown {
		t.Errorf("a person's look: %s", got)
	}
	if got := b.looks(t, enoughLooks); got != Unknown || b.latest(t).Task.IsZero() || b.latest(t).Read != Moved {
		t.Errorf("the console's looks: %+v", b.latest(t))
	}
}

// A read that was begun before the answer was lost says nothing about what came after it.
func TestAnOldReadIsNoEvidence(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	read := cmp.Order{ID: order1, DeviceID: device, Status: cmp.StatusSuspended}
	if open, err := b.Observe(t.Context(), read, b.time().Add(-time.Microsecond)); err != nil || open == nil || b.latest(t).State != Unknown {
		t.Errorf("settled by an old read: %+v, %v", open, err)
	}
	if open, err := b.Observe(t.Context(), read, b.time()); err != nil || open != nil || b.latest(t).State != EffectPresent {
		t.Errorf("not settled by a fresh one: %+v, %v", open, err)
	}
}

// A doubt locks its order for everybody and every verb until it is settled; then the order takes changes again.
func TestADoubtLocksTheOrder(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	for _, verb := range []Verb{Pause, End} {
		p, err := b.Preflight(t.Context(), anna, order1, verb)
		if err != nil || p.Refused != "The outcome of the last change is not known yet." || p.ID != "" || p.Open == nil || p.Open.Actor != "anna" {
			t.Errorf("%s: %+v, %v", verb, p, err)
		}
	}
	b.cmp.set(cmp.StatusSuspended) // the queued request has been carried out after all
	b.do(t, b.form(t, anna, Restart), OK)
	want := []string{"intent:", "outcome:unknown", "event:effect_present", "intent:", "outcome:ok"}
	if got := b.rows(t); !slices.Equal(got, want) {
		t.Errorf("rows %v", got)
	}
}

// What a read after the change says of it, at the first look and late enough for absence.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, tt := range []struct {
		verb         Verb
		before, read cmp.OrderStatus
		first, late  State
	}{
		{Pause, "2", "5", EffectPresent, EffectPresent},
		{Pause, "2", "3", Undetermined, Undetermined},
		{Pause, "2", "2", Unknown, EffectAbsent},
		{Pause, "2", "1", Unknown, Undetermined},
		{Restart, "5", "2", EffectPresent, EffectPresent},
		{Restart, "5", "3", Undetermined, Undetermined},
		{Restart, "5", "5", Unknown, EffectAbsent},
		{Open, "1", "2", EffectPresent, EffectPresent},
		{Open, "1", "5", EffectPresent, EffectPresent}, // only an opened order can be suspended
		{Open, "1", "3", Undetermined, Undetermined},
		{Open, "1", "1", Unknown, EffectAbsent},
		{Cancel, "1", "3", EffectPresent, EffectPresent},
		{Cancel, "1", "1", Unknown, EffectAbsent},
		{Cancel, "1", "2", Unknown, Undetermined},
		{End, "2", "3", EffectPresent, EffectPresent},
		{End, "2", "2", Unknown, EffectAbsent},
		{End, "2", "5", Unknown, Undetermined},
		{End, "2", "7", Unknown, Undetermined},
		{End, "2", "", Unknown, Undetermined},
	} {
		a := Action{Verb: tt.verb, Before: string(tt.before), Dispatched: now, Expires: now.Add(time.Hour)}
		first := judge(a, string(tt.read), now)
		a.Looks = enoughLooks - 1
		late := judge(a, string(tt.read), now.Add(enoughTime))
		if first != tt.first || late != tt.late {
			t.Errorf("%s, then %s: %s and %s, want %s and %s", tt.verb, tt.read, first, late, tt.first, tt.late)
		}
	}
}

// Many who look at the same moment settle a doubt once, and none of them is shown an error.
func TestManyLooksSettleOnce(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, true)
	order := cmp.Order{ID: order1, DeviceID: device, Status: cmp.StatusSuspended}
	posts(t, 50, func() {
		if open, err := b.Observe(t.Context(), order, b.time()); err != nil || open != nil {
			t.Errorf("%+v, %v", open, err)
		}
	})
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown", "event:effect_present"}) {
		t.Errorf("rows %v", got)
	}
}

// A settlement that cannot be recorded does not happen: the order stays locked.
func TestASettlementThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, true)
	b.refuseRows(t, "event")
	order := cmp.Order{ID: order1, DeviceID: device, Status: cmp.StatusSuspended}
	if open, err := b.Observe(t.Context(), order, b.time()); err == nil || open == nil || !b.locked(t) || b.latest(t).State != Unknown {
		t.Errorf("open %+v, %v, locked %v", open, err, b.locked(t))
	}
	b.takeRows(t)
	if got := b.view(t); got != EffectPresent {
		t.Errorf("state %s", got)
	}
}

// Reads of other orders are no evidence.
func TestOtherOrdersSettleNothing(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	for i := range 10 {
		b.wait(time.Hour)
		if open, err := b.Observe(t.Context(), cmp.Order{ID: fmt.Sprintf("ORDER_1%d", i), Status: cmp.StatusSuspended}, b.time()); err != nil || open != nil {
			t.Errorf("%+v, %v", open, err)
		}
	}
	if a := b.latest(t); a.State != Unknown || a.Looks != 0 {
		t.Errorf("%+v", a)
	}
}
