package audit_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
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
	w := watched{audit.NewWatch(path, audit.Witness{}, clock(), slog.New(slog.DiscardHandler)), path, openRaw(t, path), make(chan time.Time)}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx, w.tick) })
	t.Cleanup(func() { stop(); running.Wait() })
	return w
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
	w.want(t, audit.Intact, "intact, all 5 rows verified 05:06 UTC")
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
	w.want(t, audit.Intact, "intact, all 5 rows")
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
	w.want(t, audit.Intact, "intact, all 5 rows")
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
	_, path := openFile(t)
	w := audit.NewWatch(path, audit.Witness{}, clock(), slog.New(slog.DiscardHandler))
	if w.State().Verdict != audit.Unverified {
		t.Errorf("before anything was verified: %+v", w.State())
	}
	if err := w.Start(t.Context()); err != nil || w.State() != (audit.State{Verdict: audit.Intact, Text: "intact, newest 0 rows verified 05:06 UTC"}) {
		t.Errorf("%+v, %v", w.State(), err)
	}
	before := w.State()
	ended, end := context.WithCancel(t.Context())
	end()
	if w.Run(ended, nil); w.State() != before {
		t.Errorf("stopping is no failure, but: %+v", w.State())
	}
	gone := audit.NewWatch(path+".gone", audit.Witness{}, clock(), slog.New(slog.DiscardHandler))
	if err := gone.Start(t.Context()); err == nil {
		t.Error("started on no log at all")
	}
}
