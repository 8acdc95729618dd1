// Command cmpconsole is the console: a self-hosted admin web console for a connectivity management platform.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // zones of operators, on machines that have none installed

	"cmpconsole/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	p := program{args: os.Args[1:], getenv: os.Getenv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}
	code := p.run(ctx)
	stop()
	os.Exit(code)
}

// program is one run of the command, with everything that it takes from outside.
type program struct {
	args           []string
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

const usage = `Usage:
  cmpconsole [serve] [--demo] [settings]     run the console (settings: cmpconsole serve --help)
  cmpconsole sandbox [--addr HOST:PORT] [--push-to ADDRESS]  run the sandbox CMP alone, on loopback
  cmpconsole user add NAME --roles ROLES     add a user; the password is asked for, or read from standard input
  cmpconsole user passwd NAME                set a user's password and end their sessions
  cmpconsole user list                       list the users
  cmpconsole audit verify [--db FILE | --export FILE]  verify the log or an export: exit 0 intact, 1 tampered, 3 unreadable
  cmpconsole audit redact SEQ --by ADMIN --reason TEXT  erase the text of an SMS kept beside a row of the log; the admin's password is asked for
  cmpconsole audit redact --callback N --by ADMIN --reason TEXT  erase the text of an SMS from a device that callback N brought
  cmpconsole backup FILE                     copy console.db to a new file, also while the console serves; verify the copy

Exit codes: 0 done, 1 failed, 2 the arguments are wrong.
`

// Exit codes. The ones of audit verify are part of its interface, so no mistake in the arguments ends with 1.
const (
	exitOK         = 0
	exitFailed     = 1
	exitUsage      = 2
	exitUnreadable = 3
)

// exitError is an error that asks for its own exit code. Its text was printed already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

var errUsage = errors.New("this command is not known or not complete")

// run does what the arguments ask for and returns the exit code.
func (p program) run(ctx context.Context) int {
	err := p.dispatch(ctx)
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, config.ErrUsage):
		return exitUsage
	case errors.Is(err, errUsage):
		fmt.Fprintf(p.stderr, "cmpconsole: %v\n\n%s", err, usageOf(p.args))
		return exitUsage
	}
	fmt.Fprintf(p.stderr, "cmpconsole: %v\n", err)
	return exitFailed
}

func (p program) dispatch(ctx context.Context) error {
	command, rest := "serve", p.args
	if len(rest) > 0 && (isHelp(rest[0]) || !strings.HasPrefix(rest[0], "-")) {
		command, rest = rest[0], rest[1:]
	}
	grouped := command == "user" || command == "audit" // their flags belong to the commands below them
	switch {
	case isHelp(command):
		return p.help(rest)
	case grouped && len(rest) > 0 && isHelp(rest[0]):
		return p.help(p.args[:1])
	case command == "serve":
		return p.serve(ctx, rest)
	case command == "sandbox":
		return p.sandbox(ctx, rest)
	case command == "user":
		return p.user(ctx, rest)
	case command == "audit":
		return p.audit(ctx, rest)
	case command == "backup":
		return p.backup(ctx, rest)
	}
	return errUsage
}

func isHelp(word string) bool {
	return slices.Contains([]string{"help", "-h", "-help", "--help"}, word)
}

func (p program) help(command []string) error {
	_, err := io.WriteString(p.stdout, usageOf(command))
	return err
}

// usageOf is the part of the usage that is about a command, or all of it when there is no such command.
func usageOf(command []string) string {
	for n := min(2, len(command)); n > 0; n-- {
		prefix, found := "  cmpconsole "+strings.Join(command[:n], " ")+" ", ""
		for line := range strings.Lines(usage) {
			if strings.HasPrefix(line, prefix) {
				found += line
			}
		}
		if found != "" {
			return "Usage:\n" + found
		}
	}
	return usage
}

func (p program) flags(command string) *flag.FlagSet {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(p.stderr)
	flags.Usage = func() {
		fmt.Fprint(p.stderr, usageOf(strings.Fields(command)))
		flags.PrintDefaults()
	}
	return flags
}

// parse reads the flags of a command. A mistake in them is printed by then.
func parse(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return exitError(exitUsage)
}

// parseNames reads the flags of a command that takes so many words besides.
func parseNames(flags *flag.FlagSet, args []string, words int) error {
	if err := parse(flags, args); err != nil {
		return err
	}
	if flags.NArg() != words {
		return errUsage
	}
	return nil
}
