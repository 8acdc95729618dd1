package ops

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// doubtful brings a pause whose answer is lost, with or without effect.
func doubtful(t *testing.T, effect bool) *bench {
	t.Helper()
	b := newBench(t)
	b.cmp.answer, b.cmp.effect = errLost, effect
	if a, err := b.Do(t.Context(), anna, b.form(t, anna, Pause)); err != nil || a.State != Unknown {
		t.Fatalf("%+v, %v", a, err)
	}
	b.cmp.answer = nil
	return b
}

func (b *bench) look(t *testing.T) State {
	t.Helper()
	order, err := b.cmp.Order(t.Context(), "ORDER_1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Observe(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	a, err := b.Latest(t.Context(), "ORDER_1")
	if err != nil {
		t.Fatal(err)
	}
	return a.State
}

func TestAnEffectIsSeenAtTheFirstLook(t *testing.T) {
	t.Parallel()
	b := doubtful(t, true)
	if got := b.look(t); got != EffectPresent || b.locked(t) {
		t.Errorf("state %s, locked %v", got, b.locked(t))
	}
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown", "event:effect_present"}) {
		t.Errorf("rows %v", got)
	}
}

func TestAbsenceNeedsFiveLooksAndAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	b := doubtful(t, false)
	for i := range absenceLooks + 3 { // many looks, but no time has passed
		if got := b.look(t); got != Unknown || !b.locked(t) {
			t.Fatalf("look %d: %s", i+1, got)
		}
	}
	b.wait(absenceAfter)
	if got := b.look(t); got != EffectAbsent || b.locked(t) {
		t.Errorf("after %s: %s, locked %v", absenceAfter, got, b.locked(t))
	}
	late := doubtful(t, false)
	late.wait(24 * time.Hour)
	for i := range absenceLooks - 1 { // much time, but few looks
		if got := late.look(t); got != Unknown {
			t.Fatalf("look %d after a day: %s", i+1, got)
		}
	}
	if got := late.look(t); got != EffectAbsent {
		t.Errorf("fifth look after a day: %s", got)
	}
}

func TestADoubtLocksTheOrder(t *testing.T) {
	t.Parallel()
	b := doubtful(t, false)
	p, err := b.Preflight(t.Context(), anna, "ORDER_1", End)
	if err != nil || p.Refused == "" || p.ID != "" || p.Open == nil {
		t.Errorf("preflight %+v, %v", p, err)
	}
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, tt := range []struct {
		verb   Verb
		before cmp.OrderStatus
		read   cmp.OrderStatus
		want   State
	}{
		{Pause, cmp.StatusInUse, cmp.StatusSuspended, EffectPresent},
		{Pause, cmp.StatusInUse, cmp.StatusEnded, Undetermined},
		{Pause, cmp.StatusInUse, cmp.StatusInUse, Unknown},
		{Open, cmp.StatusNotEnabled, cmp.StatusSuspended, EffectPresent},
		{Open, cmp.StatusNotEnabled, cmp.StatusEnded, Undetermined},
		{Restart, cmp.StatusSuspended, cmp.StatusInUse, EffectPresent},
		{Cancel, cmp.StatusNotEnabled, cmp.StatusEnded, EffectPresent},
		{End, cmp.StatusInUse, cmp.StatusSuspended, Unknown},
		{End, cmp.StatusInUse, "7", Unknown},
	} {
		a := Action{Verb: tt.verb, Before: tt.before, Dispatched: now}
		if got := judge(a, cmp.Order{Status: tt.read}, now); got != tt.want {
			t.Errorf("%s, then %s: %s, want %s", tt.verb, tt.read, got, tt.want)
		}
	}
}

// The schedule is driven by ticks and a clock that the test moves; nothing is ever sent again.
func TestReconcileSettlesByItself(t *testing.T) {
	t.Parallel()
	b := doubtful(t, false)
	again := NewOrders(b.db, b.log, b.cmp, time.Minute, b.time, b.logger) // as after a restart
	tick, ctx := make(chan time.Time), t.Context()
	ctx, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); again.Reconcile(ctx, tick) }()
	for range 40 {
		b.wait(2 * time.Minute)
		tick <- b.time()
	}
	stop()
	<-done
	a, err := b.Latest(t.Context(), "ORDER_1")
	if err != nil || a.State != EffectAbsent || b.cmp.changes != 1 || a.Looks < absenceLooks {
		t.Errorf("%+v, %v, %d changes", a, err, b.cmp.changes)
	}
}

// A crash after the intent: the row says dispatched, and nothing else is known.
func TestRecoverMakesWhatMayHaveLeftUnknown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.exec(t, `CREATE TRIGGER full BEFORE INSERT ON audit WHEN NEW.phase = 'outcome' BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	a, err := b.Do(t.Context(), anna, form)
	if err != nil || a.State != Dispatched || a.Outcome() != audit.Unknown {
		t.Fatalf("%+v, %v", a, err)
	}
	if err := b.Recover(t.Context()); err == nil {
		t.Error("recovered without being able to write")
	}
	b.exec(t, `DROP TRIGGER full`)
	if err := b.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown"}) || !b.locked(t) {
		t.Errorf("rows %v, locked %v", got, b.locked(t))
	}
	if got := b.look(t); got != EffectPresent {
		t.Errorf("state %s", got)
	}
}

func TestRecoverExpiresWhatNeverLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.exec(t, `UPDATE action SET claimed_at = 1`)
	if err := b.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := b.Do(t.Context(), anna, form)
	wantKind(t, err, fault.Conflict)
	if b.cmp.changes != 0 || len(b.rows(t)) != 0 {
		t.Errorf("%d changes, rows %v", b.cmp.changes, b.rows(t))
	}
}

// Many looks at the same moment, as a page and the schedule make them: one settles, none fails.
func TestLooksAtTheSameMoment(t *testing.T) {
	t.Parallel()
	b := doubtful(t, true)
	order, err := b.cmp.Order(t.Context(), "ORDER_1")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if open, err := b.Observe(t.Context(), order); err != nil || open != nil {
				t.Errorf("%+v, %v", open, err)
			}
		})
	}
	all.Wait()
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown", "event:effect_present"}) {
		t.Errorf("rows %v", got)
	}
}
