package auth

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

const goodPassword = "four words from nowhere"

// quick makes a hash cost next to nothing; no rule here depends on its cost.
var quick = argonParams{memory: 8, passes: 1, lanes: 1}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// rig is the package over a real database file, with a clock that only moves when told and counted hashes.
type rig struct {
	db       *store.DB
	clock    *clock
	users    *Users
	sessions *Sessions
	hashes   *atomic.Int64
}

func newRig(t *testing.T, o Options) rig {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	g := rig{db: db, clock: &clock{at: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, hashes: new(atomic.Int64)}
	g.users = newUsers(db, g.clock.now, quick)
	g.users.hasher.derive = func(password, salt []byte, p argonParams, size uint32) []byte {
		g.hashes.Add(1)
		return deriveArgon(password, salt, p, size)
	}
	o.Now = g.clock.now
	g.sessions = NewSessions(db, o)
	return g
}

func (g rig) user(t *testing.T, name string, roles ...Role) User {
	t.Helper()
	u, err := g.users.Create(t.Context(), name, roles, goodPassword, nil)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// login signs the user in from a browser that carries the given cookies, and returns the new cookie.
func (g rig) login(t *testing.T, u User, carried ...*http.Cookie) (Identity, *http.Cookie) {
	t.Helper()
	w := httptest.NewRecorder()
	id, err := g.sessions.Login(w, request(t, carried...), u, nil)
	if err != nil {
		t.Fatal(err)
	}
	set := w.Result().Cookies()
	if len(set) != 1 {
		t.Fatalf("got %d cookies, want 1", len(set))
	}
	return id, set[0]
}

func (g rig) identity(t *testing.T, c *http.Cookie) (Identity, error) {
	t.Helper()
	return g.sessions.Identity(request(t, c))
}

func (g rig) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := g.db.Read().QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (g rig) sessionRows(t *testing.T) int {
	t.Helper()
	return g.count(t, `SELECT count(*) FROM session`)
}

// exec changes the database behind the package's back.
func (g rig) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	err := g.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(context.Background(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func request(t *testing.T, cookies ...*http.Cookie) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func wantKind(t *testing.T, err error, kind fault.Kind) {
	t.Helper()
	if err == nil || fault.KindOf(err) != kind {
		t.Errorf("got %v (kind %d), want kind %d", err, fault.KindOf(err), kind)
	}
}
