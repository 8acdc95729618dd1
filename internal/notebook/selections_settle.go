package notebook

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// Recent returns the newest selections of a user, without their counts.
func (s *Selections) Recent(ctx context.Context, owner int64, limit int) ([]Selection, error) {
	rows, err := s.db.Read().QueryContext(ctx, selectSelection+` WHERE owner = ? AND made >= ? ORDER BY made DESC LIMIT ?`, owner, micros(s.now().Add(-Kept)), limit)
	if err != nil {
		return nil, fmt.Errorf("read selections: %w", err)
	}
	defer rows.Close()
	var list []Selection
	for rows.Next() {
		sel, err := scanSelection(rows)
		if err != nil {
			return nil, fmt.Errorf("read selections: %w", err)
		}
		list = append(list, sel)
	}
	return list, rows.Err()
}

// Settle replaces lines of a selection by what has become of them. A line whose device another line has found
// already counts as doubled, so that no device is in a selection twice.
func (s *Selections) Settle(ctx context.Context, id string, lines []Line) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		for _, l := range lines {
			if err := settleLine(ctx, tx, id, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("settle lines of a selection: %w", err)
	}
	return nil
}

func settleLine(ctx context.Context, tx *sql.Tx, id string, l Line) error {
	if l.State == Found {
		var earlier int
		err := tx.QueryRowContext(ctx, `SELECT coalesce(min(place), 0) FROM selection_line WHERE selection = ? AND device = ? AND state = ? AND place <> ?`, id, l.Device, Found, l.Place).Scan(&earlier)
		if err != nil {
			return err
		}
		if earlier > 0 {
			l.State, l.Note = Doubled, SameAs(earlier)
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE selection_line SET state = ?, device = ?, note = ?, asked = max(asked, ?) WHERE selection = ? AND place = ?`,
		l.State, l.Device, l.Note, micros(l.Asked), id, l.Place)
	return err
}

// SameAs is the note of a doubled line.
func SameAs(place int) string { return fmt.Sprintf("the device of line %d", place) }

// Pick settles an ambiguous line by one of its choices. False: it is no such line, or none of its choices.
func (s *Selections) Pick(ctx context.Context, id string, place int, device string) (bool, error) {
	lines, err := readLines(ctx, s.db.Read(), `AND place = ?`, id, place)
	if err != nil || len(lines) == 0 || !slices.Contains(lines[0].Choices, device) {
		return false, err
	}
	l := lines[0]
	l.State, l.Device, l.Note = Found, device, "picked by hand"
	return true, s.Settle(ctx, id, []Line{l})
}
