package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"cmpconsole/internal/store"
)

// Witness names the files outside the database that tell what the log was: the public keys of its checkpoints, and
// an anchor. Either may be empty; without keys no checkpoint is judged.
type Witness struct{ Keys, Anchor string }

// Evidence is what a witness says at a moment: keys, and signed notes that stand outside the database. A log that goes
// on is judged by evidence older than what is read of it: newer one knows rows that were not there yet.
type Evidence struct {
	keys  note.Verifiers
	notes [][]byte
}

// Testify reads all that the witness knows now.
func (w Witness) Testify() (Evidence, error) { return w.testimony(true) }

// VerifyFile verifies the log in a file as the function of this name does, by evidence that was taken before.
func (e Evidence) VerifyFile(ctx context.Context, file string) (Report, error) {
	return verifyFile(ctx, file, e, allRows)
}

// testimony reads the whole evidence, or only its newest part.
func (w Witness) testimony(whole bool) (e Evidence, err error) {
	if w.Keys == "" {
		return e, nil
	}
	if e.keys, err = ReadKeys(w.Keys); errors.Is(err, fs.ErrNotExist) && w.Anchor == "" {
		return e, nil
	} else if err != nil {
		return e, err
	}
	if whole {
		e.notes, err = FileAnchor(w.Anchor).Notes()
	} else {
		e.notes, err = FileAnchor(w.Anchor).Newest()
	}
	return e, err
}

// claim is a checkpoint that the rows must agree with.
type claim struct {
	Checkpoint
	where string
}

func (c claim) String() string {
	return fmt.Sprintf("%s of %s", c.where, c.At.Format("2006-01-02 15:04:05 MST"))
}

// hear opens all notes that are about the rows from v.from on. A signature that no known key made is a fault; a note
// that was cut short before it was signed says nothing.
func (v *verifier) hear(ctx context.Context, q store.Querier, e Evidence) error {
	if e.keys == nil {
		return nil
	}
	for i, n := range e.notes {
		c, err := openCheckpoint(n, e.keys)
		switch {
		case err == nil:
			v.claims = append(v.claims, claim{c, "anchor"})
		case !torn(n):
			v.report.Faults = append(v.report.Faults, Fault{What: fmt.Sprintf("note %d of the anchor is not signed by a known key: %v", i+1, err)})
		}
	}
	if err := v.hearStored(ctx, q, e.keys); err != nil {
		return err
	}
	slices.SortStableFunc(v.claims, func(a, b claim) int { return int(a.Size - b.Size) })
	v.claims = slices.DeleteFunc(v.claims, func(c claim) bool { return c.Size < v.from })
	return nil
}

// hearStored opens the checkpoints that stand in the database.
func (v *verifier) hearStored(ctx context.Context, q store.Querier, keys note.Verifiers) error {
	rows, err := q.QueryContext(ctx, `SELECT size, note FROM audit_checkpoint WHERE size >= ? ORDER BY size`, v.from)
	if err != nil {
		return fmt.Errorf("read checkpoints: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var size int64
		var signed []byte
		if err := rows.Scan(&size, &signed); err != nil {
			return fmt.Errorf("read checkpoint: %w", err)
		}
		c, err := openCheckpoint(signed, keys)
		switch {
		case err != nil:
			v.report.Faults = append(v.report.Faults, Fault{What: fmt.Sprintf("the checkpoint at row %d is not signed by a known key: %v", size, err)})
		case c.Size != size:
			v.report.Faults = append(v.report.Faults, Fault{What: fmt.Sprintf("the checkpoint at row %d is that of row %d", size, c.Size)})
		default:
			v.claims = append(v.claims, claim{c, "checkpoint"})
		}
	}
	return rows.Err()
}

// grow adds a row to the tree, as long as every row stands in its place.
func (v *verifier) grow(s *stored) {
	if v.tree == nil {
		return
	}
	if len(s.hash) != tlog.HashSize || v.tree.size() != s.seq-1 {
		v.tree = nil
		return
	}
	v.tree.add(s.hash)
}

// confront compares the row with the claims about it.
func (v *verifier) confront(s *stored) {
	for len(v.claims) > 0 && v.claims[0].Size <= s.seq {
		c := v.claims[0]
		v.claims = v.claims[1:]
		switch {
		case c.Size < s.seq: // the row is missing, which was noted
		case c.Log != v.log:
			v.contradict(c, s.seq, "row %d is of another log: the %s is about the log %s, this one is %q", s.seq, c, c.Log, v.log)
		case !bytes.Equal(c.Head, s.hash):
			v.contradict(c, v.vouched+1, "row %d or one behind it, up to row %d, was rewritten together with all hashes: the %s knows another row %d", v.vouched+1, s.seq, c, s.seq)
		case v.tree != nil && v.tree.root() != c.Root:
			v.contradict(c, s.seq, "row %d does not end the tree whose root the %s signed", s.seq, c)
		default:
			v.vouch(c)
		}
	}
}

// contradict notes what is wrong with a row by a claim. Claims come in the order of their sizes.
func (v *verifier) contradict(c claim, seq int64, format string, args ...any) {
	v.report.against = fmt.Sprintf("%s %d %x", c.Log, c.Size, c.Head)
	listed := len(v.report.Faults)
	if v.fault(seq, format, args...); len(v.report.Faults) > listed {
		v.report.Faults[listed].claimed = true
	}
}

// vouch notes that a checkpoint agrees with the rows up to it.
func (v *verifier) vouch(c claim) {
	v.vouched = c.Size
	v.report.Checkpoints++
	if c.where == "anchor" {
		v.report.Anchored = c.Size
	}
}

// confrontEnd finds rows that a claim knows and the log does not have.
func (v *verifier) confrontEnd() {
	if n := len(v.claims); n > 0 && v.claims[n-1].Size > v.last {
		c := v.claims[n-1]
		v.contradict(c, v.last+1, "rows %d to %d are missing: the %s knows them; the log was cut off, or an older copy stands in its place", v.last+1, c.Size, c)
	}
}
