package ops

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// Whoever posts a form how often: one claim, one request, and everybody gets its outcome.
func TestManyPostsOfOneFormSendOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	posts(t, 1000, func() {
		if a, err := b.Do(t.Context(), anna, form); err != nil || a.State != OK {
			t.Errorf("state %s, %v", a.State, err)
		}
	})
	checkOneClaim(t, b)
}

// The same with two consoles on one file: nothing but the database stands between them.
func TestTwoConsolesSendOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	consoles := []*bench{b, b.restarted(t)}
	var turn sync.Mutex
	next := 0
	posts(t, 100, func() {
		turn.Lock()
		next++
		console := consoles[next%2]
		turn.Unlock()
		if a, err := console.Do(t.Context(), anna, form); err != nil || !slices.Contains([]State{Dispatched, OK}, a.State) {
			t.Errorf("state %s, %v", a.State, err)
		}
	})
	checkOneClaim(t, b)
}

// posts runs n posts that all begin at once.
func posts(t *testing.T, n int, post func()) {
	t.Helper()
	var all sync.WaitGroup
	begin := make(chan struct{})
	for range n {
		all.Go(func() { <-begin; post() })
	}
	close(begin)
	all.Wait()
}

func checkOneClaim(t *testing.T, b *bench) {
	t.Helper()
	if sent := b.cmp.sent(); len(sent) != 1 {
		t.Errorf("%d changes sent", len(sent))
	}
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:ok"}) || b.locked(t) || b.latest(t).State != OK {
		t.Errorf("rows %v, locked %v", got, b.locked(t))
	}
}

// A form that was sent gives its outcome again, however it ended, and whatever is typed into it now.
func TestPostedAgainLater(t *testing.T) {
	t.Parallel()
	for _, tt := range answers {
		b := newBench(t)
		b.cmp.answers(tt.answer, false)
		form := b.form(t, anna, Pause)
		first := b.do(t, form, tt.want)
		b.wait(2 * formLife)
		form.Reason = ""
		if again := b.do(t, form, tt.want); again.IntentSeq != first.IntentSeq || len(b.cmp.sent()) != 1 || len(b.rows(t)) != 2 {
			t.Errorf("%s: %+v, %d sent, rows %v", tt.name, again, len(b.cmp.sent()), b.rows(t))
		}
	}
}

// A browser that leaves while another tab's post is under way is not made to wait for it, and sends nothing.
func TestTheSecondPosterLeaves(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		form := b.form(t, anna, Pause)
		ctx, leave := context.WithCancel(t.Context())
		b.cmp.onChange = func(context.Context) {
			gone := make(chan struct{})
			go func() { defer close(gone); _, _ = b.Do(ctx, anna, form) }()
			synctest.Wait() // the second waits for the first
			leave()
			<-gone
		}
		b.do(t, form, OK)
		if sent := b.cmp.sent(); len(sent) != 1 {
			t.Errorf("%d changes sent", len(sent))
		}
	})
}

// Two consoles on one file read the order for the same form: the claim lets one of them send, and the other answers
// with that one's outcome.
func TestTheOtherConsoleHasClaimed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form, other := b.form(t, anna, Pause), b.restarted(t)
	var nested atomic.Bool
	b.cmp.onRead = func(ctx context.Context) {
		if nested.Swap(true) {
			return
		}
		if a, err := other.Do(ctx, anna, form); err != nil || a.State != OK {
			t.Errorf("the other console: %+v, %v", a, err)
		}
	}
	b.cmp.answers(nil, false) // the order stays as it was shown, so that only the claim stands between
	b.do(t, form, OK)
	checkOneClaim(t, b)
}

// Two forms of one order, in two tabs or of two operators: while one is under way the other finds the order
// locked, and afterwards it finds the order changed.
func TestTwoFormsOfOneOrder(t *testing.T) {
	t.Parallel()
	for _, second := range []Operator{anna, operatorOf("bert", auth.Support)} {
		for _, verb := range []Verb{Pause, End} {
			b := newBench(t)
			first, during, after := b.form(t, anna, Pause), b.form(t, second, verb), b.form(t, second, verb)
			b.cmp.onChange = func(ctx context.Context) {
				_, err := b.Do(ctx, second, during)
				wantSaid(t, err, "Another change of this order is waiting for its outcome, so nothing was sent.")
			}
			b.do(t, first, OK)
			_, err := b.Do(t.Context(), second, after)
			wantSaid(t, err, "The order has changed since this page was shown, so nothing was sent. Check its state below.")
			if got, want := b.rows(t), []string{"intent:", "event:refused", "outcome:ok", "event:refused"}; len(b.cmp.sent()) != 1 || !slices.Equal(got, want) {
				t.Errorf("%s, %s: %d sent, rows %v", second.Name, verb, len(b.cmp.sent()), got)
			}
			for _, spent := range []Form{during, after} { // a refused form stays refused
				b.cmp.set(cmp.StatusInUse)
				_, err := b.Do(t.Context(), second, spent)
				wantKind(t, err, fault.Conflict)
			}
		}
	}
}

// Both reads come before both changes, so both find the order as shown: the lock lets one through.
func TestTwoFormsAtTheSameMoment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	forms := []Form{b.form(t, anna, Pause), b.form(t, anna, End)}
	var both sync.WaitGroup
	both.Add(2)
	b.cmp.onRead = func(context.Context) { both.Done(); both.Wait() }
	b.cmp.answers(errLost, false) // the first keeps the lock, so the second cannot get it later
	errs := make([]error, 2)
	var all sync.WaitGroup
	for i, form := range forms {
		all.Go(func() { _, errs[i] = b.Do(t.Context(), anna, form) })
	}
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || len(b.cmp.sent()) != 1 {
		t.Errorf("%v; %d sent", errs, len(b.cmp.sent()))
	}
}
