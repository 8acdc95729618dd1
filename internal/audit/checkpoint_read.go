package audit

import (
	"context"
	"fmt"
	"os"
	"slices"

	"cmpconsole/internal/store"
)

// Checkpoints reads the signed checkpoints that stand in the database, for people to see and to take away. It signs
// nothing.
type Checkpoints struct {
	db   *store.DB
	keys string
}

// NewCheckpoints returns a reader; keys is the file of the public keys.
func NewCheckpoints(db *store.DB, keys string) *Checkpoints { return &Checkpoints{db: db, keys: keys} }

// Keys returns the public keys, one a line, as ReadKeys reads them.
func (c *Checkpoints) Keys() ([]byte, error) {
	content, err := os.ReadFile(c.keys)
	if err != nil {
		return nil, fmt.Errorf("public keys of the audit log: %w", err)
	}
	return content, nil
}

// Newest returns the newest checkpoints, n of them at most, oldest first. The proofs of an export point to the one
// that was the newest when it was made.
func (c *Checkpoints) Newest(ctx context.Context, n int) ([]Checkpoint, error) {
	list, err := c.open(ctx, c.db.Read(), `SELECT note FROM audit_checkpoint ORDER BY size DESC LIMIT ?`, n)
	slices.Reverse(list)
	return list, err
}

// covering returns the oldest checkpoint that vouches for the row; false while none does.
func (c *Checkpoints) covering(ctx context.Context, q store.Querier, seq int64) (Checkpoint, bool, error) {
	list, err := c.open(ctx, q, `SELECT note FROM audit_checkpoint WHERE size >= ? ORDER BY size LIMIT 1`, seq)
	if err != nil || len(list) == 0 {
		return Checkpoint{}, false, err
	}
	return list[0], true, nil
}

// open reads notes and their signatures. One that is not signed by a known key fails: what it says is nobody's word.
func (c *Checkpoints) open(ctx context.Context, q store.Querier, query string, args ...any) ([]Checkpoint, error) {
	keys, err := ReadKeys(c.keys)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	defer rows.Close()
	var list []Checkpoint
	for rows.Next() {
		var signed []byte
		if err := rows.Scan(&signed); err != nil {
			return nil, fmt.Errorf("read checkpoint: %w", err)
		}
		opened, err := openCheckpoint(signed, keys)
		if err != nil {
			return nil, fmt.Errorf("a checkpoint in the database is not signed by a known key: %w", err)
		}
		list = append(list, opened)
	}
	return list, rows.Err()
}
