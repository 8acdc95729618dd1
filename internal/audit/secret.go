package audit

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"cmpconsole/internal/store"
)

// saltSize is that of each value's own salt, in bytes. One salt for all would let whoever has the database guess
// short values, such as phone numbers, and one that is erased leaves a commitment that nobody can guess at.
const saltSize = 32

// secret is a value that is kept beside a row, with the salt of the commitment in the row.
type secret struct {
	seq         int64
	field       string
	salt, value []byte
}

// commitment is HMAC-SHA-256(salt, field ‖ zero byte ‖ value), in hexadecimal.
func (s secret) commitment() string {
	mac := hmac.New(sha256.New, s.salt)
	mac.Write([]byte(s.field))
	mac.Write([]byte{0})
	mac.Write(s.value)
	return hex.EncodeToString(mac.Sum(nil))
}

// fits tells whether a row commits to the secret.
func (s secret) fits(r *Row) bool {
	want, ok := r.Commitment(s.field)
	return ok && want == s.commitment()
}

// Commitment returns what the row committed to under a name, in hexadecimal; false when it has none.
func (r *Row) Commitment(field string) (string, bool) {
	for _, c := range r.Commitments {
		if c.Key == field {
			return c.Value, true
		}
	}
	return "", false
}

// notCommitment tells that a field is none that seal could have made.
func notCommitment(f Field) bool {
	b, err := hex.DecodeString(f.Value)
	return err != nil || len(b) != sha256.Size || hex.EncodeToString(b) != f.Value
}

// seal commits the row to its secrets and returns them as they are to be kept.
func seal(r *Row) []secret {
	kept := make([]secret, len(r.Secrets))
	for i, f := range r.Secrets {
		kept[i] = secret{seq: r.Seq, field: f.Key, salt: make([]byte, saltSize), value: []byte(f.Value)}
		_, _ = rand.Read(kept[i].salt) // it never fails
		r.Commitments = append(r.Commitments, Field{f.Key, kept[i].commitment()})
	}
	return kept
}

func insertSecrets(ctx context.Context, tx *sql.Tx, kept []secret) error {
	for _, s := range kept {
		if _, err := tx.ExecContext(ctx, `INSERT INTO audit_secret (seq, field, salt, value) VALUES (?, ?, ?, ?)`, s.seq, s.field, s.salt, s.value); err != nil {
			return fmt.Errorf("keep the %s of row %d: %w", s.field, s.seq, err)
		}
	}
	return nil
}

// selectSecret returns the value that is kept beside a row under a name, nil when there is none.
func selectSecret(ctx context.Context, q store.Querier, seq int64, field string) (*secret, error) {
	s := secret{seq: seq, field: field}
	err := q.QueryRowContext(ctx, `SELECT salt, value FROM audit_secret WHERE seq = ? AND field = ?`, seq, field).Scan(&s.salt, &s.value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the %s of row %d: %w", field, seq, err)
	}
	return &s, nil
}

// Secret returns the value that is kept beside a row under a name; false when there is none, or none any more.
func (l *Log) Secret(ctx context.Context, seq int64, field string) (string, bool, error) {
	s, err := selectSecret(ctx, l.db.Read(), seq, field)
	if err != nil || s == nil {
		return "", false, err
	}
	return string(s.value), true, nil
}

// secretRows walks the values in the order of the rows that they are kept beside.
type secretRows struct {
	*sql.Rows
	next *secret // read already, nil at the end
}

// readSecrets begins the walk beside the rows from first to last. It finds nothing where there is no such table.
func readSecrets(ctx context.Context, q store.Querier, first, last int64, table bool) (*secretRows, error) {
	if !table {
		return &secretRows{}, nil
	}
	rows, err := q.QueryContext(ctx, `SELECT seq, field, salt, value FROM audit_secret WHERE seq BETWEEN ? AND ? ORDER BY seq, field`, first, last) //nolint:rowserrcheck // advance checks it
	if err != nil {
		return nil, err
	}
	r := &secretRows{Rows: rows}
	if err := r.advance(); err != nil {
		return nil, errors.Join(err, rows.Close()) //nolint:sqlclosecheck // the caller closes what it gets
	}
	return r, nil
}

func (r *secretRows) advance() error {
	r.next = nil
	if !r.Next() {
		return r.Err()
	}
	var s secret
	if err := r.Scan(&s.seq, &s.field, &s.salt, &s.value); err != nil {
		return err
	}
	r.next = &s
	return nil
}

// Close ends the walk.
func (r *secretRows) Close() error {
	if r.Rows == nil {
		return nil
	}
	return r.Rows.Close()
}

// upTo returns the values beside rows up to seq that it has not returned before.
func (r *secretRows) upTo(seq int64) (kept []secret, err error) {
	for err == nil && r.next != nil && r.next.seq <= seq {
		kept = append(kept, *r.next)
		err = r.advance()
	}
	return kept, err
}
