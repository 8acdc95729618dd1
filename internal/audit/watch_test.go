package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// watched is a log under watch, with a tick of the test's own.
type watched struct {
	*audit.Watch
	path string
	raw  *sql.DB
	tick chan time.Time
}

func watch(t *testing.T) watched {
	t.Helper()
	db, path := openFile(t)
	fill(t, audit.New(db, clock()), 4)
	w := watched{watchOver(path, audit.Witness{}, db, clock()), path, openRaw(t, path), make(chan time.Time)}
	w.run(t)
	return w
}

func watchOver(path string, wit audit.Witness, db *store.DB, now func() time.Time) *audit.Watch {
	return audit.NewWatch(path, wit, db, now, slog.New(slog.DiscardHandler))
}

func (w watched) run(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx, w.tick) })
	t.Cleanup(func() { stop(); running.Wait() })
}

// look lets a minute pass. The second tick is taken only when the look of the first is over.
func (w watched) look() {
	w.tick <- time.Time{}
	w.tick <- time.Time{}
}

func (w watched) want(t *testing.T, verdict audit.Verdict, text string) {
	t.Helper()
	if got := w.State(); got.Verdict != verdict || !strings.HasPrefix(got.Text, text) {
		t.Errorf("%+v, want verdict %d, %s", got, verdict, text)
	}
}

func (w watched) rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(w.path+from, w.path+to); err != nil {
		t.Fatal(err)
	}
}

// TestWatchTellsWhatCannotBeVerified: an old "intact" does not stand when the log cannot be read any more.
func TestWatchTellsWhatCannotBeVerified(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.look()
	w.want(t, audit.Intact, "intact: all 5 rows there were at 05:06 UTC verified")
	w.rename(t, "", ".away")
	w.look()
	w.want(t, audit.Unverified, "could not be verified since 05:06 UTC: open database: ")
	since := w.State()
	w.look()
	if got := w.State(); got != since {
		t.Errorf("%+v, then %+v", since, got)
	}
	w.rename(t, ".away", "")
	w.look()
	w.want(t, audit.Intact, "intact: all 5 rows")
}

// TestWatchMissesNoGuard: a guard that is gone shows within a minute, and for as long as nobody has verified
// every row that could have been changed without it.
func TestWatchMissesNoGuard(t *testing.T) {
	t.Parallel()
	w := watch(t)
	withoutTriggers(t, w.raw, func() {
		w.look()
		w.want(t, audit.Broken, "broken: the trigger audit_next is missing")
	})
	w.look()
	w.want(t, audit.Broken, "broken: the trigger audit_next is missing")
	for range 30 { // an hour
		w.look()
	}
	w.want(t, audit.Intact, "intact: all 5 rows")
}

// TestWatchSeesTheNewestRows: so does a change of the newest rows, and it is not forgotten with the file.
func TestWatchSeesTheNewestRows(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.look()                              // the first one is over
	mustExec(t, w.raw, "BEGIN IMMEDIATE") // so that no look sees the guards off
	withoutTriggers(t, w.raw, func() { mustExec(t, w.raw, "UPDATE audit SET actor = 'mallory' WHERE seq = 3") })
	mustExec(t, w.raw, "COMMIT")
	w.look()
	w.want(t, audit.Broken, "broken: row 3 was changed")
	w.rename(t, "", ".away")
	for range 30 {
		w.look()
	}
	w.want(t, audit.Broken, "broken: row 3 was changed")
}

func TestWatchStarts(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	w := watchOver(path, audit.Witness{}, db, clock())
	if w.State().Verdict != audit.Unverified {
		t.Errorf("before anything was verified: %+v", w.State())
	}
	if err := w.Start(t.Context()); err != nil || w.State() != (audit.State{Verdict: audit.Intact, Text: "intact: the newest 0 rows there were at 05:06 UTC verified"}) {
		t.Errorf("%+v, %v", w.State(), err)
	}
	before := w.State()
	ended, end := context.WithCancel(t.Context())
	end()
	if w.Run(ended, nil); w.State() != before {
		t.Errorf("stopping is no failure, but: %+v", w.State())
	}
	gone := watchOver(path+".gone", audit.Witness{}, db, clock())
	if err := gone.Start(t.Context()); err == nil {
		t.Error("started on no log at all")
	}
}

// TestARestartForgetsNoFault: a fault too old for the first look is known at once after a restart, by its mark, until all
// rows were verified again.
func TestARestartForgetsNoFault(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log, raw := audit.New(db, clock()), openRaw(t, path)
	add(t, log, 1200)
	withoutTriggers(t, raw, func() { mustExec(t, raw, "UPDATE audit SET actor = 'mallory' WHERE seq = 5") })
	before := watched{Watch: watchOver(path, audit.Witness{}, db, clock()), tick: make(chan time.Time)}
	before.run(t)
	before.look()
	known := before.State()
	if known.Verdict != audit.Broken || known.Mark != mustVerify(t, raw).Mark() {
		t.Fatalf("%+v", known)
	}
	after := watched{Watch: watchOver(path, audit.Witness{}, db, clock()), tick: make(chan time.Time)}
	if err := after.Start(t.Context()); err != nil || after.State() != known {
		t.Errorf("after a restart %+v, %v; want %+v", after.State(), err, known)
	}
	withoutTriggers(t, raw, func() { mustExec(t, raw, "UPDATE audit SET actor = 'support' WHERE seq = 5") })
	after.run(t)
	after.look()
	after.want(t, audit.Intact, "intact: all 1200 rows")
	again := watchOver(path, audit.Witness{}, db, clock())
	if err := again.Start(t.Context()); err != nil || again.State().Verdict != audit.Intact {
		t.Errorf("once it was mended: %+v, %v", again.State(), err)
	}
}

// TestAStartKnowsTheWholeFault: what is wrong at the end has at the start the mark that it has for all rows, so that
// what was accepted stays so.
func TestAStartKnowsTheWholeFault(t *testing.T) {
	t.Parallel()
	o, _ := putBack(t, 25)
	w := watchOver(o.file, o.witness, o.db, clock())
	if err := w.Start(t.Context()); err != nil || w.State().Mark != o.verify(t).Mark() {
		t.Errorf("%+v, %v", w.State(), err)
	}
}

// TestWatchLooksOnWhileBroken: another fault of the newest rows shows within a minute, and has its own mark.
func TestWatchLooksOnWhileBroken(t *testing.T) {
	t.Parallel()
	w := watch(t)
	w.look()
	change := func(seq int) {
		mustExec(t, w.raw, "BEGIN IMMEDIATE")
		withoutTriggers(t, w.raw, func() { mustExec(t, w.raw, "UPDATE audit SET actor = 'mallory' WHERE seq = ?", seq) })
		mustExec(t, w.raw, "COMMIT")
	}
	change(3)
	w.look()
	first := w.State()
	w.look()
	if got := w.State(); got != first || got.Mark == "" {
		t.Errorf("%+v, then %+v", first, got)
	}
	change(2)
	w.look()
	w.want(t, audit.Broken, "broken: row 2 was changed")
	if w.State().Mark == first.Mark {
		t.Error("the mark is the same")
	}
}

// TestWatchWithoutWitness: while keys or anchors cannot be read the rows are verified by themselves, and after five
// minutes that is a fault of its own. It is over with the first look that can read them.
func TestWatchWithoutWitness(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(o office) string{
		"keys":    func(o office) string { return o.witness.Keys },
		"anchors": func(o office) string { return o.witness.Anchor },
	} {
		o := openOffice(t)
		add(t, o.log, 20)
		o.checkpoint(t)
		var minutes atomic.Int64
		now := func() time.Time { return time.Unix(0, 0).Add(time.Duration(minutes.Load()) * time.Minute) }
		w := watched{watchOver(o.file, o.witness, o.db, now), o.file, openRaw(t, o.file), make(chan time.Time)}
		w.run(t)
		w.look()
		w.want(t, audit.Intact, "intact")
		file := spoil(o)
		if err := errors.Join(os.Rename(file, file+".away"), os.Mkdir(file, 0o700)); err != nil {
			t.Fatal(err)
		}
		w.look()
		if w.want(t, audit.Unverified, "could not be verified since 00:00 UTC: not compared with all signed checkpoints"); w.State().Mark != "" {
			t.Errorf("%s: a fault at once", name)
		}
		minutes.Store(5)
		w.look()
		if w.want(t, audit.Unverified, "could not be verified"); w.State().Mark == "" {
			t.Errorf("%s: no fault after five minutes", name)
		}
		withoutTriggers(t, w.raw, func() { mustExec(t, w.raw, "UPDATE audit SET actor = 'mallory' WHERE seq = 5") })
		w.look()
		w.want(t, audit.Broken, "broken: row 5 was changed")
		mark := w.State().Mark
		w.look()
		minutes.Store(20)
		if w.look(); w.State().Mark == mark {
			t.Errorf("%s: who accepted the change accepted that nothing is compared any more: %+v", name, w.State())
		}
		if err := errors.Join(os.Remove(file), os.Rename(file+".away", file)); err != nil {
			t.Fatal(err)
		}
		if w.look(); w.State().Mark != mark {
			t.Errorf("%s: read again: %+v", name, w.State())
		}
	}
}
