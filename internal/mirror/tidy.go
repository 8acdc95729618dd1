package mirror

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	tidyFrom = 4   // parts of the search index, from which it is worth while
	tidyStep = 500 // pages that one transaction merges: some 50 ms, so that whoever else writes does not wait for long
)

// Tidy merges the search index into one part. Every page that brings new devices leaves a part of its own behind, and a question
// looks into all of them. It works in steps and may be ended between two of them.
func (m *Mirror) Tidy(ctx context.Context) error {
	var parts int
	if err := m.db.Read().QueryRowContext(ctx, `SELECT count(DISTINCT segid) FROM gram_idx`).Scan(&parts); err != nil {
		return fmt.Errorf("look at the search index: %w", err)
	}
	if parts < tidyFrom {
		return nil
	}
	// A negative step begins to merge all there is, the others go on with that.
	for step, more := -tidyStep, true; more && ctx.Err() == nil; step = tidyStep {
		var err error
		if more, err = m.merge(ctx, step); err != nil {
			return fmt.Errorf("tidy the search index: %w", err)
		}
	}
	return ctx.Err()
}

func (m *Mirror) merge(ctx context.Context, step int) (more bool, err error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return false, err
	}
	defer unlock()
	err = m.db.Write(ctx, func(tx *sql.Tx) error {
		var before, after int
		if err := tx.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&before); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO gram (gram, rank) VALUES ('merge', ?)`, step); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT total_changes()`).Scan(&after); err != nil {
			return err
		}
		more = after-before > 1 // the command itself counts as one
		return nil
	})
	return more, err
}
