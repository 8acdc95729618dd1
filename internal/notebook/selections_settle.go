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

// settleLine replaces a line by what has become of it. One whose device another line has found already counts as doubled,
// so that no device is in a selection twice.
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

// Pick settles an ambiguous line by one of its choices. record, when given, runs in the same transaction: both stay or
// neither does. False: the line is ambiguous no more, or has no such choice.
func (s *Selections) Pick(ctx context.Context, id string, place int, device string, record func(tx *sql.Tx) error) (picked bool, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		picked = false
		lines, err := readLines(ctx, tx, `AND place = ?`, id, place)
		if err != nil || len(lines) == 0 || lines[0].State != Ambiguous || !slices.Contains(lines[0].Choices, device) {
			return err
		}
		l := lines[0]
		l.State, l.Device, l.Note = Found, device, "picked by hand"
		if err := settleLine(ctx, tx, id, l); err != nil {
			return err
		}
		picked = true
		if record == nil {
			return nil
		}
		return record(tx)
	})
	if err != nil {
		return false, fmt.Errorf("pick a device: %w", err)
	}
	return picked, nil
}
