package cmp

import (
	"net/http"
	"testing"
	"time"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		answer string
		ok     bool
	}{
		"success":      {200, goodAnswer, true},
		"refused":      {200, `{"code":"3002","message":"no","success":false}`, true},
		"unauthorised": {401, `{"message":"no"}`, false},
		"unknown":      {502, "<html>", false},
	} {
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
			now = now.Add(70 * time.Millisecond)
			says(tt.status, tt.answer)(w, r)
		})
		c := client(t, srv.URL, func(o *Options) { o.Now = func() time.Time { return now } })
		if h := c.Health(); h != (Health{}) {
			t.Errorf("before the first call: %+v", h)
		}
		_ = c.CancelPackage(t.Context(), testOrder)
		if h := c.Health(); h.OK != tt.ok || h.Latency != 70*time.Millisecond || !h.At.Equal(now) {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

// When the gateway refuses the signature, its clock against ours is part of the answer.
func TestSkew(t *testing.T) {
	t.Parallel()
	ours := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for date, want := range map[string]time.Duration{
		"Fri, 02 Jan 2026 03:04:05 GMT": 0,
		"Fri, 02 Jan 2026 03:14:05 GMT": 10 * time.Minute,
		"Fri, 02 Jan 2026 02:04:04 GMT": -time.Hour - time.Second,
		"":                              0,
		"yesterday":                     0,
	} {
		srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = []string{date}
			says(http.StatusUnauthorized, `{"message":"Clock skew exceeded"}`)(w, r)
		})
		c := client(t, srv.URL, func(o *Options) { o.Now = func() time.Time { return ours } })
		if e := failure(t, c.CancelPackage(t.Context(), testOrder)); e.Kind != Unauthorised || e.Skew != want || e.Message != "Clock skew exceeded" {
			t.Errorf("%q: %v, skew %v, want %v", date, e, e.Skew, want)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for k := Unknown; k <= NotFound; k++ {
		seen[k.String()] = true
	}
	if len(seen) != 5 || Kind(99).String() != "unknown" || Kind(-1).String() != "unknown" {
		t.Errorf("%v", seen)
	}
	if KindOf(http.ErrHandlerTimeout) != Unknown || KindOf(nil) != Unknown {
		t.Error("what is no *Error must count as unknown")
	}
}
