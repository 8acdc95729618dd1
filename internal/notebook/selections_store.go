package notebook

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cmpconsole/internal/store"
)

// The lines come as one text, since a statement a line would hold the only writer for seconds.
const insertLines = `INSERT INTO selection_line (selection, place, typed, read_as, state, device, choices, note, asked)
	SELECT ?, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7 FROM json_each(?)`

func insertSelection(ctx context.Context, tx *sql.Tx, s Selection, lines []Line) error {
	packed := make([][8]any, len(lines))
	for i, l := range lines {
		packed[i] = [8]any{l.Place, l.Typed, l.ReadAs, l.State, l.Device, strings.Join(l.Choices, " "), l.Note, micros(l.Asked)}
	}
	text, err := json.Marshal(packed)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO selection (id, owner, maker, made, title, source, filter) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.Owner, s.Maker, micros(s.Made), s.Title, s.Source, s.Filter)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, insertLines, s.ID, string(text))
	return err
}

// makeRoom removes the oldest selection that is too old, and the owner's oldest beyond MostOwned. One each is enough, as each new one
// makes room; more at once would hold the only writer for long.
func makeRoom(ctx context.Context, tx *sql.Tx, s Selection) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM selection WHERE id IN (SELECT id FROM selection WHERE made < ? ORDER BY made LIMIT 1)
		OR id IN (SELECT id FROM selection WHERE owner = ? ORDER BY made DESC LIMIT 1 OFFSET ?)`, micros(s.Made.Add(-Kept)), s.Owner, MostOwned)
	return err
}

const selectSelection = `SELECT id, owner, maker, made, title, source, filter FROM selection`

func scanSelection(row interface{ Scan(targets ...any) error }) (Selection, error) {
	var s Selection
	var made int64
	err := row.Scan(&s.ID, &s.Owner, &s.Maker, &made, &s.Title, &s.Source, &s.Filter)
	s.Made, s.Counts = time.UnixMicro(made).UTC(), map[State]int{}
	return s, err
}

func readSelection(ctx context.Context, q store.Querier, id string, oldest time.Time) (Selection, error) {
	s, err := scanSelection(q.QueryRowContext(ctx, selectSelection+` WHERE id = ? AND made >= ?`, id, micros(oldest)))
	if err != nil {
		return Selection{}, err
	}
	rows, err := q.QueryContext(ctx, `SELECT state, count(*) FROM selection_line WHERE selection = ? GROUP BY state`, id)
	if err != nil {
		return Selection{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return Selection{}, err
		}
		s.Counts[state] = n
		s.Lines += n
	}
	return s, rows.Err()
}

func readLines(ctx context.Context, q store.Querier, rest, id string, args ...any) ([]Line, error) {
	rows, err := q.QueryContext(ctx, `SELECT place, typed, read_as, state, device, choices, note, asked FROM selection_line WHERE selection = ? `+rest, append([]any{id}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read lines of a selection: %w", err)
	}
	defer rows.Close()
	var lines []Line
	for rows.Next() {
		var l Line
		var choices string
		var asked int64
		if err := rows.Scan(&l.Place, &l.Typed, &l.ReadAs, &l.State, &l.Device, &choices, &l.Note, &asked); err != nil {
			return nil, fmt.Errorf("read lines of a selection: %w", err)
		}
		if l.Choices = strings.Fields(choices); asked > 0 {
			l.Asked = time.UnixMicro(asked).UTC()
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}

// micros is a time as it is stored; 0 is none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
