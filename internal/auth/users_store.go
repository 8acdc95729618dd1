package auth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/store"
)

const userColumns = `id, name, roles, revision, created_at, last_login_at, disabled_at IS NOT NULL`

func scanUser(row interface{ Scan(...any) error }, more ...any) (User, error) {
	var u User
	var roles string
	var created int64
	var login sql.NullInt64
	err := row.Scan(append([]any{&u.ID, &u.Name, &roles, &u.revision, &created, &login, &u.Disabled}, more...)...)
	if err != nil {
		return User{}, err
	}
	u.Roles, u.Created = storedRoles(roles), time.UnixMicro(created).UTC()
	if login.Valid {
		u.LastLogin = time.UnixMicro(login.Int64).UTC()
	}
	return u, nil
}

func insertUser(ctx context.Context, q store.Querier, u User, hash string) (int64, error) {
	var id int64
	err := q.QueryRowContext(ctx, `INSERT INTO account (name, password, roles, revision, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name) DO NOTHING RETURNING id`,
		u.Name, hash, joinRoles(u.Roles, ","), u.revision, u.Created.UnixMicro()).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errNameTaken(u.Name)
	}
	return id, err
}

func updatePassword(ctx context.Context, q store.Querier, name, hash string) (User, error) {
	u, err := scanUser(q.QueryRowContext(ctx, `UPDATE account SET password = ?, revision = revision + 1 WHERE name = ? RETURNING `+userColumns, hash, name))
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, errNoUser(name)
	}
	return u, err
}

// replaceHash stores a stronger hash of the same password, unless the password changed meanwhile.
func replaceHash(ctx context.Context, q store.Querier, id int64, old, hash string) error {
	_, err := q.ExecContext(ctx, `UPDATE account SET password = ? WHERE id = ? AND password = ?`, hash, id, old)
	return err
}

// updateLogin notes a sign-in and returns the user as of now: not found when the user was disabled or got
// another password since the one that was checked.
func updateLogin(ctx context.Context, q store.Querier, u User, at time.Time) (User, error) {
	u, err := scanUser(q.QueryRowContext(ctx, `UPDATE account SET last_login_at = ? WHERE id = ? AND revision = ? AND disabled_at IS NULL
		RETURNING `+userColumns, at.UnixMicro(), u.ID, u.revision))
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrBadLogin
	}
	return u, err
}

// selectLogin returns the user and the stored hash; both are empty when there is no such user.
func selectLogin(ctx context.Context, q store.Querier, name string) (User, string, error) {
	var hash string
	u, err := scanUser(q.QueryRowContext(ctx, `SELECT `+userColumns+`, password FROM account WHERE name = ?`, name), &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, "", nil
	}
	if err != nil {
		return User{}, "", fmt.Errorf("read user: %w", err)
	}
	return u, hash, nil
}

func selectUsers(ctx context.Context, q store.Querier) ([]User, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+userColumns+` FROM account ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("read users: %w", err)
	}
	defer rows.Close()
	var users []User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, fmt.Errorf("read user: %w", err)
		}
		users = append(users, u)
	}
	return users, rows.Err()
}
