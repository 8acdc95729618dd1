package ops

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// fakeCMP holds one order and answers changes as a test wants: with or without effect, with any error.
type fakeCMP struct {
	mu      sync.Mutex
	order   cmp.Order
	effect  bool
	answer  error
	readErr error
	before  func() // runs when a change arrives, before its effect
	changes int
}

func (f *fakeCMP) Order(context.Context, string) (cmp.Order, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.order, f.readErr
}

func (f *fakeCMP) change(to cmp.OrderStatus) error {
	if f.before != nil {
		f.before()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
	if f.effect {
		f.order.Status = to
	}
	return f.answer
}

func (f *fakeCMP) OpenPackage(context.Context, string) (cmp.Opened, error) {
	return cmp.Opened{}, f.change(cmp.StatusInUse)
}
func (f *fakeCMP) CancelPackage(context.Context, string) error  { return f.change(cmp.StatusEnded) }
func (f *fakeCMP) EndOrder(context.Context, cmp.EndOrder) error { return f.change(cmp.StatusEnded) }
func (f *fakeCMP) PauseService(context.Context, cmp.ServiceOrder) error {
	return f.change(cmp.StatusSuspended)
}
func (f *fakeCMP) RestartService(context.Context, cmp.ServiceOrder) error {
	return f.change(cmp.StatusInUse)
}

func (f *fakeCMP) set(status cmp.OrderStatus) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.order.Status = status
}

// bench is the order actions over a real database, a fake CMP and a clock that the test moves.
type bench struct {
	*Orders
	cmp *fakeCMP
	db  *store.DB
	log *audit.Log
	mu  sync.Mutex
	at  time.Time
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{db: db, at: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		cmp: &fakeCMP{effect: true, order: cmp.Order{ID: "ORDER_1", DeviceID: "89852026000000000016", Status: cmp.StatusInUse}}}
	b.log = audit.New(db, b.time)
	b.Orders = NewOrders(db, b.log, b.cmp, time.Minute, b.time, slog.New(slog.DiscardHandler))
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) time() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at
}

func (b *bench) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = b.at.Add(d)
}

func operatorOf(name string, roles ...auth.Role) Operator {
	return Operator{Identity: auth.Identity{Name: name, Roles: roles}, RequestID: "req-1", IP: "127.0.0.1"}
}

var anna = operatorOf("anna", auth.Support)

// form prepares an action as the preflight page does, and fills its form.
func (b *bench) form(t *testing.T, who Operator, verb Verb) Form {
	t.Helper()
	p, err := b.Preflight(t.Context(), who, "ORDER_1", verb)
	if err != nil || p.ID == "" {
		t.Fatalf("preflight of %s: %+v, %v", verb, p, err)
	}
	return Form{OrderID: "ORDER_1", Verb: verb, ActionID: p.ID, Reason: "Customer asked, ticket 4711", Confirm: "0016"}
}

// rows returns the log's rows of the order, oldest first, as phase:outcome.
func (b *bench) rows(t *testing.T) []string {
	t.Helper()
	list, err := b.log.List(t.Context(), audit.Filter{Order: "ORDER_1", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := len(list) - 1; i >= 0; i-- {
		r := list[i]
		out = append(out, string(r.Phase)+":"+r.Outcome)
		if r.Phase == audit.PhaseOutcome && r.Of == 0 {
			t.Errorf("row %d is an outcome of nothing", r.Seq)
		}
	}
	return out
}

func (b *bench) locked(t *testing.T) bool {
	t.Helper()
	a, err := b.Open(t.Context(), "ORDER_1")
	if err != nil {
		t.Fatal(err)
	}
	return a != nil
}

func (b *bench) exec(t *testing.T, query string) {
	t.Helper()
	if err := b.db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.ExecContext(t.Context(), query); return err }); err != nil {
		t.Fatal(err)
	}
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind || err == nil {
		t.Errorf("error %v of kind %v, want kind %v", err, fault.KindOf(err), kind)
	}
}

var errLost = &cmp.Error{Op: "device/pauseService", Kind: cmp.Unknown, Err: errors.New("connection reset")}
