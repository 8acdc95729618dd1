package main

import (
	"context"
	"fmt"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// backup copies console.db while the console serves, and verifies the copy's audit log. A log with faults is
// copied all the same, since the copy is evidence; the exit code is that of audit verify.
func (p program) backup(ctx context.Context, args []string) error {
	flags := p.flags("backup")
	if err := parseNames(flags, args, 1); err != nil {
		return err
	}
	if err := p.needDatabase(); err != nil {
		return err
	}
	file := flags.Arg(0)
	said, err := p.witness(p.database(), "", "").Testify() // before the copy, which lacks what is signed behind it
	if err != nil {
		return fmt.Errorf("nothing was kept: %w", err)
	}
	var report audit.Report
	err = store.Backup(ctx, p.database(), file, func(ctx context.Context, part string) (err error) {
		report, err = said.VerifyFile(ctx, part)
		return err
	})
	if err != nil {
		return fmt.Errorf("nothing was kept: %w", err)
	}
	for _, f := range report.Faults {
		fmt.Fprintln(p.stdout, f.What)
	}
	if len(report.Faults) > 0 {
		fmt.Fprintf(p.stdout, "copied to %s, but its audit log is TAMPERED: the faults are named above\n", file)
		return exitError(exitFailed)
	}
	fmt.Fprintf(p.stdout, "copied to %s: whole, audit log intact, %d rows, head %x\n", file, report.Rows, report.Head)
	return nil
}
