package main

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/config"
	"cmpconsole/internal/store"
)

// user manages users from a shell: the only way to the first admin of a real installation.
func (p program) user(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "list":
		return p.listUsers(ctx, args[1:])
	case "add":
		return p.addUser(ctx, args[1:])
	case "passwd":
		return p.changePassword(ctx, args[1:])
	}
	return errUsage
}

func (p program) listUsers(ctx context.Context, args []string) error {
	if err := parseNames(p.flags("user list"), args, 0); err != nil {
		return err
	}
	if err := p.needDatabase(); err != nil {
		return err
	}
	return p.withUsers(ctx, func(users *auth.Users, _ *audit.Log) error {
		list, err := users.List(ctx)
		if err != nil {
			return err
		}
		return printUsers(p.stdout, list)
	})
}

func printUsers(w io.Writer, list []auth.User) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
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

// addUser takes the name before or after the flag. It alone may make a new database: it makes the first user.
func (p program) addUser(ctx context.Context, args []string) error {
	flags := p.flags("user add")
	names := flags.String("roles", "", "comma separated: support, manager, auditor, admin")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = append(args[1:len(args):len(args)], args[0])
	}
	if err := parseNames(flags, args, 1); err != nil {
		return err
	}
	if *names == "" {
		return errUsage
	}
	roles, err := auth.ParseRoles(*names)
	if err != nil {
		return err
	}
	return p.withUsers(ctx, func(users *auth.Users, log *audit.Log) error {
		password, err := p.askPassword()
		if err != nil {
			return err
		}
		u, err := users.Create(ctx, flags.Arg(0), roles, password, recordUser(ctx, log, audit.UserCreate))
		if err == nil {
			fmt.Fprintf(p.stdout, "User %s added.\n", u.Name)
		}
		return err
	})
}

func (p program) changePassword(ctx context.Context, args []string) error {
	flags := p.flags("user passwd")
	if err := parseNames(flags, args, 1); err != nil {
		return err
	}
	if err := p.needDatabase(); err != nil {
		return err
	}
	return p.withUsers(ctx, func(users *auth.Users, log *audit.Log) error {
		password, err := p.askPassword()
		if err != nil {
			return err
		}
		name := flags.Arg(0)
		if err := users.SetPassword(ctx, name, password, recordUser(ctx, log, audit.UserPassword)); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "Password of %s set; their sessions have ended.\n", name)
		return nil
	})
}

// database is the file that the commands beside a running console work on.
func (p program) database() string {
	return config.Config{DataDir: config.DataDir(p.getenv)}.Database()
}

// needDatabase keeps a command that asks about users from making an empty database in the wrong directory.
func (p program) needDatabase() error {
	_, err := os.Stat(p.database())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database at %s; set CONSOLE_DATA_DIR to the console's data directory, or make the first user: cmpconsole user add NAME --roles admin", p.database())
	}
	return err
}

func (p program) withUsers(ctx context.Context, do func(*auth.Users, *audit.Log) error) error {
	db, err := store.Open(ctx, p.database())
	if err != nil {
		return err
	}
	return errors.Join(do(auth.NewUsers(db, time.Now), audit.New(db, time.Now)), db.Close())
}

// recordUser writes what was done to a user from the shell or by the demo, in the transaction that does it.
func recordUser(ctx context.Context, log *audit.Log, action audit.Action) func(*sql.Tx, auth.User) error {
	return func(tx *sql.Tx, u auth.User) error {
		_, err := log.AppendTx(ctx, tx, audit.Entry{Actor: audit.Shell, Action: action, Phase: audit.Event, Outcome: audit.OK,
			Detail: []audit.Field{{Key: "user", Value: u.Name}, {Key: "roles", Value: auth.Identity{Roles: u.Roles}.RoleNames()}}})
		return err
	}
}

// askPassword asks twice without echo at a terminal, and reads one line from anything else.
func (p program) askPassword() (string, error) {
	file, ok := p.terminal()
	if !ok {
		return p.passwordLine()
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

// enterPassword asks for a password that is known already, once.
func (p program) enterPassword() (string, error) {
	if file, ok := p.terminal(); ok {
		return p.promptPassword(file, "Password: ")
	}
	return p.passwordLine()
}

// terminal is standard input when a person sits at it.
func (p program) terminal() (*os.File, bool) {
	file, ok := p.stdin.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}

func (p program) passwordLine() (string, error) {
	line, err := bufio.NewReader(p.stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (p program) promptPassword(file *os.File, prompt string) (string, error) {
	fmt.Fprint(p.stderr, prompt)
	b, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(p.stderr)
	return string(b), err
}
