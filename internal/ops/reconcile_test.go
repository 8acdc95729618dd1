package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cmpconsole/internal/cmp"
)

// reconciler runs Reconcile in the test's bubble; turn lets it do one round to its end.
func (b *bench) reconciler(t *testing.T) (turn func()) {
	t.Helper()
	tick, done := make(chan time.Time), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { defer close(done); b.Reconcile(ctx, tick) }()
	t.Cleanup(func() { cancel(); <-done })
	return func() { tick <- b.time(); synctest.Wait() }
}

// looksAt moves the clock over the time and returns when the console looked by itself.
func (b *bench) looksAt(turn func(), over time.Duration, moments ...time.Duration) (at []time.Duration) {
	var now time.Duration
	for _, m := range moments {
		for _, step := range []time.Duration{m - time.Millisecond, m} {
			before := b.cmp.looks()
			b.wait(step - now)
			now = step
			turn()
			for range b.cmp.looks() - before {
				at = append(at, now)
			}
		}
	}
	b.wait(over - now)
	return at
}

var schedule = []time.Duration{
	2 * time.Second, 7 * time.Second, 22 * time.Second, 82 * time.Second, 382 * time.Second, 1282 * time.Second,
}

// The console looks after 2 s, then 5 s, 15 s, 1 min, 5 min and 15 min, then every hour, neither sooner nor later.
func TestTheSchedule(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := doubtful(t, Pause, false)
		b.cmp.set("7") // says nothing at any look
		want := slices.Clone(schedule)
		for range 48 {
			want = append(want, want[len(want)-1]+time.Hour)
		}
		if at := b.looksAt(b.reconciler(t), want[len(want)-1], want...); !slices.Equal(at, want) {
			t.Errorf("looked at %v, want %v", at, want)
		}
		if a := b.latest(t); a.State != Unknown || a.Looks != len(want) || a.Read != "7" || !a.ReadAt.Equal(b.time()) || len(b.cmp.sent()) != 1 {
			t.Errorf("%+v, %d sent", a, len(b.cmp.sent()))
		}
	})
}

// A console that starts anew goes on where the old one was.
func TestTheScheduleSurvivesARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := doubtful(t, Pause, false)
		b.cmp.set("7")
		b.looksAt(b.reconciler(t), 22*time.Second, schedule[:3]...)
		again := b.restarted(t)
		rest := []time.Duration{time.Minute, 6 * time.Minute, 21 * time.Minute}
		if at := again.looksAt(again.reconciler(t), time.Hour, rest...); !slices.Equal(at, rest) {
			t.Errorf("looked at %v after the restart, want %v", at, rest)
		}
	})
}

// Nobody opens the order: the console finds by itself that the change has had no effect, or has had one.
func TestReconcileSettlesByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, effect := range []bool{true, false} {
			b := doubtful(t, Pause, effect)
			again := b.restarted(t)
			at := again.looksAt(again.reconciler(t), time.Hour, schedule...)
			want, state := schedule[:1], EffectPresent
			if !effect {
				want, state = schedule[:6], EffectAbsent // the fifth look comes before a quarter of an hour is over
			}
			if a := b.latest(t); !slices.Equal(at, want) || a.State != state || a.Looks != len(want) || b.locked(t) || len(b.cmp.sent()) != 1 {
				t.Errorf("effect %v: looked at %v, %+v, %d sent", effect, at, a, len(b.cmp.sent()))
			}
		}
	})
}

// A read that fails is no look: it is made up for, and absence is not concluded from silence.
func TestReadsThatFailAreNoLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := doubtful(t, Pause, false)
		b.cmp.fail(errLost)
		turn := b.reconciler(t)
		failing := []time.Duration{2 * time.Second, 17 * time.Second, 32 * time.Second}
		if at := b.looksAt(turn, time.Minute, failing...); !slices.Equal(at, failing) {
			t.Errorf("looked at %v, want %v", at, failing)
		}
		for range 200 {
			b.wait(15 * time.Second)
			turn()
		}
		if a := b.latest(t); a.State != Unknown || a.Looks != 0 || !b.locked(t) || b.cmp.looks() < 100 {
			t.Errorf("%+v after %d reads", a, b.cmp.looks())
		}
		b.cmp.fail(nil)
		b.cmp.set(cmp.StatusSuspended)
		b.wait(15 * time.Second)
		turn()
		if a := b.latest(t); a.State != EffectPresent {
			t.Errorf("%+v", a)
		}
	})
}

// A CMP that fails late in the schedule is asked again every five minutes, not every quarter of an hour.
func TestFailingReadsAreRepeatedSoon(t *testing.T) {
	t.Parallel()
	b := doubtful(t, Pause, false)
	if got := b.looks(t, 5); got != Unknown {
		t.Fatalf("state %s", got)
	}
	b.cmp.fail(errLost)
	b.looks(t, 1)
	if next := b.count(t, `SELECT next_look FROM action`); int64(next) != b.time().Add(5*time.Minute).UnixMicro() {
		t.Errorf("next look at %d", next)
	}
}

// Many doubts at once do not flood the CMP: five looks a round, the longest waiting first, and all get their turn.
func TestManyDoubts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.answers(errLost, false)
	for i := range 12 {
		b.do(t, b.formOf(t, anna, Pause, fmt.Sprintf("ORDER_%d", i)), Unknown)
		b.wait(time.Millisecond)
	}
	b.cmp.set(cmp.StatusSuspended)
	b.wait(time.Minute)
	before := b.cmp.looks()
	for _, left := range []int{7, 2, 0} {
		if err := b.lookAtDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		doubts, err := b.Doubts(t.Context())
		if err != nil || len(doubts) != left || (left > 0 && doubts[0].OrderID != fmt.Sprintf("ORDER_%d", 12-left)) {
			t.Errorf("%d left: %+v, %v", left, doubts, err)
		}
	}
	if n := b.cmp.looks() - before; n != 12 {
		t.Errorf("%d reads", n)
	}
}

// The console's own looks and its recovery leave an action alone that is on its way.
func TestReconcileLeavesFlightsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	forms := []Form{b.form(t, anna, Pause)}
	round := func(ctx context.Context) {
		b.wait(20 * time.Minute)
		if err := errors.Join(b.writeEnds(ctx), b.Recover(ctx), b.lookAtDue(ctx)); err != nil {
			t.Error(err)
		}
	}
	b.cmp.onChange = round
	a := b.do(t, forms[0], OK)
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:ok"}) || a.LatencyMS != (20*time.Minute).Milliseconds() || b.locked(t) {
		t.Errorf("rows %v, took %d ms", got, a.LatencyMS)
	}
}
