package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"cmpconsole/internal/fault"
)

// The errors of a request that is not signed in, and of a sign-in that failed.
var (
	// ErrNoSession says that the request carries no session, or one that is not known (any more).
	ErrNoSession error = fault.New(fault.Unauthenticated, "Sign in to go on.")
	// ErrExpired says that the request's session reached its idle or absolute limit.
	ErrExpired error = fault.New(fault.Unauthenticated, "Your session has ended because time ran out. Sign in again.")
	// ErrBadLogin says that name and password do not fit, and on purpose not which of them is wrong.
	ErrBadLogin error = fault.New(fault.Unauthenticated, "The user name or the password is wrong.")
)

// Identity is who a request belongs to, as the database knew it when the request came.
type Identity struct {
	UserID     int64
	Name       string
	Roles      []Role
	Session    string // refers to the session in logs; nobody can sign in with it
	CSRF       string // the token that this session's forms carry
	SignedInAt time.Time
	Ended      int64 // right after signing in: how many older sessions of the user ended for this one

	key []byte // what the database knows the session by
}

// Can tells whether one of the roles gives the permission. Public is always allowed, SignedIn to every user.
func (i Identity) Can(p Permission) bool {
	switch p {
	case Public:
		return true
	case SignedIn:
		return i.UserID != 0
	}
	return slices.ContainsFunc(i.Roles, func(r Role) bool { return r.Can(p) })
}

// RoleNames returns the roles as ParseRoles reads them, such as "support,manager".
func (i Identity) RoleNames() string { return joinRoles(i.Roles, ",") }

// CheckForm tells whether a form's token belongs to the session, in constant time.
func CheckForm(id Identity, token string) bool {
	return id.CSRF != "" && hmac.Equal([]byte(id.CSRF), []byte(token))
}

// formToken derives the forms' token from the cookie's value, which no page ever shows: the database need
// not hold it, and it dies with the session.
func formToken(cookie string) string {
	mac := hmac.New(sha256.New, []byte(cookie))
	mac.Write([]byte("cmp console: form token"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
