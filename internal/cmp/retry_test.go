package cmp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// patient is a client for a synctest bubble that rests before it tries again, by what jitter says.
func patient(t *testing.T, timeout, jitter time.Duration, answer tripper) *Client {
	t.Helper()
	c := fakeClient(t, 1e6, 8, timeout, answer)
	c.pause, c.jitter = pause, func(time.Duration) time.Duration { return jitter }
	return c
}

// replied is an answer of a status, with the pairs as its head.
func replied(status int, body string, pairs ...string) *http.Response {
	rec := httptest.NewRecorder()
	for i := 0; i < len(pairs); i += 2 {
		rec.Header().Set(pairs[i], pairs[i+1])
	}
	rec.WriteHeader(status)
	_, _ = rec.WriteString(body)
	return rec.Result()
}

func readOrder(ctx context.Context, c *Client) error {
	_, err := c.Order(ctx, testOrder)
	return err
}

// What broke on the way is tried again, what will be refused again is not. Statuses and cut answers are in
// TestALostAnswerIsUnknown.
func TestWhichConnectionErrorsAreTriedAgain(t *testing.T) {
	t.Parallel()
	op := func(what string, err error) error { return &net.OpError{Op: what, Net: "tcp", Err: err} }
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"refused":                   {op("dial", syscall.ECONNREFUSED), 3},
		"not dialled in time":       {op("dial", os.ErrDeadlineExceeded), 3},
		"no such host":              {op("dial", &net.DNSError{Name: "cmp.example.com", IsNotFound: true}), 3},
		"reset":                     {op("read", syscall.ECONNRESET), 3},
		"broken pipe":               {op("write", syscall.EPIPE), 3},
		"closed":                    {io.EOF, 3},
		"cut":                       {io.ErrUnexpectedEOF, 3},
		"TLS alert":                 {op("remote error", errors.New("tls: bad certificate")), 1},
		"a certificate not trusted": {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, 1},
		"no TLS":                    {http.ErrSchemeMismatch, 1},
		"no HTTP":                   {errors.New("malformed HTTP response"), 1},
	} {
		asked := 0
		c := fakeClient(t, 1e6, 8, time.Minute, func(*http.Request) (*http.Response, error) { asked++; return nil, tt.err })
		if err := readOrder(t.Context(), c); err == nil || asked != tt.want {
			t.Errorf("%s: asked %d times, want %d: %v", name, asked, tt.want, err)
		}
		asked = 0
		if err := c.CancelPackage(t.Context(), testOrder); err == nil || asked != 1 {
			t.Errorf("%s: a change was sent %d times", name, asked)
		}
	}
}

// The waits are drawn from nothing up to a limit that grows, and are waited for as drawn.
func TestJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var below, at []time.Duration
		begun := time.Now()
		c := patient(t, time.Minute, 0, func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(begun))
			return replied(http.StatusServiceUnavailable, ""), nil
		})
		c.jitter = func(d time.Duration) time.Duration { below = append(below, d); return d - time.Nanosecond }
		_ = readOrder(t.Context(), c)
		if want := []time.Duration{250 * time.Millisecond, 500 * time.Millisecond}; !slices.Equal(below, want) {
			t.Errorf("drawn below %v, want %v", below, want)
		}
		if want := []time.Duration{0, 250*time.Millisecond - 1, 750*time.Millisecond - 2}; !slices.Equal(at, want) {
			t.Errorf("asked at %v, want %v", at, want)
		}
	})
	low, high := time.Second, time.Duration(0)
	for range 1000 {
		d := jitter(time.Second)
		low, high = min(low, d), max(high, d)
	}
	if low < 0 || high >= time.Second || low > 100*time.Millisecond || high < 900*time.Millisecond {
		t.Errorf("1000 draws below a second lie from %v to %v", low, high)
	}
}

// Who is asked to wait waits at least so long. When that takes longer than the call may, it gives up at once.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const drawn, second = 100 * time.Millisecond, time.Second
	soon := []time.Duration{0, drawn, 2 * drawn}
	// Bubbles begin at midnight on 1 January 2000.
	for name, tt := range map[string]struct {
		head []string
		at   []time.Duration // of the tries
		told time.Duration   // by the error of the last
	}{
		"none":                       {nil, soon, 0},
		"seconds":                    {[]string{"Retry-After", "3"}, []time.Duration{0, 3 * second, 6 * second}, 3 * second},
		"no seconds":                 {[]string{"Retry-After", "0"}, soon, 0},
		"less than none":             {[]string{"Retry-After", "-5"}, soon, 0},
		"nonsense":                   {[]string{"Retry-After", "soon"}, soon, 0},
		"a date by our clock":        {[]string{"Retry-After", "Sat, 01 Jan 2000 00:00:08 GMT"}, []time.Duration{0, 8 * second, 8*second + drawn}, 0},
		"a date by the CMP's clock":  {[]string{"Retry-After", "Sat, 01 Jan 2000 05:00:04 GMT", "Date", "Sat, 01 Jan 2000 05:00:00 GMT"}, []time.Duration{0, 4 * second, 8 * second}, 4 * second},
		"a date that is over":        {[]string{"Retry-After", "Fri, 31 Dec 1999 00:00:00 GMT"}, soon, 0},
		"fits once":                  {[]string{"Retry-After", "6"}, []time.Duration{0, 6 * second}, 6 * second},
		"as long as the call may be": {[]string{"Retry-After", "10"}, []time.Duration{0}, 10 * second},
		"too long":                   {[]string{"Retry-After", "60"}, []time.Duration{0}, time.Minute},
		"more than can be counted":   {[]string{"Retry-After", "9223372036854775807"}, []time.Duration{0}, 24 * time.Hour},
		"a date far away":            {[]string{"Retry-After", "Sat, 01 Jan 2999 00:00:00 GMT"}, []time.Duration{0}, 24 * time.Hour},
	} {
		for _, status := range []int{429, 502, 503, 504} {
			synctest.Test(t, func(t *testing.T) {
				var at []time.Duration
				begun := time.Now()
				c := patient(t, 10*second, drawn, func(*http.Request) (*http.Response, error) {
					at = append(at, time.Since(begun))
					return replied(status, "", tt.head...), nil
				})
				e := failure(t, readOrder(t.Context(), c))
				if !slices.Equal(at, tt.at) || time.Since(begun) != tt.at[len(tt.at)-1] {
					t.Errorf("%s, %d: asked at %v, want %v, and gave up at %v", name, status, at, tt.at, time.Since(begun))
				}
				if e.RetryAfter != tt.told || e.HTTPStatus != status || e.Timeout() {
					t.Errorf("%s, %d: %v, want to be told %v", name, status, e, tt.told)
				}
			})
		}
	}
}

// One time limit is for the whole read, however often it is tried; the wait for the first turn is not in it.
func TestOneTimeLimitForAllTries(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rate          float64
		turn, answers time.Duration // the wait for the first turn, and how long an answer takes
		asked         int
		took          time.Duration
		timeout       bool
	}{
		"answers at once":              {1e6, 0, 0, 3, 200 * time.Millisecond, false},
		"slow answers":                 {1e6, 0, 4 * time.Second, 3, 10 * time.Second, true},
		"no time for a third":          {1e6, 0, 4950 * time.Millisecond, 2, 10 * time.Second, false},
		"none for a second":            {1e6, 0, 9950 * time.Millisecond, 1, 9950 * time.Millisecond, false},
		"never":                        {1e6, 0, time.Hour, 1, 10 * time.Second, true},
		"a turn that took its time":    {0.125, 8 * time.Second, 2 * time.Second, 2, 10 * time.Second, false},
		"the next turn comes too late": {0.05, 0, 4 * time.Second, 1, 4100 * time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				asked, answers := 0, time.Duration(0)
				c := patient(t, 10*time.Second, 100*time.Millisecond, func(r *http.Request) (*http.Response, error) {
					asked++
					if err := pause(r.Context(), answers); err != nil {
						return nil, err
					}
					return replied(http.StatusBadGateway, ""), nil
				})
				c.gate = newGate(tt.rate, 8)
				if tt.turn > 0 {
					_ = c.CancelPackage(t.Context(), testOrder) // takes the turn that is there
				}
				asked, answers = 0, tt.answers
				begun := time.Now()
				e := failure(t, readOrder(t.Context(), c))
				took := time.Since(begun) - tt.turn
				if asked != tt.asked || e.Timeout() != tt.timeout || took < tt.took-100*time.Millisecond || took > tt.took {
					t.Errorf("asked %d times in %v after the turn, want %d in %v: %v", asked, took, tt.asked, tt.took, e)
				}
			})
		})
	}
}

// Each try waits for a turn of its own, and holds no place while it rests.
func TestEachTryTakesATurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		begun := time.Now()
		c := patient(t, time.Minute, 250*time.Millisecond, func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(begun).Round(time.Millisecond))
			return replied(http.StatusBadGateway, ""), nil
		})
		c.gate = newGate(0.2, 1)
		go func() {
			time.Sleep(100 * time.Millisecond)
			if !c.gate.conns.TryAcquire(1) {
				t.Error("a read that rests holds a place")
				return
			}
			c.gate.conns.Release(1)
		}()
		_ = readOrder(t.Context(), c)
		if want := []time.Duration{0, 5 * time.Second, 10 * time.Second}; !slices.Equal(at, want) {
			t.Errorf("asked at %v, want %v", at, want)
		}
	})
}

// Who leaves while a read rests ends it at once.
func TestLeavingBetweenTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		c := patient(t, time.Minute, 10*time.Second, func(*http.Request) (*http.Response, error) {
			asked++
			return replied(http.StatusBadGateway, ""), nil
		})
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, leave)
		begun := time.Now()
		err := readOrder(ctx, c)
		if !errors.Is(err, context.Canceled) || asked != 1 || time.Since(begun) != 3*time.Second {
			t.Errorf("asked %d times, %v after %v", asked, err, time.Since(begun))
		}
	})
}

// How long the CMP wants to be left alone is told to the operator, of a change too.
func TestTheWaitIsTold(t *testing.T) {
	t.Parallel()
	c := client(t, serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "60")
		says(http.StatusTooManyRequests, `{"message":"too many"}`)(w, r)
	}).URL)
	for _, err := range []error{readOrder(t.Context(), c), c.CancelPackage(t.Context(), testOrder)} {
		if e := failure(t, err); e.RetryAfter != time.Minute || e.Why() != "The CMP is asked too often and refuses to answer for now (HTTP 429). The CMP asks to wait 60 s." {
			t.Errorf("%v: %s", e, e.Why())
		}
	}
}
