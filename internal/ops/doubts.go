package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
)

// Verdicts are what a person may say of an action in doubt, the most hopeful first.
func Verdicts() []State { return []State{EffectPresent, EffectAbsent, Undetermined} }

// Settlement is what a person says of an action in doubt that reads could not settle, and what that rests on.
type Settlement struct {
	ActionID string
	Verdict  State
	Reason   string
}

// SettlementError says which field of a settlement is wrong, and how to mend it. Nothing was settled.
type SettlementError struct{ Verdict, Reason string }

func (e *SettlementError) Error() string { return e.Verdict + " " + e.Reason }

func (e *SettlementError) Unwrap() error { return fault.New(fault.Invalid, e.Error()) }

var errSettled = fault.New(fault.Conflict, "This was settled meanwhile, as shown below. Nothing was changed.")

func (s Settlement) check() error {
	e := SettlementError{Reason: CheckReason(s.Reason)}
	if !slices.Contains(Verdicts(), s.Verdict) {
		e.Verdict = "Choose what became of the change."
	}
	if e == (SettlementError{}) {
		return nil
	}
	return &e
}

// Doubts returns the actions whose outcome is not known, 200 at most: first those that wait for a person, then the oldest.
func (o *Actions) Doubts(ctx context.Context) ([]Action, error) {
	return selectActions(ctx, o.db.Read(), `WHERE state IN ('unknown', 'dispatched') ORDER BY task_at IS NULL, intent_seq LIMIT 200`)
}

// CountDoubts tells how many of all those wait for a person, and how many for reads.
func (o *Actions) CountDoubts(ctx context.Context) (tasks, waiting int, err error) {
	err = o.db.Read().QueryRowContext(ctx, `SELECT count(task_at), count(*) - count(task_at) FROM action WHERE state IN ('unknown', 'dispatched')`).Scan(&tasks, &waiting)
	if err != nil {
		err = fmt.Errorf("count actions in doubt: %w", err)
	}
	return tasks, waiting, err
}

// Doubt returns one action that was in doubt once, after one more read of what it was about, which may settle it.
// seen is what that read found, empty when it failed; the error says that the action itself could not be had.
func (o *Actions) Doubt(ctx context.Context, id string) (a Action, seen string, err error) {
	if a, err = o.doubted(ctx, id); err != nil || a.State != Unknown {
		return a, "", err
	}
	reading, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	asked := o.now()
	state, err := o.readState(reading, a)
	if err != nil {
		o.logger.Warn("an action in doubt could not be looked at", "action", a.ID, "err", err)
		return a, "", nil
	}
	if _, err := o.observe(ctx, a.rule().subject(a), is(state), asked); err != nil {
		o.logger.Error("what was read of an action in doubt could not be recorded", "action", a.ID, "err", err)
	}
	a, err = o.doubted(ctx, id)
	return a, state, err
}

func (o *Actions) doubted(ctx context.Context, id string) (Action, error) {
	a, err := selectAction(ctx, o.db.Read(), `WHERE id = ?`, id)
	if err != nil {
		return Action{}, fault.Wrap(fault.Unavailable, err, "The database did not answer.")
	}
	if a == nil || a.Outcome() != audit.Unknown {
		return Action{}, fault.New(fault.NotFound, "There is no action of this id whose outcome was ever unknown.")
	}
	return *a, nil
}

// Settle ends a doubt by a person's word, for a reason: only one that reads could not settle within a day or cannot
// settle at all. It sends nothing; what it was about takes changes again. An error means that nothing was settled.
func (o *Actions) Settle(ctx context.Context, who Operator, s Settlement) (Action, error) {
	if !who.Can(auth.DoubtsSettle) {
		return Action{}, fault.New(fault.Forbidden, "Your role does not allow this. It needs "+holders(auth.DoubtsSettle)+".")
	}
	a, err := o.doubted(ctx, s.ActionID)
	if err != nil {
		return Action{}, err
	}
	if !a.InDoubt() {
		return a, errSettled
	}
	if a.State != Unknown || a.Task.IsZero() {
		return a, fault.New(fault.Conflict, "The console is still reading what became of this. A person can settle it when reads have not within a day, or cannot.")
	}
	if err := s.check(); err != nil {
		return a, err
	}
	a.SettledBy, a.SettledWhy = who.Name, s.Reason
	e := a.doubtEntry(who, a.rule().settled, string(s.Verdict))
	e.Reason = s.Reason
	ctx = context.WithoutCancel(ctx)
	err = o.db.Write(ctx, func(tx *sql.Tx) error { return o.settle(ctx, tx, a, s.Verdict, e) })
	switch {
	case errors.Is(err, errMoved):
		return a, errSettled
	case err != nil:
		return a, fault.Wrap(fault.Unavailable, err, "This could not be recorded, so nothing was settled. Try again when the database takes writes.")
	}
	o.tell(a)
	return o.doubted(ctx, a.ID)
}
