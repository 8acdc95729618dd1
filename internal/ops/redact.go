package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// smsForm is the address of the form in which texts are typed. A session that ends keeps what was typed there.
const smsForm = "/sms/new"

// Eraser erases values that are kept beside rows of the log. The CMP is not asked: what it has it keeps.
type Eraser struct {
	db     *store.DB
	log    *audit.Log
	now    func() time.Time
	logger *slog.Logger

	mu            sync.Mutex
	begun, failed time.Time // see Freeing
	next          time.Time // before which Run does not try
	ours          int64     // up to which scrub that was asked for nobody but Run does it
}

// NewEraser returns an eraser for the database and its log.
func NewEraser(db *store.DB, log *audit.Log, now func() time.Time, logger *slog.Logger) *Eraser {
	return &Eraser{db: db, log: log, now: now, logger: logger}
}

// Redaction asks for the erasure of a value beside a row, and, when Same is set, of the same value beside others.
type Redaction struct {
	Seq           int64
	Field, Reason string
	Same          bool
}

// Redacted is what an erasure came to.
type Redacted struct {
	Rows      []int64  // beside which the value was erased; none when that was done before
	Others    []int64  // beside which the same value still stands
	Templates []string // whose text it is too
}

// Redact erases a value and records that, then cleans the database's files of its bytes, which takes a while. An error
// before that says that nothing was erased. When the files cannot be cleaned it returns what was erased together with
// the error, and asking for the same again finishes it, as Run does.
func (e *Eraser) Redact(ctx context.Context, who Operator, r Redaction) (Redacted, error) {
	done, _, err := e.redact(ctx, who, r)
	if err != nil {
		return done, err
	}
	return done, e.freeNow(ctx, r.Field)
}

// freeNow frees the bytes of a value that was just erased.
func (e *Eraser) freeNow(ctx context.Context, field string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), scrubTime)
	defer cancel()
	if err := e.free(ctx); err != nil {
		return fault.Wrap(fault.Unavailable, err, "The "+field+" is erased, and that is recorded, but the database is busy, so bytes of it may be left in its files. Ask for the same again to finish.")
	}
	return nil
}

// Erase erases a value and records that. Its bytes leave the files when Run has come to it; Freeing tells how far that
// is. An error says that nothing was erased.
func (e *Eraser) Erase(ctx context.Context, who Operator, r Redaction) error {
	_, asked, err := e.redact(ctx, who, r)
	if err == nil {
		e.promise(asked)
	}
	return err
}

// redact erases a value, and owes the scrub of that number.
func (e *Eraser) redact(ctx context.Context, who Operator, r Redaction) (done Redacted, asked int64, err error) {
	if err := mayErase(who, r.Reason); err != nil {
		return done, 0, err
	}
	row, err := e.log.Get(ctx, r.Seq)
	if err != nil {
		return done, 0, err
	}
	asked, err = e.write(ctx, func(tx *sql.Tx) error {
		done, err = e.redactTx(ctx, tx, who, row, r)
		return err
	})
	if err != nil {
		return Redacted{}, 0, err
	}
	return done, asked, nil
}

func mayErase(who Operator, reason string) error {
	if !who.Can(auth.AuditRedact) {
		return fault.New(fault.Forbidden, "Your role does not allow this. It needs "+holders(auth.AuditRedact)+".")
	}
	if wrong := CheckReason(reason); wrong != "" {
		return fault.New(fault.Invalid, wrong)
	}
	return nil
}

// write erases, and owes the scrub of the number that it returns.
func (e *Eraser) write(ctx context.Context, erase func(*sql.Tx) error) (asked int64, err error) {
	err = e.db.Write(ctx, func(tx *sql.Tx) error {
		if err := erase(tx); err != nil {
			return err
		}
		asked, err = e.owe(ctx, tx)
		return err
	})
	if _, told := errors.AsType[*fault.Error](err); err != nil && !told {
		err = fault.Wrap(fault.Unavailable, err, "This could not be recorded, so nothing was erased. Try again when the database takes writes.")
	}
	return asked, err
}

func (e *Eraser) redactTx(ctx context.Context, tx *sql.Tx, who Operator, row audit.Row, r Redaction) (done Redacted, err error) {
	value, err := e.erase(ctx, tx, who, row, r)
	if errors.Is(err, audit.ErrErased) {
		return done, nil // the files may be left to clean
	}
	if err != nil {
		return done, err
	}
	done.Rows = []int64{r.Seq}
	if done.Others, err = keeping(ctx, tx, r.Field, value); err != nil {
		return done, err
	}
	if r.Same {
		if err := e.eraseAll(ctx, tx, who, done.Others, r); err != nil {
			return done, err
		}
		done.Rows, done.Others = append(done.Rows, done.Others...), nil
		slices.Sort(done.Rows)
	}
	done.Templates, err = e.tidy(ctx, tx, row, value)
	return done, err
}

// erase erases the value beside one row and returns it.
func (e *Eraser) erase(ctx context.Context, tx *sql.Tx, who Operator, row audit.Row, r Redaction) (string, error) {
	entry := who.Entry(audit.AuditRedact, audit.Event)
	entry.Device, entry.Order, entry.Reason = row.Device, row.Order, r.Reason
	value, err := e.log.RedactTx(ctx, tx, row.Seq, r.Field, entry)
	if !errors.Is(err, audit.ErrNoSecret) {
		return value, err
	}
	text, found, err := draftOf(ctx, tx, row.Get("action_id"))
	switch {
	case err != nil:
		return "", err
	case !found || r.Field != TextField || row.Action != audit.SMSSend || row.Phase == audit.PhaseOutcome:
		return "", noSecret(row, r.Field)
	}
	if _, err := e.log.RecordRedactionTx(ctx, tx, row.Seq, r.Field, entry); err != nil {
		return "", err
	}
	return text, emptyDraft(ctx, tx, row.Get("action_id"), row.Seq)
}

// Same returns the other rows beside which the very value of row seq is kept, oldest first; none when it keeps none. It
// reads every value.
func (e *Eraser) Same(ctx context.Context, seq int64, field string) ([]int64, error) {
	value, ok, err := e.log.Secret(ctx, seq, field)
	if err != nil || !ok {
		return nil, err
	}
	rows, err := keeping(ctx, e.db.Read(), field, value)
	return slices.DeleteFunc(rows, func(other int64) bool { return other == seq }), err
}

// keeping returns the rows that have the very value beside them, oldest first. Messages that an older version has sent
// keep it themselves.
func keeping(ctx context.Context, q store.Querier, field, value string) ([]int64, error) {
	rows, err := audit.Holders(ctx, q, field, value)
	if err != nil || field != TextField {
		return rows, err
	}
	older, err := olderRows(ctx, q, value)
	rows = append(rows, older...)
	slices.Sort(rows)
	return rows, err
}

// eraseAll erases the same value beside other rows.
func (e *Eraser) eraseAll(ctx context.Context, tx *sql.Tx, who Operator, rows []int64, r Redaction) error {
	for _, seq := range rows {
		row, err := e.log.Get(ctx, seq)
		if err == nil {
			_, err = e.erase(ctx, tx, who, row, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tidy erases the value where it stands besides: in previews and forms that nobody has sent. It names the templates
// that have it, which are nobody's message and stay.
func (e *Eraser) tidy(ctx context.Context, tx *sql.Tx, row audit.Row, value string) ([]string, error) {
	if err := forgetDrafts(ctx, tx, value, row.Get("action_id")); err != nil {
		return nil, err
	}
	if err := auth.ForgetForm(ctx, tx, smsForm); err != nil {
		return nil, err
	}
	return templatesOf(ctx, tx, value)
}

func noSecret(row audit.Row, field string) error {
	text := fmt.Sprintf("Row %d keeps no %s that could be erased.", row.Seq, field)
	if row.Of > 0 && row.Action != audit.AuditRedact {
		text += fmt.Sprintf(" What belongs to the action is kept beside its intent, row %d.", row.Of)
	}
	return fault.New(fault.NotFound, text)
}
