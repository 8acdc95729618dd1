package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/config"
	"cmpconsole/internal/store"
)

// newNotary sets up who signs checkpoints of the log, and where they are kept.
func newNotary(cfg config.Config, db *store.DB, logger *slog.Logger) (*audit.Notary, error) {
	key, err := audit.LoadKey(cfg.AuditKey)
	if err != nil {
		return nil, err
	}
	keys, err := audit.ReadKeys(publicKeys(cfg.AuditKey))
	if err != nil {
		return nil, err
	}
	var others []audit.Anchor
	if cfg.AnchorSyslog != "" {
		syslog, err := audit.NewSyslogAnchor(cfg.AnchorSyslog)
		if err != nil {
			return nil, err
		}
		others = append(others, syslog)
	}
	return audit.NewNotary(db, key, keys, audit.FileAnchor(cfg.AnchorFile), others, time.Now, logger), nil
}

func publicKeys(key string) string { return key + ".pub" }

// witness names what is known of the log in a database outside it. For one in another place that stands beside it.
func (p program) witness(file, keys, anchor string) audit.Witness {
	key, kept := config.AuditFiles(p.getenv)
	if file != p.database() {
		dir := filepath.Dir(file)
		key, kept = filepath.Join(dir, "audit.key"), filepath.Join(dir, "anchors")
	}
	w := audit.Witness{Keys: cmp.Or(keys, publicKeys(key)), Anchor: cmp.Or(anchor, kept)}
	if keys == "" && !exists(w.Keys) {
		w.Keys = ""
	}
	return w
}

func (p program) audit(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "verify":
		return p.verify(ctx, args[1:])
	case "redact":
		return p.redact(ctx, args[1:])
	}
	return errUsage
}

// verify verifies the log of a live or copied database. Its exit code is 0 intact, 1 tampered, 3 unreadable.
func (p program) verify(ctx context.Context, args []string) error {
	flags := p.flags("audit verify")
	file := flags.String("db", p.database(), "database to verify")
	keys := flags.String("keys", "", "file of the public keys that sign checkpoints (default audit.key.pub, beside the database)")
	anchor := flags.String("anchors", "", "file of checkpoints kept elsewhere (default anchors, beside the database)")
	export := flags.String("export", "", "JSON Lines export to verify, in place of a database")
	whole := flags.Bool("whole", false, "the export was made without filters: a missing row is a fault")
	if err := parse(flags, args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errUsage // a file without --db would have the default one verified in its place
	}
	named := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { named[f.Name] = true })
	if named["export"] && named["db"] || *whole && !named["export"] {
		return errUsage
	}
	if *anchor != "" && !exists(*anchor) {
		fmt.Fprintf(p.stderr, "cmpconsole: there is no file %s\n", *anchor)
		return exitError(exitUnreadable)
	}
	if named["export"] {
		judge := audit.VerifyExport
		if *whole {
			judge = audit.VerifyWholeExport
		}
		return p.verifyExport(*export, judge, p.witness(p.database(), *keys, *anchor))
	}
	return p.verifyLog(ctx, *file, p.witness(*file, *keys, *anchor))
}

// verifyLog verifies the log in a database and says what it found.
func (p program) verifyLog(ctx context.Context, file string, w audit.Witness) error {
	report, err := audit.VerifyFile(ctx, file, w)
	switch {
	case errors.Is(err, audit.ErrUnwitnessed):
		fmt.Fprintf(p.stderr, "cmpconsole: %s was verified by itself only, %d rows: %v\n", file, report.Rows, err)
	case err != nil:
		fmt.Fprintf(p.stderr, "cmpconsole: %s cannot be read as an audit log: %v\n", file, err)
		return exitError(exitUnreadable)
	}
	for _, f := range report.Faults {
		fmt.Fprintln(p.stdout, f.What)
	}
	if len(report.Faults) > 0 {
		fmt.Fprintf(p.stdout, "TAMPERED: %d rows read, %d faults named above\n", report.Rows, len(report.Faults))
		return exitError(exitFailed)
	}
	if err != nil {
		return exitError(exitUnreadable)
	}
	for _, seq := range report.Open {
		fmt.Fprintf(p.stdout, "row %d: intent without an outcome yet\n", seq)
	}
	fmt.Fprintf(p.stdout, "intact: %d rows, head %x\n", report.Rows, report.Head)
	if report.Kept+report.Erased > 0 {
		fmt.Fprintf(p.stdout, "personal values: %d kept as they were recorded, %d erased by rows that say so\n", report.Kept, report.Erased)
	}
	if report.Anchored > 0 {
		fmt.Fprintf(p.stdout, "anchored: rows 1 to %d, by %d signed checkpoints\n", report.Anchored, report.Checkpoints)
		if report.Anchored < report.Rows {
			fmt.Fprintf(p.stdout, "rows %d to %d are not anchored yet\n", report.Anchored+1, report.Rows)
		}
		return nil
	}
	switch {
	case w.Keys == "" && exists(w.Anchor):
		fmt.Fprintf(p.stdout, "WARNING: the public keys are missing, so that nothing could be compared with the anchors in %s\n", w.Anchor)
	case report.Checkpoints > 0:
		fmt.Fprintf(p.stdout, "WARNING: %s holds no checkpoint, though the database holds %d: it was emptied or moved away\n", w.Anchor, report.Checkpoints)
	}
	fmt.Fprintln(p.stdout, "not anchored: a log rewritten to its end, or cut off with its recorded end, looks like this too; "+
		"compare rows and head with those noted elsewhere before: a row keeps its hash for ever")
	return nil
}

// verifyExport verifies a JSON Lines export against its own hashes and the signed checkpoints that are at hand.
func (p program) verifyExport(name string, judge func(io.Reader, audit.Witness) (audit.ExportReport, error), w audit.Witness) error {
	file, err := os.Open(name)
	if err != nil {
		fmt.Fprintf(p.stderr, "cmpconsole: %v\n", err)
		return exitError(exitUnreadable)
	}
	report, err := judge(file, w)
	if err := errors.Join(err, file.Close()); err != nil {
		fmt.Fprintf(p.stderr, "cmpconsole: %s cannot be read as an export: %v\n", name, err)
		return exitError(exitUnreadable)
	}
	for _, f := range report.Faults {
		fmt.Fprintln(p.stdout, f.What)
	}
	if len(report.Faults) > 0 {
		fmt.Fprintf(p.stdout, "TAMPERED: %d rows read, faults named above\n", report.Rows)
		return exitError(exitFailed)
	}
	gaps := "without a gap"
	if report.Last-report.First+1 != int64(report.Rows) {
		gaps = "with gaps, by its filter or because rows were taken out"
	}
	fmt.Fprintf(p.stdout, "intact: %d rows agree with their hashes, %d of them are proven by signed checkpoints\n", report.Rows, report.Proven)
	if report.Rows > 0 {
		fmt.Fprintf(p.stdout, "from row %d to row %d, %s\n", report.First, report.Last, gaps)
	}
	for _, doubt := range report.Doubts {
		fmt.Fprintln(p.stdout, doubt)
	}
	return nil
}
