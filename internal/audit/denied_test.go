package audit_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"cmpconsole/internal/audit"
)

// handClock stands still until a test moves it.
type handClock struct{ at time.Time }

func (c *handClock) now() time.Time { return c.at }

func deniedLog(t *testing.T) (*audit.Log, *handClock) {
	t.Helper()
	c := &handClock{time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
	return audit.New(openDB(t), c.now), c
}

func refusal(ip string) audit.Entry {
	return audit.Entry{Action: audit.AccessDenied, IP: ip, RequestID: "r1", Detail: []audit.Field{{Key: "path", Value: "/orders"}}}
}

// allRows reads the log whole, newest row first.
func allRows(t *testing.T, log *audit.Log) (all []audit.Row) {
	t.Helper()
	for page := (audit.Filter{Limit: 1000}); ; page.Before = all[len(all)-1].Seq {
		rows, err := log.List(t.Context(), page)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) == 0 {
			return all
		}
		all = append(all, rows...)
	}
}

// told returns a row's address and detail, and how many refusals it stands for.
func told(t *testing.T, r audit.Row) (text string, refusals int) {
	t.Helper()
	text = r.IP
	for _, f := range r.Detail {
		text += " " + f.Key + "=" + f.Value
		n := 1 // a path is a refusal of its own
		if f.Key == "suppressed" {
			n, _ = strconv.Atoi(f.Value)
		}
		refusals += n
	}
	if r.Phase != audit.Event || r.Outcome != audit.Denied || r.Action != audit.AccessDenied || refusals == 0 {
		t.Errorf("%+v", r)
	}
	return text, refusals
}

func refusalsIn(t *testing.T, rows []audit.Row) (sum int) {
	t.Helper()
	for _, r := range rows {
		_, n := told(t, r)
		sum += n
	}
	return sum
}

// TestDeniedRowsAreShared: a minute's refusals of one source make one row, and each is counted in some row.
func TestDeniedRowsAreShared(t *testing.T) {
	t.Parallel()
	type step struct {
		ip    string
		times int
		pass  time.Duration // before it
	}
	const first, second = "192.0.2.1", "192.0.2.2"
	for name, c := range map[string]struct {
		steps []step
		want  []string
	}{
		"one":             {[]step{{first, 1, 0}}, []string{first + " path=/orders"}},
		"many at once":    {[]step{{first, 500, 0}}, []string{first + " path=/orders", first + " suppressed=499"}},
		"two sources":     {[]step{{first, 1, 0}, {second, 1, 0}}, []string{first + " path=/orders", second + " path=/orders"}},
		"a minute later":  {[]step{{first, 3, 0}, {first, 1, time.Minute}}, []string{first + " path=/orders", first + " path=/orders suppressed=2"}},
		"just before":     {[]step{{first, 3, 0}, {first, 1, time.Minute - 1}}, []string{first + " path=/orders", first + " suppressed=3"}},
		"another's turn":  {[]step{{first, 3, 0}, {second, 1, time.Minute}}, []string{first + " path=/orders", first + " suppressed=2", second + " path=/orders"}},
		"clock set back":  {[]step{{first, 1, 0}, {first, 1, -time.Hour}}, []string{first + " path=/orders", first + " path=/orders"}},
		"nothing to tell": {[]step{{first, 1, 0}, {second, 1, time.Hour}}, []string{first + " path=/orders", second + " path=/orders"}},
	} {
		log, clock := deniedLog(t)
		for _, s := range c.steps {
			clock.at = clock.at.Add(s.pass)
			for range s.times {
				if err := log.AppendDenied(t.Context(), refusal(s.ip)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := log.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, r := range slices.Backward(allRows(t, log)) {
			text, _ := told(t, r)
			rows = append(rows, text)
		}
		if !slices.Equal(rows, c.want) {
			t.Errorf("%s: %q, want %q", name, rows, c.want)
		}
	}
}

// TestDeniedRowsAreBounded: more sources than are told apart share a row, so a minute adds a known number at most.
func TestDeniedRowsAreBounded(t *testing.T) {
	t.Parallel()
	log, clock := deniedLog(t)
	const minutes, sources = 3, 2000
	for range minutes {
		for i := range sources {
			if err := log.AppendDenied(t.Context(), refusal(fmt.Sprintf("2001:db8::%x", i))); err != nil {
				t.Fatal(err)
			}
		}
		clock.at = clock.at.Add(time.Minute)
	}
	if err := log.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows := allRows(t, log)
	if refusals := refusalsIn(t, rows); len(rows) > (minutes+1)*61 || refusals != minutes*sources {
		t.Errorf("%d rows tell of %d refusals of %d", len(rows), refusals, minutes*sources)
	}
}

// TestNoRefusalIsLost lets writing fail at random: what a failed row stood for is told by a later one.
func TestNoRefusalIsLost(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	log, clock := deniedLog(t)
	ended, end := context.WithCancel(t.Context())
	end()
	const size = 600
	failed := 0
	for range size {
		clock.at = clock.at.Add(time.Duration(rnd.IntN(8000)) * time.Millisecond)
		ctx := t.Context()
		if rnd.IntN(3) == 0 {
			ctx = ended
		}
		if err := log.AppendDenied(ctx, refusal(fmt.Sprintf("192.0.2.%d", rnd.IntN(90)))); err != nil {
			failed++
		}
		if rnd.IntN(200) == 0 {
			clock.at = clock.at.Add(-time.Hour)
		}
	}
	_ = log.Flush(ended)
	if err := log.Flush(t.Context()); err != nil || failed == 0 {
		t.Fatalf("%d failed, %v", failed, err)
	}
	if refusals := refusalsIn(t, allRows(t, log)); refusals != size {
		t.Errorf("the log tells of %d refusals of %d", refusals, size)
	}
}
