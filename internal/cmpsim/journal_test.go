package cmpsim

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// TestJournalUnderConcurrency sends one pause from many callers: all are in
// the journal, exactly one had an effect.
func TestJournalUnderConcurrency(t *testing.T) {
	t.Parallel()
	const callers, calls = 16, 20
	d := openDoor(t, Options{Devices: 100})
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range calls {
				d.post(t, "device/pauseService", fmt.Sprintf(`{"order_id":%q,"device_id":"","note":"%d-%d"}`, DemoOrder, c, i))
				d.Journal()
			}
		})
	}
	wg.Wait()
	notes, applied, last := map[string]bool{}, 0, uint64(0)
	for _, q := range d.Journal() {
		notes[q.Body] = true
		if q.Seq != last+1 || !q.Done || q.Status != 200 || q.OrderID != DemoOrder || q.Path != "/cmp-api/device/pauseService" || !q.Time.Equal(noon) {
			t.Fatalf("after %d: %+v", last, q)
		}
		last = q.Seq
		if q.Applied {
			applied++
		}
	}
	if len(notes) != callers*calls || last != callers*calls || applied != 1 {
		t.Errorf("%d different requests, last number %d, %d applied", len(notes), last, applied)
	}
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	j := newJournal(10)
	for i := range 95 {
		seq := j.begin(Request{})
		j.finish(seq, reply{status: 200, code: fmt.Sprint(i + 1)})
		list := j.list()
		if len(list) != min(i+1, 10) || list[len(list)-1].Seq != uint64(i+1) {
			t.Fatalf("after %d requests the list has %d, last %+v", i+1, len(list), list[len(list)-1])
		}
		if len(j.entries) > 20 {
			t.Fatalf("%d entries are held", len(j.entries))
		}
	}
	for _, q := range j.list() {
		if q.Code != fmt.Sprint(q.Seq) {
			t.Errorf("number %d has the answer of %s", q.Seq, q.Code)
		}
	}
	j.reset()
	// A request that was under way during the reset must not harm the journal.
	j.finish(95, reply{})
	if seq := j.begin(Request{}); seq != 96 || len(j.list()) != 1 {
		t.Errorf("after the reset: number %d, %d entries", seq, len(j.list()))
	}
}

func TestJournalBoundsBodies(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 1})
	d.post(t, "package/queryOrder", `{"device_id":"`+strings.Repeat("成", 3000)+`"}`)
	q := d.Journal()[0]
	if !q.Truncated || len(q.Body) > journalBody || len(q.Body) < journalBody-4 || !utf8.ValidString(q.Body) {
		t.Errorf("%d bytes kept, truncated %v", len(q.Body), q.Truncated)
	}
}
