package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/store"
	"cmpconsole/internal/webhook"
)

// redact erases a value that is kept beside a row of the log, or the text that a callback brought, for an admin who gives their password
// and a reason. It works beside a running console.
func (p program) redact(ctx context.Context, args []string) error {
	flags := p.flags("audit redact")
	r := ops.Redaction{}
	by := flags.String("by", "", "name of the admin who erases it; the password is asked for, or read from standard input")
	flags.StringVar(&r.Reason, "reason", "", "why, in 3 to 500 characters; it is kept in the log for good")
	flags.StringVar(&r.Field, "field", ops.TextField, "name of the value")
	callback := flags.Int64("callback", 0, "number of the callback that brought the text, in place of a row")
	flags.BoolVar(&r.Same, "same", false, "erase the same value beside all other rows too")
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		args = append(args[1:len(args):len(args)], args[0])
	}
	if err := parse(flags, args); err != nil {
		return err
	}
	var ok bool
	if r.Seq, ok = redactedRow(flags.Args(), *callback, r); !ok || *by == "" || r.Field == "" {
		return errUsage
	}
	r.Reason = strings.TrimSpace(r.Reason)
	if wrong := ops.CheckReason(r.Reason); wrong != "" {
		return errors.New("--reason: " + wrong)
	}
	if err := p.needDatabase(); err != nil {
		return err
	}
	return p.redactIn(ctx, *by, r, *callback)
}

// redactedRow is the row that is named, or none where a callback is: one of them alone.
func redactedRow(args []string, callback int64, r ops.Redaction) (seq int64, ok bool) {
	if callback != 0 {
		return 0, callback > 0 && len(args) == 0 && !r.Same && r.Field == ops.TextField
	}
	if len(args) != 1 {
		return 0, false
	}
	seq, err := strconv.ParseInt(args[0], 10, 64)
	return seq, err == nil && seq > 0
}

func (p program) redactIn(ctx context.Context, by string, r ops.Redaction, callback int64) (err error) {
	db, err := store.Open(ctx, p.database())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	log := audit.New(db, time.Now)
	who, err := p.adminAtShell(ctx, auth.NewUsers(db, time.Now), log, by)
	if err != nil {
		return err
	}
	eraser := ops.NewEraser(db, log, time.Now, slog.New(slog.DiscardHandler))
	if callback > 0 {
		done, err := eraser.RedactBy(ctx, who, r.Reason, webhook.NewInbox(db, webhook.Options{Log: log, Now: time.Now}).EraseText(callback))
		printErased(p.stdout, callback, done, err == nil)
		return err
	}
	done, err := eraser.Redact(ctx, who, r)
	printRedacted(p.stdout, r, done, err == nil)
	return err
}

// adminAtShell lets a user who may erase prove who they are. A refusal is recorded.
func (p program) adminAtShell(ctx context.Context, users *auth.Users, log *audit.Log, name string) (who ops.Operator, err error) {
	password, err := p.enterPassword()
	if err != nil {
		return who, err
	}
	user, err := users.Authenticate(ctx, name, password, audit.Shell)
	if err == nil {
		who = ops.Operator{Identity: auth.Identity{UserID: user.ID, Name: user.Name, Roles: user.Roles}, IP: audit.Shell}
		if who.Can(auth.AuditRedact) {
			return who, nil
		}
		err = fmt.Errorf("%s is no admin, and only admins may erase", user.Name)
	}
	_, unwritten := log.Append(context.WithoutCancel(ctx), audit.Entry{Actor: who.Name, Roles: who.RoleNames(), Action: audit.AccessDenied, Phase: audit.Event,
		Outcome: audit.Denied, IP: audit.Shell, Detail: []audit.Field{{Key: "wanted", Value: string(audit.AuditRedact)}, {Key: "by", Value: name}, {Key: "why", Value: err.Error()}}})
	return who, errors.Join(err, unwritten)
}

// printRedacted tells what was erased, and where the same still stands. clean says that the files are done too.
func printRedacted(w io.Writer, r ops.Redaction, done ops.Redacted, clean bool) {
	if len(done.Rows) > 0 {
		fmt.Fprintf(w, "The %s beside %s is erased, and that is recorded.\n", r.Field, rowsInWords(done.Rows))
	} else if clean {
		fmt.Fprintf(w, "The %s beside row %d was erased before.\n", r.Field, r.Seq)
	}
	if len(done.Others) > 0 {
		fmt.Fprintf(w, "The same %s still stands beside %s; --same erases it there too.\n", r.Field, rowsInWords(done.Others))
	}
	for _, name := range done.Templates {
		fmt.Fprintf(w, "The template %q has the same text. It stays until somebody changes it.\n", name)
	}
	if clean {
		fmt.Fprintln(w, "Its bytes are gone from the database's files. Backups made before keep it.")
	}
}

// printErased does so of a text that a callback brought.
func printErased(w io.Writer, callback int64, done, clean bool) {
	if done {
		fmt.Fprintf(w, "The text that callback %d brought is erased, in every callback that tells of it and in the message, and that is recorded.\n", callback)
	} else if clean {
		fmt.Fprintf(w, "The text that callback %d brought was erased before.\n", callback)
	}
	if clean {
		fmt.Fprintln(w, "Its bytes are gone from the database's files. Backups made before keep it.")
	}
}

func rowsInWords(rows []int64) string {
	words := make([]string, len(rows))
	for i, seq := range rows {
		words[i] = strconv.FormatInt(seq, 10)
	}
	if len(words) == 1 {
		return "row " + words[0]
	}
	return "rows " + strings.Join(words, ", ")
}
