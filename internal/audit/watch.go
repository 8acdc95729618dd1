package audit

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"cmpconsole/internal/store"
)

// WatchEvery is how often a Watch is meant to look. Most looks verify the tables, their guards and the newest
// tailRows rows; every wholeEvery-th verifies the whole log.
const (
	WatchEvery = time.Minute
	wholeEvery = 60
	tailRows   = 1000
	// unverifiedTime is how long nobody minds that the log cannot be verified: a disk or database may be busy.
	unverifiedTime = 5 * time.Minute
)

// Verdict is what is known of a log.
type Verdict int

// The verdicts. The zero value claims nothing.
const (
	Unverified Verdict = iota // it could not be verified
	Intact
	Broken
)

// State is what a Watch knows: the verdict, in words what it rests on, and the mark of what keeps changes from being sent:
// of what is wrong with the log, or that it could not be verified for long. The mark is empty when nothing does.
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
	db     *store.DB // where a fault is remembered
	now    func() time.Time
	logger *slog.Logger
	state  atomic.Pointer[State]

	// Only for the goroutine that looks:
	failed     time.Time // since when the log cannot be verified, zero while it can
	broken     State     // what was found wrong last
	tail       string    // the mark of the newest rows, as they were found wrong last
	remembered string    // the mark that stands in the database
}

// NewWatch returns a watch over the log in the file, which remembers in the database what it found wrong. Nothing is
// known until Start or Run.
func NewWatch(file string, wit Witness, db *store.DB, now func() time.Time, logger *slog.Logger) *Watch {
	w := &Watch{file: file, wit: wit, db: db, now: now, logger: logger}
	w.state.Store(&State{Text: "not verified yet"})
	return w
}

// State returns what is known of the log. It may be called at any time.
func (w *Watch) State() State { return *w.state.Load() }

// Start verifies the newest rows, so that a broken end is known before the first page; when there is one, all rows, so
// that it is known whether it was accepted. What was found wrong in the run before holds until all rows were verified.
// Call it before Run. The error says why the log cannot be read; a console that cannot read its log should not begin.
func (w *Watch) Start(ctx context.Context) error {
	report, err := verifyWitnessed(ctx, w.file, w.wit, tailRows)
	if err != nil {
		return err
	}
	before, err := selectVerdict(ctx, w.db.Read())
	if err != nil {
		return err
	}
	w.remembered = before.Mark
	switch {
	case len(report.Faults) > 0:
		w.foundInTail(ctx, report)
	case before.Verdict == Broken:
		w.broken = before
		w.state.Store(&before)
	default:
		w.found(ctx, report, "the newest")
	}
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

// look verifies as much as is due. The newest rows alone can only tell that something is wrong by now; to call the log
// intact, or intact again, takes the whole of it.
func (w *Watch) look(ctx context.Context, whole bool) {
	if whole || w.State().Verdict == Unverified || !w.failed.IsZero() {
		w.lookAtAll(ctx)
		return
	}
	report, err := verifyWitnessed(ctx, w.file, w.wit, tailRows)
	switch {
	case len(report.Faults) > 0 && report.Mark() != w.tail:
		w.foundInTail(ctx, report)
	case err != nil:
		w.notVerified(ctx, err)
	}
}

func (w *Watch) lookAtAll(ctx context.Context) {
	report, err := VerifyFile(ctx, w.file, w.wit)
	switch {
	case err == nil, len(report.Faults) > 0 && w.State().Verdict != Broken:
		w.found(ctx, report, "all")
	default:
		w.notVerified(ctx, err)
	}
}

// foundInTail keeps that the newest rows show another fault than before. All rows are verified for its mark; should they
// be intact, as when a guard is back again, the fault was there all the same.
func (w *Watch) foundInTail(ctx context.Context, tail Report) {
	w.tail = tail.Mark()
	if all, err := VerifyFile(ctx, w.file, w.wit); err == nil && len(all.Faults) > 0 {
		tail = all
	}
	w.found(ctx, tail, "the newest")
}

// found keeps what a verification of some rows told.
func (w *Watch) found(ctx context.Context, r Report, some string) {
	w.failed = time.Time{}
	s := State{Verdict: Intact, Text: fmt.Sprintf("intact: %s %d rows there were at %s verified", some, r.Rows, clockTime(w.now()))}
	if len(r.Faults) > 0 {
		w.logger.Error("audit log broken", "row", r.Faults[0].Seq, "what", r.Faults[0].What)
		s = State{Broken, "broken: " + r.Faults[0].What, r.Mark()}
		w.broken = s
	}
	w.state.Store(&s)
	w.remember(ctx, s)
}

// remember keeps for the next start what is wrong, or that nothing is any more.
func (w *Watch) remember(ctx context.Context, s State) {
	if s.Mark == w.remembered {
		return
	}
	if err := storeVerdict(ctx, w.db, s, w.now()); err != nil {
		w.logger.Error("verdict on the audit log not stored", "err", err)
		return
	}
	w.remembered = s.Mark
}

// notVerified keeps that nothing is certain any more. What was seen broken stays so. After a while that is a fault of its
// own, with a mark of its own.
func (w *Watch) notVerified(ctx context.Context, why error) {
	if ctx.Err() != nil {
		return // the console stops; that says nothing of the log
	}
	w.logger.Error("audit log not verified", "err", why)
	now := w.now()
	if w.failed.IsZero() {
		w.failed = now
	}
	long := now.Sub(w.failed) >= unverifiedTime
	s := State{Verdict: Unverified, Text: fmt.Sprintf("could not be verified since %s: %v", clockTime(w.failed), why)}
	if w.State().Verdict == Broken {
		if !long {
			return
		}
		s = State{Broken, w.broken.Text + "; " + s.Text, w.broken.Mark}
	}
	if long {
		s.Mark += fmt.Sprintf("unverified since %d", w.failed.Unix())
	}
	w.state.Store(&s)
}

func clockTime(t time.Time) string { return t.UTC().Format("15:04 MST") }
