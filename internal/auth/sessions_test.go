package auth

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support, Auditor)
	made, cookie := g.login(t, u)
	got, err := g.identity(t, cookie)
	if err != nil {
		t.Fatal(err)
	}
	if got.UserID != u.ID || got.Name != "anna" || !slices.Equal(got.Roles, u.Roles) || got.SignedInAt != g.clock.now() {
		t.Errorf("got %+v", got)
	}
	if got.Session != made.Session || len(got.Session) != 12 || got.CSRF != made.CSRF || len(got.CSRF) < 40 {
		t.Errorf("at sign-in %+v, at the next request %+v", made, got)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	for secure, name := range map[bool]string{true: "__Host-session", false: "session"} {
		g := newRig(t, Options{Secure: secure})
		_, c := g.login(t, g.user(t, "anna", Support))
		if c.Name != name || c.Secure != secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("secure %v: %s", secure, c.Raw)
		}
		if c.MaxAge != 0 || !c.Expires.IsZero() || len(c.Value) != 43 {
			t.Errorf("secure %v: must be a session cookie of 256 bits: %s", secure, c.Raw)
		}
	}
}

func TestDatabaseDoesNotHoldTheCookie(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	id, c := g.login(t, g.user(t, "anna", Support))
	var key []byte
	if err := g.db.Read().QueryRowContext(t.Context(), `SELECT key FROM session`).Scan(&key); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(key, keyOf(c.Value)) || bytes.Contains(key, []byte(c.Value)) || strings.Contains(c.Value, id.Session) {
		t.Errorf("key %x of cookie %s", key, c.Value)
	}
	for _, stolen := range []string{base64.RawURLEncoding.EncodeToString(key), hex.EncodeToString(key), id.Session, id.CSRF} {
		if _, err := g.identity(t, &http.Cookie{Name: c.Name, Value: stolen}); !errors.Is(err, ErrNoSession) {
			t.Errorf("%q signs in: %v", stolen, err)
		}
	}
}

func TestNoSession(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Secure: true})
	_, c := g.login(t, g.user(t, "anna", Support))
	for name, cookie := range map[string]*http.Cookie{
		"empty":          {Name: c.Name, Value: ""},
		"unknown":        {Name: c.Name, Value: newToken()},
		"cut":            {Name: c.Name, Value: c.Value[:42]},
		"longer":         {Name: c.Name, Value: c.Value + "A"},
		"without prefix": {Name: "session", Value: c.Value},
	} {
		if _, err := g.identity(t, cookie); !errors.Is(err, ErrNoSession) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := g.sessions.Identity(request(t)); !errors.Is(err, ErrNoSession) {
		t.Errorf("no cookie: %v", err)
	}
}

// An id that somebody planted, or that was in use before, is dead after the sign-in.
func TestFixation(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	planted := &http.Cookie{Name: "session", Value: newToken()}
	seen := map[string]bool{planted.Value: true}
	carried := planted
	for range 20 {
		_, fresh := g.login(t, u, carried)
		if seen[fresh.Value] {
			t.Fatal("an id came twice")
		}
		seen[fresh.Value] = true
		if _, err := g.identity(t, carried); !errors.Is(err, ErrNoSession) {
			t.Fatalf("the old id is alive: %v", err)
		}
		carried = fresh
	}
	if n := g.sessionRows(t); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestLoginRolledBack(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	_, old := g.login(t, u)
	w := httptest.NewRecorder()
	_, err := g.sessions.Login(w, request(t, old), u, func(*sql.Tx, Identity) error { return errRecord })
	if !errors.Is(err, errRecord) || len(w.Result().Cookies()) != 0 {
		t.Errorf("got %v and cookies %v", err, w.Result().Cookies())
	}
	if _, err := g.identity(t, old); err != nil || g.sessionRows(t) != 1 {
		t.Errorf("%d rows; the old session: %v", g.sessionRows(t), err)
	}
}

func TestLoginIsRecordedWithItsIdentity(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	var recorded Identity
	var rows int
	id, err := g.sessions.Login(httptest.NewRecorder(), request(t), g.user(t, "anna", Support), func(tx *sql.Tx, id Identity) error {
		recorded = id
		return tx.QueryRowContext(t.Context(), `SELECT count(*) FROM session`).Scan(&rows)
	})
	if err != nil || recorded.Session != id.Session || recorded.Name != "anna" || rows != 1 {
		t.Errorf("recorded %+v with %d rows, %v", recorded, rows, err)
	}
}

func TestLogout(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{Secure: true})
	id, c := g.login(t, g.user(t, "anna", Support))
	w := httptest.NewRecorder()
	err := g.sessions.Logout(w, request(t, c), func(*sql.Tx, Identity) error { return errRecord })
	if set := w.Result().Cookies(); !errors.Is(err, errRecord) || len(set) != 1 || set[0].MaxAge >= 0 {
		t.Errorf("a browser must lose its cookie at any rate: %v, cookies %v", err, set)
	}
	if _, err := g.identity(t, c); err != nil {
		t.Errorf("a sign-out that was rolled back ended the session: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	w = httptest.NewRecorder()
	var recorded Identity
	err = g.sessions.Logout(w, request(t, c).WithContext(gone), func(_ *sql.Tx, id Identity) error { recorded = id; return nil })
	if err != nil || recorded.Session != id.Session {
		t.Errorf("recorded %+v, %v", recorded, err)
	}
	if set := w.Result().Cookies(); len(set) != 1 || set[0].Name != c.Name || set[0].MaxAge >= 0 || !set[0].Secure || set[0].Path != "/" {
		t.Errorf("cookies %v", set)
	}
	if _, err := g.identity(t, c); !errors.Is(err, ErrNoSession) || g.sessionRows(t) != 0 {
		t.Errorf("%d rows; the cookie: %v", g.sessionRows(t), err)
	}
	again := g.sessions.Logout(httptest.NewRecorder(), request(t, c), func(*sql.Tx, Identity) error { return errRecord })
	if again != nil {
		t.Errorf("signing out twice: %v", again)
	}
}

func TestRolesAreFresh(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	_, cookie := g.login(t, g.user(t, "anna", Support))
	g.exec(t, `UPDATE account SET roles = 'auditor,wizard'`)
	id, err := g.identity(t, cookie)
	if err != nil || id.Can(OrdersOpen) || !id.Can(AuditRead) || id.RoleNames() != "auditor,wizard" {
		t.Errorf("got %+v, %v", id, err)
	}
	g.exec(t, `UPDATE account SET disabled_at = 1`)
	if _, err := g.identity(t, cookie); !errors.Is(err, ErrNoSession) {
		t.Errorf("a disabled user: %v", err)
	}
}

func TestDisabledWhileSigningIn(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	g.exec(t, `UPDATE account SET disabled_at = 1`)
	if _, err := g.sessions.Login(nil, request(t), u, nil); !errors.Is(err, ErrBadLogin) {
		t.Errorf("got %v", err)
	}
}

func TestCheckForm(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	a, _ := g.login(t, u)
	b, _ := g.login(t, u)
	if !CheckForm(a, a.CSRF) || !CheckForm(b, b.CSRF) {
		t.Error("a session's own token must pass")
	}
	for _, token := range []string{"", b.CSRF, a.CSRF[1:], a.CSRF + "A", a.Session} {
		if CheckForm(a, token) {
			t.Errorf("%q passes for another session", token)
		}
	}
	if CheckForm(Identity{}, "") {
		t.Error("nobody's empty token passes")
	}
}
