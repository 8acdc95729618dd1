package audit_test

import (
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// textLog is a log whose texts are indexed by blocks of 256 rows, and all its rows.
type textLog struct {
	*audit.Log
	*rand.Rand
	db   *store.DB
	file string
	all  []audit.Row
}

func openTextLog(t *testing.T, rows int) *textLog {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	x := &textLog{Rand: rand.New(rand.NewPCG(seed, 0)), db: openDB(t), file: filepath.Join(t.TempDir(), "texts")}
	x.open(jumpy(x.Rand))
	x.add(t, rows)
	return x
}

// open begins anew on the database, as a console that is started.
func (x *textLog) open(now func() time.Time) {
	x.Log = audit.New(x.db, now)
	audit.SmallBlocksForTest(x.Log, 256)
}

func (x *textLog) add(t *testing.T, rows int) {
	t.Helper()
	appendAll(t, x.db, x.Log, rows, func(i int64) audit.Entry { return randomEntry(x.Rand, i) })
	x.all = rowsOf(t, x.Log)
}

// store has the texts indexed, until stop is called.
func (x *textLog) store(t *testing.T) (stop func()) {
	t.Helper()
	indexer := audit.NewTextIndexer(x.Log, x.file, func() (uint64, error) { return 1 << 40, nil }, slog.New(slog.DiscardHandler))
	if err := indexer.Store(t.Context()); err != nil {
		t.Fatal(err)
	}
	return func() { audit.CloseForTest(indexer) }
}

func (x *textLog) reach(t *testing.T) int64 {
	t.Helper()
	seq, err := x.TextReach(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// filter asks for a piece of a text that is in some row, by itself or with what else that row has.
func (x *textLog) filter() (f audit.Filter) {
	if x.IntN(2) == 0 {
		f = randomFilter(x.Rand, x.all)
	}
	for len(strings.ToLower(f.Text)) < 3 {
		r := x.all[x.IntN(len(x.all))]
		whole := []rune([]string{r.Reason, r.RequestID, r.Device, r.Order, r.Actor, string(r.Action), r.Detail[0].Key + "=" + r.Detail[0].Value}[x.IntN(7)])
		if len(whole) > 0 {
			from := x.IntN(len(whole))
			f.Text = string(whole[from:min(len(whole), from+1+x.IntN(14))])
		}
	}
	if x.IntN(4) == 0 {
		f.Text = strings.ToUpper(f.Text)
	}
	return f
}

// wantExact compares lists, counts and exports with what each row says by itself.
func (x *textLog) wantExact(t *testing.T, times int) {
	t.Helper()
	for range times {
		f := x.filter()
		want := naive(f, x.all)
		if back := walk(t, x.Log, f, true); !slices.Equal(back, want) {
			t.Fatalf("%+v: to older rows %v\nwant %v", f, back, want)
		}
		if n, more, err := x.Matching(t.Context(), f); n != int64(len(want)) || more || err != nil {
			t.Fatalf("%+v: counted %d of %d, more %t, %v", f, n, len(want), more, err)
		}
		if len(want) > 0 {
			f.After = want[0]
			if on := walk(t, x.Log, f, false); !slices.Equal(on, want[1:]) {
				t.Fatalf("%+v: to newer rows %v\nwant %v", f, on, want[1:])
			}
		}
	}
}

// A text is found in exactly the rows that hold it, by itself and with every other filter: stored, not stored yet, and after
// the file was deleted.
func TestTextsAreFoundExactly(t *testing.T) {
	t.Parallel()
	x := openTextLog(t, 1600)
	stop := x.store(t)
	if seq := x.reach(t); seq != 1 {
		t.Errorf("reach %d", seq)
	}
	x.wantExact(t, 20)
	x.add(t, 500) // which nobody stores
	x.wantExact(t, 20)
	stop()
	if err := os.Remove(x.file); err != nil {
		t.Fatal(err)
	}
	x.open(clock())
	x.store(t)
	x.wantExact(t, 20)
	x.open(clock())
	x.store(t) // from the file as it is
	x.wantExact(t, 20)
}

// While older rows are not indexed, the reach tells from which row on a list is complete, and an export is complete always.
func TestTextsWithinReach(t *testing.T) {
	t.Parallel()
	x := openTextLog(t, 1600)
	x.open(clock())
	reach := x.reach(t)
	if reach != 6*256+1 {
		t.Errorf("reach %d, want the newest block's first row", reach)
	}
	for range 30 {
		f := x.filter()
		want := naive(f, x.all)
		var exported []int64
		err := x.Export(t.Context(), f, func(e audit.Exported) error {
			exported = append(exported, e.Seq)
			return nil
		})
		if err != nil || !slices.Equal(exported, want) {
			t.Fatalf("%+v: exported %v, %v\nwant %v", f, exported, err, want)
		}
		recent := slices.DeleteFunc(want, func(seq int64) bool { return seq < reach })
		if back := walk(t, x.Log, f, true); !slices.Equal(back, recent) {
			t.Fatalf("%+v: listed %v\nwant %v", f, back, recent)
		}
	}
}

// A file that belongs to another log, or to what a log was before an old copy was put in its place, is not believed.
func TestTextsOfAnotherLog(t *testing.T) {
	t.Parallel()
	x, other := openTextLog(t, 600), openTextLog(t, 600)
	x.store(t)()
	other.file = x.file
	other.store(t)
	other.wantExact(t, 20)
}

func TestShortTextsAreRefused(t *testing.T) {
	t.Parallel()
	log := audit.New(openDB(t), clock())
	mustAppend(t, log, audit.Entry{Actor: "ann", Action: audit.OrderPause, Phase: audit.Event, Reason: "订单"})
	for text, found := range map[string]int{"订": 1, "ord": 1, "ORDER.P": 1, "zzz": 0} {
		if rows, err := log.List(t.Context(), audit.Filter{Text: text}); len(rows) != found || err != nil {
			t.Errorf("%q: %d rows, %v", text, len(rows), err)
		}
	}
	for _, text := range []string{"o", "or", "é"} {
		if _, err := log.List(t.Context(), audit.Filter{Text: text}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}
