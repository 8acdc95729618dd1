package audit_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// jumpy is a clock that goes on by milliseconds and now and then jumps by hours, back as well as on.
func jumpy(r *rand.Rand) func() time.Time {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return func() time.Time {
		at = at.Add(time.Duration(r.IntN(2000)) * time.Millisecond)
		if r.IntN(200) == 0 {
			at = at.Add(time.Duration(r.IntN(7200)-3600) * time.Second)
		}
		return at
	}
}

// some returns one of the words, the first ones far more often than the last.
func some(r *rand.Rand, words ...string) string {
	return words[min(r.IntN(len(words)), r.IntN(len(words)), r.IntN(len(words)))]
}

func randomEntry(r *rand.Rand, of int64) audit.Entry {
	n := strings.Fields("1 2 3 4 5 6 7 8 9")
	e := audit.Entry{Actor: some(r, "ann", "bob", "Ann", ""), Action: audit.Action(some(r, "device.view", "order.view", "order.pause", "order.settled", "sms.send")),
		Phase: audit.Event, Outcome: some(r, "ok", "", "refused", "unknown", "OK"), Device: some(r, "", "89860"+some(r, n...), "8986020"+some(r, n...)),
		Order: some(r, "", "YPOR"+some(r, n...), "ypor"+some(r, n...)), Reason: some(r, "", "Ticket "+some(r, n...)+": 客户要求暂停", "the customer called", `100% "sure"\ a_b`, "ÄRGER\nmit der Karte"),
		RequestID: fmt.Sprintf("%016X", r.Uint64()), Detail: []audit.Field{{Key: "before_status", Value: some(r, n...)}}}
	if of > 0 && r.IntN(4) == 0 {
		e.Phase, e.Of = audit.PhaseOutcome, of
	}
	return e
}

// appendAll appends what next gives in one transaction.
func appendAll(tb testing.TB, db *store.DB, log *audit.Log, rows int, next func(i int64) audit.Entry) {
	tb.Helper()
	err := db.Write(tb.Context(), func(tx *sql.Tx) error {
		for i := range int64(rows) {
			if _, err := log.AppendTx(tb.Context(), tx, next(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// rowsOf returns all rows of a log, oldest first.
func rowsOf(t *testing.T, log *audit.Log) (all []audit.Row) {
	t.Helper()
	err := log.Export(t.Context(), audit.Filter{}, func(e audit.Exported) error {
		all = append(all, e.Row)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func randomFilter(r *rand.Rand, all []audit.Row) (f audit.Filter) {
	like := all[r.IntN(len(all))] // what it asks for is mostly there
	for i, set := range []func(){
		func() { f.Actor = like.Actor }, func() { f.Action = string(like.Action) }, func() { f.Outcome = like.Outcome },
		func() { f.Device = like.Device }, func() { f.Order = like.Order }, func() { f.Since = like.Time },
		func() { f.Until = all[r.IntN(len(all))].Time }, func() { f.Changes = true },
		func() { f.Actor = "nobody" },
	} {
		if r.IntN(3+i/3) == 0 {
			set()
		}
	}
	return f
}

// matches says of one row by itself what a filter is to find.
func matches(f audit.Filter, r audit.Row) bool {
	same := func(want, is string) bool { return want == "" || want == is }
	change := r.Phase == audit.PhaseOutcome || strings.HasSuffix(string(r.Action), ".settled") || r.Outcome == audit.Refused
	return same(f.Actor, r.Actor) && same(f.Action, string(r.Action)) && same(f.Outcome, r.Outcome) && same(f.Device, r.Device) && same(f.Order, r.Order) &&
		(f.Since.IsZero() || !r.Time.Before(f.Since)) && (f.Until.IsZero() || r.Time.Before(f.Until)) && (!f.Changes || change) && says(r, f.Text)
}

// says tells whether a text stands in the row, whatever the case of its letters.
func says(r audit.Row, text string) bool {
	texts := []string{r.Actor, r.Roles, string(r.Action), string(r.Phase), r.Outcome, r.Device, r.Order, r.Reason, r.UpstreamCode, r.UpstreamMessage, r.RequestID, r.IP, r.Session}
	for _, d := range r.Detail {
		texts = append(texts, d.Key+"="+d.Value)
	}
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(strings.ToLower(s), strings.ToLower(text)) })
}

func naive(f audit.Filter, all []audit.Row) (found []int64) {
	for _, r := range all {
		if matches(f, r) {
			found = append(found, r.Seq)
		}
	}
	return found
}

// walk pages through a filter, to older rows or to newer ones, and returns what it met, oldest first.
func walk(t *testing.T, log *audit.Log, f audit.Filter, older bool) (met []int64) {
	t.Helper()
	for f.Limit = 40; ; {
		rows, err := log.List(t.Context(), f)
		if err != nil {
			t.Fatalf("%+v: %v", f, err)
		}
		page := seqs(rows)
		if !slices.IsSortedFunc(page, func(a, b int64) int { return int(b - a) }) {
			t.Fatalf("%+v: a page in this order: %v", f, page)
		}
		slices.Reverse(page)
		if len(page) == 0 {
			return met
		}
		if older {
			met, f.Before = append(page, met...), page[0]
		} else {
			met, f.After = append(met, page...), page[len(page)-1]
		}
	}
}

// Whatever is combined, a list holds exactly the rows that fit, each once in either direction, and the count agrees.
func TestFiltersAreExact(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	db := openDB(t)
	log := audit.New(db, jumpy(r))
	appendAll(t, db, log, 1600, func(i int64) audit.Entry { return randomEntry(r, i) }) // three full spans and a part
	all := rowsOf(t, log)
	filters := []audit.Filter{{}, {Changes: true}}
	for range 150 {
		filters = append(filters, randomFilter(r, all))
	}
	for _, f := range filters {
		want := naive(f, all)
		if back := walk(t, log, f, true); !slices.Equal(back, want) {
			t.Fatalf("%+v: to older rows %v\nwant %v", f, back, want)
		}
		if len(want) > 0 {
			f.After = want[0]
			if on := walk(t, log, f, false); !slices.Equal(on, want[1:]) {
				t.Fatalf("%+v: to newer rows %v\nwant %v", f, on, want[1:])
			}
		}
		if n, more, err := log.Matching(t.Context(), f); n != int64(len(want)) || more || err != nil {
			t.Fatalf("%+v: counted %d of %d, more %t, %v", f, n, len(want), more, err)
		}
	}
}
