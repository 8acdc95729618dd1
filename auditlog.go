package main

import (
	"context"
	"fmt"
	"path/filepath"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/config"
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
	report, err := audit.VerifyFile(ctx, *file)
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
	fmt.Fprintln(p.stdout, "not anchored: a log rewritten to its end, or cut off with its recorded end, looks like this too; "+
		"compare rows and head with those noted elsewhere before: a row keeps its hash for ever")
	return nil
}
