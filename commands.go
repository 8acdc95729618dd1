package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/config"
	"cmpconsole/internal/store"
)

// sandbox runs the sandbox CMP alone. Keys in the environment turn its check of signatures on.
func (p program) sandbox(ctx context.Context, args []string) error {
	flags := p.flags("sandbox")
	addr := flags.String("addr", "127.0.0.1:8090", "loopback address to listen on; port 0 picks a free one")
	devices := flags.Int("devices", 0, "size of the fleet; 0 for the usual 3000")
	seed := flags.Uint64("seed", 0, "the same number gives the same fleet")
	state := flags.String("state", "", "file that keeps changes over a restart")
	if err := parse(flags, args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return errUsage
	}
	logger := slog.New(slog.NewJSONHandler(p.stderr, nil))
	sim, err := cmpsim.New(cmpsim.Options{Devices: *devices, Seed: *seed, StateFile: *state, Logger: logger,
		AccessKey: p.getenv("CMP_ACCESS_KEY"), SecretKey: p.getenv("CMP_SECRET_KEY")})
	if err != nil {
		return err
	}
	ln, err := cmpsim.Listen(*addr)
	if err != nil {
		return err
	}
	logger.Info("sandbox CMP", "address", "http://"+ln.Addr().String(), "help", "http://"+ln.Addr().String()+"/sandbox/")
	return sim.Serve(ctx, ln)
}

// user manages users from a shell: the only way to the first admin of a real installation.
func (p program) user(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	db, err := store.Open(ctx, filepath.Join(config.DataDir(p.getenv), "console.db"))
	if err != nil {
		return err
	}
	users, log := auth.NewUsers(db, time.Now), audit.New(db, time.Now)
	switch {
	case args[0] == "list" && len(args) == 1:
		err = p.listUsers(ctx, users)
	case args[0] == "add" && len(args) > 1:
		err = p.addUser(ctx, users, log, args[1:])
	case args[0] == "passwd" && len(args) == 2:
		err = p.changePassword(ctx, users, log, args[1])
	default:
		err = errUsage
	}
	return errors.Join(err, db.Close())
}

func (p program) listUsers(ctx context.Context, users *auth.Users) error {
	list, err := users.List(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tROLES\tCREATED\tLAST SIGN-IN")
	for _, u := range list {
		last := "never"
		if !u.LastLogin.IsZero() {
			last = u.LastLogin.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", u.Name, auth.Identity{Roles: u.Roles}.RoleNames(), u.Created.UTC().Format(time.RFC3339), last)
	}
	return table.Flush()
}

// addUser takes the name before or after the flag.
func (p program) addUser(ctx context.Context, users *auth.Users, log *audit.Log, args []string) error {
	flags := p.flags("user add")
	roles := flags.String("roles", "", "comma separated: support, manager, auditor, admin")
	if args[0] != "" && args[0][0] != '-' {
		args = append(args[1:len(args):len(args)], args[0])
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errUsage
	}
	parsed, err := auth.ParseRoles(*roles)
	if err != nil {
		return err
	}
	password, err := p.askPassword()
	if err != nil {
		return err
	}
	u, err := users.Create(ctx, flags.Arg(0), parsed, password, recordUser(ctx, log, audit.UserCreate))
	if err == nil {
		fmt.Fprintf(p.stdout, "User %s added.\n", u.Name)
	}
	return err
}

func (p program) changePassword(ctx context.Context, users *auth.Users, log *audit.Log, name string) error {
	password, err := p.askPassword()
	if err != nil {
		return err
	}
	if err := users.SetPassword(ctx, name, password, recordUser(ctx, log, audit.UserPassword)); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "Password of %s set; their sessions have ended.\n", name)
	return nil
}

// askPassword asks twice without echo at a terminal, and reads one line from anything else.
func (p program) askPassword() (string, error) {
	file, ok := p.stdin.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		line, err := bufio.NewReader(p.stdin).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	first, err := p.promptPassword(file, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := p.promptPassword(file, "Once more: ")
	if err == nil && first != second {
		err = errors.New("the two passwords differ; nothing was changed")
	}
	return first, err
}

func (p program) promptPassword(file *os.File, prompt string) (string, error) {
	fmt.Fprint(p.stderr, prompt)
	b, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(p.stderr)
	return string(b), err
}

func (p program) flags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(p.stderr)
	return flags
}

// parse reads the flags of a command. A mistake in them is printed by then; it must not end with code 1, which
// would say of an audit log that it was tampered with.
func parse(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return exitError(exitUsage)
}
