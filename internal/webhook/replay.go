package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
)

// Replay has a callback processed again, and records who asked for it in the same transaction. It tells whether it will be: one that
// waits already, or that can be read no better than before, stays as it is and leaves no row.
func (i *Inbox) Replay(ctx context.Context, id int64, e audit.Entry) (again bool, err error) {
	ctx = context.WithoutCancel(ctx) // what is recorded is done
	err = i.db.Write(ctx, func(tx *sql.Tx) error {
		p, err := i.replayable(ctx, tx, id)
		if err != nil || p.State != New {
			return err
		}
		again = true
		e.Device, e.Detail = p.device(), append(e.Detail, audit.Field{Key: "push", Value: strconv.FormatInt(p.ID, 10)})
		if p.Kind == OrderStatus {
			e.Order = p.Subject
		}
		if _, err := i.Log.AppendTx(ctx, tx, e); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE push SET state = ?, due = 0, tries = 0, done = NULL, device = ?, subject = ?, wrong = '' WHERE id = ?`, New, p.Device, p.Subject, id)
		return err
	})
	if _, told := errors.AsType[*fault.Error](err); told {
		return false, err
	}
	if err != nil {
		return false, fault.Wrap(fault.Unavailable, err, "The callback could not be put back to be processed again. Nothing was changed.")
	}
	return again, nil
}

// replayable returns the callback as it is to be processed, in the state New; in another one there is nothing to do. What could
// not be read is read anew, since the console may have learned to.
func (i *Inbox) replayable(ctx context.Context, tx *sql.Tx, id int64) (Push, error) {
	found, err := selectPushes(ctx, tx, `WHERE id = ?`, id)
	if err != nil {
		return Push{}, err
	}
	if len(found) == 0 {
		return Push{}, errNoPush
	}
	p := found[0]
	newer, err := newerOf(ctx, tx, p)
	if err != nil {
		return Push{}, err
	}
	switch {
	case newer != 0:
		return Push{}, fault.New(fault.Conflict, fmt.Sprintf("The same callback came again later, as number %d, which stands for this one. Have that one processed.", newer))
	case p.State == New:
		p.State = Done // nothing is to be done
	case p.State == Unreadable:
		p.State = New
		p.read()
	default:
		p.State = New
	}
	return p, nil
}

// device is the device that a callback is about, as far as that is known.
func (p *Push) device() string {
	if p.Holder != "" {
		return p.Holder
	}
	return p.Device
}
