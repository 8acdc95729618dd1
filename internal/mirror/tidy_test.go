package mirror

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// small makes segments of so few devices that a test can write many.
func small(t *testing.T, m *Mirror, size int) {
	t.Helper()
	c := *m.columns.Load()
	c.runs.size = size
	m.columns.Store(&c)
}

// Devices whose numbers change have their home in a later segment; those that are small or half empty are put together. All is found at any time, with and
// without tidying, nobody by a number of before, and nothing is kept of what was replaced.
func TestTidy(t *testing.T) {
	t.Parallel()
	m, r := open(t, Options{}), dice(t)
	small(t, m, 32)
	all := fleet(r, 150)
	for round := range 40 {
		some := all[r.IntN(100):]
		for i := range some {
			some[i].MSISDN = fmt.Sprintf("999%04d%06d", round, i)
		}
		put(t, m, some, noon.Add(time.Duration(round)*time.Hour))
		if round%3 == 0 {
			if err := m.Tidy(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(m.columns.Load().runs.segments); n > 2*mergeFrom {
				t.Fatalf("%d segments", n)
			}
		}
		for range 5 {
			d := some[r.IntN(len(some))]
			findsOnly(t, m, d.MSISDN, d.ID)
			findsOnly(t, m, d.ID[6:], d.ID)
			findsOnly(t, m, fmt.Sprintf("9999999%06d", round), "")
		}
		findsOnly(t, m, fmt.Sprintf("999%04d%06d", round-1, len(all)-1), "")
	}
	var stray int
	if err := m.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM run WHERE k >> ? NOT IN (SELECT k FROM segment)`, runBits).Scan(&stray); err != nil || stray > 0 {
		t.Errorf("%d lists are of no segment, %v", stray, err)
	}
}

// Numbers that others had before do not hide the one that has it now, however many they are.
func TestNumbersOfBeforeHideNobody(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	small(t, m, 256)
	all := fleet(dice(t), 2*mostOfKind)
	order := func(i, round int) []cmp.Order {
		return []cmp.Order{{ID: fmt.Sprintf("ORDER_%d5551234%06d", round, i), DeviceID: all[i].ID, Status: "2"}}
	}
	for round := range 2 {
		for i := range all {
			if i < len(all)-1 || round == 0 {
				all[i].Orders = order(i, round)
			}
		}
		put(t, m, all, noon.Add(time.Duration(round)*time.Hour))
	}
	if hits, err := m.Parts(t.Context(), "05551234", 10, KindOrder); err != nil || len(hits.List) != 1 || hits.More || hits.List[0].Device.ID != all[len(all)-1].ID {
		t.Errorf("%+v, %v", hits, err)
	}
}

// A page that was not written leaves nothing behind, also when it filled a segment.
func TestAPageThatFailedLeavesNoRun(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mirror.db")
	m := openAt(t, path, Options{})
	small(t, m, 64)
	all := fleet(dice(t), 200)
	failed := errors.New("failed")
	for _, page := range slices.Collect(slices.Chunk(all, 50)) {
		if _, err := m.Put(t.Context(), all[:150], noon, func(*sql.Tx) error { return failed }); !errors.Is(err, failed) {
			t.Fatal(err)
		}
		put(t, m, page, noon)
	}
	if r := &m.columns.Load().runs; len(r.segments) != 3 || len(r.young.devices) != 8 {
		t.Fatalf("%d segments, and %d young devices", len(r.segments), len(r.young.devices))
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m = openAt(t, path, Options{})
	for _, d := range all {
		findsOnly(t, m, d.ID[6:], d.ID)
	}
}

// Segments that were put into one have all of their devices, and who began to look into them before finds them too.
func TestMergedSegmentsHaveAll(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	small(t, m, 64)
	all := fleet(dice(t), mergeFrom*64)
	put(t, m, all, noon)
	if n := len(m.columns.Load().runs.segments); n != mergeFrom {
		t.Fatalf("%d segments", n)
	}
	seen := map[int64]bool{}
	for ns, err := range m.candidates(t.Context(), m.columns.Load().runs.ask("8985", inside, nil)) {
		if err == nil && len(seen) == 0 {
			err = m.Tidy(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range ns {
			seen[n] = true
		}
	}
	if n := len(m.columns.Load().runs.segments); n != 1 || len(seen) != len(all) {
		t.Fatalf("%d devices were met, want %d; %d segments", len(seen), len(all), n)
	}
	for _, d := range all {
		findsOnly(t, m, d.ID[6:], d.ID)
	}
}

func findsOnly(t *testing.T, m *Mirror, part, want string) {
	t.Helper()
	hits, err := m.Parts(t.Context(), part, 10)
	got := ""
	for _, h := range hits.List {
		got += h.Device.ID
	}
	if err != nil || got != want {
		t.Fatalf("%s finds %q, want %q; %v", part, got, want, err)
	}
}
