package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"cmpconsole/internal/store"
)

// Standing is what is known of one row.
type Standing struct {
	Wrong   string     // what shows that the row is not what was recorded, empty when nothing does
	Doubt   string     // why a checkpoint that covers the row does not prove it, empty when it does
	Covered bool       // a signed checkpoint covers the row:
	By      Checkpoint // this one, the oldest of them
}

// Standing verifies one row as it stands in the database: its content against its hash and the columns, its link to the
// row before, and the proof that the checkpoint has it. The error says that one of them could not be read.
func (c *Checkpoints) Standing(ctx context.Context, seq int64) (Standing, error) {
	var s Standing
	err := c.db.Snapshot(ctx, func(q store.Querier) (err error) {
		hash, wrong, err := judgeRow(ctx, q, seq)
		if s.Wrong = wrong; err != nil || wrong != "" {
			return err
		}
		if s.By, s.Covered, err = c.covering(ctx, q, seq); err == nil && s.Covered {
			s.Doubt = unproven(ctx, q, s.By, seq, hash)
		}
		return err
	})
	return s, err
}

// judgeRow returns the hash of a row, and what is wrong with the row by itself and beside the one before it.
func judgeRow(ctx context.Context, q store.Querier, seq int64) (hash []byte, wrong string, err error) {
	v := verifier{bad: map[int64]bool{}, suspect: true}
	if err := v.readBefore(ctx, q, seq); err != nil {
		return nil, "", err
	}
	rows, err := q.QueryContext(ctx, `SELECT `+verifyColumns+` FROM audit WHERE seq = ?`, seq)
	if err != nil {
		return nil, "", fmt.Errorf("read row %d: %w", seq, err)
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, "it is missing", rows.Err()
	}
	var s stored
	if err := rows.Scan(&s.seq, &s.body, &s.prev, &s.hash, &s.micros, &s.of, &s.copies); err != nil {
		return nil, "", fmt.Errorf("read row %d: %w", seq, err)
	}
	if wrong = v.judgeLink(&s); wrong == "" {
		wrong = v.judgeBody(&s)
	}
	switch {
	case wrong != "":
		wrong = "it " + wrong
	case len(v.hash) == 0:
		wrong = fmt.Sprintf("row %d before it is missing", seq-1)
	case !bytes.Equal(s.prev, v.hash):
		wrong = fmt.Sprintf("it does not follow row %d: one of the two was rewritten together with its hash", seq-1)
	}
	return bytes.Clone(s.hash), wrong, nil
}

// readBefore sets the hash that a row must link to; it stays empty when the row before is missing.
func (v *verifier) readBefore(ctx context.Context, q store.Querier, seq int64) error {
	if seq == 1 {
		v.from = 1
		return v.readLog(ctx, q)
	}
	err := q.QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = ?`, seq-1).Scan(&v.hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read row %d: %w", seq-1, err)
	}
	return nil
}

// unproven says why the checkpoint does not prove that a row is the one that was recorded; empty when it does.
func unproven(ctx context.Context, q store.Querier, c Checkpoint, seq int64, hash []byte) string {
	p, err := newProver(ctx, q, c.Size)
	if err != nil {
		return err.Error()
	}
	proof, err := p.prove(seq)
	if err != nil {
		return err.Error()
	}
	if tlog.CheckRecord(proof, c.Size, c.Root, seq-1, tlog.RecordHash(hash)) != nil {
		return "it, or another row that the checkpoint covers, was rewritten together with its hash"
	}
	return ""
}
