package cmp

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	testAccessKey = "access-key-of-the-test"
	testSecret    = "secret-of-the-test"
	testOrder     = "ORDER_1595320587633311744"
	testDevice    = "89852202310161621656"
)

// client returns one that signs, with generous limits and no pauses before retries; edit changes its options.
func client(t *testing.T, base string, edit ...func(*Options)) *Client {
	t.Helper()
	o := Options{BaseURL: base, AccessKey: testAccessKey, SecretKey: testSecret, Signing: SigningHMAC, Timeout: 20 * time.Second, Rate: 1e6, MaxConns: 8}
	for _, e := range edit {
		e(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c.Impatient()
	return c
}

func within(d time.Duration) func(*Options) { return func(o *Options) { o.Timeout = d } }

// serve starts a server with this handler.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv
}

// says answers every call with one text.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// sample reads a payload of the document, as printed.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// deed is a change under its name.
type deed struct {
	name string
	do   func(ctx context.Context, c *Client) error
}

// deeds are the changes, the five of an order first.
func deeds(orderID string) []deed {
	order := ServiceOrder{OrderID: orderID, DeviceID: testDevice}
	return []deed{
		{"openPackage", func(ctx context.Context, c *Client) error { _, err := c.OpenPackage(ctx, orderID); return err }},
		{"cancelPackage", func(ctx context.Context, c *Client) error { return c.CancelPackage(ctx, orderID) }},
		{"aheadFinishDeviceOrder", func(ctx context.Context, c *Client) error {
			return c.EndOrder(ctx, EndOrder{OrderID: orderID, Cause: "test", DeviceType: "4"})
		}},
		{"pauseService", func(ctx context.Context, c *Client) error { return c.PauseService(ctx, order) }},
		{"restartService", func(ctx context.Context, c *Client) error { return c.RestartService(ctx, order) }},
		{"batchOrderPackages", func(ctx context.Context, c *Client) error { _, err := c.OrderPackages(ctx, bulk()); return err }},
		{"sendSms", func(ctx context.Context, c *Client) error {
			return c.SendSMS(ctx, SMS{To: []SMSAddress{{testDevice, "LK1"}, {testDevice, "LK2"}}, Content: "test"})
		}},
		{"bind", func(ctx context.Context, c *Client) error {
			return c.BindIMEI(ctx, Binding{DeviceID: testDevice, IMEI: "860996043052016"})
		}},
	}
}

// enquiries are the reads.
func enquiries() []deed {
	return []deed{
		{"queryDevice", func(ctx context.Context, c *Client) error { _, err := c.Device(ctx, testDevice); return err }},
		{"queryBatchDevice", func(ctx context.Context, c *Client) error { _, err := c.Devices(ctx, 91, 2); return err }},
		{"queryOrder", func(ctx context.Context, c *Client) error {
			_, err := c.Orders(ctx, OrderQuery{Page: 1, Size: 3})
			return err
		}},
		{"syncPackages", func(ctx context.Context, c *Client) error { _, err := c.Packages(ctx, 1, 2); return err }},
		{"queryMTSmsStatus", func(ctx context.Context, c *Client) error {
			_, err := c.MTMessages(ctx, MTQuery{DeviceID: testDevice, MsgID: "LK1", Page: 1, Size: 10})
			return err
		}},
		{"querySmsCDR", func(ctx context.Context, c *Client) error {
			_, err := c.SMSRecords(ctx, SMSRecordQuery{DeviceID: testDevice, From: records.From, Until: records.Until, Page: 1, Size: 3})
			return err
		}},
		{"queryLatestCDR", func(ctx context.Context, c *Client) error {
			_, err := c.LiveSession(ctx, "525016126013486")
			return err
		}},
		{"getBindTrackList", func(ctx context.Context, c *Client) error { _, err := c.Bindings(ctx, testDevice); return err }},
		{"cdr", func(ctx context.Context, c *Client) error { _, err := c.CDRs(ctx, records); return err }},
	}
}

// posted are the calls that leave as a POST.
func posted() []deed {
	return slices.DeleteFunc(append(enquiries(), deeds(testOrder)...), func(d deed) bool { return d.name == "cdr" })
}

// failure is the client's error in err; the test ends when there is none.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v (%T), want an *Error", err, err)
	}
	return e
}

// tripper stands in for the network.
type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answered is a tripper's answer.
func answered(body string) *http.Response {
	rec := httptest.NewRecorder()
	_, _ = rec.WriteString(body)
	return rec.Result()
}

// journal is a log that a test can read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// object parses a JSON object.
func object(t *testing.T, raw string) *node {
	t.Helper()
	v, err := parseValue([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	n, ok := v.(*node)
	if !ok {
		t.Fatalf("%s is no object", raw)
	}
	return n
}

// expiring is a context whose time limit comes when the test says so, whatever the machine is busy with.
type expiring struct {
	context.Context
	over chan struct{}
	once sync.Once
}

func newExpiring(ctx context.Context) *expiring {
	return &expiring{Context: ctx, over: make(chan struct{})}
}

func (e *expiring) expire() { e.once.Do(func() { close(e.over) }) }

func (e *expiring) Done() <-chan struct{} { return e.over }

func (e *expiring) Err() error {
	select {
	case <-e.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
