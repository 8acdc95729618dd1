package ops

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"cmpconsole/internal/audit"
)

// crash posts the form to a console that dies at a point of the action: nothing after that point is done.
func (b *bench) crash(t *testing.T, form Form, at *func(context.Context)) {
	t.Helper()
	died := make(chan struct{})
	*at = func(context.Context) { runtime.Goexit() }
	go func() {
		defer close(died)
		_, err := b.Do(t.Context(), anna, form)
		t.Errorf("the console outlived its crash: %v", err)
	}()
	<-died
	*at = nil
}

// A crash after the request left: the row says dispatched, nobody knows more, and the next start says unknown.
func TestRecoverMakesWhatMayHaveLeftUnknown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.crash(t, form, &b.cmp.onChange)
	if a := b.latest(t); a.State != Dispatched || a.Outcome() != audit.Unknown || !b.locked(t) || !slices.Equal(b.rows(t), []string{"intent:"}) {
		t.Fatalf("after the crash: %+v, rows %v", a, b.rows(t))
	}
	b = b.restarted(t)
	for range 2 { // a second start finds nothing more to do
		if err := b.Recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown"}) || !b.locked(t) {
			t.Errorf("rows %v, locked %v", got, b.locked(t))
		}
	}
	if r := b.entries(t, order1)[1]; r.Actor != "console" || r.Roles != "" || r.Reason != why || r.Action != audit.OrderPause || r.UpstreamMessage != "" || r.Detail[len(r.Detail)-1].Value != lostWhy {
		t.Errorf("%+v", r.Entry)
	}
	b.do(t, form, Unknown) // posted again, it is answered and not sent
	if got := b.view(t); got != Unknown || len(b.cmp.sent()) != 1 {
		t.Errorf("state %s, %d sent", got, len(b.cmp.sent()))
	}
}

// A crash before the intent: nothing can have left, nothing is locked, and the form works once more.
func TestACrashBeforeTheIntent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.crash(t, form, &b.cmp.onRead)
	b = b.restarted(t)
	if err := b.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.cmp.sent()) != 0 || len(b.rows(t)) != 0 || b.locked(t) {
		t.Errorf("sent %+v, rows %v", b.cmp.sent(), b.rows(t))
	}
	b.do(t, form, OK)
	checkOneClaim(t, b)
}

// A page that nobody acted on survives a restart.
func TestRecoverLeavesPagesAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b = b.restarted(t)
	if err := b.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.do(t, form, OK)
}

// A second console takes the first for crashed while it waits for its answer. The late answer is not written
// over what was recorded: it stays unknown, once, and a read settles it.
func TestALateAnswerAfterRecovery(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.cmp.onChange = func(ctx context.Context) {
		if err := b.restarted(t).Recover(ctx); err != nil {
			t.Error(err)
		}
	}
	if a, err := b.Do(t.Context(), anna, form); err != nil || a.Outcome() != audit.Unknown {
		t.Errorf("%+v, %v", a, err)
	}
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown"}) || !b.locked(t) {
		t.Errorf("rows %v, locked %v", got, b.locked(t))
	}
	if got := b.view(t); got != EffectPresent {
		t.Errorf("state %s", got)
	}
}
