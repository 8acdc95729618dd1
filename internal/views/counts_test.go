package views

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
)

// tallier is an upstream that only counts: total orders wait, and counting takes as long as set.
type tallier struct {
	upstream
	calls, total int
	takes        time.Duration
	err          error
}

func (u *tallier) Orders(ctx context.Context, q cmp.OrderQuery) (cmp.OrderPage, error) {
	if q.Status == cmp.StatusNotEnabled {
		u.calls++
	}
	select {
	case <-time.After(u.takes):
		return cmp.OrderPage{Total: u.total}, u.err
	case <-ctx.Done():
		return cmp.OrderPage{}, ctx.Err()
	}
}

// Counts are asked for once a minute at most, whether the CMP answers or not; until it does, the old ones stand with their age.
func TestCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c counts
		up := &tallier{total: 7}
		start := time.Now()
		for _, step := range []struct {
			name  string
			later time.Duration
			total int
			err   error
			text  string
			calls int
			at    time.Duration
			fails bool
		}{
			{"at first", 0, 7, nil, "7", 1, 0, false},
			{"within the minute", 59 * time.Second, 8, nil, "7", 1, 0, false},
			{"a minute later", time.Minute, 8, nil, "8", 2, time.Minute, false},
			{"the CMP fails", 2 * time.Minute, 9, errors.New("reset"), "8", 3, time.Minute, true},
			{"a failure stands, too", 2*time.Minute + 59*time.Second, 9, nil, "8", 3, time.Minute, true},
			{"the CMP is back", 3 * time.Minute, 9, nil, "9", 4, 3 * time.Minute, false},
		} {
			time.Sleep(step.later - time.Since(start))
			up.total, up.err = step.total, step.err
			got := c.read(t.Context(), up, time.Now)
			if got.text() != step.text || up.calls != step.calls || got.at.Sub(start) != step.at || got.failed != step.fails {
				t.Errorf("%s: %+v after %d calls", step.name, got, up.calls)
			}
		}
	})
}

// A CMP that is slow to count keeps pages waiting for a moment only, is asked once by all of them, and its answer
// serves the next, although whoever began has left.
func TestSlowCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c counts
		up := &tallier{total: 7, takes: 5 * time.Second}
		left, leave := context.WithCancel(t.Context())
		leave()
		start := time.Now()
		if got := c.read(left, up, time.Now); got.text() != "–" || !got.at.IsZero() || time.Since(start) != 0 {
			t.Errorf("after %s %+v", time.Since(start), got)
		}
		if got := c.read(t.Context(), up, time.Now); got.text() != "–" || time.Since(start) != countsWait {
			t.Errorf("after %s %+v", time.Since(start), got)
		}
		time.Sleep(5 * time.Second)
		if got := c.read(t.Context(), up, time.Now); got.text() != "7" || up.calls != 1 {
			t.Errorf("%+v after %d calls", got, up.calls)
		}
	})
}

// A CMP that does not answer at all counts as one that failed.
func TestSilentCounts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c counts
		up := &tallier{takes: time.Hour}
		c.read(t.Context(), up, time.Now)
		time.Sleep(countsLimit)
		synctest.Wait()
		if got := c.read(t.Context(), up, time.Now); !got.failed || up.calls != 1 {
			t.Errorf("%+v after %d calls", got, up.calls)
		}
	})
}

// The page says how old its counts are, and that the last try failed.
func TestAgeOfCounts(t *testing.T) {
	t.Parallel()
	tried := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	k := clock{zone: time.UTC, now: tried}
	for want, tl := range map[string]tally{
		"not yet": {}, "not possible the try at 12:00:00 failed": {tried: tried, failed: true}, "12:00:00": {at: tried, tried: tried},
		"11:00:00 the try at 12:00:00 failed": {at: tried.Add(-time.Hour), tried: tried, failed: true},
	} {
		if f := k.counted(tl); strings.TrimSpace(f.Value+" "+f.Note) != want {
			t.Errorf("%+v, want %q", f, want)
		}
	}
	a := newSite(t, failing(errors.New(secretCause))).visit(t, auth.Support).get("/").want(t, 200)
	if text := textOf(a.tree(t)); !strings.Contains(text, "not possible the try at") {
		t.Errorf("home: %s", text)
	}
}
