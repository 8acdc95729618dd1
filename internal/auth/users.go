package auth

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// User is a person who may sign in.
type User struct {
	ID        int64
	Name      string
	Roles     []Role
	Created   time.Time
	LastLogin time.Time // zero when the user never signed in
	Disabled  bool

	revision int64 // of the password; a session is only begun for the newest
}

// Users keeps the users and checks their passwords.
type Users struct {
	db     *store.DB
	now    func() time.Time
	hasher *hasher
}

// NewUsers returns the users of the database.
func NewUsers(db *store.DB, now func() time.Time) *Users { return newUsers(db, now, defaultArgon) }

func newUsers(db *store.DB, now func() time.Time, cost argonParams) *Users {
	return &Users{db: db, now: now, hasher: newHasher(cost)}
}

// Create adds a user. record, when given, runs in the same transaction: both stay or neither does.
func (u *Users) Create(ctx context.Context, name string, roles []Role, password string, record func(tx *sql.Tx, u User) error) (User, error) {
	name = foldName(name)
	if err := checkName(name); err != nil {
		return User{}, err
	}
	roles, err := checkRoles(roles)
	if err != nil {
		return User{}, err
	}
	if err := checkPassword(name, password); err != nil {
		return User{}, err
	}
	hash, err := u.hasher.hash(ctx, password)
	if err != nil {
		return User{}, err
	}
	user := User{Name: name, Roles: roles, Created: u.now().UTC().Truncate(time.Microsecond), revision: 1}
	err = u.db.Write(ctx, func(tx *sql.Tx) error {
		var err error
		if user.ID, err = insertUser(ctx, tx, user, hash); err != nil {
			return err
		}
		return recorded(tx, record, user)
	})
	if err != nil {
		return User{}, fmt.Errorf("create user %s: %w", name, err)
	}
	return user, nil
}

// SetPassword gives a user a new password and ends all of the user's sessions, in one transaction with record.
func (u *Users) SetPassword(ctx context.Context, name, password string, record func(tx *sql.Tx, u User) error) error {
	name = foldName(name)
	if err := checkPassword(name, password); err != nil {
		return err
	}
	hash, err := u.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	err = u.db.Write(ctx, func(tx *sql.Tx) error {
		user, err := updatePassword(ctx, tx, name, hash)
		if err != nil {
			return err
		}
		if err := deleteSessionsOf(ctx, tx, user.ID); err != nil {
			return err
		}
		return recorded(tx, record, user)
	})
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", name, err)
	}
	return nil
}

// List returns all users by name.
func (u *Users) List(ctx context.Context) ([]User, error) { return selectUsers(ctx, u.db.Read()) }

// Count returns how many users there are; a new installation has none.
func (u *Users) Count(ctx context.Context) (int, error) {
	var n int
	if err := u.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM account`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return n, nil
}

// recorded runs a caller's part of the transaction, if there is one.
func recorded[T any](tx *sql.Tx, record func(*sql.Tx, T) error, subject T) error {
	if record == nil {
		return nil
	}
	return record(tx, subject)
}

func errNoUser(name string) error {
	return fault.New(fault.NotFound, fmt.Sprintf("There is no user %q.", name))
}

func errNameTaken(name string) error {
	return fault.New(fault.Conflict, fmt.Sprintf("There is a user %q already. Choose another name.", name))
}
