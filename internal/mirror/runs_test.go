package mirror

import (
	"database/sql"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// Numbers of any letters and signs are found by each of their parts, at any place, by young devices and by those of a segment, and after a start.
func TestPartsOfNumbersWithLetters(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mirror.db")
	m := openAt(t, path, Options{})
	ids := []string{"SIM-01ab-234", "1234A", "A1234", "12A345B6", "x_777", "777", "卡号0001卡", "0000000", "_--", "89ABCDEF0123456789"}
	var all []cmp.Device
	for _, id := range ids {
		all = append(all, cmp.Device{ID: id, Lifecycle: "2"})
	}
	put(t, m, all, noon)
	everyPart := func(when string) {
		t.Helper()
		for _, id := range ids {
			for from := range id {
				for to := from + MinPart; to <= len(id); to++ {
					if !utf8.ValidString(id[from:to]) {
						continue
					}
					hits, err := m.Parts(t.Context(), id[from:to], len(ids))
					if err != nil || !slices.ContainsFunc(hits.List, func(h Hit) bool { return h.Device.ID == id }) {
						t.Fatalf("%s: %q of %q: %+v, %v", when, id[from:to], id, hits, err)
					}
				}
			}
		}
	}
	everyPart("young")
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = openAt(t, path, Options{})
	everyPart("after a start")
	if err := m.amendRuns(t.Context(), func(tx *sql.Tx, r *runs) error { return r.seal(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	everyPart("sealed")
}

// A text that is shorter when case does not count has no runs to be found by.
func TestPartsThatGetShorter(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	put(t, m, fleet(dice(t), 10), noon)
	for _, part := range []string{"ı1", "ſx", "1ı", strings.Repeat("1234567", 100)} {
		if hits, err := m.Parts(t.Context(), part, 10); err != nil || len(hits.List) > 0 {
			t.Errorf("%q: %+v, %v", part, hits, err)
		}
	}
	if _, err := m.Count(t.Context(), Filter{Part: "ı1"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a list by it: %v", err)
	}
}

// A list gives back what was put into it, read through or sought in.
func TestRunLists(t *testing.T) {
	t.Parallel()
	r := dice(t)
	for range 200 {
		var l runList
		var all []entry
		for e := entry(r.IntN(50)); len(all) < r.IntN(2000); e += entry(1 + r.IntN(1+r.IntN(300))) {
			all = append(all, e)
			l.add(e, r.IntN(3) == 0)
		}
		stored := l.stored()
		if got := decode(stored, wanted{}, everyKind); !slices.Equal(got, all) {
			t.Fatalf("%d entries came out, %d were put in", len(got), len(all))
		}
		some := sought(r, all)
		want := both(some, all)
		if got := alsoIn(some, stored, wanted{}); !slices.Equal(got, want) {
			t.Fatalf("of %d sought entries %d were found, want %d", len(some), len(got), len(want))
		}
		if got, want := alsoIn(some, stored, wanted{last: true}), both(some, decode(stored, wanted{last: true}, everyKind)); !slices.Equal(got, want) {
			t.Fatalf("of %d sought entries %d were found to be last, want %d", len(some), len(got), len(want))
		}
	}
}

// sought are some of the entries, and some that are not there.
func sought(r *rand.Rand, all []entry) (list []entry) {
	for _, e := range all {
		if r.IntN(10) == 0 {
			list = append(list, e)
		}
		if r.IntN(10) == 0 {
			list = append(list, e+1)
		}
	}
	return slices.Compact(list)
}

// What stands in a file as a list is read to an end, whatever it is.
func FuzzRunList(f *testing.F) {
	var l runList
	for i := range 1000 {
		l.add(entry(3*i), i%2 == 0)
	}
	f.Add(l.stored(), uint32(77))
	f.Add([]byte{}, uint32(0))
	f.Add([]byte{0x80}, uint32(1))
	f.Fuzz(func(t *testing.T, stored []byte, e uint32) {
		all := decode(stored, wanted{}, everyKind)
		if len(all) > len(stored) {
			t.Errorf("%d entries of %d bytes", len(all), len(stored))
		}
		alsoIn([]entry{entry(e)}, stored, wanted{})
	})
}
