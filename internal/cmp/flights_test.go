package cmp

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// crowd is a client in a synctest bubble whose CMP answers each request when it is let go, in the order they came.
type crowd struct {
	*Client
	up    upstream
	hold  chan string
	ended []error // how the context of each request ended that was not answered
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	cr := &crowd{hold: make(chan string)}
	cr.up.say(func(r *http.Request) (*http.Response, error) {
		select {
		case body := <-cr.hold:
			return replied(http.StatusOK, body), nil
		case <-r.Context().Done():
			cr.ended = append(cr.ended, r.Context().Err())
			return nil, r.Context().Err()
		}
	})
	cr.Client = fakeClient(t, 1e6, 100, time.Minute, cr.up.RoundTrip)
	return cr
}

// inState is an answer that holds the test's order in a state.
func inState(s OrderStatus) string {
	return `{"code":"0000","data":{"package_order":[{"order_code":"` + testOrder + `","order_status":"` + string(s) + `"}]}}`
}

// reader is a read of the test's order that somebody waits for.
type reader struct {
	done  chan struct{}
	order Order
	err   error
}

// reads begins a read and returns when it waits.
func (cr *crowd) reads(ctx context.Context) *reader {
	r := &reader{done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.order, r.err = cr.Order(ctx, testOrder)
	}()
	synctest.Wait()
	return r
}

func (r *reader) over() bool {
	synctest.Wait()
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// Who asks the same at the same time shares one request; who asks for something else, or later, does not.
func TestIdenticalReadsShareOneRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cr := newCrowd(t)
		var all []*reader
		for range 50 {
			all = append(all, cr.reads(t.Context()))
		}
		if cr.up.count() != 1 {
			t.Errorf("50 reads made %d requests", cr.up.count())
		}
		cr.hold <- inState(StatusInUse)
		for i, r := range all {
			if !r.over() || r.err != nil || r.order.Status != StatusInUse {
				t.Fatalf("reader %d: %+v, %v", i, r.order, r.err)
			}
		}
		later := cr.reads(t.Context())
		cr.hold <- inState(StatusEnded)
		if !later.over() || later.order.Status != StatusEnded || cr.up.count() != 2 {
			t.Errorf("a later read: %+v after %d requests", later.order, cr.up.count())
		}
	})
	for _, other := range enquiries() {
		synctest.Test(t, func(t *testing.T) {
			cr := newCrowd(t)
			cr.reads(t.Context())
			var both sync.WaitGroup
			both.Go(func() { _ = other.do(t.Context(), cr.Client) })
			both.Go(func() { _ = other.do(t.Context(), cr.Client) })
			synctest.Wait()
			if cr.up.count() != 2 {
				t.Errorf("an order and twice %s: %d requests", other.name, cr.up.count())
			}
			cr.hold <- goodAnswer
			cr.hold <- goodAnswer
			both.Wait()
		})
	}
}

// A failure is shared like an answer.
func TestAFailureIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cr := newCrowd(t)
		one, two := cr.reads(t.Context()), cr.reads(t.Context())
		cr.hold <- `{"code":"3002","message":"no"}`
		if !one.over() || !two.over() || KindOf(one.err) != Rejected || KindOf(two.err) != Rejected || one.err == nil {
			t.Errorf("%v, %v", one.err, two.err)
		}
	})
}

// One who leaves goes alone; with the last the request ends.
func TestLeavingAFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cr := newCrowd(t)
		first, leaveFirst := context.WithCancel(t.Context())
		second, leaveSecond := context.WithCancel(t.Context())
		a, b, c := cr.reads(first), cr.reads(second), cr.reads(t.Context())
		leaveFirst()
		leaveSecond()
		if !a.over() || !b.over() || !errors.Is(a.err, context.Canceled) || !errors.Is(b.err, context.Canceled) || c.over() {
			t.Errorf("%v, %v, %v", a.err, b.err, c.err)
		}
		cr.hold <- inState(StatusInUse)
		if !c.over() || c.err != nil || len(cr.ended) != 0 || cr.up.count() != 1 {
			t.Errorf("who stayed got %v; %d requests, ended %v", c.err, cr.up.count(), cr.ended)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		cr := newCrowd(t)
		ctx, leave := context.WithCancel(t.Context())
		a, b := cr.reads(ctx), cr.reads(ctx)
		leave()
		if !a.over() || !b.over() || len(cr.ended) != 1 || !errors.Is(cr.ended[0], context.Canceled) {
			t.Errorf("all left, and the request ended with %v", cr.ended)
		}
		again := cr.reads(t.Context())
		cr.hold <- inState(StatusInUse)
		if !again.over() || again.err != nil || cr.up.count() != 2 {
			t.Errorf("who came after them: %v, %d requests", again.err, cr.up.count())
		}
	})
}

// A caller's time limit is no one else's: whoever may wait longer has a request of his own.
func TestTimeLimitsAreNotShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cr := newCrowd(t)
		short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		shorter, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		a, b, c := cr.reads(short), cr.reads(shorter), cr.reads(t.Context())
		if cr.up.count() != 2 {
			t.Errorf("%d requests, want one for those with a limit and one without", cr.up.count())
		}
		time.Sleep(5 * time.Second)
		if a.over() || !b.over() || !failure(t, b.err).Timeout() || failure(t, b.err).Op != opQueryOrder {
			t.Errorf("after 5 s: %v", b.err)
		}
		time.Sleep(5 * time.Second)
		if !a.over() || !failure(t, a.err).Timeout() || c.over() {
			t.Errorf("after 10 s: %v", a.err)
		}
		cr.hold <- inState(StatusInUse)
		if !c.over() || c.err != nil {
			t.Errorf("without a limit: %v", c.err)
		}
	})
}

// Whoever asks once a change was sent is not served by a read from before, nor, once it was answered, by one from
// between: each of these may hold the state before the change.
func TestNoReadIsSharedAcrossAChange(t *testing.T) {
	t.Parallel()
	for _, d := range deeds(testOrder) {
		synctest.Test(t, func(t *testing.T) {
			cr := newCrowd(t)
			before := cr.reads(t.Context())
			var change sync.WaitGroup
			change.Go(func() { _ = d.do(t.Context(), cr.Client) })
			synctest.Wait()
			between := cr.reads(t.Context())
			if cr.up.count() != 3 {
				t.Errorf("%s: %d requests while the change is on its way, want 3", d.name, cr.up.count())
			}
			cr.hold <- inState(StatusInUse) // those who wait are served in their order
			cr.hold <- goodAnswer
			change.Wait()
			after := cr.reads(t.Context())
			if cr.up.count() != 4 || !before.over() || between.over() {
				t.Errorf("%s: %d requests after the change, want 4", d.name, cr.up.count())
			}
			cr.hold <- inState(StatusInUse)
			cr.hold <- inState(StatusEnded)
			if !between.over() || !after.over() || after.order.Status != StatusEnded {
				t.Errorf("%s: who asked after the change got status %s", d.name, after.order.Status)
			}
		})
	}
}

// A panic under a shared read comes to those who wait for it, who can catch it, and ends nothing else.
func TestAPanicComesToThoseWhoWait(t *testing.T) {
	t.Parallel()
	c := fakeClient(t, 1e6, 1, time.Minute, func(*http.Request) (*http.Response, error) { panic("Zq7") })
	for range 3 {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, "Zq7") || !strings.Contains(text, "flights_test.go") {
					t.Errorf("caught %q", text)
				}
			}()
			_ = readOrder(t.Context(), c)
		}()
	}
}
