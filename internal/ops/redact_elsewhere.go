package ops

import (
	"context"
	"database/sql"

	"cmpconsole/internal/audit"
)

// Erasing erases a text that is kept elsewhere than beside a row of the log, such as that of an SMS from a device, and records it by the
// entry, both in the transaction. It tells whether there was one left to erase.
type Erasing func(ctx context.Context, tx *sql.Tx, e audit.Entry) (bool, error)

// RedactBy is Redact for a text that is kept elsewhere.
func (e *Eraser) RedactBy(ctx context.Context, who Operator, reason string, erase Erasing) (done bool, err error) {
	if done, _, err = e.redactBy(ctx, who, reason, erase); err != nil {
		return done, err
	}
	return done, e.freeNow(ctx, TextField)
}

// EraseBy is Erase for a text that is kept elsewhere.
func (e *Eraser) EraseBy(ctx context.Context, who Operator, reason string, erase Erasing) error {
	_, asked, err := e.redactBy(ctx, who, reason, erase)
	if err == nil {
		e.promise(asked)
	}
	return err
}

func (e *Eraser) redactBy(ctx context.Context, who Operator, reason string, erase Erasing) (done bool, asked int64, err error) {
	if err := mayErase(who, reason); err != nil {
		return false, 0, err
	}
	entry := who.Entry(audit.AuditRedact, audit.Event)
	entry.Reason = reason
	asked, err = e.write(ctx, func(tx *sql.Tx) error {
		done, err = erase(ctx, tx, entry)
		return err
	})
	return done && err == nil, asked, err
}
