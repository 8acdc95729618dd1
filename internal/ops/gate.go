package ops

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// minRoom is the free space below which no change begins, in bytes: its outcome must have room too.
const minRoom = 256 << 20

// Gate closes the way to the CMP for every change while its record could not be trusted or kept, or somebody has
// closed it. Reads go on.
type Gate struct {
	db    *store.DB
	log   *audit.Log
	state func() audit.State
	room  func() (uint64, error)
	fixed bool
	now   func() time.Time
}

// NewGate returns the gate. state is what is known of the log, room the free space where the data stand, and fixed
// keeps the gate closed by a setting.
func NewGate(db *store.DB, log *audit.Log, state func() audit.State, room func() (uint64, error), fixed bool, now func() time.Time) *Gate {
	return &Gate{db: db, log: log, state: state, room: room, fixed: fixed, now: now}
}

// The switches that a person can set.
const (
	readOnly      = "read_only"
	acceptedBreak = "accepted_break"
)

// Switch is what a person has set, and why.
type Switch struct {
	Value, Actor, Reason string
	At                   time.Time
}

// Status is what the gate goes by.
type Status struct {
	Closed   string // why no change is sent, empty when changes are
	Fixed    bool   // closed by the setting CONSOLE_READ_ONLY
	ReadOnly Switch // closed by a person; Value is empty when it is not
	Broken   string // what is wrong with the audit log, or why it cannot be verified
	Mark     string // which tells that from any other fault
	Accepted Switch // who last took note of a fault of the log, to go on
	Known    bool   // it was the fault that the log has now
}

// Closed says why no change is sent now, empty when changes are.
// It goes by what q sees: inside a transaction that writes, by what nobody can change before it commits.
func (g *Gate) Closed(ctx context.Context, q store.Querier) string { return g.status(ctx, q).Closed }

// Status tells what the gate goes by. What cannot be read closes it.
func (g *Gate) Status(ctx context.Context) Status { return g.status(ctx, g.db.Lookup()) }

func (g *Gate) status(ctx context.Context, q store.Querier) (s Status) {
	s.Fixed = g.fixed
	set, err := selectSwitches(ctx, q)
	s.ReadOnly, s.Accepted = set[readOnly], set[acceptedBreak]
	state := g.state()
	if state.Mark != "" {
		s.Broken, s.Mark, s.Known = state.Text, state.Mark, state.Mark == s.Accepted.Value
	}
	free, noRoom := g.room()
	switch {
	case s.Fixed:
		s.Closed = "This console is set to read-only (CONSOLE_READ_ONLY), so it sends no changes."
	case err != nil:
		s.Closed = "The database does not answer, so no change could be recorded."
	case s.ReadOnly.Value != "":
		s.Closed = "This console was set to read-only by " + s.ReadOnly.Actor + ": " + s.ReadOnly.Reason
	case s.Broken != "" && !s.Known && state.Verdict == audit.Unverified:
		s.Closed = "The audit log could not be verified for some minutes, so no changes are sent until an administrator has looked at it."
	case s.Broken != "" && !s.Known:
		s.Closed = "The audit log does not verify, so no changes are sent until an administrator has looked at it."
	case noRoom != nil:
		s.Closed = "The free space on the disk could not be read, so no changes are sent."
	case free < minRoom:
		s.Closed = fmt.Sprintf("The disk has %d MB left, and at least %d MB are kept for the audit log, so no changes are sent.", free>>20, minRoom>>20)
	}
	return s
}

// SetReadOnly closes the gate, or opens it again, for a reason.
func (g *Gate) SetReadOnly(ctx context.Context, who Operator, closed bool, reason string) error {
	value, action := "", audit.SystemWritable
	if closed {
		value, action = "yes", audit.SystemReadOnly
	}
	return g.set(ctx, who, readOnly, value, value, action, reason)
}

// AcceptBreak lets changes through in spite of what is wrong with the log, which the mark tells as the person has read
// it; anything else that is found, meanwhile or later, closes the gate again.
func (g *Gate) AcceptBreak(ctx context.Context, who Operator, mark, reason string) error {
	switch state := g.state(); state.Mark {
	case "":
		return fault.New(fault.Conflict, "Nothing is known to be wrong with the audit log.")
	case mark:
		return g.set(ctx, who, acceptedBreak, mark, state.Text, audit.AuditAccept, reason)
	}
	return fault.New(fault.Conflict, "Something else is wrong with the audit log than when you opened this page. Read it before you decide.")
}

// set writes a switch and its row, which says what the value means.
func (g *Gate) set(ctx context.Context, who Operator, name, value, means string, action audit.Action, reason string) error {
	if !who.Can(auth.SystemManage) {
		return fault.New(fault.Forbidden, "Your role does not allow this. It needs "+holders(auth.SystemManage)+".")
	}
	if wrong := CheckReason(reason); wrong != "" {
		return fault.New(fault.Invalid, wrong)
	}
	err := g.db.Write(ctx, func(tx *sql.Tx) error {
		e := who.Entry(action, audit.Event)
		e.Outcome, e.Reason = audit.OK, reason
		if means != "" {
			e.Detail = []audit.Field{{Key: name, Value: means}}
		}
		if _, err := g.log.AppendTx(ctx, tx, e); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO switch (name, value, actor, reason, set_at) VALUES (?1, ?2, ?3, ?4, ?5)
			ON CONFLICT (name) DO UPDATE SET value = ?2, actor = ?3, reason = ?4, set_at = ?5`, name, value, who.Name, reason, g.now().UnixMicro())
		return err
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "This could not be recorded, so nothing was changed. Try again when the database takes writes.")
	}
	return nil
}

// selectSwitches reads those that were ever set, by name: there are two.
func selectSwitches(ctx context.Context, q store.Querier) (map[string]Switch, error) {
	rows, err := q.QueryContext(ctx, `SELECT name, value, actor, reason, set_at FROM switch`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	set := map[string]Switch{}
	for rows.Next() {
		var name string
		var s Switch
		var at int64
		if err := rows.Scan(&name, &s.Value, &s.Actor, &s.Reason, &at); err != nil {
			return nil, err
		}
		s.At = time.UnixMicro(at).UTC()
		set[name] = s
	}
	return set, rows.Err()
}
