package mirror

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"cmpconsole/internal/cmp"
)

// More readers at a time than there are connections get their answers, while devices and labels are written.
func TestManySearchAtTheSameMoment(t *testing.T) {
	t.Parallel()
	all := fleet(dice(t), 2000)
	m := open(t, Options{Labels: func(_ context.Context, ids []string) (map[string][]string, error) {
		return map[string][]string{ids[0]: {"pilot"}}, nil
	}})
	put(t, m, all, noon)
	errs := make(chan error, 100)
	var wg sync.WaitGroup
	for w := range 4 * runtime.NumCPU() {
		wg.Go(func() {
			for i := range 10 {
				_, err := m.Parts(t.Context(), "8985", 8)
				_, also := m.List(t.Context(), Query{Filter: Filter{Part: fmt.Sprintf("%03d", 100+10*w+i), Labels: []string{"pilot"}}, Sort: ByExpiry, Size: 50})
				if err = errors.Join(err, also); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Go(func() {
		for i := range 10 {
			_, err := m.Put(t.Context(), all[:100], noon.AddDate(0, 0, i+1))
			if err = errors.Join(err, m.Relabel(t.Context(), ids500(all))); err != nil {
				errs <- err
				return
			}
		}
	})
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

func ids500(all []cmp.Device) (ids []string) {
	for _, d := range all[:500] {
		ids = append(ids, d.ID)
	}
	return ids
}

// Who has no time to wait for a writer is told so.
func TestAWriterCanBeGivenUp(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	unlock, err := m.lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Put(ended, fleet(dice(t), 1), noon); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	unlock()
	put(t, m, fleet(dice(t), 1), noon)
}
