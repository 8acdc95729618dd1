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
	"syscall"
	_ "time/tzdata" // zones of operators, on machines that have none installed
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
  cmpconsole sandbox [--addr HOST:PORT]      run the sandbox CMP alone, on loopback
  cmpconsole user add NAME --roles ROLES     add a user; the password is asked for, or read from standard input
  cmpconsole user passwd NAME                set a user's password and end their sessions
  cmpconsole user list                       list the users
  cmpconsole audit verify [--db FILE]        verify the audit log: exit 0 intact, 1 tampered, 3 unreadable
`

// Exit codes. The ones of audit verify are part of its interface.
const (
	exitOK         = 0
	exitFailed     = 1
	exitUsage      = 2
	exitUnreadable = 3
)

// exitError is an error that asks for its own exit code. Its text was printed already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// run does what the arguments ask for and returns the exit code.
func (p program) run(ctx context.Context) int {
	err := p.dispatch(ctx)
	if code, ok := errors.AsType[exitError](err); ok {
		return int(code)
	}
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitOK
	case errors.Is(err, errUsage):
		fmt.Fprintf(p.stderr, "cmpconsole: %v\n\n%s", err, usage)
		return exitUsage
	}
	fmt.Fprintf(p.stderr, "cmpconsole: %v\n", err)
	return exitFailed
}

var errUsage = errors.New("this command is not known or not complete")

func (p program) dispatch(ctx context.Context) error {
	command, rest := "serve", p.args
	if len(rest) > 0 && rest[0] != "" && rest[0][0] != '-' {
		command, rest = rest[0], rest[1:]
	}
	switch command {
	case "serve":
		return p.serve(ctx, rest)
	case "sandbox":
		return p.sandbox(ctx, rest)
	case "user":
		return p.user(ctx, rest)
	case "audit":
		return p.audit(ctx, rest)
	case "help":
		_, err := io.WriteString(p.stdout, usage)
		return err
	}
	return errUsage
}
