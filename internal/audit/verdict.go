package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/store"
)

// selectVerdict reads what was found wrong in the run before; nothing was while the mark is empty.
func selectVerdict(ctx context.Context, q store.Querier) (State, error) {
	s := State{Verdict: Broken}
	err := q.QueryRowContext(ctx, `SELECT text, mark FROM audit_verdict`).Scan(&s.Text, &s.Mark)
	if errors.Is(err, sql.ErrNoRows) || err == nil && s.Mark == "" {
		return State{}, nil
	}
	if err != nil {
		return State{}, fmt.Errorf("read the last verdict on the audit log: %w", err)
	}
	return s, nil
}

func storeVerdict(ctx context.Context, db *store.DB, s State, at time.Time) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO audit_verdict (id, text, mark, found_at) VALUES (1, ?1, ?2, ?3)
			ON CONFLICT (id) DO UPDATE SET text = ?1, mark = ?2, found_at = ?3`, s.Text, s.Mark, at.UnixMicro())
		return err
	})
}
