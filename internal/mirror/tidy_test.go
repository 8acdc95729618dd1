package mirror

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// Devices whose numbers change stand in several segments, which are put together, and made anew when they are too many. All is found at any time, and nothing
// is kept of what was replaced.
func TestTidy(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), sealFrom)
	anew := false
	for round := range mergedMost/sealFrom + mergeFrom {
		for i := range all {
			all[i].MSISDN = mobile(round, i)
		}
		put(t, m, all, noon.Add(time.Duration(round)*time.Hour))
		if err := m.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		r := &m.columns.Load().runs
		anew = anew || round > 0 && r.devices() == sealFrom
		for i := range 3 {
			findsOnly(t, m, mobile(round, i), all[i].ID)
			findsOnly(t, m, mobile(max(0, round-1), i), map[bool]string{true: all[i].ID}[round == 0])
			findsOnly(t, m, all[i].ID[6:], all[i].ID)
		}
		if len(r.segments) >= 2*mergeFrom {
			t.Fatalf("%d segments after round %d", len(r.segments), round)
		}
	}
	if !anew {
		t.Error("they were not made anew")
	}
	var stray int
	if err := m.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM run WHERE k >> ? NOT IN (SELECT k FROM segment)`, runBits).Scan(&stray); err != nil || stray > 0 {
		t.Errorf("%d lists are of no segment, %v", stray, err)
	}
}

// Segments that were put into one have all of their devices, and who began to look into them before finds them too.
func TestMergedSegmentsHaveAll(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), mergeFrom*sealFrom)
	for i, page := range slices.Collect(slices.Chunk(all, sealFrom)) {
		put(t, m, page, noon)
		if err := m.sealYoung(t.Context()); err != nil || len(m.columns.Load().runs.segments) != i+1 {
			t.Fatalf("%d segments after page %d, %v", len(m.columns.Load().runs.segments), i, err)
		}
	}
	common := m.columns.Load().runs.ask("8985", inside, nil)
	seen := map[int64]bool{}
	for ns, err := range m.candidates(t.Context(), common) {
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
	for i := 0; i < len(all); i += 50 {
		findsOnly(t, m, all[i].ID[6:], all[i].ID)
	}
}

func mobile(round, i int) string { return fmt.Sprintf("999%04d%06d", round, i) }

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
