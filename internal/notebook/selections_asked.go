package notebook

import (
	"context"
	"database/sql"
	"fmt"
)

// Tally tells how far the CMP was asked for the ids that no device was found for. Each id counts once.
type Tally struct {
	Asked   int
	Found   int // of those asked for
	Unknown int // of those asked for
	Waiting int // not asked for yet
}

// Tally counts what the CMP was asked for.
func (s *Selections) Tally(ctx context.Context, id string) (t Tally, err error) {
	err = s.db.Read().QueryRowContext(ctx, `SELECT count(DISTINCT CASE WHEN asked > 0 THEN device END), count(DISTINCT CASE WHEN asked > 0 AND state <> ? THEN device END),
		count(DISTINCT CASE WHEN asked > 0 AND state = ? THEN device END), count(DISTINCT CASE WHEN asked = 0 AND state = ? AND device <> '' THEN device END)
		FROM selection_line WHERE selection = ?`, Missing, Missing, Missing, id).Scan(&t.Asked, &t.Found, &t.Unknown, &t.Waiting)
	if err != nil {
		return Tally{}, fmt.Errorf("count what was asked for: %w", err)
	}
	return t, nil
}

// Unasked returns the first line after a place that no device was found for, that can be a device id, and that the CMP
// was not asked about. False: there is none.
func (s *Selections) Unasked(ctx context.Context, id string, after int) (Line, bool, error) {
	lines, err := readLines(ctx, s.db.Read(), `AND place > ? AND state = ? AND asked = 0 AND device <> '' ORDER BY place LIMIT 1`, id, after, Missing)
	if err != nil || len(lines) == 0 {
		return Line{}, false, err
	}
	return lines[0], true, nil
}

// Answer keeps what the CMP said of a device id: the state, id and note of said, and when. All lines that wait for this id
// are settled by it.
func (s *Selections) Answer(ctx context.Context, id, asked string, said Line) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		lines, err := readLines(ctx, tx, `AND device = ? AND state = ? AND asked = 0 ORDER BY place`, id, asked, Missing)
		if err != nil {
			return err
		}
		for _, l := range lines {
			l.State, l.Device, l.Note, l.Asked = said.State, said.Device, said.Note, said.Asked
			if err := settleLine(ctx, tx, id, l); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep what the CMP said: %w", err)
	}
	return nil
}
