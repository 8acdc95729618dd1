package views

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/store"
)

const testPassword = "correct-horse-battery"

// site is a whole server over a real database and a sandbox CMP, with a user of every role.
type site struct {
	*Server
	url  string
	sim  *cmpsim.Sim
	logs *lines
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
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	sim, err := cmpsim.New(cmpsim.Options{Devices: 120})
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewServer(sim.Handler())
	client, err := cmp.New(cmp.Options{BaseURL: upstream.URL, Signing: cmp.SigningNone, Timeout: 5 * time.Second, Rate: 10000, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	st := &site{sim: sim, logs: &lines{}}
	logger := slog.New(slog.NewJSONHandler(st.logs, nil))
	log, users := audit.New(db, time.Now), auth.NewUsers(db, time.Now)
	deps := Deps{CMP: client, Orders: ops.NewOrders(db, log, client, time.Minute, time.Now, logger), Users: users,
		Sessions: auth.NewSessions(db, auth.Options{Now: time.Now}), Audit: log, Logger: logger, Now: time.Now,
		ChainState: func() (string, bool) { return "intact", true }}
	for _, c := range change {
		c(&deps)
	}
	st.Server = New(deps)
	handler, err := st.Handler()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	st.url = srv.URL
	t.Cleanup(func() {
		srv.Close()
		upstream.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// visitor is a browser without scripts: cookies, no following of redirects.
type visitor struct {
	t    *testing.T
	site *site
	http *http.Client
	csrf string
}

// visit returns a visitor who is signed in with the role; an empty role stays at the door.
func (st *site) visit(t *testing.T, role auth.Role) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, site: st, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if role == "" {
		return v
	}
	if _, err := st.Users.Create(t.Context(), string(role), []auth.Role{role}, testPassword, nil); err != nil && !strings.Contains(err.Error(), "taken") && !strings.Contains(err.Error(), "exist") {
		t.Fatal(err)
	}
	if a := v.do(http.MethodPost, "/login", url.Values{"username": {string(role)}, "password": {testPassword}}); a.status != http.StatusSeeOther {
		t.Fatalf("sign-in of %s: %d %s", role, a.status, a.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, st.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range jar.Cookies(req.URL) {
		req.AddCookie(c)
	}
	id, err := st.Sessions.Identity(req)
	if err != nil {
		t.Fatal(err)
	}
	v.csrf = id.CSRF
	return v
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) get(path string, header ...string) answer {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil, header...)
}

// post sends a form with the session's own token, unless the form brings one.
func (v *visitor) post(path string, form url.Values, header ...string) answer {
	v.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("csrf") {
		form.Set("csrf", v.csrf)
	}
	return v.do(http.MethodPost, path, form, header...)
}

func (v *visitor) do(method, path string, form url.Values, header ...string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, v.site.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

// newest returns the newest row of the log with the action.
func (st *site) newest(t *testing.T, action audit.Action) audit.Row {
	t.Helper()
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(action), Limit: 1})
	if err != nil || len(rows) == 0 {
		t.Fatalf("no row %s: %v", action, err)
	}
	return rows[0]
}
