package notebook

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"cmpconsole/internal/fault"
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

// Change puts devices into a selection, behind its lines, and takes others out. titled makes its title of how many it then holds. record runs in
// the same transaction: both stay or neither does.
func (s *Selections) Change(ctx context.Context, id string, add, remove []string, titled func(devices int) string, record func(tx *sql.Tx, now Selection) error) (now Selection, err error) {
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		if err := changeLines(ctx, tx, id, add, remove); err != nil {
			return err
		}
		if now, err = readSelection(ctx, tx, id, s.now().Add(-Kept)); err != nil {
			return err
		}
		if now.Lines > MostChosen {
			return fault.New(fault.TooLarge, fmt.Sprintf("A selection holds %d lines at most. Nothing was kept.", MostChosen))
		}
		now.Title = titled(now.Devices())
		if _, err := tx.ExecContext(ctx, `UPDATE selection SET title = ? WHERE id = ?`, now.Title, id); err != nil {
			return err
		}
		return record(tx, now)
	})
	if err != nil {
		return Selection{}, fmt.Errorf("change selection: %w", err)
	}
	return now, nil
}

func changeLines(ctx context.Context, tx *sql.Tx, id string, add, remove []string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM selection_line WHERE selection = ? AND device IN (SELECT value FROM json_each(?))`, id, jsonOf(remove))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO selection_line (selection, place, typed, read_as, state, device, choices, note, asked)
		SELECT ?1, (SELECT coalesce(max(place), 0) FROM selection_line WHERE selection = ?1) + key + 1, '', '', ?3, value, '', '', 0 FROM json_each(?2)
		WHERE value NOT IN (SELECT device FROM selection_line WHERE selection = ?1)`, id, jsonOf(add), Found)
	return err
}

// Holds tells which of some devices a selection holds.
func (s *Selections) Holds(ctx context.Context, id string, devices []string) ([]string, error) {
	return readTexts(ctx, s.db.Read(), `SELECT device FROM selection_line WHERE selection = ? AND state = ? AND device IN (SELECT value FROM json_each(?))`, id, Found, jsonOf(devices))
}
