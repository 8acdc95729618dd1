package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cmpconsole/internal/fault"
)

// Authenticate checks a name and a password that came from a source (the client's address). It counts the
// attempt before it hashes, answers ErrBadLogin whatever of the two is wrong, at the cost of one hash either
// way, and *ThrottledError when there were too many attempts.
func (u *Users) Authenticate(ctx context.Context, name, password, source string) (User, error) {
	name = foldName(name)
	try := newAttempt(name, source)
	if err := u.db.Write(ctx, func(tx *sql.Tx) error { return try.count(ctx, tx, u.now()) }); err != nil {
		return User{}, noSignIn(fmt.Errorf("count an attempt to sign in: %w", err))
	}
	user, stored, err := selectLogin(ctx, u.db.Read(), name)
	if err != nil {
		return User{}, err
	}
	if len(password) > maxPassword || isReserved(name) {
		password, stored = "", "" // nobody's; it still costs its hash
	}
	fits, err := u.hasher.verify(ctx, stored, password)
	if err != nil {
		return User{}, fmt.Errorf("check the password of user %d: %w", user.ID, err)
	}
	if !fits || user.Disabled {
		return User{}, ErrBadLogin
	}
	if err := u.welcome(ctx, try, user, stored, password); err != nil {
		return User{}, noSignIn(fmt.Errorf("settle the sign-in of user %d: %w", user.ID, err))
	}
	return user, nil
}

// noSignIn says of a failed write why nobody gets in; other refusals stay what they are.
func noSignIn(err error) error {
	if _, throttled := errors.AsType[*ThrottledError](err); throttled || errors.Is(err, ErrBadLogin) {
		return err
	}
	return fault.Wrap(fault.Unavailable, err, "The database takes no writes just now, so nobody can sign in. Try again in a moment; if it stays so, tell whoever looks after this server.")
}

// welcome settles a right guess: the counters forget it, and a hash of older settings is replaced.
func (u *Users) welcome(ctx context.Context, try attempt, user User, stored, password string) error {
	hash := stored
	if u.hasher.outdated(stored) {
		var err error
		if hash, err = u.hasher.hash(ctx, password); err != nil {
			return err
		}
	}
	return u.db.Write(ctx, func(tx *sql.Tx) error {
		if hash != stored {
			if err := replaceHash(ctx, tx, user.ID, stored, hash); err != nil {
				return err
			}
		}
		return try.succeed(ctx, tx, u.now())
	})
}
