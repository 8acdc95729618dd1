package cmp

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func wired(t *testing.T, base string, timeout time.Duration) *Client {
	t.Helper()
	c, err := New(Options{BaseURL: base, AccessKey: "ak", SecretKey: "hush-hush", Signing: SigningHMAC, Timeout: timeout, Rate: 10000, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// changesOf are the five changes, each on some order.
func changesOf(c *Client) map[string]func(context.Context) error {
	order := ServiceOrder{OrderID: "ORDER_1", DeviceID: "89000000000000000001"}
	return map[string]func(context.Context) error{
		"open":   func(ctx context.Context) error { _, err := c.OpenPackage(ctx, order.OrderID); return err },
		"cancel": func(ctx context.Context) error { return c.CancelPackage(ctx, order.OrderID) },
		"end": func(ctx context.Context) error {
			return c.EndOrder(ctx, EndOrder{OrderID: order.OrderID, Cause: "test"})
		},
		"pause":   func(ctx context.Context) error { return c.PauseService(ctx, order) },
		"restart": func(ctx context.Context) error { return c.RestartService(ctx, order) },
	}
}

// Each change that meets such a server ends unknown, and the server saw exactly one request.
func TestWhatIsUncertainIsUnknownAndSentOnce(t *testing.T) {
	t.Parallel()
	servers := map[string]http.HandlerFunc{
		"closes without an answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"cuts the body": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"code":"0000"`))
		},
		"redirects": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusPermanentRedirect)
		},
		"shows a page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>welcome</html>")) },
		"fails":        func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"is busy":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"answers too much": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"code":"0000","message":%q}`, strings.Repeat("x", maxAnswer))
		},
	}
	for name, answer := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { seen.Add(1); answer(w, r) }))
			defer srv.Close()
			for verb, do := range changesOf(wired(t, srv.URL, 5*time.Second)) {
				seen.Store(0)
				err := do(t.Context())
				if KindOf(err) != Unknown || err == nil {
					t.Errorf("%s: %v", verb, err)
				}
				if n := seen.Load(); n != 1 {
					t.Errorf("%s: %d requests", verb, n)
				}
				if strings.Contains(fmt.Sprint(err), "hush-hush") {
					t.Errorf("%s: the secret stands in %v", verb, err)
				}
			}
		})
	}
}

func TestAnAnswerThatDoesNotComeIsUnknown(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold }))
	defer srv.Close()
	defer close(hold)
	err := wired(t, srv.URL, 100*time.Millisecond).PauseService(t.Context(), ServiceOrder{OrderID: "ORDER_1"})
	e, ok := err.(*Error) //nolint:errorlint // the client's own error, unwrapped
	if !ok || e.Kind != Unknown || !e.Timeout() {
		t.Errorf("got %v", err)
	}
}

func TestWhatCannotHaveLeftIsNotSent(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := "http://" + gone.Addr().String()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	strangers := httptest.NewTLSServer(http.NotFoundHandler())
	defer strangers.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		base string
		ctx  context.Context
	}{
		"nobody listens":            {refused, t.Context()},
		"TLS where there is none":   {strings.Replace(plain.URL, "http:", "https:", 1), t.Context()},
		"a certificate not trusted": {strangers.URL, t.Context()},
		"given up before its turn":  {plain.URL, ended},
	} {
		for verb, do := range changesOf(wired(t, tt.base, 5*time.Second)) {
			if err := do(tt.ctx); KindOf(err) != NotSent {
				t.Errorf("%s, %s: %v", name, verb, err)
			}
		}
	}
}

func TestUnsignedChangesStayOnThisMachine(t *testing.T) {
	t.Parallel()
	c, err := New(Options{BaseURL: "https://cmp.example.com", Signing: SigningNone, Timeout: time.Second, Rate: 10, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	for verb, do := range changesOf(c) {
		if err := do(t.Context()); KindOf(err) != NotSent {
			t.Errorf("%s: %v", verb, err)
		}
	}
}

func TestNoMoreCallsAtOnceThanAllowed(t *testing.T) {
	t.Parallel()
	const limit = 3
	arrived, hold := make(chan struct{}, 20), make(chan struct{})
	var now, most atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		arrived <- struct{}{}
		<-hold
		now.Add(-1)
		_, _ = w.Write([]byte(`{"code":"0000"}`))
	}))
	defer srv.Close()
	c, err := New(Options{BaseURL: srv.URL, Signing: SigningNone, Timeout: 10 * time.Second, Rate: 10000, MaxConns: limit})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 12)
	for range 12 {
		go func() { done <- c.CancelPackage(t.Context(), "ORDER_1") }()
	}
	for range limit {
		<-arrived
	}
	close(hold)
	for range 12 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != limit {
		t.Errorf("%d calls at once, %d allowed", most.Load(), limit)
	}
}

// A fuzzy answer spread over pages, with a page count that lies, still gives the orders of one device exactly.
func TestOrdersOfReadsEveryPageAndMatchesExactly(t *testing.T) {
	t.Parallel()
	var pages atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := pages.Add(1)
		var rows []string
		for i := range 100 {
			if n == 3 && i == 5 {
				break
			}
			rows = append(rows, fmt.Sprintf(`{"orderCode":"O%d_%d","deviceId":"89000000000000000001%s"}`, n, i, strings.Repeat("9", i%2)))
		}
		fmt.Fprintf(w, `{"code":"0000","data":{"page":{"total_count":0,"total_pages":0},"package_order":[%s]}}`, strings.Join(rows, ","))
	}))
	defer srv.Close()
	orders, err := wired(t, srv.URL, 5*time.Second).OrdersOf(t.Context(), "89000000000000000001")
	if err != nil || len(orders) != 103 || pages.Load() != 3 {
		t.Errorf("%d orders of %d pages, %v", len(orders), pages.Load(), err)
	}
}

func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{`{"code":"0000","data":null}`, `{"code":0,"data":{"status":{"code":"x"}}}`, `[]`, `{"code":{"a":1},"success":"maybe"}`, `{"data":[{"a":{}}],"code":" "}`} {
		f.Add(200, seed)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		data, fail := judge(status, []byte(body))
		if fail == nil && (status < 200 || status > 299) {
			t.Errorf("HTTP %d taken for success", status)
		}
		if n, err := parseNode(data); err == nil && n != nil {
			_ = deviceFrom(n)
		}
	})
}

func FuzzValues(f *testing.F) {
	for _, seed := range []string{"20221123153722", "2022-11-23", "19397607", "-0.5", "1e999", "FFFFFFFFFF"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if v := parseVolume(text, megabyte); v.Bytes < 0 || (!v.Known && v.Bytes != 0) {
			t.Errorf("volume %+v", v)
		}
		if at := parseTime(text); at.At.IsZero() && at.DateOnly {
			t.Errorf("time %+v", at)
		}
	})
}
