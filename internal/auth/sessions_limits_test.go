package auth

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step time.Duration // time between two requests
		ends time.Duration // age at which the session is over
	}{
		"idle":          {30 * time.Minute, 30 * time.Minute},
		"used at times": {29 * time.Minute, 12*time.Hour + 5*time.Minute}, // 25 × 29 minutes
		"in steady use": {30 * time.Second, 12 * time.Hour},
	} {
		g := newRig(t, Options{})
		_, cookie := g.login(t, g.user(t, "anna", Support))
		var age time.Duration
		var err error
		for err == nil {
			g.clock.add(c.step)
			age += c.step
			_, err = g.identity(t, cookie)
		}
		if !errors.Is(err, ErrExpired) || age != c.ends {
			t.Errorf("%s: over after %s with %v, want %s", name, age, err, c.ends)
		}
		if g.sessionRows(t) != 0 {
			t.Errorf("%s: the row is still there", name)
		}
	}
}

// What a page does by itself prolongs no session, and ends one whose time is over.
func TestPeekIsNoUse(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	made, cookie := g.login(t, g.user(t, "anna", Support))
	peek := func() (Identity, error) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.AddCookie(cookie)
		return g.sessions.Peek(r)
	}
	for range 29 {
		g.clock.add(time.Minute)
		if id, err := peek(); err != nil || id.Session != made.Session || id.CSRF != made.CSRF {
			t.Fatalf("%+v, %v", id, err)
		}
	}
	g.clock.add(time.Minute)
	if _, err := peek(); !errors.Is(err, ErrExpired) || g.sessionRows(t) != 0 {
		t.Errorf("after 30 minutes without a use: %v, %d rows", err, g.sessionRows(t))
	}
	if _, err := peek(); !errors.Is(err, ErrNoSession) {
		t.Errorf("then: %v", err)
	}
}

func TestOwnLimits(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Idle: 20 * time.Second, Absolute: time.Minute})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	for range 11 {
		g.clock.add(5 * time.Second)
		if _, err := g.identity(t, cookie); err != nil {
			t.Fatal(err)
		}
	}
	g.clock.add(5 * time.Second)
	if _, err := g.identity(t, cookie); !errors.Is(err, ErrExpired) {
		t.Errorf("got %v", err)
	}
}

func TestClockSetBackDoesNotProlong(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	g.clock.add(-90 * time.Second)
	if _, err := g.identity(t, cookie); err != nil {
		t.Errorf("a small correction ended the session: %v", err)
	}
	g.clock.add(-time.Hour)
	if _, err := g.identity(t, cookie); !errors.Is(err, ErrExpired) {
		t.Errorf("got %v", err)
	}
}

func TestLastUseIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	seen := map[int]bool{}
	for range 60 {
		g.clock.add(5 * time.Second)
		if _, err := g.identity(t, cookie); err != nil {
			t.Fatal(err)
		}
		seen[g.count(t, `SELECT seen_at FROM session`)] = true
	}
	if len(seen) != 6 { // at sign-in, then five minutes
		t.Errorf("%d writes in five minutes", len(seen))
	}
}

func TestTenSessionsAUser(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	var cookies []*http.Cookie
	for range 12 {
		g.clock.add(time.Second)
		_, c := g.login(t, u)
		cookies = append(cookies, c)
	}
	for i, c := range cookies {
		if _, err := g.identity(t, c); (err == nil) != (i >= 2) {
			t.Errorf("session %d: %v", i, err)
		}
	}
}

// One session too many ends the one that was used longest ago, not the oldest, and the sign-in tells of it.
func TestTheSessionUsedLongestAgoEnds(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	var cookies []*http.Cookie
	for i := range maxParallel + 1 {
		if i == maxParallel { // the first is in use again
			g.clock.add(2 * time.Minute)
			if _, err := g.identity(t, cookies[0]); err != nil {
				t.Fatal(err)
			}
		}
		g.clock.add(time.Second)
		id, c := g.login(t, u)
		cookies = append(cookies, c)
		if want := int64(i / maxParallel); id.Ended != want {
			t.Errorf("sign-in %d ended %d sessions, want %d", i+1, id.Ended, want)
		}
	}
	for i, c := range cookies {
		if _, err := g.identity(t, c); (err == nil) != (i != 1) {
			t.Errorf("session %d: %v", i, err)
		}
	}
}

// Every sign-in clears away what has expired, so that the table does not grow with those who never come back.
func TestSignInPurgesTheExpired(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	anna, bert := g.user(t, "anna", Support), g.user(t, "bert", Support)
	for range 3 {
		g.login(t, anna)
	}
	g.clock.add(20 * time.Minute)
	_, young := g.login(t, bert)
	if n := g.sessionRows(t); n != 4 {
		t.Errorf("%d rows, all four sessions are alive", n)
	}
	g.clock.add(10 * time.Minute)
	g.login(t, bert)
	if _, err := g.identity(t, young); err != nil || g.sessionRows(t) != 2 {
		t.Errorf("%d rows, want bert's two; the young one: %v", g.sessionRows(t), err)
	}
}

// An expired session stays refused when its row cannot be deleted, and the reason is not lost.
func TestExpiredThoughTheRowStays(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	g.exec(t, `CREATE TRIGGER keep BEFORE DELETE ON session BEGIN SELECT RAISE(ABORT, 'stays'); END`)
	g.clock.add(defaultIdle)
	if _, err := g.identity(t, cookie); !errors.Is(err, ErrExpired) || !strings.Contains(err.Error(), "stays") {
		t.Errorf("got %v", err)
	}
}
