package webhook

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/store"
)

var anna = ops.Operator{Identity: auth.Identity{Name: "anna", Roles: []auth.Role{auth.Support}}}

// lab is a processor over the real client, actions and copy of the fleet, with a sandbox CMP behind them and one clock that the test moves.
type lab struct {
	*Processor
	acts   *ops.Actions
	sim    *cmpsim.Sim
	client *cmp.Client
	feed   *mirror.Feed
	copy   *mirror.Mirror
	at     time.Time
	anew   []string // devices that the copy was to read anew
	told   []string // topics
	path   string
	reads  *counting
}

func newLab(t *testing.T, devices int) *lab {
	t.Helper()
	l := &lab{at: noon}
	now := func() time.Time { return l.at }
	var err error
	if l.sim, err = cmpsim.New(cmpsim.Options{Devices: devices, Now: now}); err != nil {
		t.Fatal(err)
	}
	door := httptest.NewServer(l.sim.Handler())
	t.Cleanup(door.Close)
	quiet := slog.New(slog.DiscardHandler)
	l.client, err = cmp.New(cmp.Options{BaseURL: door.URL, Signing: cmp.SigningNone, Timeout: time.Minute, Rate: 1e6, MaxConns: 10, Now: now, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	dir := quickDir(t)
	l.path = filepath.Join(dir, "console.db")
	db, err := store.Open(t.Context(), l.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if l.copy, err = mirror.Open(t.Context(), filepath.Join(dir, "mirror.db"), mirror.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.copy.Close() })
	l.feed = mirror.NewFeed(l.client, l.copy, now, quiet)
	log := audit.New(db, now)
	l.acts = ops.NewActions(db, log, l.feed, ops.Options{Timeout: time.Minute, Closed: func(context.Context, store.Querier) string { return "" }, Now: now, Logger: quiet})
	l.reads = &counting{orderReader: l.feed, lab: l, reads: map[string][]time.Time{}}
	l.Processor = NewProcessor(NewInbox(db, Options{Log: log, Now: now}), Parts{
		CMP: l.reads, Actions: l.acts, Fleet: l.copy, Timeout: time.Minute, Logger: quiet,
		Refresh: func(id string) { l.anew = append(l.anew, id) }, Tell: func(topics ...string) { l.told = append(l.told, topics...) },
	})
	l.sweep(t)
	return l
}

// quickDir is a directory in memory where there is one: thousands of callbacks are stored here, each for good.
func quickDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "webhook") //nolint:usetesting // it is to be in memory
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// sweep reads the whole fleet, as the sync does.
func (l *lab) sweep(t *testing.T) {
	t.Helper()
	for page := 1; ; page++ {
		p, err := l.feed.Devices(t.Context(), page, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if page*p.Size >= p.Total {
			return
		}
	}
}

// receive has a callback come a moment later.
func (l *lab) receive(t *testing.T, kind Kind, format string, args ...any) Push {
	t.Helper()
	l.at = l.at.Add(10 * time.Millisecond)
	p, err := l.Receive(t.Context(), kind, "10.0.0.1", http.Header{}, fmt.Appendf(nil, format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// drain processes until nothing is due any more, at all times to come.
func (l *lab) drain(t *testing.T) {
	t.Helper()
	for range 100 {
		if err := l.processDue(t.Context(), Kinds()...); err != nil {
			t.Fatal(err)
		}
		waiting, err := selectPushes(t.Context(), l.db.Read(), `WHERE state = ? ORDER BY due LIMIT 1`, New)
		if err != nil {
			t.Fatal(err)
		}
		if len(waiting) == 0 {
			return
		}
		l.at = slices.MaxFunc([]time.Time{l.at, waiting[0].Due}, time.Time.Compare)
	}
	t.Fatal("callbacks wait for ever")
}

func (l *lab) get(t *testing.T, id int64) Push {
	t.Helper()
	p, err := l.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rows are the rows of the log of an action, oldest first.
func (l *lab) rows(t *testing.T, action audit.Action) []audit.Row {
	t.Helper()
	rows, err := l.Log.List(t.Context(), audit.Filter{Action: string(action), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(rows)
	return rows
}

// counting is a reader of orders that notes of whom and when.
type counting struct {
	orderReader
	lab   *lab
	reads map[string][]time.Time
	looks int // at devices that the copy does not have
}

func (c *counting) OrdersOf(ctx context.Context, device string) ([]cmp.Order, error) {
	c.reads[device] = append(c.reads[device], c.lab.at)
	return c.orderReader.OrdersOf(ctx, device)
}

func (c *counting) Device(ctx context.Context, device string) (cmp.Device, error) {
	c.looks++
	return c.orderReader.Device(ctx, device)
}

// check fails when a device was read about more often than it may be, and tells how many reads there were in all.
func (c *counting) check(t *testing.T) (n int) {
	t.Helper()
	for device, at := range c.reads {
		n += len(at)
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < Coalesce {
				t.Errorf("%s was read again after %v", device, gap)
			}
		}
	}
	return n
}
