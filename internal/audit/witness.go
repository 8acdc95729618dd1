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

// ErrUnwitnessed says that keys or anchor could not be read, so that a log was judged by itself alone.
var ErrUnwitnessed = errors.New("not compared with all signed checkpoints")

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
			v.forged("note %d of the anchor is not signed by a known key: %v", i+1, err)
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
	if !v.has["audit_checkpoint"] {
		return nil
	}
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
			v.forged("the checkpoint at row %d is not signed by a known key: %v", size, err)
		case c.Size != size:
			v.forged("the checkpoint at row %d is that of row %d", size, c.Size)
		default:
			v.claims = append(v.claims, claim{c, "checkpoint"})
		}
	}
	return rows.Err()
}

// forged notes a checkpoint that cannot be believed.
func (v *verifier) forged(format string, args ...any) {
	f := Fault{What: fmt.Sprintf(format, args...)}
	v.report.wrong.add(f.What)
	v.unsigned = v.report.list(v.unsigned, f)
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
			v.holds(c)
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

// contradict notes what a claim says against a row.
func (v *verifier) contradict(c claim, seq int64, format string, args ...any) {
	if v.holds(c) && !v.bad[seq] {
		v.contradicted = v.report.list(v.contradicted, Fault{Seq: seq, What: fmt.Sprintf(format, args...)})
	}
}

// holds puts a claim against the rows into the mark. It returns false when the one before said the same: claims come
// in the order of their sizes, and some stand at two places.
func (v *verifier) holds(c claim) bool {
	if v.against.same(c) {
		return false
	}
	v.against = c
	v.report.against.add(fmt.Sprintf("%s %d %x %s", c.Log, c.Size, c.Head, c.Root))
	return true
}

// same tells whether two claims say the same, wherever they stand.
func (c claim) same(other claim) bool {
	return c.Log == other.Log && c.Size == other.Size && bytes.Equal(c.Head, other.Head) && c.Root == other.Root
}

// vouch notes that a checkpoint agrees with the rows up to it.
func (v *verifier) vouch(c claim) {
	v.vouched = c.Size
	v.report.Checkpoints++
	if c.where == "anchor" {
		v.report.Anchored = c.Size
	}
}

// confrontEnd finds rows that claims know and the log does not have.
func (v *verifier) confrontEnd() {
	if len(v.claims) == 0 {
		return
	}
	last := v.claims[len(v.claims)-1]
	for _, c := range v.claims {
		v.holds(c)
	}
	if next := v.last + 1; !v.bad[next] {
		v.contradicted = v.report.list(v.contradicted, Fault{Seq: next, What: fmt.Sprintf(
			"rows %d to %d are missing: the %s knows them; the log was cut off, or an older copy stands in its place", next, last.Size, last)})
	}
}
