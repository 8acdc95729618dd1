package mirror

import (
	"context"
	"database/sql"
	"fmt"
)

const (
	sealFrom    = 2048            // young devices that make a segment at the end of a sync; fewer are read again at the next start
	mergeFrom   = 4               // segments that are put into one
	mergedMost  = 4 * segmentSize // devices of it: a part that very many have is found in the first, and should not have to read much
	devicesMost = 2               // times a device stands in the segments, before all are made anew
)

// Tidy makes a segment of the young devices, puts small ones together, and makes all anew when the same devices stand in too many: those whose
// numbers change are kept again each time. It works in steps, between which others come to write, and may be ended between two of them.
func (m *Mirror) Tidy(ctx context.Context) error {
	for _, step := range []func(context.Context) error{m.sweep, m.sealYoung, m.rebuild, m.mergeAll} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("tidy the search index: %w", err)
		}
	}
	return nil
}

func (m *Mirror) sealYoung(ctx context.Context) error {
	if len(m.columns.Load().runs.young.devices) < sealFrom {
		return nil
	}
	return m.amendRuns(ctx, func(tx *sql.Tx, r *runs) error { return r.seal(ctx, prepare(tx)) })
}

// rebuild reads all devices and writes segments of them behind the others, which then no longer count.
func (m *Mirror) rebuild(ctx context.Context) error {
	c := m.columns.Load()
	if c.runs.devices() < devicesMost*int(c.last)+mergedMost {
		return nil
	}
	for after, more := int64(0), true; more; {
		err := m.amendRuns(ctx, func(tx *sql.Tx, r *runs) error {
			some, err := youngOf(ctx, tx, `SELECT n FROM device WHERE n > ? ORDER BY n LIMIT ?`, after, segmentSize)
			if err != nil {
				return err
			}
			if more = len(some.devices) > 0; more {
				after = int64(some.devices[len(some.devices)-1])
				return r.write(ctx, prepare(tx), &some)
			}
			return r.forget(ctx, tx, c.runs.segments)
		})
		if err != nil {
			return err
		}
	}
	return m.sweep(ctx)
}

// mergeAll puts neighbours together as long as there are enough small ones.
func (m *Mirror) mergeAll(ctx context.Context) error {
	for {
		some := small(m.columns.Load().runs.segments)
		if some == nil {
			return nil
		}
		if err := m.amendRuns(ctx, func(tx *sql.Tx, r *runs) error { return r.merge(ctx, prepare(tx), some) }); err != nil {
			return err
		}
		if err := m.sweep(ctx); err != nil {
			return err
		}
	}
}

// small are neighbours that fit into one segment.
func small(all []segment) []segment {
	for i := range all {
		many, end := 0, i
		for end < len(all) && many+all[end].many <= mergedMost {
			many, end = many+all[end].many, end+1
		}
		if end-i >= mergeFrom {
			return all[i:end]
		}
	}
	return nil
}

// sweep deletes the lists of segments that no longer count. Who was looking into them notices that, see candidates.
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
