package mirror

import (
	"testing"
	"time"
)

// Tidying leaves one part of the search index, in which everything is still found.
func TestTidyMergesTheSearchIndex(t *testing.T) {
	t.Parallel()
	r := dice(t)
	m := open(t, Options{})
	list := fleet(r, 3000)
	for from := 0; from < len(list); from += 50 {
		put(t, m, list[from:from+50], noon.Add(time.Duration(from)*time.Second))
	}
	parts := func() (n int) {
		t.Helper()
		if err := m.db.Read().QueryRowContext(t.Context(), `SELECT count(DISTINCT segid) FROM gram_idx`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if before := parts(); before < tidyFrom {
		t.Fatalf("only %d parts before", before)
	}
	for range 2 {
		if err := m.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := parts(); n != 1 {
			t.Errorf("%d parts after", n)
		}
	}
	for _, d := range list[:100] {
		hits, err := m.Parts(t.Context(), d.ID[6:], 10)
		if err != nil || len(hits.List) == 0 || hits.List[0].Device.ID != d.ID {
			t.Fatalf("%s: %+v, %v", d.ID, hits, err)
		}
	}
}
