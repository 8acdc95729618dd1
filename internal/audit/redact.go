package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// erased is the detail that names the value which an audit.redact row erased; its Of is the row that committed to it.
const erased = "field"

// Why a value cannot be erased.
var (
	// ErrNoSecret says that the row commits to no value of this name.
	ErrNoSecret = errors.New("the row commits to no such value")
	// ErrErased says that the value was erased before.
	ErrErased = errors.New("the value was erased before")
)

// RedactTx erases the value that is kept beside row seq under a name and returns it. The entry, which says who and
// why, becomes the row that tells of it. Only what matches the row's commitment is erased: what somebody changed is
// evidence. It fails with ErrNoSecret, ErrErased, or a fault when row or value are not what they were.
// The bytes are gone from the files after store.DB.Scrub only.
func (l *Log) RedactTx(ctx context.Context, tx *sql.Tx, seq int64, field string, e Entry) (string, error) {
	r, err := selectIntact(ctx, tx, seq)
	if err != nil {
		return "", err
	}
	kept, err := selectSecret(ctx, tx, seq, field)
	if err != nil {
		return "", err
	}
	if kept == nil {
		return "", whyNone(ctx, tx, &r, field)
	}
	if !kept.fits(&r) {
		return "", fault.New(fault.Conflict, fmt.Sprintf("The %s beside row %d is not what the row commits to, so somebody has changed it. Nothing was erased: it is evidence.", field, seq))
	}
	if _, err := l.RecordRedactionTx(ctx, tx, seq, field, e); err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM audit_secret WHERE seq = ? AND field = ?`, seq, field); err != nil {
		return "", fmt.Errorf("erase the %s of row %d: %w", field, seq, err)
	}
	return string(kept.value), nil
}

// RecordRedactionTx writes the row that tells that a value of row seq was erased, for a value that is kept elsewhere, and returns its
// number. Of a value that no row commits to seq is 0.
func (l *Log) RecordRedactionTx(ctx context.Context, tx *sql.Tx, seq int64, field string, e Entry) (int64, error) {
	e.Action, e.Phase, e.Outcome, e.Of = AuditRedact, Event, OK, seq
	e.Detail = append([]Field{{erased, field}}, e.Detail...)
	return l.AppendTx(ctx, tx, e)
}

// whyNone tells a value that was erased from one that never was, and from one that went without a word.
func whyNone(ctx context.Context, q store.Querier, r *Row, field string) error {
	told, err := redaction(ctx, q, r.Seq, field)
	if err != nil {
		return err
	}
	if told != nil {
		return ErrErased
	}
	if _, ok := r.Commitment(field); !ok {
		return ErrNoSecret
	}
	return fault.New(fault.Conflict, fmt.Sprintf("The %s beside row %d is gone, and no row says that it was erased. Let the log be verified.", field, r.Seq))
}

// selectIntact returns a row that still is what was hashed.
func selectIntact(ctx context.Context, q store.Querier, seq int64) (Row, error) {
	var body, prev, hash []byte
	err := q.QueryRowContext(ctx, `SELECT body, prev_hash, hash FROM audit WHERE seq = ?`, seq).Scan(&body, &prev, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Row{}, fault.New(fault.NotFound, "The audit log has no such row.")
	}
	if err != nil {
		return Row{}, fmt.Errorf("read row %d: %w", seq, err)
	}
	own, _ := rowHash(nil, seq, prev, body)
	r, err := parseBody(body)
	if err != nil || r.Seq != seq || !bytes.Equal(own[:], hash) {
		return Row{}, fault.New(fault.Conflict, fmt.Sprintf("Row %d was changed, so it does not say what may be erased. Nothing was erased: it is evidence.", seq))
	}
	return r, nil
}

// Redaction returns the row that tells who erased a value of row seq, and why; nil when nobody did.
func (l *Log) Redaction(ctx context.Context, seq int64, field string) (*Row, error) {
	return redaction(ctx, l.db.Read(), seq, field)
}

func redaction(ctx context.Context, q store.Querier, seq int64, field string) (*Row, error) {
	told, err := selectRows(ctx, q, ` INDEXED BY audit_of WHERE of = ? AND action = ? AND outcome = ? ORDER BY seq`, seq, AuditRedact, OK)
	for _, r := range told {
		if r.Get(erased) == field {
			return &r, nil
		}
	}
	return nil, err
}

// LastRedaction is the number of the newest row that tells of an erasure, 0 when none does.
func LastRedaction(ctx context.Context, q store.Querier) (seq int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM audit WHERE action = ?`, AuditRedact).Scan(&seq)
	return seq, err
}

// WithDetail returns the rows of an action on a device that know the value under a name, oldest first, outcomes left out:
// their intents know it too.
func WithDetail(ctx context.Context, q store.Querier, action Action, device, name, value string) (rows []int64, err error) {
	found, err := selectRows(ctx, q, ` INDEXED BY audit_device WHERE device = ? AND action = ? AND phase <> ? ORDER BY seq`, device, action, PhaseOutcome)
	for _, r := range found {
		if r.Get(name) == value {
			rows = append(rows, r.Seq)
		}
	}
	return rows, err
}

// Holders returns the rows beside which this very value is kept under the name, oldest first. It reads every value.
func Holders(ctx context.Context, q store.Querier, field, value string) (rows []int64, err error) {
	found, err := q.QueryContext(ctx, `SELECT seq FROM audit_secret WHERE field = ? AND value = ? ORDER BY seq`, field, []byte(value))
	if err != nil {
		return nil, fmt.Errorf("look for the same %s: %w", field, err)
	}
	defer found.Close()
	for found.Next() {
		var seq int64
		if err := found.Scan(&seq); err != nil {
			return nil, fmt.Errorf("look for the same %s: %w", field, err)
		}
		rows = append(rows, seq)
	}
	return rows, found.Err()
}
