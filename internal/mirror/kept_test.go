package mirror

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// Counts are kept for what they count: names with spaces, and one flag or the other, are not taken for each other.
func TestFiltersDoNotShareCounts(t *testing.T) {
	t.Parallel()
	yes, also, no := true, true, false
	key := func(f Filter) string { return f.key() }
	for _, pair := range [][2]Filter{
		{{Packages: []string{"A B"}}, {Packages: []string{"A", "B"}}},
		{{Packages: []string{"A"}}, {Partner: "A"}},
		{{OTA: &yes}, {OTA: &no}},
		{{OTA: &no}, {}},
		{{Expires: Days{From: noon}}, {StageEnds: Days{From: noon}}},
	} {
		if key(pair[0]) == key(pair[1]) {
			t.Errorf("%+v and %+v have the same key", pair[0], pair[1])
		}
	}
	if key(Filter{OTA: &yes}) != key(Filter{OTA: &also}) {
		t.Error("the same filter has two keys")
	}
}

// A set that was read before something changed is not kept after it.
func TestSetsAreNotKeptPastAChange(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *sets){
		"forgotten":     func(s *sets) { s.forget() },
		"another state": func(s *sets) { s.look(2, "") },
	} {
		s := &sets{}
		old := newSet([]int64{1})
		if made, err := s.get(1, "label x", func() (*set, error) { change(s); return old, nil }); err != nil || made != old {
			t.Fatalf("%s: %v", name, err)
		}
		for _, revision := range []uint64{1, 2} {
			if kept, _ := s.look(revision, "label x"); kept != nil {
				t.Errorf("%s: kept for state %d", name, revision)
			}
		}
	}
}

// An older state is counted, and does not empty what a newer one has.
func TestCountsOfAnOlderState(t *testing.T) {
	t.Parallel()
	k := &counted{}
	newer, older := &columns{revision: 2}, &columns{revision: 1}
	k.of(newer, &plan{key: "all"})
	k.of(older, &plan{key: "all"})
	if _, ok := k.look(newer, &plan{key: "all"}); !ok {
		t.Error("what was counted is gone")
	}
}

// A number of very many devices is told of with the first, and that there are more.
func TestANumberThatManyShare(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 300)
	for i := range all {
		all[i].MSISDN = "4915112345678"
	}
	put(t, m, all, noon)
	parts := func(ctx context.Context, part string, limit int) (Hits, error) { return m.Parts(ctx, part, limit) }
	for _, find := range []func(context.Context, string, int) (Hits, error){m.Exact, parts} {
		if hits, err := find(t.Context(), "4915112345678", 8); err != nil || len(hits.List) != 8 || !hits.More {
			t.Errorf("%d hits, more %t, %v", len(hits.List), hits.More, err)
		}
	}
	if found, err := m.ExactMany(t.Context(), []string{"4915112345678"}); err != nil || len(found["4915112345678"]) != mostRefs {
		t.Errorf("%d refs, %v", len(found["4915112345678"]), err)
	}
}

// A part that too many may have is refused, and the refusal is kept like an answer.
func TestAPartOfTooMany(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	put(t, m, fleet(dice(t), 20), noon)
	looked := 0
	for range 2 {
		_, err := m.sets.get(1, "part x", func() (*set, error) {
			looked++
			return &set{refused: errors.New("too many")}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked != 1 {
		t.Errorf("looked %d times", looked)
	}
}

// A damaged file is begun anew; one that could not be opened for another reason is left as it is.
func TestOnlyADamagedFileIsBegunAnew(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mirror.db")
	m := openAt(t, path, Options{})
	put(t, m, fleet(dice(t), 20), noon)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ended, path, Options{}); err == nil {
		t.Fatal("opened without time to")
	}
	for _, damage := range []string{`UPDATE facet SET data = x'00'`, `UPDATE facet SET block = 1`, `DELETE FROM confirmed`} {
		m = openAt(t, path, Options{})
		if m.Known() != 20 {
			t.Fatalf("%d devices are left", m.Known())
		}
		err := m.db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(t.Context(), damage)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = m.Close()
		if m = openAt(t, path, Options{}); m.Known() != 0 {
			t.Errorf("%s: %d devices of a damaged file", damage, m.Known())
		}
		put(t, m, fleet(dice(t), 20), noon)
		_ = m.Close()
	}
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if m = openAt(t, path, Options{}); m.Known() != 0 {
		t.Errorf("%d devices of a file that is none", m.Known())
	}
}

// Labels that were given or taken while the mirror did not hear of it are there after all are taken over.
func TestAllLabelsAreTakenOver(t *testing.T) {
	t.Parallel()
	all := fleet(dice(t), 5)
	labels := map[string][]string{all[0].ID: {"old"}}
	m := open(t, Options{
		Labels: func(context.Context, []string) (map[string][]string, error) { return labels, nil },
		Labelled: func(_ context.Context, after string, _ int) (ids []string, err error) {
			for id := range labels {
				if id > after {
					ids = append(ids, id)
				}
			}
			return ids, nil
		},
	})
	put(t, m, all, noon)
	delete(labels, all[0].ID)
	labels[all[3].ID] = []string{"new"}
	if err := m.RelabelAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"old": 0, "new": 1} {
		if n, err := m.Count(t.Context(), Filter{Labels: []string{name}}); err != nil || n != want {
			t.Errorf("%s: %d devices, %v", name, n, err)
		}
	}
}

// That there is no such device does not undo what was read after it was asked, and the date of the first time stays.
func TestGoneKeepsItsDate(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	d := cmp.Device{ID: "89852026000000000016", Lifecycle: cmp.LifecycleUsage}
	drop := func(seconds int) {
		t.Helper()
		if err := m.Drop(t.Context(), []string{d.ID}, noon.Add(time.Duration(seconds)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, m, []cmp.Device{d}, noon)
	if drop(-5); !get(t, m, d.ID).Gone.IsZero() {
		t.Fatal("an older answer made it gone")
	}
	drop(10)
	if drop(20); !get(t, m, d.ID).Gone.Equal(noon.Add(10 * time.Second)) {
		t.Errorf("gone since %v", get(t, m, d.ID).Gone)
	}
}

// How many devices are old is counted anew each time: a device that is confirmed is no longer, though nothing of it has changed.
func TestCountsByAgeAreNotKept(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 40)
	put(t, m, all, noon)
	old := Query{Filter: Filter{ReadBefore: noon.Add(time.Minute)}, Size: 5}
	for _, want := range []int{40, 30} {
		n, err := m.Count(t.Context(), old.Filter)
		if p := list(t, m, old); err != nil || n != want || p.Total != want {
			t.Errorf("%d and %d devices are old, want %d; %v", n, p.Total, want, err)
		}
		put(t, m, all[:10], noon.Add(time.Hour))
	}
}
