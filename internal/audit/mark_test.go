package audit_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// putBack is a log on an old copy: rows 1 to 40 are vouched for by four checkpoints, and so many more checkpoints, of
// two rows each, know what the copy lacks.
func putBack(t *testing.T, lost int) (office, *sql.DB) {
	t.Helper()
	o := openOffice(t)
	for range 4 {
		add(t, o.log, 10)
		o.checkpoint(t)
	}
	old := filepath.Join(t.TempDir(), "old.db")
	if err := store.Backup(t.Context(), o.file, old, func(context.Context, string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for range lost {
		add(t, o.log, 2)
		o.checkpoint(t)
	}
	db, err := store.Open(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	o.file, o.db, o.log = old, db, audit.New(db, clock())
	return o, openRaw(t, old)
}

// The mark of a fault stays while the log grows past all that its checkpoints know.
func TestMarkHoldsWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	for _, lost := range []int{1, 3, 25} {
		o, _ := putBack(t, lost)
		first := o.verify(t)
		if len(first.Faults) != 1 {
			t.Errorf("%d lost: %+v", lost, first.Faults)
		}
		mark := first.Mark()
		for range 2*lost + 2 {
			add(t, o.log, 1)
			if r := o.verify(t); r.Mark() != mark || mark == "" {
				t.Fatalf("%d lost: at row %d the mark is %s, was %s: %+v", lost, r.Rows, r.Mark(), mark, r.Faults)
			}
		}
	}
}

// So does that of rows that are missing at the recorded end, behind which the log goes on.
func TestMarkOfACutTailHolds(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 9)
	o.checkpoint(t)
	raw := openRaw(t, o.file)
	withoutTriggers(t, raw, func() { mustExec(t, raw, "DELETE FROM audit WHERE seq > 7") })
	mark := o.verify(t).Mark()
	add(t, o.log, 3)
	if r := o.verify(t); r.Mark() != mark || mark == "" {
		t.Errorf("the mark is %s, was %s: %+v", r.Mark(), mark, r.Faults)
	}
}

// Whatever else is changed while a fault is accepted gives another mark, also what only the anchor shows, and what
// a full report does not list.
func TestMarkShowsAnotherFault(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(t *testing.T, raw *sql.DB){
		"rows rewritten with all hashes": func(t *testing.T, raw *sql.DB) { rewriteFrom(t, raw, 5) },
		"rows cut off that were vouched for": func(t *testing.T, raw *sql.DB) {
			mustExec(t, raw, `DELETE FROM audit WHERE seq > 35`)
			mustExec(t, raw, `UPDATE audit_log SET (size, head) = (SELECT seq, hash FROM audit WHERE seq = 35)`)
			mustExec(t, raw, `DELETE FROM audit_checkpoint WHERE size > 35`)
		},
		"a row changed": func(t *testing.T, raw *sql.DB) {
			mustExec(t, raw, `UPDATE audit SET actor = 'mallory' WHERE seq = 110`)
		},
	} {
		for _, lost := range []int{3, 25} {
			o, raw := putBack(t, lost)
			add(t, o.log, 80)
			before := o.verify(t)
			withoutTriggers(t, raw, func() { forge(t, raw) })
			if after := o.verify(t); after.Mark() == before.Mark() {
				t.Errorf("%s, %d lost: the mark is the same; before %+v, after %+v", name, lost, before.Faults, after.Faults)
			}
		}
	}
}

// A full list of faults hides none that comes behind it.
func TestMarkHoldsUnlistedFaults(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	fill(t, audit.New(db, clock()), 60)
	raw := openRaw(t, path)
	withoutTriggers(t, raw, func() { mustExec(t, raw, "UPDATE audit SET actor = 'mallory' WHERE seq BETWEEN 10 AND 40") })
	before := mustVerify(t, raw).Mark()
	withoutTriggers(t, raw, func() { mustExec(t, raw, "UPDATE audit SET actor = 'mallory' WHERE seq = 50") })
	if mustVerify(t, raw).Mark() == before {
		t.Error("the mark is the same")
	}
}
