package mirror

import (
	"context"
	"database/sql"
	"fmt"
)

// sealShare is which share of a segment the young devices must make, to become one at the end of a sync or of the program; fewer are read again at
// the next start.
const sealShare = 8

// Tidy makes a segment of the young devices and puts small ones together. It works in steps, between which others come to write, and may be
// ended between two of them. One at a time may do so.
func (m *Mirror) Tidy(ctx context.Context) error {
	for _, step := range []func(context.Context) error{m.sweep, m.sealYoung, m.mergeAll} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("tidy the search index: %w", err)
		}
	}
	return nil
}

func (m *Mirror) sealYoung(ctx context.Context) error {
	if r := &m.columns.Load().runs; len(r.young.devices) < r.size/sealShare {
		return nil
	}
	return m.amendRuns(ctx, func(tx *sql.Tx, r *runs) error { return r.seal(ctx, prepare(tx)) })
}

// sweep deletes the lists of segments that do not count: of such as were put into one, or never came to an end. Who is looking into them
// notices that, see candidates.
func (m *Mirror) sweep(ctx context.Context) error {
	ks, err := m.numbersOf(ctx, `SELECT k FROM segment WHERE many = 0`)
	if err != nil {
		return err
	}
	for _, k := range ks {
		s := segment{k: k}
		err := m.amendRuns(ctx, func(tx *sql.Tx, _ *runs) error {
			if _, err := tx.ExecContext(ctx, `DELETE FROM run WHERE k >= ? AND k < ?`, s.key(0), s.key(runsInAll)); err != nil {
				return err
			}
			_, err := tx.ExecContext(ctx, `DELETE FROM segment WHERE k = ?`, k)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// amendRuns replaces the search index, in which nothing but the search looks.
func (m *Mirror) amendRuns(ctx context.Context, change func(*sql.Tx, *runs) error) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	d := m.columns.Load().draft()
	if err := m.db.Write(ctx, func(tx *sql.Tx) error { return change(tx, &d.runs) }); err != nil {
		return err
	}
	m.columns.Store(&d.columns)
	return nil
}
