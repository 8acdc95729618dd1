package audit_test

import (
	"database/sql"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
)

func seqs(rows []audit.Row) []int64 {
	var out []int64
	for _, r := range rows {
		out = append(out, r.Seq)
	}
	return out
}

// fiveOf each actor, in turn, with a device, an order and an outcome of their own.
func fiveOf(t *testing.T, log *audit.Log, actors ...string) {
	t.Helper()
	for range 5 {
		for _, a := range actors {
			mustAppend(t, log, audit.Entry{Actor: a, Action: audit.Action("act." + a), Phase: audit.Event, Outcome: "out-" + a, Device: "dev-" + a, Order: "ord-" + a})
		}
	}
}

func TestListFiltersAndPages(t *testing.T) {
	t.Parallel()
	log := audit.New(openDB(t), clock())
	fiveOf(t, log, "ann", "bob") // ann has the odd rows, bob the even ones
	mustAppend(t, log, audit.Entry{Action: audit.SessionLoginFailed, Phase: audit.Event})
	for _, c := range []struct {
		f    audit.Filter
		want []int64
	}{
		{audit.Filter{}, []int64{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}},
		{audit.Filter{Limit: 2}, []int64{11, 10}},
		{audit.Filter{Before: 4}, []int64{3, 2, 1}},
		{audit.Filter{Before: 1}, nil},
		{audit.Filter{After: 9}, []int64{11, 10}},
		{audit.Filter{After: 3, Limit: 2}, []int64{5, 4}},
		{audit.Filter{After: 11}, nil},
		{audit.Filter{After: 2, Before: 5}, []int64{4, 3}},
		{audit.Filter{Actor: "ann"}, []int64{9, 7, 5, 3, 1}},
		{audit.Filter{Actor: "ann", Before: 7, Limit: 2}, []int64{5, 3}},
		{audit.Filter{Actor: "ann", After: 3, Limit: 2}, []int64{7, 5}},
		{audit.Filter{Action: "act.bob"}, []int64{10, 8, 6, 4, 2}},
		{audit.Filter{Device: "dev-bob", Limit: 1}, []int64{10}},
		{audit.Filter{Order: "ord-ann", Before: 3}, []int64{1}},
		{audit.Filter{Outcome: "out-ann", After: 5}, []int64{9, 7}},
		{audit.Filter{Actor: "ann", Outcome: "out-bob"}, nil},
		{audit.Filter{Actor: "ann' OR 1=1 --"}, nil},
	} {
		rows, err := log.List(t.Context(), c.f)
		if err != nil || !slices.Equal(seqs(rows), c.want) {
			t.Errorf("%+v: rows %v, want %v, %v", c.f, seqs(rows), c.want, err)
		}
	}
	if n, err := log.Count(t.Context()); n != 11 || err != nil {
		t.Errorf("count %d, %v", n, err)
	}
}

// However often a thing was looked at, what was done to it stays in sight.
func TestChangesAreFoundBehindViews(t *testing.T) {
	t.Parallel()
	log := audit.New(openDB(t), clock())
	entry := audit.Entry{Actor: "ann", Order: "ORDER_1"}
	for _, e := range []struct {
		action  audit.Action
		phase   audit.Phase
		outcome string
		of      int64
	}{
		{audit.OrderPause, audit.Intent, "", 0},
		{audit.OrderPause, audit.PhaseOutcome, audit.Unknown, 1},
		{audit.OrderSettled, audit.Event, "effect_present", 1},
		{audit.OrderEnd, audit.Event, audit.Refused, 0},
	} {
		entry.Action, entry.Phase, entry.Outcome, entry.Of = e.action, e.phase, e.outcome, e.of
		mustAppend(t, log, entry)
	}
	for range 60 {
		mustAppend(t, log, audit.Entry{Actor: "ann", Order: "ORDER_1", Action: audit.OrderView, Phase: audit.Event})
	}
	rows, err := log.List(t.Context(), audit.Filter{Order: "ORDER_1", Changes: true, Limit: 10})
	if want := []int64{4, 3, 2}; err != nil || !slices.Equal(seqs(rows), want) {
		t.Errorf("rows %v, want %v, %v", seqs(rows), want, err)
	}
}

func TestRelatedIsTheWholeAction(t *testing.T) {
	t.Parallel()
	log := audit.New(openDB(t), clock())
	fill(t, log, 8) // 1 event, 2 intent, 3 outcome, 4 settlement, 5 event, …, 9 intent
	for seq, want := range map[int64][]int64{1: nil, 2: {2, 3, 4}, 3: {2, 3, 4}, 4: {2, 3, 4}, 6: {6, 7, 8}, 9: nil, 99: nil} {
		rows, err := log.Related(t.Context(), seq)
		if err != nil || !slices.Equal(seqs(rows), want) {
			t.Errorf("related to %d: %v, want %v, %v", seq, seqs(rows), want, err)
		}
	}
}

// No list reads or sorts more than it shows, whatever the log's size: every index that lists name gives rows in their order.
func TestListsUseTheirIndexes(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	fill(t, audit.New(db, clock()), 40)
	raw := openRaw(t, path)
	named := audit.IndexesForTest()
	if len(named) < 10 {
		t.Fatalf("only %d indexes", len(named))
	}
	for index, where := range named {
		for _, rest := range []string{"seq BETWEEN 3 AND 30 ORDER BY seq DESC", "seq BETWEEN 3 AND 30 ORDER BY seq"} {
			got := plan(t, raw, "SELECT body FROM audit INDEXED BY "+index+" WHERE "+where+rest+" LIMIT 50")
			if !strings.Contains(got, "SEARCH audit USING INDEX "+index) || strings.Contains(got, "TEMP B-TREE") || strings.Contains(got, "SCAN") {
				t.Errorf("%s, %s: %s", index, rest, got)
			}
		}
	}
	if got := plan(t, raw, "SELECT body FROM audit WHERE of = 1 ORDER BY seq"); !strings.Contains(got, "USING INDEX audit_of") {
		t.Errorf("rows of an action: %s", got)
	}
}

// plan is how SQLite means to go about a query.
func plan(t *testing.T, raw *sql.DB, query string) string {
	t.Helper()
	rows, err := raw.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "; ")
}

func TestDamagedRowIsShownAsSuch(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	fill(t, log, 4)
	raw := openRaw(t, path)
	withoutTriggers(t, raw, func() { mustExec(t, raw, "UPDATE audit SET body = x'00' WHERE seq = 2") })
	row, err := log.Get(t.Context(), 2)
	if err != nil || !row.Damaged || row.Actor != "support" || row.Action != audit.OrderPause {
		t.Errorf("%+v, %v", row, err)
	}
	rows, err := log.List(t.Context(), audit.Filter{})
	if err != nil || len(rows) != 5 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestActionsAreNamedNounVerbAndOnce(t *testing.T) {
	t.Parallel()
	seen := map[audit.Action]bool{}
	for _, a := range audit.Actions() {
		if seen[a] || a != audit.Search && strings.Count(string(a), ".") != 1 {
			t.Errorf("action %q", a)
		}
		seen[a] = true
	}
}
