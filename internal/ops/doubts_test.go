package ops

import (
	"errors"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

var ada = operatorOf("ada", auth.Admin)

// task is an action in doubt that has been handed to a person.
func task(t *testing.T) *bench {
	t.Helper()
	b := doubtful(t, Pause, false)
	b.cmp.set(cmp.StatusEnded)
	b.looks(t, 1)
	return b
}

func settlement(b *bench, t *testing.T, verdict State) Settlement {
	t.Helper()
	return Settlement{ActionID: b.latest(t).ID, Verdict: verdict, Reason: "The CMP's operator looked it up"}
}

// What reads cannot settle becomes a task for a person: recorded once, with its order still locked, and still read.
func TestWhatReadsCannotSettleBecomesATask(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(b *bench)
		looks int
	}{
		"gone": {func(b *bench) { b.cmp.fail(&cmp.Error{Op: "package/queryOrder", Kind: cmp.NotFound}) }, 5},
		"7":    {func(b *bench) { b.cmp.set("7") }, 5},
		"3":    {func(b *bench) { b.cmp.set(cmp.StatusEnded) }, 1}, // ended by something else: no later look tells more
	} {
		b := doubtful(t, Pause, false)
		tt.spoil(b)
		b.wait(time.Hour)
		if b.looks(t, tt.looks-1); !b.latest(t).Task.IsZero() {
			t.Errorf("%s: a task after %d looks", name, tt.looks-1)
		}
		b.looks(t, 1)
		if a := b.latest(t); a.State != Unknown || !a.Task.Equal(b.time()) || a.Read != name || !b.locked(t) {
			t.Errorf("%s: after %d looks %+v", name, tt.looks, a)
		}
		b.wait(time.Hour)
		b.looks(t, 1)
		rows := b.entries(t, order1)
		last := rows[len(rows)-1]
		if len(rows) != 3 || last.Action != audit.DoubtTask || last.Actor != "console" || last.Detail[2].Value != name {
			t.Errorf("%s: %d rows, the last %+v", name, len(rows), last.Entry)
		}
	}
}

// A CMP that gives no answer for a day, or the same senseless one, leaves a task.
func TestADoubtOfADayBecomesATask(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	b.cmp.fail(errLost)
	b.wait(24*time.Hour - time.Microsecond)
	if b.looks(t, 1); !b.latest(t).Task.IsZero() {
		t.Error("a task before a day was over")
	}
	b.wait(time.Microsecond)
	if b.looks(t, 1); !b.latest(t).Task.Equal(b.time()) {
		t.Error("no task after a day")
	}
	b.cmp.fail(nil)
	b.cmp.set(cmp.StatusSuspended)
	if got := b.looks(t, 1); got != EffectPresent || b.locked(t) {
		t.Errorf("a task that a read can settle after all: %s", got)
	}
}

// An order that ended when its own period did says nothing of whether it was ended early; before that it does.
func TestAnOrderThatRanOut(t *testing.T) {
	t.Parallel()
	for _, later := range []bool{false, true} {
		b := newBench(t)
		b.cmp.order.Expire = cmp.Time{At: b.time().Add(time.Hour), Raw: "soon"}
		b.cmp.answers(errLost, true)
		b.do(t, b.form(t, anna, End), Unknown)
		want := EffectPresent
		if later {
			b.wait(time.Hour)
			want = Unknown
		}
		if got := b.looks(t, 1); got != want || b.latest(t).Task.IsZero() == later {
			t.Errorf("ran out %v: %+v", later, b.latest(t))
		}
	}
}

// An OTA order begins when the device shows up in the network, so that one that has not begun proves nothing.
func TestAnOTAOrderMayBeginLater(t *testing.T) {
	t.Parallel()
	for flag, want := range map[cmp.Flag]State{"1": Unknown, "2": EffectAbsent} {
		b := doubtful(t, Open, false)
		b.cmp.device.OTA = flag
		b.wait(time.Hour)
		if got := b.looks(t, enoughLooks); got != want || b.latest(t).Task.IsZero() != (want == EffectAbsent) {
			t.Errorf("OTA %q: %+v", flag, b.latest(t))
		}
		b.cmp.set(cmp.StatusInUse)
		if want == Unknown && b.looks(t, 1) != EffectPresent {
			t.Error("its late beginning was not seen")
		}
	}
}

// Who settles is recorded with the reason, points at the intent, and frees the order; nothing is sent.
func TestSettledByHand(t *testing.T) {
	t.Parallel()
	for _, verdict := range Verdicts() {
		b := task(t)
		s := settlement(b, t, verdict)
		a, err := b.Settle(t.Context(), ada, s)
		if err != nil || a.State != verdict || a.SettledBy != "ada" || a.SettledWhy != s.Reason || !a.Settled.Equal(b.time()) || a.Outcome() != audit.Unknown {
			t.Errorf("%s: %+v, %v", verdict, a, err)
		}
		rows := b.entries(t, order1)
		last := rows[len(rows)-1]
		if last.Actor != "ada" || last.Action != audit.OrderSettled || last.Outcome != string(verdict) || last.Reason != s.Reason || last.Of != a.IntentSeq || last.RequestID != "req-1" {
			t.Errorf("%s: %+v", verdict, last.Entry)
		}
		if b.locked(t) || len(b.cmp.sent()) != 1 {
			t.Errorf("%s: locked %v, %d sent", verdict, b.locked(t), len(b.cmp.sent()))
		}
		_, err = b.Settle(t.Context(), ada, s)
		wantKind(t, err, fault.Conflict)
	}
}

// What a person cannot settle: without the right, without a reason or a verdict, what reads may still settle, what
// was never in doubt, and what the database does not take.
func TestNotSettledByHand(t *testing.T) {
	t.Parallel()
	b := task(t)
	good := settlement(b, t, EffectAbsent)
	for name, tt := range map[string]struct {
		who  Operator
		s    Settlement
		kind fault.Kind
	}{
		"support":      {anna, good, fault.Forbidden},
		"no reason":    {ada, Settlement{good.ActionID, good.Verdict, ""}, fault.Invalid},
		"no verdict":   {ada, Settlement{good.ActionID, "", good.Reason}, fault.Invalid},
		"called ok":    {ada, Settlement{good.ActionID, OK, good.Reason}, fault.Invalid},
		"unknown id":   {ada, Settlement{"x", good.Verdict, good.Reason}, fault.NotFound},
		"no such form": {ada, Settlement{"", good.Verdict, good.Reason}, fault.NotFound},
	} {
		if _, err := b.Settle(t.Context(), tt.who, tt.s); fault.KindOf(err) != tt.kind {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.refuseRows(t, "event")
	_, err := b.Settle(t.Context(), ada, good)
	wantKind(t, err, fault.Unavailable)
	if a := b.latest(t); a.State != Unknown || !b.locked(t) {
		t.Errorf("%+v", a)
	}
	early := doubtful(t, Pause, false)
	_, err = early.Settle(t.Context(), ada, settlement(early, t, EffectAbsent))
	wantKind(t, err, fault.Conflict)
	done := newBench(t)
	a := done.do(t, done.form(t, anna, Pause), OK)
	_, err = done.Settle(t.Context(), ada, Settlement{a.ID, EffectAbsent, "x y z"})
	wantKind(t, err, fault.NotFound)
}

// Whoever opens a doubt has it read once more, which may settle it; a read that fails leaves it as it is.
func TestADoubtIsReadWhenItIsOpened(t *testing.T) {
	t.Parallel()
	b := task(t)
	id := b.latest(t).ID
	for _, tt := range []struct {
		prepare func()
		state   State
		seen    string
	}{
		{func() {}, Unknown, "3"},
		{func() { b.cmp.fail(errLost) }, Unknown, ""},
		{func() { b.cmp.fail(&cmp.Error{Kind: cmp.NotFound}) }, Unknown, Gone},
		{func() { b.cmp.fail(nil); b.cmp.set(cmp.StatusSuspended) }, EffectPresent, "5"},
		{func() {}, EffectPresent, ""},
	} {
		tt.prepare()
		if a, seen, err := b.Doubt(t.Context(), id); err != nil || a.State != tt.state || seen != tt.seen {
			t.Errorf("%s, seen %q, %v; want %s, %q", a.State, seen, err, tt.state, tt.seen)
		}
	}
	_, _, err := b.Doubt(t.Context(), "x")
	wantKind(t, err, fault.NotFound)
}

// Tasks come before doubts that reads may still settle.
func TestTasksComeFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.answers(errLost, false)
	b.do(t, b.formOf(t, anna, Pause, "ORDER_5"), Unknown)
	b.do(t, b.form(t, anna, Pause), Unknown)
	b.cmp.set(cmp.StatusEnded)
	b.looks(t, 1)
	doubts, err := b.Doubts(t.Context())
	if err != nil || !slices.EqualFunc(doubts, []string{order1, "ORDER_5"}, func(a Action, id string) bool { return a.OrderID == id }) {
		t.Errorf("%+v, %v", doubts, err)
	}
}

// The error of a form names both fields that are wrong.
func TestWhatIsWrongWithASettlement(t *testing.T) {
	t.Parallel()
	b := task(t)
	_, err := b.Settle(t.Context(), ada, Settlement{ActionID: b.latest(t).ID})
	if e, ok := errors.AsType[*SettlementError](err); !ok || e.Verdict == "" || e.Reason == "" {
		t.Errorf("%v", err)
	}
}

// However many there are, all doubts are counted.
func TestDoubtsAreCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.exec(t, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
		INSERT INTO action (id, order_id, device_id, verb, actor, state, before_status, prepared_at, intent_seq, task_at)
		SELECT 'A' || i, 'O' || i, '`+device+`', 'pause', 'anna', iif(i % 3 = 0, 'dispatched', iif(i % 3 = 1, 'unknown', 'ok')), '2', 1, i, iif(i % 3 = 1 AND i <= 300, 1, NULL) FROM n`)
	if tasks, waiting, err := b.CountDoubts(t.Context()); err != nil || tasks != 100 || waiting != 200 {
		t.Errorf("%d for a person, %d for reads, %v", tasks, waiting, err)
	}
}
