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

const (
	order1 = "ORDER_1"
	device = "89852026000000000016"
	why    = "Customer asked, ticket 4711"
)

// bench is the order actions over a real database, a fake CMP and a clock that the test moves.
type bench struct {
	*Actions
	cmp  *fakeCMP
	db   *store.DB
	log  *audit.Log
	path string
	mu   *sync.Mutex
	at   *time.Time

	closed  string // why the gate is closed
	batches int    // batches that came to their end
}

func newBench(t *testing.T) *bench {
	t.Helper()
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	b := &bench{path: filepath.Join(t.TempDir(), "console.db"), mu: new(sync.Mutex), at: &at,
		cmp: &fakeCMP{effect: true, order: cmp.Order{DeviceID: device, Status: cmp.StatusInUse}}}
	b.open(t)
	return b
}

func (b *bench) open(t *testing.T) {
	t.Helper()
	db, err := store.Open(t.Context(), b.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b.db, b.log = db, audit.New(db, b.time)
	b.Actions = NewActions(db, b.log, b.cmp, Options{Timeout: time.Minute, Closed: func(context.Context, store.Querier) string { return b.closed }, BatchDone: func() { b.batches++ }, Now: b.time, Logger: slog.New(slog.DiscardHandler)})
}

// restarted is a console that has just started on the same file, with the same CMP and clock. The first one
// knows nothing of it, and it knows what the first left in the file.
func (b *bench) restarted(t *testing.T) *bench {
	t.Helper()
	other := &bench{cmp: b.cmp, path: b.path, mu: b.mu, at: b.at}
	other.open(t)
	return other
}

func (b *bench) time() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return *b.at
}

func (b *bench) wait(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*b.at = b.at.Add(d)
}

func operatorOf(name string, roles ...auth.Role) Operator {
	return Operator{Identity: auth.Identity{UserID: 1, Name: name, Roles: roles, Session: "session-" + name}, RequestID: "req-1", IP: "127.0.0.1"}
}

var anna = operatorOf("anna", auth.Support)

// form prepares an action on ORDER_1 as the preflight page does, and fills its form.
func (b *bench) form(t *testing.T, who Operator, verb Verb) Form {
	t.Helper()
	return b.formOf(t, who, verb, order1)
}

func (b *bench) formOf(t *testing.T, who Operator, verb Verb, order string) Form {
	t.Helper()
	p, err := b.Preflight(t.Context(), who, order, verb)
	if err != nil || p.ID == "" {
		t.Fatalf("preflight of %s: %+v, %v", verb, p, err)
	}
	return Form{OrderID: order, Verb: verb, ActionID: p.ID, Reason: why, Confirm: "0016"}
}

// do posts the form and expects the outcome.
func (b *bench) do(t *testing.T, form Form, want State) Action {
	t.Helper()
	a, err := b.Do(t.Context(), anna, form)
	if err != nil || a.State != want {
		t.Fatalf("%s of %s: %s, %v; want %s", form.Verb, form.OrderID, a.State, err, want)
	}
	return a
}

// rows returns the log's rows of ORDER_1, oldest first, as phase:outcome.
func (b *bench) rows(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, r := range b.entries(t, order1) {
		out = append(out, string(r.Phase)+":"+r.Outcome)
	}
	return out
}

// entries returns the log's rows of the order, oldest first. It fails the test when a row points nowhere.
func (b *bench) entries(t *testing.T, order string) []audit.Row {
	t.Helper()
	list, err := b.log.List(t.Context(), audit.Filter{Order: order, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var out []audit.Row
	intents := map[int64]bool{}
	for i := len(list) - 1; i >= 0; i-- {
		r := list[i]
		intents[r.Seq] = r.Phase == audit.Intent
		if points := r.Phase == audit.PhaseOutcome || r.Action == audit.OrderSettled || r.Action == audit.DoubtTask; points != intents[r.Of] {
			t.Errorf("row %d (%s, %s) points at row %d", r.Seq, r.Phase, r.Action, r.Of)
		}
		out = append(out, r)
	}
	return out
}

// locked tells whether the order takes no other change, and checks that the lock's row says the same.
func (b *bench) locked(t *testing.T) bool {
	t.Helper()
	a, err := b.Open(t.Context(), order1)
	if err != nil {
		t.Fatal(err)
	}
	if n := b.count(t, `SELECT count(*) FROM action_lock WHERE subject = 'ORDER_1'`); (n == 1) != (a != nil) {
		t.Errorf("%d locks, but the open action is %+v", n, a)
	}
	return a != nil
}

// latest is the newest action that was sent for ORDER_1.
func (b *bench) latest(t *testing.T) Action {
	t.Helper()
	a, err := b.Latest(t.Context(), order1)
	if err != nil || a == nil {
		t.Fatalf("no action: %v", err)
	}
	return *a
}

func (b *bench) count(t *testing.T, query string) (n int) {
	t.Helper()
	if err := b.db.Read().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (b *bench) exec(t *testing.T, query string) {
	t.Helper()
	if err := b.db.Write(t.Context(), func(tx *sql.Tx) error { _, err := tx.ExecContext(t.Context(), query); return err }); err != nil {
		t.Fatal(err)
	}
}

// refuse has the log refuse rows of a phase, or every row when the phase is empty, as on a full disk.
func (b *bench) refuseRows(t *testing.T, phase string) {
	t.Helper()
	b.exec(t, `CREATE TRIGGER full BEFORE INSERT ON audit WHEN '`+phase+`' IN ('', NEW.phase) BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
}

func (b *bench) takeRows(t *testing.T) { t.Helper(); b.exec(t, `DROP TRIGGER full`) }

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("error %v of kind %v, want kind %v", err, fault.KindOf(err), kind)
	}
}

// wantSaid checks what the operator is told.
func wantSaid(t *testing.T, err error, message string) {
	t.Helper()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Message != message {
		t.Errorf("told %q, want %q", err, message)
	}
}

// verifier is the file as an auditor opens it, past the console.
func (b *bench) verifier(t *testing.T) *sql.DB {
	t.Helper()
	db, err := store.OpenReadOnly(b.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
