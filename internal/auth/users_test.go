package auth

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/fault"
)

var errRecord = errors.New("the log is full")

func TestCreateAndList(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	var recorded User
	made, err := g.users.Create(t.Context(), " Zoe ", []Role{Manager, Support}, goodPassword, func(tx *sql.Tx, u User) error {
		recorded = u
		return tx.QueryRowContext(t.Context(), `SELECT id FROM account WHERE name = 'zoe'`).Scan(new(int64))
	})
	if err != nil {
		t.Fatal(err)
	}
	if made.ID == 0 || made.Name != "zoe" || recorded.ID != made.ID || !slices.Equal(made.Roles, []Role{Support, Manager}) {
		t.Errorf("made %+v, recorded %+v", made, recorded)
	}
	g.user(t, "anna", Admin)
	users, err := g.users.List(t.Context())
	if err != nil || len(users) != 2 || users[0].Name != "anna" || users[1].Name != "zoe" {
		t.Fatalf("got %+v, %v", users, err)
	}
	if zoe := users[1]; zoe.Created != g.clock.now() || !zoe.LastLogin.IsZero() || zoe.Disabled || zoe.Roles[1] != Manager {
		t.Errorf("got %+v", zoe)
	}
	if n, err := g.users.Count(t.Context()); n != 2 || err != nil {
		t.Errorf("count %d, %v", n, err)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Admin)
	for _, c := range []struct {
		name     string
		roles    []Role
		password string
		kind     fault.Kind
	}{
		{"ANNA", []Role{Support}, goodPassword, fault.Conflict},
		{"9bert", []Role{Support}, goodPassword, fault.Invalid},
		{"bert", nil, goodPassword, fault.Invalid},
		{"bert", []Role{"boss"}, goodPassword, fault.Invalid},
		{"bert", []Role{Support}, "short", fault.Invalid},
	} {
		_, err := g.users.Create(t.Context(), c.name, c.roles, c.password, nil)
		wantKind(t, err, c.kind)
	}
	_, err := g.users.Create(t.Context(), "bert", []Role{Support}, goodPassword, func(*sql.Tx, User) error { return errRecord })
	if !errors.Is(err, errRecord) {
		t.Errorf("got %v", err)
	}
	if n, _ := g.users.Count(t.Context()); n != 1 {
		t.Errorf("%d users after refusals, want 1", n)
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	made := g.user(t, "anna", Support, Auditor)
	u, err := g.users.Authenticate(t.Context(), " Anna ", goodPassword, "10.0.0.1")
	if err != nil || u.ID != made.ID || !slices.Equal(u.Roles, made.Roles) {
		t.Errorf("got %+v, %v", u, err)
	}
	stored := g.count(t, `SELECT count(*) FROM account WHERE password LIKE '$argon2id$%' AND instr(password, ?) = 0`, goodPassword)
	if stored != 1 {
		t.Error("the password is not stored as an argon2id hash")
	}
}

// A guess must cost the same whatever is wrong with it, or names could be found out by time.
func TestEveryGuessCostsOneHash(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Support)
	g.user(t, "gone", Support)
	g.exec(t, `UPDATE account SET disabled_at = 1 WHERE name = 'gone'`)
	for name, try := range map[string]struct{ name, password string }{
		"wrong password": {"anna", "wrong password here"},
		"no password":    {"anna", ""},
		"very long":      {"anna", strings.Repeat("x", 1<<16)},
		"unknown user":   {"nobody", goodPassword},
		"no user":        {"", goodPassword},
		"odd user":       {"' OR 1=1 --\x00", goodPassword},
		"disabled user":  {"gone", goodPassword},
	} {
		before := g.hashes.Load()
		u, err := g.users.Authenticate(t.Context(), try.name, try.password, "10.0.0.1")
		if !errors.Is(err, ErrBadLogin) || err.Error() != ErrBadLogin.Error() || u.ID != 0 {
			t.Errorf("%s: got %+v, %v", name, u, err)
		}
		if n := g.hashes.Load() - before; n != 1 {
			t.Errorf("%s: %d hashes, want 1", name, n)
		}
	}
}

func TestRehashWhenSettingsGrow(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	_, cookie := g.login(t, u)
	hash := func() string {
		_, stored, err := selectLogin(t.Context(), g.db.Read(), "anna")
		if err != nil {
			t.Fatal(err)
		}
		return stored
	}
	authenticate := func() {
		if _, err := g.users.Authenticate(t.Context(), "anna", goodPassword, "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
	}
	old := hash()
	authenticate()
	if hash() != old {
		t.Error("the hash changed although the settings did not")
	}
	g.users.hasher.params = argonParams{memory: 16, passes: 2, lanes: 1}
	authenticate()
	if !strings.Contains(hash(), "$m=16,t=2,p=1$") {
		t.Errorf("still %s", hash())
	}
	authenticate()
	if _, err := g.identity(t, cookie); err != nil {
		t.Errorf("a new hash of the same password ended the session: %v", err)
	}
	g.users.hasher.params = quick
	grown := hash()
	authenticate()
	if hash() != grown {
		t.Error("a hash must not be made weaker")
	}
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	_, cookie := g.login(t, u)
	_, others := g.login(t, g.user(t, "bert", Support))
	err := g.users.SetPassword(t.Context(), "anna", "another four good words", func(*sql.Tx, User) error { return errRecord })
	if !errors.Is(err, errRecord) {
		t.Errorf("got %v", err)
	}
	if _, err := g.identity(t, cookie); err != nil {
		t.Errorf("a change that was rolled back ended the session: %v", err)
	}
	if err := g.users.SetPassword(t.Context(), "Anna", "another four good words", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := g.identity(t, cookie); !errors.Is(err, ErrNoSession) {
		t.Errorf("the session outlived the password: %v", err)
	}
	if _, err := g.identity(t, others); err != nil {
		t.Errorf("another user's session ended: %v", err)
	}
	if _, err := g.users.Authenticate(t.Context(), "anna", goodPassword, "10.0.0.1"); !errors.Is(err, ErrBadLogin) {
		t.Errorf("the old password: %v", err)
	}
	if _, err := g.users.Authenticate(t.Context(), "anna", "another four good words", "10.0.0.1"); err != nil {
		t.Errorf("the new password: %v", err)
	}
	wantKind(t, g.users.SetPassword(t.Context(), "nobody", goodPassword, nil), fault.NotFound)
	wantKind(t, g.users.SetPassword(t.Context(), "anna", "short", nil), fault.Invalid)
}

// Between the check of the old password and the new session the password changes: the sign-in comes too late.
func TestPasswordChangesWhileSigningIn(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	g.user(t, "anna", Support)
	checked, err := g.users.Authenticate(t.Context(), "anna", goodPassword, "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if err := g.users.SetPassword(t.Context(), "anna", "another four good words", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := g.sessions.Login(nil, request(t), checked, nil); !errors.Is(err, ErrBadLogin) {
		t.Errorf("got %v", err)
	}
	if n := g.sessionRows(t); n != 0 {
		t.Errorf("%d sessions, want none", n)
	}
}

func TestLastLogin(t *testing.T) {
	t.Parallel()
	g := newRig(t, Options{})
	u := g.user(t, "anna", Support)
	g.clock.add(time.Hour)
	g.login(t, u)
	users, err := g.users.List(t.Context())
	if err != nil || users[0].LastLogin != g.clock.now() {
		t.Errorf("got %+v, %v", users, err)
	}
}
