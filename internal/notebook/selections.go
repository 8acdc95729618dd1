package notebook

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// Kept is how long a selection stays: a list of devices grows old with the fleet.
const Kept = 30 * 24 * time.Hour

// The bounds of a selection, in lines: what is pasted is looked up one by one, what a filter finds is not.
const (
	MostPasted = 10_000
	MostChosen = 100_000
)

// MostOwned is how many selections of one owner are kept: another takes the place of the oldest.
const MostOwned = 50

// Source says where a selection comes from.
type Source string

// The sources.
const (
	Pasted Source = "pasted"
	Chosen Source = "chosen" // all that a filter of the devices list found, or the rows that were ticked
)

// State is what became of a line.
type State string

// The states of a line.
const (
	Found     State = "found"
	Ambiguous State = "ambiguous" // several devices: somebody has to pick
	Missing   State = "missing"   // no device
	Unusable  State = "unusable"  // no number of a device, or what a spreadsheet left of one
	Doubled   State = "doubled"   // the device of an earlier line
)

// States lists them in the order of a page.
func States() []State { return []State{Found, Ambiguous, Missing, Unusable, Doubled} }

// Selection is a list of devices under an address of its own. Whoever has the address may see it; its owner alone
// may change it. It is removed after Kept.
type Selection struct {
	ID     string
	Owner  int64  // the user's id
	Maker  string // the user's name
	Made   time.Time
	Title  string
	Source Source
	Filter string // the query of the devices list, where one was chosen by

	Lines  int // all of them
	Counts map[State]int
}

// Devices is how many devices it holds, each once.
func (s Selection) Devices() int { return s.Counts[Found] }

// Line is one of what was pasted, or one device that was chosen.
type Line struct {
	Place   int    // counted from 1
	Typed   string // as it was pasted
	ReadAs  string // what it was taken for
	State   State
	Device  string    // the id, where it is one device; of a missing one the id that the CMP can be asked for, if it is one
	Choices []string  // the ids, where it may be several
	Note    string    // why, for the reader
	Asked   time.Time // when the CMP was asked, zero when it was not
}

// Selections keeps them in console.db.
type Selections struct {
	db  *store.DB
	now func() time.Time
}

// NewSelections returns the selections of the database.
func NewSelections(db *store.DB, now func() time.Time) *Selections {
	return &Selections{db: db, now: now}
}

var errNoSelection = fault.New(fault.NotFound, "There is no such selection. It is kept for 30 days, and the last 50 of each owner: make it anew from its list.")

// Make keeps a selection with its lines, in their order, and removes one that is too old. It sets the id, the time
// and the counts. record, when given, runs in the same transaction: both stay or neither does.
func (s *Selections) Make(ctx context.Context, sel Selection, lines []Line, record func(tx *sql.Tx, made Selection) error) (Selection, error) {
	if most := mostOf(sel.Source); len(lines) > most {
		return Selection{}, fault.New(fault.TooLarge, fmt.Sprintf("A selection holds %d lines at most, and these are %d. Nothing was kept.", most, len(lines)))
	}
	sel.ID, sel.Made = rand.Text(), s.now().UTC().Truncate(time.Microsecond)
	sel.Lines, sel.Counts = len(lines), map[State]int{}
	for i := range lines {
		lines[i].Place = i + 1
		sel.Counts[lines[i].State]++
	}
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		if err := insertSelection(ctx, tx, sel, lines); err != nil {
			return err
		}
		if err := makeRoom(ctx, tx, sel); err != nil || record == nil {
			return err
		}
		return record(tx, sel)
	})
	if err != nil {
		return Selection{}, fmt.Errorf("keep selection: %w", err)
	}
	return sel, nil
}

func mostOf(source Source) int {
	if source == Pasted {
		return MostPasted
	}
	return MostChosen
}

// LinesOf makes the lines of a selection that was chosen.
func LinesOf(ids []string) []Line {
	lines := make([]Line, len(ids))
	for i, id := range ids {
		lines[i] = Line{State: Found, Device: id}
	}
	return lines
}

// Get returns a selection with its counts, without its lines. It fails with NotFound when it is not there any more.
func (s *Selections) Get(ctx context.Context, id string) (Selection, error) {
	sel, err := readSelection(ctx, s.db.Read(), id, s.now().Add(-Kept))
	if errors.Is(err, sql.ErrNoRows) {
		return Selection{}, errNoSelection
	}
	if err != nil {
		return Selection{}, fmt.Errorf("read selection: %w", err)
	}
	return sel, nil
}

// Lines returns lines in their order: those of a state, or all when it is empty, after skipping some, limit at most.
func (s *Selections) Lines(ctx context.Context, id string, state State, skip, limit int) ([]Line, error) {
	return readLines(ctx, s.db.Read(), `AND (? = '' OR state = ?) ORDER BY place LIMIT ? OFFSET ?`, id, state, state, limit, skip)
}

// linesAtOnce is how many lines Each reads at a time: who writes them down may be slow, and holds no connection meanwhile.
const linesAtOnce = 1000

// Each visits all lines in their order, until visit fails.
func (s *Selections) Each(ctx context.Context, id string, visit func(Line) error) error {
	for after := 0; ; {
		lines, err := readLines(ctx, s.db.Read(), `AND place > ? ORDER BY place LIMIT ?`, id, after, linesAtOnce)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if err := visit(l); err != nil {
				return err
			}
			after = l.Place
		}
		if len(lines) < linesAtOnce {
			return nil
		}
	}
}

// Members returns the ids of all its devices.
func (s *Selections) Members(ctx context.Context, id string) ([]string, error) {
	return s.Devices(ctx, id, MostChosen)
}

// Devices returns the ids of the devices that were found, each once and in the order of the lines, limit at most.
func (s *Selections) Devices(ctx context.Context, id string, limit int) ([]string, error) {
	return readTexts(ctx, s.db.Read(), `SELECT device FROM selection_line WHERE selection = ? AND state = ? ORDER BY place LIMIT ?`, id, Found, limit)
}

// Member is a device of a selection, and the line that it stands in.
type Member struct {
	Place  int
	Device string
}

// MembersAfter returns its devices behind a line, in the order of the lines.
func (s *Selections) MembersAfter(ctx context.Context, id string, place int) (list []Member, err error) {
	rows, err := s.db.Read().QueryContext(ctx, `SELECT place, device FROM selection_line WHERE selection = ? AND state = ? AND place > ? ORDER BY place LIMIT ?`, id, Found, place, MostChosen)
	if err != nil {
		return nil, fmt.Errorf("read selection: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var m Member
		if err := rows.Scan(&m.Place, &m.Device); err != nil {
			return nil, fmt.Errorf("read selection: %w", err)
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

func devicesOf(members []Member) []string {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.Device
	}
	return ids
}
