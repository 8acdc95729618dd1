package notebook

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// desk is a set of selections whose clock the test holds.
type desk struct {
	*Selections
	db *store.DB
	at time.Time
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{db: db, at: time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)}
	d.Selections = NewSelections(db, func() time.Time { return d.at })
	return d
}

func (d *desk) make(t *testing.T, s Selection, lines ...Line) Selection {
	t.Helper()
	made, err := d.Make(t.Context(), s, lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (d *desk) lines(t *testing.T, id string, state State) []Line {
	t.Helper()
	lines, err := d.Lines(t.Context(), id, state, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestSelectionsKeepWhatWasPasted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	made := d.make(t, Selection{Owner: 7, Maker: "support", Title: "5 pasted", Source: Pasted},
		Line{Typed: "8985 0001", ReadAs: "device id", State: Found, Device: "89850001"},
		Line{Typed: "‘odd\n\"", ReadAs: "text", State: Unusable, Note: "no number"},
		Line{Typed: "123", State: Ambiguous, Choices: []string{"89850002", "89850003"}},
		Line{Typed: "89850009", State: Missing, Device: "89850009"},
		Line{Typed: "89850001", State: Doubled, Device: "89850001", Note: SameAs(1)})
	got, err := d.Get(t.Context(), made.ID)
	if err != nil || got.Lines != 5 || got.Devices() != 1 || got.Counts[Doubled] != 1 || got.Maker != "support" || !got.Made.Equal(d.at) {
		t.Fatalf("%+v, %v", got, err)
	}
	all := d.lines(t, made.ID, "")
	if len(all) != 5 || all[1].Typed != "‘odd\n\"" || all[1].Place != 2 || !slices.Equal(all[2].Choices, []string{"89850002", "89850003"}) || !all[3].Asked.IsZero() {
		t.Errorf("%+v", all)
	}
	if some := d.lines(t, made.ID, Missing); len(some) != 1 || some[0].Place != 4 {
		t.Errorf("missing: %+v", some)
	}
	if page, err := d.Lines(t.Context(), made.ID, "", 3, 1); err != nil || len(page) != 1 || page[0].Place != 4 {
		t.Errorf("a page: %+v, %v", page, err)
	}
}

// A device counts once, whichever way a line comes to it, and the CMP is asked for an id once.
func TestSelectionsSettle(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.make(t, Selection{Source: Pasted},
		Line{State: Found, Device: "89850001"}, Line{State: Missing, Device: "89850002"},
		Line{State: Ambiguous, Choices: []string{"89850001", "89850003"}}, Line{State: Missing}, Line{State: Missing, Device: "89850002"}, Line{State: Missing, Device: "89850009"}).ID
	d.wantTally(t, id, Tally{Waiting: 2})
	if l, ok, err := d.Unasked(t.Context(), id, 0); err != nil || !ok || l.Place != 2 {
		t.Fatalf("to be asked for first: %+v, %t, %v", l, ok, err)
	}
	d.answer(t, id, "89850002", Found)
	d.wantTally(t, id, Tally{Asked: 1, Found: 1, Waiting: 1})
	if l, ok, err := d.Unasked(t.Context(), id, 2); err != nil || !ok || l.Place != 6 {
		t.Errorf("to be asked for next: %+v, %t, %v", l, ok, err)
	}
	d.answer(t, id, "89850009", Missing)
	if l, ok, err := d.Unasked(t.Context(), id, 0); err != nil || ok {
		t.Errorf("still to be asked for: %+v, %v", l, err)
	}
	d.wantTally(t, id, Tally{Asked: 2, Found: 1, Unknown: 1})
	if l := d.lines(t, id, Doubled); len(l) != 1 || l[0].Place != 5 || l[0].Note != SameAs(2) {
		t.Errorf("the id of line 2: %+v", l)
	}
	ids, err := d.Devices(t.Context(), id, 10)
	if err != nil || !slices.Equal(ids, []string{"89850001", "89850002"}) {
		t.Errorf("%v, %v", ids, err)
	}
}

func (d *desk) answer(t *testing.T, id, device string, state State) {
	t.Helper()
	if err := d.Answer(t.Context(), id, device, Line{State: state, Device: device, Asked: d.at}); err != nil {
		t.Fatal(err)
	}
}

func (d *desk) wantTally(t *testing.T, id string, want Tally) {
	t.Helper()
	if got, err := d.Tally(t.Context(), id); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}

// A line is picked once, by one of its choices, and only with its record.
func TestPick(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.make(t, Selection{Source: Pasted}, Line{State: Found, Device: "89850001"}, Line{State: Ambiguous, Choices: []string{"89850001", "89850003"}}).ID
	full := errors.New("the log is full")
	if ok, err := d.Pick(t.Context(), id, 2, "89850003", func(*sql.Tx) error { return full }); ok || !errors.Is(err, full) {
		t.Errorf("picked without a record: %t, %v", ok, err)
	}
	if l := d.lines(t, id, Ambiguous); len(l) != 1 {
		t.Errorf("picked without a record: %+v", l)
	}
	for _, step := range []struct {
		place  int
		device string
		ok     bool
	}{{2, "89850009", false}, {1, "89850001", false}, {7, "89850001", false}, {2, "89850001", true}, {2, "89850003", false}} {
		recorded := false
		ok, err := d.Pick(t.Context(), id, step.place, step.device, func(*sql.Tx) error { recorded = true; return nil })
		if err != nil || ok != step.ok || recorded != ok {
			t.Errorf("%+v: %t, %v, recorded %t", step, ok, err, recorded)
		}
	}
	if l := d.lines(t, id, Doubled); len(l) != 1 || l[0].Place != 2 || l[0].Note != SameAs(1) {
		t.Errorf("the device of line 1 picked again: %+v", l)
	}
}

func TestSelectionsEnd(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	old := d.make(t, Selection{Owner: 7, Source: Pasted, Title: "old"}, Line{State: Missing})
	d.at = d.at.Add(Kept + time.Minute)
	if _, err := d.Get(t.Context(), old.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("after its time: %v", err)
	}
	d.make(t, Selection{Owner: 7, Source: Pasted, Title: "new"})
	d.make(t, Selection{Owner: 8, Source: Pasted, Title: "of another"})
	mine, err := d.Recent(t.Context(), 7, 10)
	if err != nil || len(mine) != 1 || mine[0].Title != "new" {
		t.Errorf("%+v, %v", mine, err)
	}
	var lines int
	if err := d.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM selection_line`).Scan(&lines); err != nil || lines != 0 {
		t.Errorf("%d lines stayed, %v", lines, err)
	}
}

func TestSelectionsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := make([]string, MostChosen)
	for i := range ids {
		ids[i] = strconv.Itoa(8_985_000_000 + i)
	}
	if _, err := d.Make(t.Context(), Selection{Source: Pasted}, LinesOf(ids[:MostPasted+1]), nil); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("too many pasted: %v", err)
	}
	if made := d.make(t, Selection{Source: Chosen, Filter: "status=2"}, LinesOf(ids)...); made.Devices() != MostChosen {
		t.Errorf("%d devices", made.Devices())
	}
}

// All lines are visited once and in their order, however many there are.
func TestEachLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, n := range []int{0, 3, linesAtOnce, linesAtOnce + 1} {
		id := d.make(t, Selection{Source: Pasted}, make([]Line, n)...).ID
		seen := 0
		err := d.Each(t.Context(), id, func(l Line) error {
			if seen++; l.Place != seen {
				t.Fatalf("line %d comes as number %d", l.Place, seen)
			}
			return nil
		})
		if err != nil || seen != n {
			t.Errorf("%d of %d, %v", seen, n, err)
		}
		broken := errors.New("the browser has gone")
		if err := d.Each(t.Context(), id, func(Line) error { return broken }); n > 0 && !errors.Is(err, broken) {
			t.Errorf("a visit failed: %v", err)
		}
	}
}

// Without its record a selection is not kept.
func TestNoRecordNoSelection(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	full := errors.New("the log is full")
	_, err := d.Make(t.Context(), Selection{Owner: 7, Source: Pasted}, LinesOf([]string{"89850001"}), func(*sql.Tx, Selection) error { return full })
	if !errors.Is(err, full) {
		t.Fatal(err)
	}
	if list, err := d.Recent(t.Context(), 7, 10); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

// Of one owner the last so many are kept; nobody else's make room for them.
func TestOldSelectionsMakeRoom(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	other := d.make(t, Selection{Source: Pasted, Owner: 9}, Line{State: Found, Device: "89850001"}).ID
	var made []string
	for range MostOwned + 3 {
		d.at = d.at.Add(time.Minute)
		made = append(made, d.make(t, Selection{Source: Pasted, Owner: 7}, Line{State: Found, Device: "89850001"}).ID)
	}
	for i, id := range append(made, other) {
		_, err := d.Get(t.Context(), id)
		if gone := i < 3; gone != (err != nil) {
			t.Errorf("selection %d of %d: %v", i+1, len(made), err)
		}
	}
}
