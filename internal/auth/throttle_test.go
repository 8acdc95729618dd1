package auth

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/fault"
)

// guess tries a wrong password and tells whether it was evaluated.
func (g rig) guess(t *testing.T, name, source string) bool {
	t.Helper()
	_, err := g.users.Authenticate(t.Context(), name, "a wrong guess, surely", source)
	var throttled *ThrottledError
	switch {
	case errors.Is(err, ErrBadLogin):
		return true
	case !errors.As(err, &throttled):
		t.Errorf("guess: %v", err)
	case throttled.RetryAfter < time.Second || throttled.RetryAfter > time.Minute:
		t.Errorf("retry after %s", throttled.RetryAfter)
	}
	return false
}

// ownerGetsIn signs the owner in, waiting as told, and fails when that takes longer than a minute.
func (g rig) ownerGetsIn(t *testing.T, source string, meanwhile func()) {
	t.Helper()
	var waited time.Duration
	for {
		_, err := g.users.Authenticate(t.Context(), "anna", goodPassword, source)
		throttled, ok := errors.AsType[*ThrottledError](err)
		if err == nil {
			return
		}
		if !ok || waited+throttled.RetryAfter > time.Minute {
			t.Errorf("the owner is out after %s: %v", waited, err)
			return
		}
		g.clock.add(throttled.RetryAfter)
		waited += throttled.RetryAfter
		meanwhile()
	}
}

func TestThousandGuesses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source func(i int) string
		pace   time.Duration
		most   int
	}{
		"one source at once":      {func(int) string { return "203.0.113.9" }, 0, 10},
		"one source in a quarter": {func(int) string { return "203.0.113.9" }, time.Second, 30},
		"all sources at once":     {func(i int) string { return fmt.Sprintf("10.1.%d.%d", i/250, i%250) }, 0, 20},
		"all sources in a quarter": {func(i int) string { return fmt.Sprintf("10.1.%d.%d", i/250, i%250) },
			900 * time.Millisecond, 100},
		"ten sources in a quarter": {func(i int) string { return fmt.Sprintf("10.1.1.%d", i%10) }, 900 * time.Millisecond, 100},
		"one network":              {func(i int) string { return fmt.Sprintf("[2001:db8:1:2::%x]:%d", i+1, 1024+i) }, 0, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newRig(t, Options{})
			g.user(t, "anna", Support)
			g.hashes.Store(0)
			evaluated := 0
			for i := range 1000 {
				if g.guess(t, "anna", c.source(i)) {
					evaluated++
				}
				g.clock.add(c.pace)
			}
			if evaluated == 0 || evaluated > c.most || int64(evaluated) != g.hashes.Load() {
				t.Errorf("%d guesses evaluated with %d hashes, want 1 to %d", evaluated, g.hashes.Load(), c.most)
			}
			g.ownerGetsIn(t, "198.51.100.7", func() {})
		})
	}
}

// While a flood from everywhere goes on, the owner still gets in from where she signed in before.
func TestOwnerDuringAFlood(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Support)
	if _, err := g.users.Authenticate(t.Context(), "anna", goodPassword, "198.51.100.7"); err != nil {
		t.Fatal(err)
	}
	sources := 0
	flood := func() {
		for range 300 {
			sources++
			g.guess(t, "anna", fmt.Sprintf("10.1.%d.%d", sources/250, sources%250))
		}
	}
	for range 3 {
		flood()
		g.ownerGetsIn(t, "198.51.100.7", flood)
		g.clock.add(10 * time.Second)
	}
}

func TestOneSourceTriesManyAccounts(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	evaluated := 0
	for i := range 200 {
		if g.guess(t, fmt.Sprintf("user%d", i), "203.0.113.9") {
			evaluated++
		}
	}
	if evaluated != 30 {
		t.Errorf("%d accounts tried at once from one source, want 30", evaluated)
	}
}

// Counting and checking are one transaction, so guesses at the same time cannot slip past together.
func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Support)
	g.hashes.Store(0)
	var wg sync.WaitGroup
	for range 60 {
		wg.Go(func() { g.guess(t, "anna", "203.0.113.9") })
	}
	wg.Wait()
	if n := g.hashes.Load(); n != 10 {
		t.Errorf("%d guesses evaluated, want 10", n)
	}
}

func TestSuccessClears(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Support)
	for range 4 {
		for range 9 {
			if !g.guess(t, "anna", "10.0.0.1") {
				return // the source's own limit, which a success does not lift
			}
		}
		if _, err := g.users.Authenticate(t.Context(), "anna", goodPassword, "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
	}
	t.Error("36 wrong guesses in no time went through")
}

// A whole office behind one address signs in at nine.
func TestManyRightSignInsFromOneSource(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Support)
	for i := range 100 {
		if _, err := g.users.Authenticate(t.Context(), "anna", goodPassword, "10.0.0.1"); err != nil {
			t.Fatalf("sign-in %d: %v", i, err)
		}
	}
}

func TestThrottleForgets(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	for i := range 50 {
		g.guess(t, fmt.Sprintf("user%d", i), fmt.Sprintf("10.0.0.%d", i))
	}
	g.clock.add(time.Hour)
	g.guess(t, "last", "10.9.9.9")
	if n := g.count(t, `SELECT count(*) FROM login_throttle`); n != 3 {
		t.Errorf("%d rows are left, want the last guess's 3", n)
	}
}

func TestClockSetBackLocksNobodyOut(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Support)
	for range 15 {
		g.guess(t, "anna", "10.0.0.1")
	}
	g.clock.add(-24 * time.Hour)
	g.ownerGetsIn(t, "10.0.0.1", func() {})
}

func TestThrottledError(t *testing.T) {
	t.Parallel()
	err := &ThrottledError{RetryAfter: 30 * time.Second}
	wantKind(t, err, fault.TooMany)
	if f, ok := errors.AsType[*fault.Error](error(err)); !ok || !strings.Contains(f.Message, "30 seconds") {
		t.Errorf("got %v", f)
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"192.0.2.1":             "192.0.2.1",
		"192.0.2.1:5000":        "192.0.2.1",
		"::ffff:192.0.2.1":      "192.0.2.1",
		"2001:db8:1:2:3:4:5:6":  "2001:db8:1:2::/64",
		"[2001:db8:1:2::9]:443": "2001:db8:1:2::/64",
		"fe80::1%eth0":          "fe80::/64",
		"":                      "",
		"unix socket":           "unix socket",
	} {
		if got := network(source); got != want {
			t.Errorf("network(%q) = %q, want %q", source, got, want)
		}
	}
}
