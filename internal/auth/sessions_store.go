package auth

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/store"
)

// sessionRow is a session together with the user it belongs to.
type sessionRow struct {
	key           []byte
	userID        int64
	name          string
	roles         []Role
	created, seen time.Time
	ended         int64 // how many other sessions ended for this one to begin
}

func (s sessionRow) identity(token string) Identity {
	return Identity{
		UserID: s.userID, Name: s.name, Roles: s.roles,
		Session: hex.EncodeToString(s.key)[:12], CSRF: formToken(token), SignedInAt: s.created, key: s.key, Ended: s.ended,
	}
}

// limits are the moments between which a session must have been seen and after which it must have begun.
type limits struct{ seenAfter, seenBefore, createdAfter time.Time }

func (s *Sessions) limits(now time.Time) limits {
	return limits{seenAfter: now.Add(-s.idle), seenBefore: now.Add(clockSkew), createdAfter: now.Add(-s.absolute)}
}

// passed tells whether the session is over. One from the future is too: a clock that was set back must not prolong it.
func (l limits) passed(s sessionRow) bool {
	return !s.seen.After(l.seenAfter) || s.seen.After(l.seenBefore) || !s.created.After(l.createdAfter)
}

func selectSession(ctx context.Context, q store.Querier, key []byte) (sessionRow, error) {
	var roles string
	var created, seen int64
	row := sessionRow{key: key}
	err := q.QueryRowContext(ctx, `SELECT a.id, a.name, a.roles, s.created_at, s.seen_at
		FROM session s JOIN account a ON a.id = s.account_id WHERE s.key = ? AND a.disabled_at IS NULL`, key).
		Scan(&row.userID, &row.name, &roles, &created, &seen)
	if errors.Is(err, sql.ErrNoRows) {
		return sessionRow{}, ErrNoSession
	}
	if err != nil {
		return sessionRow{}, fmt.Errorf("read session: %w", err)
	}
	row.roles, row.created, row.seen = storedRoles(roles), time.UnixMicro(created).UTC(), time.UnixMicro(seen).UTC()
	return row, nil
}

func insertSession(ctx context.Context, q store.Querier, s sessionRow) error {
	_, err := q.ExecContext(ctx, `INSERT INTO session (key, account_id, created_at, seen_at) VALUES (?, ?, ?, ?)`,
		s.key, s.userID, s.created.UnixMicro(), s.seen.UnixMicro())
	return err
}

func touchSession(ctx context.Context, q store.Querier, key []byte, now time.Time) error {
	_, err := q.ExecContext(ctx, `UPDATE session SET seen_at = ? WHERE key = ? AND seen_at < ?`, now.UnixMicro(), key, now.UnixMicro())
	return err
}

func deleteSession(ctx context.Context, q store.Querier, key []byte) error {
	_, err := q.ExecContext(ctx, `DELETE FROM session WHERE key = ?`, key)
	return err
}

func deleteSessionsOf(ctx context.Context, q store.Querier, userID int64) error {
	_, err := q.ExecContext(ctx, `DELETE FROM session WHERE account_id = ?`, userID)
	return err
}

// deleteUnused leaves the sessions that the user used last, as many as said, and tells how many it ended.
func deleteUnused(ctx context.Context, q store.Querier, userID int64, leave int) (ended int64, err error) {
	res, err := q.ExecContext(ctx, `DELETE FROM session WHERE account_id = ? AND key NOT IN
		(SELECT key FROM session WHERE account_id = ? ORDER BY seen_at DESC, key LIMIT ?)`, userID, userID, leave)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

func deleteExpired(ctx context.Context, q store.Querier, l limits) error {
	_, err := q.ExecContext(ctx, `DELETE FROM session WHERE seen_at <= ? OR seen_at > ? OR created_at <= ?`,
		l.seenAfter.UnixMicro(), l.seenBefore.UnixMicro(), l.createdAfter.UnixMicro())
	return err
}

func selectData(ctx context.Context, q store.Querier, key []byte) ([]byte, error) {
	var data []byte
	err := q.QueryRowContext(ctx, `SELECT data FROM session WHERE key = ?`, key).Scan(&data)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("read session data: %w", err)
	}
	return data, nil
}

func updateData(ctx context.Context, q store.Querier, key, data []byte) error {
	res, err := q.ExecContext(ctx, `UPDATE session SET data = ? WHERE key = ?`, data, key)
	if err != nil {
		return fmt.Errorf("write session data: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNoSession, err)
	}
	return nil
}

// ForgetForm drops what sessions keep of a form that was typed at an address, with all else that they hold there.
func ForgetForm(ctx context.Context, q store.Querier, path string) error {
	if _, err := q.ExecContext(ctx, `UPDATE session SET data = NULL WHERE instr(data, CAST(? AS BLOB)) > 0`, path); err != nil {
		return fmt.Errorf("forget forms typed at %s: %w", path, err)
	}
	return nil
}

// ignoreSignedOut turns the two ordinary reasons for having no session into none.
func ignoreSignedOut(err error) error {
	if errors.Is(err, ErrNoSession) || errors.Is(err, ErrExpired) {
		return nil
	}
	return err
}
