package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"cmpconsole/internal/store"
)

const (
	defaultIdle     = 30 * time.Minute
	defaultAbsolute = 12 * time.Hour
	maxParallel     = 10              // sessions a user may have; the one used longest ago is closed for one more
	maxTouch        = time.Minute     // how often a session's last use is written at most
	clockSkew       = 2 * time.Minute // how far a clock may be set back before sessions from the future are refused
)

// Options are the settings of Sessions. Zero durations mean 30 minutes idle and 12 hours in total.
type Options struct {
	Secure         bool // browsers reach the console over TLS
	Idle, Absolute time.Duration
	Now            func() time.Time
}

// Sessions keeps the sessions in the database. It is a store of gorilla/sessions.
type Sessions struct {
	db             *store.DB
	secure         bool
	idle, absolute time.Duration
	touchEvery     time.Duration
	now            func() time.Time
}

// NewSessions returns the sessions of the database.
func NewSessions(db *store.DB, o Options) *Sessions {
	s := &Sessions{db: db, secure: o.Secure, idle: o.Idle, absolute: o.Absolute, now: o.Now}
	if s.idle <= 0 {
		s.idle = defaultIdle
	}
	if s.absolute <= 0 {
		s.absolute = defaultAbsolute
	}
	if s.now == nil {
		s.now = time.Now
	}
	s.touchEvery = min(maxTouch, s.idle/4)
	return s
}

// Login begins a session for a user whose password was just checked. The id is always new, and a session
// that the request carried dies in the same transaction, as do all that have expired. record, when given,
// runs in it too; the cookie is only set once all of that is durable. The error is ErrBadLogin when the user
// was disabled or got another password since the check: the sign-in failed like any other.
func (s *Sessions) Login(w http.ResponseWriter, r *http.Request, u User, record func(tx *sql.Tx, id Identity) error) (Identity, error) {
	token := newToken()
	var id Identity
	err := s.db.Write(r.Context(), func(tx *sql.Tx) error {
		row, err := s.begin(r, tx, u, token)
		if err != nil {
			return err
		}
		id = row.identity(token)
		return recorded(tx, record, id)
	})
	if err != nil {
		return Identity{}, fmt.Errorf("sign in %s: %w", u.Name, err)
	}
	http.SetCookie(w, s.cookie(token))
	return id, nil
}

func (s *Sessions) begin(r *http.Request, tx *sql.Tx, u User, token string) (sessionRow, error) {
	ctx, now := r.Context(), s.now().UTC().Truncate(time.Microsecond)
	u, err := updateLogin(ctx, tx, u, now)
	if err != nil {
		return sessionRow{}, err
	}
	if old, ok := s.token(r); ok {
		if err := deleteSession(ctx, tx, keyOf(old)); err != nil {
			return sessionRow{}, err
		}
	}
	if err := deleteExpired(ctx, tx, s.limits(now)); err != nil {
		return sessionRow{}, err
	}
	ended, err := deleteUnused(ctx, tx, u.ID, maxParallel-1)
	if err != nil {
		return sessionRow{}, err
	}
	row := sessionRow{key: keyOf(token), ended: ended, userID: u.ID, name: u.Name, roles: u.Roles, created: now, seen: now}
	return row, insertSession(ctx, tx, row)
}

// Identity returns who sent the request, with the roles as the database has them now. It fails with
// ErrNoSession or, when a limit was reached, with ErrExpired.
func (s *Sessions) Identity(r *http.Request) (Identity, error) {
	row, id, err := s.live(r)
	if now := s.now(); err == nil && now.Sub(row.seen) >= s.touchEvery {
		// A use that cannot be noted is no reason to refuse the page: the session ends the earlier for it.
		ctx := r.Context()
		_ = s.db.Write(ctx, func(tx *sql.Tx) error { return touchSession(ctx, tx, row.key, now) })
	}
	return id, err
}

// Peek returns the same and counts as no use: what a page does by itself does not keep the session of somebody who has
// left it open.
func (s *Sessions) Peek(r *http.Request) (Identity, error) {
	_, id, err := s.live(r)
	return id, err
}

// live returns the request's session if it may still be used.
func (s *Sessions) live(r *http.Request) (sessionRow, Identity, error) {
	token, ok := s.token(r)
	if !ok {
		return sessionRow{}, Identity{}, ErrNoSession
	}
	ctx, key := r.Context(), keyOf(token)
	row, err := selectSession(ctx, s.db.Lookup(), key)
	if err != nil {
		return sessionRow{}, Identity{}, err
	}
	if s.limits(s.now()).passed(row) {
		// At once, so that a clock that is set back later does not bring the session back.
		err := s.db.Write(ctx, func(tx *sql.Tx) error { return deleteSession(ctx, tx, key) })
		return sessionRow{}, Identity{}, errors.Join(ErrExpired, err)
	}
	return row, row.identity(token), nil
}

// Logout takes the cookie back, so that this browser is signed out whatever the database says, and ends the
// request's session. record, when given, runs in the same transaction if the session was still live. Once
// asked for, it does not stop when the browser leaves.
func (s *Sessions) Logout(w http.ResponseWriter, r *http.Request, record func(tx *sql.Tx, id Identity) error) error {
	http.SetCookie(w, s.expiredCookie())
	token, ok := s.token(r)
	if !ok {
		return nil
	}
	ctx := context.WithoutCancel(r.Context())
	if err := s.db.Write(ctx, func(tx *sql.Tx) error { return s.end(ctx, tx, token, record) }); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

func (s *Sessions) end(ctx context.Context, tx *sql.Tx, token string, record func(tx *sql.Tx, id Identity) error) error {
	row, err := selectSession(ctx, tx, keyOf(token))
	if err != nil && !errors.Is(err, ErrNoSession) {
		return err
	}
	known := err == nil && !s.limits(s.now()).passed(row)
	if err := deleteSession(ctx, tx, keyOf(token)); err != nil || !known {
		return err
	}
	return recorded(tx, record, row.identity(token))
}
