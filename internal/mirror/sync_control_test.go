package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// Who stops the sync stops it for good: nothing is read, also after a restart, until somebody starts it. Then it goes on at
// the page where it was.
func TestStopIsKept(t *testing.T) {
	t.Parallel()
	b := newRig(t, newFakeCMP(95), 10)
	for b.cmp.asked("page") < 4 {
		b.at = b.at.Add(b.step(t.Context()))
	}
	if err := b.Stop(t.Context(), "manager"); err != nil {
		t.Fatal(err)
	}
	b.open(t)
	for range 20 {
		b.at = b.at.Add(b.step(t.Context()))
	}
	st := b.Status()
	if n := b.cmp.asked("page"); n != 4 || !st.Wish.Stopped || st.Wish.By != "manager" || !st.Next.IsZero() {
		t.Errorf("%d pages were read, and it is %+v", n, st)
	}
	if err := b.Start(t.Context(), "admin", false); err != nil {
		t.Fatal(err)
	}
	run := b.rest(t)
	if n := len(b.Status().Past); n != 1 || run.Started.After(st.Wish.At) {
		t.Errorf("%d runs, the last one from %v", n, run.Started)
	}
	if !strings.HasPrefix(b.cmp.calls[4], "page 5 ") {
		t.Errorf("it went on with %s", b.cmp.calls[4])
	}
}

// A console that is killed after any call goes on at the page where it was: no page is left out, and none that is in the
// mirror is read again.
func TestAKillLosesNothing(t *testing.T) {
	t.Parallel()
	for kill := 1; kill <= 20; kill++ {
		b := newRig(t, newFakeCMP(95), 10)
		for len(b.cmp.calls) < kill {
			b.at = b.at.Add(b.step(t.Context()))
		}
		before := b.Status()
		b.open(t)
		if now := b.Status(); before.Run != nil && (now.Run == nil || now.Run.Pass != before.Run.Pass) {
			t.Fatalf("killed after %d calls, it is at %+v, and was at %+v", kill, now.Run, before.Run)
		}
		b.rest(t)
		if n := b.cmp.asked("page"); n != 20 {
			t.Errorf("killed after %d calls, it read %d pages: %v", kill, n, b.cmp.calls)
		}
		if wrong := b.wrong(t); wrong != "" {
			t.Errorf("killed after %d calls: %s", kill, wrong)
		}
	}
}

// A mirror that takes no writes is trouble and no loss: the page comes again.
func TestAMirrorThatTakesNothing(t *testing.T) {
	t.Parallel()
	b := newRig(t, newFakeCMP(95), 10)
	for b.cmp.asked("page") < 3 {
		b.at = b.at.Add(b.step(t.Context()))
	}
	run := func(statement string) {
		err := b.mirror.db.Write(context.Background(), func(tx *sql.Tx) error {
			_, err := tx.ExecContext(context.Background(), statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TRIGGER full BEFORE INSERT ON sync BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	for range 3 {
		b.at = b.at.Add(b.step(t.Context()))
	}
	if tr := b.Status().Trouble; tr == nil || tr.Tries != 3 {
		t.Errorf("the trouble is told as %+v", tr)
	}
	if err := b.Stop(t.Context(), "manager"); err == nil {
		t.Error("it says that it was stopped, though that is kept nowhere")
	}
	run("DROP TRIGGER full")
	b.rest(t)
	if wrong := b.wrong(t); wrong != "" {
		t.Error(wrong)
	}
}

// A run in which nothing has changed makes devices younger and writes none of their rows.
func TestAnUnchangedFleetWritesNoRow(t *testing.T) {
	t.Parallel()
	b := newRig(t, newFakeCMP(2000), 100)
	b.rest(t)
	before, pages := changes(t, b.mirror), b.cmp.asked("page")
	run := b.again(t)
	pages = b.cmp.asked("page") - pages
	if run.Same != 2000 || run.New+run.Changed+run.Gone != 0 {
		t.Errorf("the run: %+v", run)
	}
	// A page: its progress and the block or two of its confirmations.
	if rows := changes(t, b.mirror) - before; rows > 3*pages+3 {
		t.Errorf("%d rows were written for %d pages", rows, pages)
	}
	totals, err := b.mirror.Totals(t.Context())
	if err != nil || totals.Oldest.Before(run.Started) || totals.Newest.After(b.at) {
		t.Errorf("the ages are %v to %v, %v", totals.Oldest, totals.Newest, err)
	}
}

// When runs begin: at once, then every so often from the begin of the last, and whatever the clock was set to.
func TestWhenARunBegins(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	before := func(d time.Duration) []Run { return []Run{{Started: now.Add(-d)}} }
	for name, c := range map[string]struct {
		every time.Duration
		past  []Run
		wish  Wish
		due   bool
	}{
		"the first one":                 {6 * time.Hour, nil, Wish{}, true},
		"too early":                     {6 * time.Hour, before(6*time.Hour - 1), Wish{}, false},
		"in time":                       {6 * time.Hour, before(6 * time.Hour), Wish{}, true},
		"the clock was set back":        {6 * time.Hour, before(-time.Hour), Wish{}, true},
		"by hand only":                  {0, nil, Wish{}, false},
		"by hand":                       {0, nil, Wish{Run: now}, true},
		"by hand, and it was done":      {0, before(0), Wish{Run: now}, false},
		"by hand, before it would be":   {6 * time.Hour, before(time.Hour), Wish{Run: now.Add(-time.Minute)}, true},
		"asked for before the last one": {6 * time.Hour, before(time.Hour), Wish{Run: now.Add(-2 * time.Hour)}, false},
	} {
		s := &Sync{SyncOptions: SyncOptions{Every: c.every}}
		if due := s.due(progress{Past: c.past}, c.wish, now); due != c.due {
			t.Errorf("%s: %t", name, due)
		}
	}
}

// A device that was changed is read anew before the next page, once however often it is named, and so it is while nothing
// else may be read. The page that was asked for before its change does not bring the old state back.
func TestWhatChangedIsReadFirst(t *testing.T) {
	t.Parallel()
	f := newFakeCMP(95)
	b := newRig(t, f, 10)
	for f.asked("page") < 3 {
		b.at = b.at.Add(b.step(t.Context()))
	}
	id := f.list[50].ID
	b.Changed(id)
	b.Changed(id)
	if n := b.Status().Waiting; n != 1 {
		t.Errorf("%d wait", n)
	}
	if b.step(t.Context()); !slices.Equal(f.calls[3:], []string{"device " + id}) {
		t.Errorf("it asked for %v", f.calls[3:])
	}
	old := f.list[50]
	changed := old
	changed.Lifecycle = cmp.LifecycleSuspended
	if _, err := b.mirror.PutOne(t.Context(), changed, b.at); err != nil {
		t.Fatal(err)
	}
	put(t, b.mirror, []cmp.Device{old}, b.at.Add(-5*time.Second))
	if d := get(t, b.mirror, id); d.Lifecycle != cmp.LifecycleSuspended || !d.Read.Equal(b.at.Truncate(time.Second)) {
		t.Errorf("an older page made it %s as of %v", d.Lifecycle, d.Read)
	}
	put(t, b.mirror, []cmp.Device{old}, b.at.Add(-time.Hour))
	if d := get(t, b.mirror, id); d.Lifecycle != old.Lifecycle {
		t.Error("after a clock was set back nothing is taken any more")
	}
}

// How fast it goes, and how long it takes.
func TestHowFastItGoes(t *testing.T) {
	t.Parallel()
	b := newRig(t, newFakeCMP(1000), 10)
	b.cmp.before = func(*fakeCMP) { b.at = b.at.Add(500 * time.Millisecond) }
	for b.cmp.asked("page") < 40 {
		b.at = b.at.Add(b.step(t.Context()))
	}
	st := b.Status()
	if got := fmt.Sprintf("%.0f rows, %.1f calls, %v left, page %d of %d", st.Rows, st.Calls, st.Left.Round(time.Second), st.Run.Pass.Next, st.Pages); got != "20 rows, 2.0 calls, 30s left, page 41 of 100" {
		t.Error(got)
	}
}

// One device that cannot be read does not hold up the run for ever.
func TestADeviceThatCannotBeRead(t *testing.T) {
	t.Parallel()
	f := newFakeCMP(60)
	b := newRig(t, f, 10)
	b.rest(t)
	f.list = f.list[:58]
	f.device = func(string) error { return errors.New("no answer") }
	if run := b.again(t); run.Asked != 2 || run.Gone != 0 || run.Errors != 2*asksForOne {
		t.Errorf("the run: %+v", run)
	}
	f.device = nil
	if run := b.again(t); run.Gone != 2 {
		t.Errorf("the next one: %+v", run)
	}
}

// A device that changed and cannot be read keeps its place while the CMP does not answer, and the sync waits between tries.
func TestWhatChangedIsReadWhenTheCMPAnswers(t *testing.T) {
	t.Parallel()
	f := newFakeCMP(5)
	b := newRig(t, f, 10)
	b.rest(t)
	id := f.list[1].ID
	f.device = func(string) error { return &cmp.Error{Op: cmp.CallDevice, Kind: cmp.NotSent} }
	b.Changed(id)
	if wait := b.step(t.Context()); wait < time.Second || b.Status().Waiting != 1 {
		t.Fatalf("it waits %v, and %d are to be read", wait, b.Status().Waiting)
	}
	asked := f.asked("device")
	if b.step(t.Context()); f.asked("device") != asked {
		t.Error("it asked again at once")
	}
	f.device = nil
	b.at = b.at.Add(time.Minute)
	if b.step(t.Context()); b.Status().Waiting != 0 || b.Status().Trouble != nil || f.asked("device") != asked+1 {
		t.Errorf("%+v", b.Status())
	}
}

// Who asks for missing devices a few at a time, behind the last one that was asked for, has asked for each after some rounds.
func TestEveryMissingDeviceHasItsTurn(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	put(t, m, newFakeCMP(10).list, noon)
	var asked []string
	for range 4 {
		after := ""
		if len(asked) > 0 {
			after = asked[len(asked)-1]
		}
		ids, err := m.Unconfirmed(t.Context(), noon.Add(time.Hour), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		asked = append(asked, ids...)
	}
	for i, id := range asked {
		if id != fakeID(i%10) {
			t.Fatalf("asked for %v", asked)
		}
	}
	if len(asked) != 12 {
		t.Errorf("%d were asked for", len(asked))
	}
}

// Open pages are told when the sync has come further, and of each device that was read anew; a round in which nothing is done tells nothing.
func TestPagesAreToldOfTheSync(t *testing.T) {
	t.Parallel()
	b := newRig(t, newFakeCMP(30), 10)
	var told []string
	b.Publish = func(topics ...string) { told = append(told, topics...) }
	b.rest(t)
	if n := len(told); n < 6 || strings.Trim(strings.Join(told, ""), "sync") != "" { // two readings of three pages
		t.Errorf("of a run: %v", told)
	}
	told = nil
	b.step(t.Context())
	if len(told) > 0 {
		t.Errorf("at rest: %v", told)
	}
	b.Changed(fakeID(7))
	b.step(t.Context())
	if want := []string{"sync", "device:" + fakeID(7), "sync"}; !slices.Equal(told, want) {
		t.Errorf("of a device that changed: %v, want %v", told, want)
	}
	told = nil
	if err := b.Stop(t.Context(), "anna"); err != nil || !slices.Equal(told, []string{"sync"}) {
		t.Errorf("of a stop: %v, %v", told, err)
	}
}
