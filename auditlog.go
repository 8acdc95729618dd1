package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/config"
	"cmpconsole/internal/store"
)

// audit verifies the log of a live or copied database. Its exit code is 0 intact, 1 tampered, 3 unreadable.
func (p program) audit(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "verify" {
		return errUsage
	}
	flags := p.flags("audit verify")
	file := flags.String("db", filepath.Join(config.DataDir(p.getenv), "console.db"), "database to verify")
	if err := parse(flags, args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errUsage // a file without --db would have the default one verified in its place
	}
	report, err := verifyFile(ctx, *file)
	if err != nil {
		fmt.Fprintf(p.stderr, "cmpconsole: %s cannot be read as an audit log: %v\n", *file, err)
		return exitError(exitUnreadable)
	}
	for _, f := range report.Faults {
		fmt.Fprintln(p.stdout, f.What)
	}
	if len(report.Faults) > 0 {
		fmt.Fprintf(p.stdout, "TAMPERED: %d rows read, %d faults named above\n", report.Rows, len(report.Faults))
		return exitError(exitFailed)
	}
	for _, seq := range report.Open {
		fmt.Fprintf(p.stdout, "row %d: intent without an outcome yet\n", seq)
	}
	fmt.Fprintf(p.stdout, "intact: %d rows, head %x\n", report.Rows, report.Head)
	return nil
}

func verifyFile(ctx context.Context, file string) (audit.Report, error) {
	db, err := store.OpenReadOnly(file)
	if err != nil {
		return audit.Report{}, err
	}
	defer db.Close()
	return audit.Verify(ctx, db)
}

// verifyEvery is how often a running console verifies its whole log; tailRows are verified before it serves.
const (
	verifyEvery = time.Hour
	tailRows    = 1000
)

// chainWatch keeps what the last verification found, for the pages to show.
type chainWatch struct {
	log    *audit.Log
	file   string
	logger *slog.Logger
	last   atomic.Pointer[chainState]
}

type chainState struct {
	text   string
	intact bool
}

func newChainWatch(log *audit.Log, file string, logger *slog.Logger) *chainWatch {
	return &chainWatch{log: log, file: file, logger: logger}
}

// start verifies the newest rows, so that a broken end is known before the first page.
func (w *chainWatch) start(ctx context.Context) error {
	report, err := w.log.VerifyTail(ctx, tailRows)
	if err != nil {
		return err
	}
	w.keep(report, fmt.Sprintf("newest %d rows", report.Rows))
	return nil
}

// run verifies the whole log at once and then every hour, until ctx ends.
func (w *chainWatch) run(ctx context.Context) {
	tick := time.NewTicker(verifyEvery)
	defer tick.Stop()
	for {
		if report, err := verifyFile(ctx, w.file); err == nil {
			w.keep(report, fmt.Sprintf("all %d rows", report.Rows))
		} else if ctx.Err() == nil {
			w.logger.Error("audit log not verified", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (w *chainWatch) keep(r audit.Report, what string) {
	state := chainState{text: "intact, " + what + " verified " + time.Now().UTC().Format("15:04 MST"), intact: len(r.Faults) == 0}
	if !state.intact {
		state.text = "broken: " + r.Faults[0].What
		w.logger.Error("audit log broken", "row", r.Faults[0].Seq, "what", r.Faults[0].What)
	}
	w.last.Store(&state)
}

// state is what the last verification found, in words, and whether that was all well.
func (w *chainWatch) state() (string, bool) {
	s := w.last.Load()
	return s.text, s.intact
}
