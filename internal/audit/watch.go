package audit

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// WatchEvery is how often a Watch is meant to look. Most looks verify the tables, their guards and the newest
// tailRows rows; every wholeEvery-th verifies the whole log.
const (
	WatchEvery = time.Minute
	wholeEvery = 60
	tailRows   = 1000
)

// Verdict is what is known of a log.
type Verdict int

// The verdicts. The zero value claims nothing.
const (
	Unverified Verdict = iota // it could not be verified
	Intact
	Broken
)

// State is what a Watch knows: the verdict, in words what it rests on, and, of a broken log, the mark of what is wrong.
type State struct {
	Verdict Verdict
	Text    string
	Mark    string
}

// Watch verifies the log that stands in a file, again and again, and keeps what it found. It goes by the
// file's name, not by an open database, so that it judges what an auditor would be given.
type Watch struct {
	file   string
	wit    Witness
	now    func() time.Time
	logger *slog.Logger
	state  atomic.Pointer[State]
	failed time.Time // since when the log cannot be verified, zero while it can; only for the goroutine that looks
}

// NewWatch returns a watch over the log in the file. Nothing is known until Start or Run.
func NewWatch(file string, wit Witness, now func() time.Time, logger *slog.Logger) *Watch {
	w := &Watch{file: file, wit: wit, now: now, logger: logger}
	w.state.Store(&State{Text: "not verified yet"})
	return w
}

// State returns what is known of the log. It may be called at any time.
func (w *Watch) State() State { return *w.state.Load() }

// Start verifies the newest rows, so that a broken end is known before the first page. Call it before Run.
// The error says why the log cannot be read; a console that cannot read its log should not begin.
func (w *Watch) Start(ctx context.Context) error {
	report, err := w.verifyTail(ctx)
	if err != nil {
		return err
	}
	w.found(report, "newest")
	return nil
}

// Run verifies the whole log at once, then looks at every tick until ctx ends.
func (w *Watch) Run(ctx context.Context, tick <-chan time.Time) {
	for looks := 0; ; looks++ {
		w.look(ctx, looks%wholeEvery == 0)
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// look verifies as much as is due. The newest rows alone can only tell that the log is broken by now; to call
// it intact, or intact again, takes the whole of it.
func (w *Watch) look(ctx context.Context, whole bool) {
	switch verdict := w.State().Verdict; {
	case whole || verdict == Unverified:
		report, err := VerifyFile(ctx, w.file, w.wit)
		if err != nil {
			w.notVerified(ctx, err)
			return
		}
		w.found(report, "all")
	case verdict == Intact:
		report, err := w.verifyTail(ctx)
		if err != nil {
			w.notVerified(ctx, err)
		} else if len(report.Faults) > 0 {
			w.found(report, "newest")
		}
	}
}

// verifyTail verifies the newest rows, by the newest notes.
func (w *Watch) verifyTail(ctx context.Context) (Report, error) {
	said, err := w.wit.testimony(false)
	if err != nil {
		return Report{}, err
	}
	return verifyFile(ctx, w.file, said, tailRows)
}

// found keeps what a verification of some rows told.
func (w *Watch) found(r Report, some string) {
	w.failed = time.Time{}
	if len(r.Faults) > 0 {
		w.logger.Error("audit log broken", "row", r.Faults[0].Seq, "what", r.Faults[0].What)
		w.state.Store(&State{Broken, "broken: " + r.Faults[0].What, r.Mark()})
		return
	}
	w.state.Store(&State{Verdict: Intact, Text: fmt.Sprintf("intact, %s %d rows verified %s", some, r.Rows, clockTime(w.now()))})
}

// notVerified keeps that nothing is certain any more. What was seen broken stays so.
func (w *Watch) notVerified(ctx context.Context, why error) {
	if ctx.Err() != nil {
		return // the console stops; that says nothing of the log
	}
	w.logger.Error("audit log not verified", "err", why)
	if w.failed.IsZero() {
		w.failed = w.now()
	}
	if w.State().Verdict != Broken {
		w.state.Store(&State{Verdict: Unverified, Text: fmt.Sprintf("could not be verified since %s: %v", clockTime(w.failed), why)})
	}
}

func clockTime(t time.Time) string { return t.UTC().Format("15:04 MST") }
