package cmp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// After a burst of two seconds' worth, calls pass at the rate and not faster.
func TestRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rate float64
		want time.Duration // for 30 calls
	}{{5, 4 * time.Second}, {1, 28 * time.Second}, {0.5, 58 * time.Second}, {100, 0}} {
		synctest.Test(t, func(t *testing.T) {
			g, begun := newGate(tt.rate, 100), time.Now()
			for range 30 {
				release, err := g.enter(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				release()
			}
			if took := time.Since(begun); took < tt.want || took > tt.want+time.Millisecond {
				t.Errorf("30 calls at %v a second took %v, want %v", tt.rate, took, tt.want)
			}
		})
	}
}

// Calls in the background take a fifth of the rate, one at a time, and those of people pass them meanwhile.
func TestBackgroundShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, begun := newGate(10, 3), time.Now()
		back := InBackground(t.Context())
		for range 11 {
			release, err := g.enter(back)
			if err != nil {
				t.Fatal(err)
			}
			release()
		}
		if took := time.Since(begun); took != 5*time.Second {
			t.Errorf("11 calls in the background took %v, want 5s", took)
		}
		hold, err := g.enter(back)
		if err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(back, time.Minute)
		defer cancel()
		if _, err := g.enter(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second one at the same time: %v", err)
		}
		begun = time.Now()
		for range 10 {
			release, err := g.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			release()
		}
		if took := time.Since(begun); took != 0 {
			t.Errorf("people waited %v", took)
		}
		hold()
	})
}

// fakeClient is a client whose calls end in a tripper; inside a synctest bubble nothing leaves it.
func fakeClient(t *testing.T, rate float64, conns int, timeout time.Duration, answer tripper) *Client {
	t.Helper()
	c := client(t, "http://127.0.0.1:1", func(o *Options) { o.Rate, o.MaxConns, o.Timeout = rate, conns, timeout })
	c.reads.Transport, c.changes.Transport = answer, answer
	return c
}

// Whoever waits for a turn longer than the time limit has sent nothing.
func TestWaitingTooLongIsNotSent(t *testing.T) {
	t.Parallel()
	t.Run("for a place", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			asked, hold := 0, make(chan struct{})
			c := fakeClient(t, 1000, 1, 10*time.Second, func(*http.Request) (*http.Response, error) {
				asked++
				<-hold
				return answered(goodAnswer), nil
			})
			var first sync.WaitGroup
			first.Go(func() { _ = c.CancelPackage(t.Context(), testOrder) })
			synctest.Wait()
			begun := time.Now()
			e := failure(t, c.CancelPackage(t.Context(), testOrder))
			if e.Kind != NotSent || !e.Timeout() || asked != 1 || time.Since(begun) != 10*time.Second {
				t.Errorf("%v after %v, asked %d times", e, time.Since(begun), asked)
			}
			close(hold)
			first.Wait()
		})
	})
	t.Run("for the rate", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			c := fakeClient(t, 0.01, 5, 10*time.Second, func(*http.Request) (*http.Response, error) { asked++; return answered(goodAnswer), nil })
			if err := c.CancelPackage(t.Context(), testOrder); err != nil {
				t.Fatal(err)
			}
			// Its turn comes in 100 seconds: there is no sense in waiting for that.
			e := failure(t, c.CancelPackage(t.Context(), testOrder))
			if e.Kind != NotSent || !e.Timeout() || asked != 1 {
				t.Errorf("%v, asked %d times", e, asked)
			}
		})
	})
}

// The wait for a turn takes nothing from the call: its time limit begins then, unless the caller's own ends sooner.
func TestTheTimeLimitBeginsWithTheTurn(t *testing.T) {
	t.Parallel()
	for caller, want := range map[time.Duration]time.Duration{time.Hour: 10 * time.Second, 12 * time.Second: 4 * time.Second, 7 * time.Second: 0} {
		for _, d := range append(deeds(testOrder), enquiries()...) {
			synctest.Test(t, func(t *testing.T) {
				var left time.Duration
				c := fakeClient(t, 0.125, 5, 10*time.Second, func(r *http.Request) (*http.Response, error) {
					deadline, _ := r.Context().Deadline()
					left = time.Until(deadline)
					return answered(goodAnswer), nil
				})
				_, _ = c.Orders(t.Context(), OrderQuery{Page: 1, Size: 3}) // the next turn comes in 8 seconds
				left = 0
				ctx, cancel := context.WithTimeout(t.Context(), caller)
				defer cancel()
				err := d.do(ctx, c)
				if left != want {
					t.Errorf("%s, caller's limit %v: left with %v, want %v", d.name, caller, left, want)
				}
				if want == 0 && (KindOf(err) != NotSent || failure(t, err).Why() != "The console was too busy to send this in time.") {
					t.Errorf("%s: %v", d.name, err)
				}
			})
		}
	}
}

// A caller who leaves the queue has sent nothing and takes no turn from others.
func TestLeavingTheQueueIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		c := fakeClient(t, 0.5, 5, time.Minute, func(*http.Request) (*http.Response, error) { asked.Add(1); return answered(goodAnswer), nil })
		if err := c.CancelPackage(t.Context(), testOrder); err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		var waiting sync.WaitGroup
		for range 4 {
			waiting.Go(func() {
				err := c.CancelPackage(ctx, testOrder)
				if KindOf(err) != NotSent || !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		leave()
		waiting.Wait()
		begun := time.Now()
		if err := c.CancelPackage(t.Context(), testOrder); err != nil || asked.Load() != 2 || time.Since(begun) > 2*time.Second {
			t.Errorf("%v after %v, asked %d times", err, time.Since(begun), asked.Load())
		}
	})
}

// Reads and changes share the places, and a place is held until the answer's body is read.
func TestNoMoreCallsAtOnceThanAllowed(t *testing.T) {
	t.Parallel()
	const limit, calls = 3, 24
	arrived, hold := make(chan struct{}, calls), make(chan struct{})
	var now, most atomic.Int32
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		_, _ = io.WriteString(w, goodAnswer[:10])
		_ = http.NewResponseController(w).Flush()
		arrived <- struct{}{}
		<-hold
		now.Add(-1)
		_, _ = io.WriteString(w, goodAnswer[10:])
	})
	c := client(t, srv.URL, func(o *Options) { o.MaxConns = limit })
	var all sync.WaitGroup
	for i := range calls {
		all.Go(func() {
			var err error
			if d := deeds(testOrder)[i%5]; i%2 == 0 {
				err = d.do(t.Context(), c)
			} else {
				_, err = c.Devices(t.Context(), 1, 2)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	for range limit {
		<-arrived
	}
	close(hold)
	all.Wait()
	if most.Load() != limit {
		t.Errorf("%d calls at once, %d allowed", most.Load(), limit)
	}
}

// A place comes back however a call ends.
func TestPlacesComeBack(t *testing.T) {
	t.Parallel()
	for _, s := range spoils() {
		c := client(t, serve(t, s.answer).URL, func(o *Options) { o.MaxConns = 1 })
		for range 3 {
			if e := failure(t, c.CancelPackage(t.Context(), testOrder)); e.Kind != Unknown {
				t.Errorf("%s: %v", s.name, e)
			}
		}
	}
}
