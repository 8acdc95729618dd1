package cmp

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// upstream is a CMP in a synctest bubble: its answer can be replaced, and it counts what it is asked.
type upstream struct {
	mu     sync.Mutex
	answer tripper
	asked  int
}

func (u *upstream) say(answer tripper) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.answer, u.asked = answer, 0
}

func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	u.mu.Lock()
	u.asked++
	answer := u.answer
	u.mu.Unlock()
	return answer(r)
}

func (u *upstream) count() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.asked
}

func status(code int, body string) tripper {
	return func(*http.Request) (*http.Response, error) { return replied(code, body), nil }
}

func gone(*http.Request) (*http.Response, error) { return nil, io.EOF }

// hang answers when the caller has left, or its time is over.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// broken is a client whose breaker has just opened, and the CMP behind it.
func broken(t *testing.T) (*Client, *upstream) {
	t.Helper()
	u := &upstream{answer: gone}
	c := fakeClient(t, 1e6, 8, 10*time.Second, u.RoundTrip)
	for range breakAfter {
		if c.Health().NotBefore != (time.Time{}) {
			t.Fatal("open too early")
		}
		_ = readOrder(t.Context(), c)
	}
	if u.count() != 3*breakAfter {
		t.Fatalf("%d reads asked %d times", breakAfter, u.count())
	}
	u.say(gone)
	return c, u
}

// While the CMP does not answer, reads fail at once; one probes after a pause that grows, and an answer ends it.
func TestBreaker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, u := broken(t)
		for i, wait := range []int{10, 20, 40, 60, 60} {
			pause, begun := time.Duration(wait)*time.Second, time.Now()
			if h := c.Health(); !h.NotBefore.Equal(begun.Add(pause)) || h.OK {
				t.Errorf("pause %d: not before %v, want %v from %v", i, h.NotBefore, pause, begun)
			}
			time.Sleep(pause - time.Nanosecond)
			u.say(gone)
			e := failure(t, readOrder(t.Context(), c))
			if e.Kind != NotSent || e.RetryAfter != time.Nanosecond || e.Op != opQueryOrder || u.count() != 0 {
				t.Errorf("pause %d: %v, asked %d times", i, e, u.count())
			}
			time.Sleep(time.Nanosecond)
			if h := c.Health(); !h.NotBefore.IsZero() {
				t.Errorf("pause %d is over: not before %v", i, h.NotBefore)
			}
			_ = readOrder(t.Context(), c)
			if u.count() != len(retryWithin)+1 {
				t.Errorf("the probe after pause %d asked %d times", i, u.count())
			}
		}
		time.Sleep(longestPause)
		u.say(status(http.StatusOK, goodAnswer))
		_ = readOrder(t.Context(), c)
		_ = readOrder(t.Context(), c)
		if h := c.Health(); !h.NotBefore.IsZero() || !h.OK || u.count() != 2 {
			t.Errorf("after an answer: %+v, asked %d times", h, u.count())
		}
		u.say(gone)
		_ = readOrder(t.Context(), c)
		if h := c.Health(); !h.NotBefore.IsZero() {
			t.Error("one failure after an answer opens it again")
		}
	})
}

// The operator hears why nothing was asked, and for how long.
func TestWhyAReadIsHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := broken(t)
		time.Sleep(1500 * time.Millisecond)
		e := failure(t, readOrder(t.Context(), c))
		if want := "The CMP did not answer the last 5 reads, so it is not asked again for 9 s."; e.Why() != want || !strings.Contains(e.Error(), "retry after 8.5s") {
			t.Errorf("%v: %q, want %q", e, e.Why(), want)
		}
	})
}

// While one read probes, the others are still held back.
func TestOneProbeAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, u := broken(t)
		time.Sleep(firstPause)
		u.say(hang)
		ctx, leave := context.WithCancel(t.Context())
		var probe sync.WaitGroup
		probe.Go(func() { _ = readOrder(ctx, c) })
		synctest.Wait()
		for page := range 4 {
			_, err := c.Packages(t.Context(), page+1, 2)
			if e := failure(t, err); e.Kind != NotSent || e.RetryAfter != firstPause {
				t.Errorf("beside the probe: %v", e)
			}
		}
		if u.count() != 1 {
			t.Errorf("asked %d times", u.count())
		}
		// A probe whose caller left has told nothing: the next read is one.
		leave()
		probe.Wait()
		u.say(status(http.StatusOK, goodAnswer))
		if err := readOrder(t.Context(), c); KindOf(err) != NotFound || u.count() != 1 {
			t.Errorf("%v, asked %d times", err, u.count())
		}
	})
}

// What was on its way when reads were held back does not prolong the pause, but its answer ends it.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		c := fakeClient(t, 1e6, 8, 10*time.Second, u.RoundTrip)
		later := func(d time.Duration, answer tripper) tripper {
			return func(r *http.Request) (*http.Response, error) { time.Sleep(d); return answer(r) }
		}
		var late sync.WaitGroup
		for page, answer := range []tripper{later(time.Second, gone), later(2*time.Second, status(http.StatusOK, goodAnswer))} {
			u.say(answer)
			late.Go(func() { _, _ = c.Packages(t.Context(), page+1, 2) })
			synctest.Wait()
		}
		u.say(gone)
		for range breakAfter {
			_ = readOrder(t.Context(), c)
		}
		until := c.Health().NotBefore
		time.Sleep(1500 * time.Millisecond)
		if now := c.Health().NotBefore; until.IsZero() || !now.Equal(until) {
			t.Errorf("a late failure moved the pause from %v to %v", until, now)
		}
		late.Wait()
		if now := c.Health().NotBefore; !now.IsZero() {
			t.Errorf("a late answer leaves it open until %v", now)
		}
	})
}

// What counts as no answer, and what does not.
func TestWhatHoldsReadsBack(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer tripper
		opens  bool
	}{
		"reset":        {gone, true},
		"no answer":    {hang, true},
		"502":          {status(502, "<html>"), true},
		"503":          {status(503, goodAnswer), true},
		"504":          {status(504, ""), true},
		"429":          {status(429, `{"message":"too many"}`), false},
		"500":          {status(500, `{"error":"x"}`), false},
		"404":          {status(404, `{"error_msg":"404 Route Not Found"}`), false},
		"401":          {status(401, `{"message":"no"}`), false},
		"refusal":      {status(200, `{"code":"3002","message":"no","success":false}`), false},
		"not found":    {status(200, goodAnswer), false},
		"a page":       {status(200, "<html>"), false},
		"no signature": {func(*http.Request) (*http.Response, error) { panic("nothing can be sent") }, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			c := fakeClient(t, 1e6, 8, 10*time.Second, tt.answer)
			if name == "no signature" {
				c.sign = noSignature{}
			}
			for range 2 * breakAfter {
				_ = readOrder(t.Context(), c)
			}
			if open := !c.Health().NotBefore.IsZero(); open != tt.opens {
				t.Errorf("%s: open %t, want %t", name, open, tt.opens)
			}
		})
	}
}

type noSignature struct{}

func (noSignature) sign(*http.Request, time.Time) error { return errors.New("no key") }

// Callers who leave, or wait too long for a turn, say nothing of the CMP: neither that it fails nor that it answers.
func TestCallersWhoLeaveAreNoEvidence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{answer: hang}
		c := fakeClient(t, 1e6, 8, 10*time.Second, u.RoundTrip)
		leaving := func() {
			ctx, leave := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, leave)
			_ = readOrder(ctx, c)
		}
		for range 2 * breakAfter {
			leaving()
		}
		free := c.gate
		c.gate = newGate(0.001, 1)
		_, _ = c.gate.enter(t.Context()) // nobody else gets a turn
		for range 2 * breakAfter {
			_ = readOrder(t.Context(), c)
		}
		c.gate = free
		if !c.Health().NotBefore.IsZero() {
			t.Error("open for the want of callers")
		}
		u.say(gone)
		for range breakAfter - 1 {
			_ = readOrder(t.Context(), c)
			u.say(hang)
			leaving()
			u.say(gone)
		}
		if !c.Health().NotBefore.IsZero() {
			t.Error("open too early")
		}
		_ = readOrder(t.Context(), c)
		if c.Health().NotBefore.IsZero() {
			t.Error("callers who left count as answers")
		}
	})
}

// A change passes whatever is known of the CMP and is sent once. Its answer lets reads pass again; that it is lost
// holds none back, because reads are what settles it.
func TestChangesPassTheBreaker(t *testing.T) {
	t.Parallel()
	for _, d := range deeds(testOrder) {
		synctest.Test(t, func(t *testing.T) {
			c, u := broken(t)
			if err := d.do(t.Context(), c); err == nil || u.count() != 1 {
				t.Errorf("%s: %v, sent %d times", d.name, err, u.count())
			}
			if c.Health().NotBefore.IsZero() {
				t.Errorf("%s: a lost answer lets reads pass", d.name)
			}
			u.say(status(http.StatusOK, `{"code":"3002","message":"no","success":false}`))
			if err := d.do(t.Context(), c); KindOf(err) != Rejected || u.count() != 1 {
				t.Errorf("%s: %v, sent %d times", d.name, err, u.count())
			}
			if h := c.Health(); !h.NotBefore.IsZero() {
				t.Errorf("%s: reads wait until %v although the CMP answered", d.name, h.NotBefore)
			}
			u.say(gone)
			for range 2 * breakAfter {
				_ = d.do(t.Context(), c)
			}
			if h := c.Health(); !h.NotBefore.IsZero() || u.count() != 2*breakAfter {
				t.Errorf("%s: lost changes hold reads back until %v", d.name, h.NotBefore)
			}
		})
	}
}
