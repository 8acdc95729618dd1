package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Await notes at a start that callbacks are awaited from now on, when they were not before, or are not any more without a token.
func (i *Inbox) Await(ctx context.Context) error {
	err := i.db.Write(ctx, func(tx *sql.Tx) error {
		if len(i.Tokens) == 0 {
			_, err := tx.ExecContext(ctx, `DELETE FROM push_awaited`)
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO push_awaited (id, since) VALUES (1, ?) ON CONFLICT DO NOTHING`, i.Now().UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("note since when callbacks are awaited: %w", err)
	}
	return nil
}

// AwaitedSince tells since when callbacks are awaited; the zero time when they are not.
func (i *Inbox) AwaitedSince(ctx context.Context) (time.Time, error) {
	var since int64
	err := i.db.Read().QueryRowContext(ctx, `SELECT since FROM push_awaited`).Scan(&since)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read since when callbacks are awaited: %w", err)
	}
	return time.UnixMicro(since).UTC(), nil
}
