package views

import (
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/annotate"
	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/inquiry"
	"cmpconsole/internal/live"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/store"
	"cmpconsole/internal/webhook"
)

const testPassword = "correct-horse-battery"

// site is a whole server over a real database and a sandbox CMP.
type site struct {
	copy *mirror.Mirror
	*Server
	url     string
	db      *store.DB
	sim     *cmpsim.Sim
	logs    *lines
	reached sync.Map     // rows of the table whose handler was run
	users   sync.Map     // name → auth.User
	late    atomic.Int64 // how far the sessions' clock is ahead
	garble  func(body []byte) []byte
	gate    *ops.Gate
	notary  *audit.Notary
	chain   atomic.Pointer[audit.State]
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newSite starts a server; change may replace parts of it before it does.
func newSite(t *testing.T, change ...func(*Deps)) *site {
	t.Helper()
	return newSiteWith(t, func(*cmp.Options) {}, change...)
}

// newSiteWith starts one whose client of the CMP has other options.
func newSiteWith(t *testing.T, edit func(*cmp.Options), change ...func(*Deps)) *site {
	t.Helper()
	st := &site{logs: &lines{}}
	st.chain.Store(&audit.State{Verdict: audit.Intact, Text: "intact"})
	client := st.upstream(t, edit)
	deps := st.deps(t, client)
	for _, c := range change {
		c(&deps)
	}
	st.Server = New(deps)
	for i, r := range st.routes {
		st.routes[i].handler = func(s *Server, c *gin.Context) (response, error) {
			st.reached.Store(c.Request.Method+" "+c.FullPath(), true)
			return r.handler(s, c)
		}
	}
	handler, err := st.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	st.url = srv.URL
	return st
}

// upstream starts the sandbox CMP and returns a client of it.
func (st *site) upstream(t *testing.T, edit func(*cmp.Options)) *cmp.Client {
	t.Helper()
	sim, err := cmpsim.New(cmpsim.Options{Devices: 120})
	if err != nil {
		t.Fatal(err)
	}
	st.sim = sim
	srv := httptest.NewServer(http.HandlerFunc(st.relay))
	t.Cleanup(srv.Close)
	opts := cmp.Options{BaseURL: srv.URL, Signing: cmp.SigningNone, Timeout: time.Minute, Rate: 100000, MaxConns: 8}
	edit(&opts)
	client, err := cmp.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// relay hands a request to the sandbox, and its answer to whoever garbles answers.
func (st *site) relay(w http.ResponseWriter, r *http.Request) {
	if st.garble == nil {
		st.sim.Handler().ServeHTTP(w, r)
		return
	}
	rec := httptest.NewRecorder()
	st.sim.Handler().ServeHTTP(rec, r)
	w.Header().Set("Content-Type", rec.Header().Get("Content-Type"))
	w.WriteHeader(rec.Code)
	_, _ = w.Write(st.garble(rec.Body.Bytes())) // the client has gone: it says so itself
}

func (st *site) deps(t *testing.T, client *cmp.Client) Deps {
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
	st.db = db
	logger := slog.New(slog.NewJSONHandler(st.logs, nil))
	log := audit.New(db, time.Now)
	st.gate = ops.NewGate(db, log, func() audit.State { return *st.chain.Load() }, func() (uint64, error) { return 1 << 30, nil }, false, time.Now)
	st.copy = openMirror(t, db)
	feed := mirror.NewFeed(client, st.copy, time.Now, logger)
	keeper, err := mirror.NewSync(t.Context(), st.copy, client, mirror.SyncOptions{Every: 6 * time.Hour, Size: 50, Now: st.now, Logger: logger})
	if err != nil {
		t.Fatal(err)
	}
	lists, book := notebook.NewSelections(db, time.Now), notebook.New(db, time.Now)
	hub := live.New(live.Options{PerOwner: 3})
	return Deps{Live: hub, Checkpoints: st.checkpoints(t, db, logger), CMP: feed, Mirror: st.copy, Sync: keeper, Actions: ops.NewActions(db, log, feed, ops.Options{Timeout: time.Minute, Closed: st.gate.Closed, Publish: hub.Publish, Patience: time.Minute, Now: time.Now, Logger: logger}), Gate: st.gate, Eraser: ops.NewEraser(db, log, time.Now, logger), Users: auth.NewUsers(db, time.Now),
		Sessions: auth.NewSessions(db, auth.Options{Now: st.now}), Book: book, Selections: lists, Annotations: annotate.New(book, lists, log, annotate.Options{Relabel: st.copy.Relabel, Publish: hub.Publish, Patience: time.Minute, Logger: logger}), Asker: inquiry.New(lists, feed, inquiry.Options{Changed: st.copy.Reselected, Now: time.Now, Logger: logger}), Inbox: webhook.NewInbox(db, webhook.Options{Tokens: []string{pushToken, "the-new-token-of-the-CMP"}, Log: log, Now: time.Now}), Audit: log, Logger: logger, Now: time.Now,
		ChainState: func() audit.State { return *st.chain.Load() }}
}

// openMirror opens an empty copy of the fleet.
func openMirror(t *testing.T, db *store.DB) *mirror.Mirror {
	t.Helper()
	book := notebook.New(db, time.Now)
	m, err := mirror.Open(t.Context(), filepath.Join(t.TempDir(), "mirror.db"), mirror.Options{Labels: book.Labels, Labelled: book.Labelled, Members: notebook.NewSelections(db, time.Now).Members})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// mirrored fills the copy of the fleet with all that the sandbox has.
func (st *site) mirrored(t *testing.T) *site {
	t.Helper()
	list, err := st.CMP.Devices(t.Context(), 1, 1000)
	if err == nil {
		_, err = st.copy.Put(t.Context(), list.Devices, time.Now())
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// checkpoints sets up who signs the log, and returns what reads that.
func (st *site) checkpoints(t *testing.T, db *store.DB, logger *slog.Logger) *audit.Checkpoints {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "audit.key")
	key, err := audit.LoadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := audit.ReadKeys(file + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	st.notary = audit.NewNotary(db, key, keys, audit.FileAnchor(filepath.Join(dir, "anchors")), nil, time.Now, logger)
	return audit.NewCheckpoints(db, file+".pub")
}

func (st *site) now() time.Time { return time.Now().Add(time.Duration(st.late.Load())) }

// refuseRows has the log refuse every row, as on a full disk.
func (st *site) refuseRows(t *testing.T) {
	t.Helper()
	err := st.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// takeNothing has the database refuse every write, as on a full disk.
func (st *site) takeNothing(t *testing.T) {
	t.Helper()
	err := st.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `PRAGMA query_only(ON)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// user returns the user of the name, and makes it at first: hashing a password takes a while.
func (st *site) user(t *testing.T, name string, roles ...auth.Role) auth.User {
	t.Helper()
	if u, ok := st.users.Load(name); ok {
		return u.(auth.User)
	}
	u, err := st.Users.Create(t.Context(), name, roles, testPassword, nil)
	if err != nil {
		t.Fatal(err)
	}
	st.users.Store(name, u)
	return u
}

// requested is a request for an address with a cookie, as a handler gets it.
func requested(t *testing.T, path, cookie, value string) *gin.Context {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = httptest.NewRequestWithContext(t.Context(), get, path, nil)
	c.Request.AddCookie(&http.Cookie{Name: cookie, Value: value})
	return c
}

// rowOf returns the log's row of an answer with the action; false when the request left none.
func (st *site) rowOf(t *testing.T, a answer, action audit.Action) (audit.Row, bool) {
	t.Helper()
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(action), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.RequestID == a.header.Get("X-Request-Id") {
			return r, true
		}
	}
	return audit.Row{}, false
}

// denied returns the details of the row that an answer's refusal left.
func (st *site) denied(t *testing.T, a answer) map[string]string {
	t.Helper()
	row, ok := st.rowOf(t, a, audit.AccessDenied)
	if !ok || row.Outcome != audit.Denied {
		t.Errorf("the refusal left no row: %d", a.status)
	}
	return details(row)
}

func details(row audit.Row) map[string]string {
	d := map[string]string{}
	for _, f := range row.Detail {
		d[f.Key] = f.Value
	}
	return d
}
