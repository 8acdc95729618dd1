package audit_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// office is a log whose checkpoints are signed and kept, with the files that a forger cannot reach.
type office struct {
	*audit.Notary
	db      *store.DB
	log     *audit.Log
	file    string // the database
	witness audit.Witness
}

func openOffice(t *testing.T) office {
	t.Helper()
	db, file := openFile(t)
	safe := t.TempDir()
	o := office{db: db, log: audit.New(db, clock()), file: file, witness: audit.Witness{Keys: filepath.Join(safe, "key.pub"), Anchor: filepath.Join(safe, "anchor")}}
	o.Notary = o.notary(t)
	return o
}

func (o office) notary(t *testing.T, others ...audit.Anchor) *audit.Notary {
	t.Helper()
	key, err := audit.LoadKey(strings.TrimSuffix(o.witness.Keys, ".pub"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := audit.ReadKeys(o.witness.Keys)
	if err != nil {
		t.Fatal(err)
	}
	return audit.NewNotary(o.db, key, keys, audit.FileAnchor(o.witness.Anchor), others, clock(), slog.New(slog.DiscardHandler))
}

func (o office) checkpoint(t *testing.T) audit.Checkpoint {
	t.Helper()
	c, err := o.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (o office) verify(t *testing.T) audit.Report {
	t.Helper()
	report, err := audit.VerifyFile(t.Context(), o.file, o.witness)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// Checkpoints of any size agree with the rows, also beyond whole blocks of the tree, and by another start.
func TestCheckpointsAgree(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	size := int64(0)
	for made, rows := range []int{1, 1, 254, 1, 255, 2, 700, 3} {
		add(t, o.log, rows)
		o.Notary = o.notary(t)
		c := o.checkpoint(t)
		if c.Size <= size {
			t.Fatalf("size %d after %d", c.Size, size)
		}
		size = c.Size
		if again := o.checkpoint(t); again.Size != size || again.Root != c.Root {
			t.Errorf("a log that has not grown: %d, %v", again.Size, again.Root)
		}
		report := o.verify(t)
		if len(report.Faults) > 0 || report.Anchored != size || report.Checkpoints != 2*(made+1) {
			t.Fatalf("%+v, want %d anchored by %d notes", report, size, 2*(made+1))
		}
	}
}

// What the chain alone cannot show, an anchor shows: a log rewritten to its end, cut off with its recorded end, or
// put back from an old copy.
func TestAnchorsFindWhatAgreesWithItself(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		forge func(t *testing.T, o office)
		want  string
	}{
		"rewritten to its end": {func(t *testing.T, o office) { rewriteFrom(t, openRaw(t, o.file), 7) }, "row 5 or one behind it, up to row 9, was rewritten"},
		"cut off with its end": {func(t *testing.T, o office) {
			mustExec(t, openRaw(t, o.file), `DELETE FROM audit WHERE seq > 7`)
			mustExec(t, openRaw(t, o.file), `UPDATE audit_log SET (size, head) = (SELECT seq, hash FROM audit WHERE seq = 7)`)
			mustExec(t, openRaw(t, o.file), `DELETE FROM audit_checkpoint WHERE size > 7`)
		}, "rows 8 to 9 are missing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openOffice(t)
			add(t, o.log, 4)
			o.checkpoint(t)
			add(t, o.log, 5)
			o.checkpoint(t)
			withoutTriggers(t, openRaw(t, o.file), func() { tt.forge(t, o) })
			if chain := mustVerify(t, openRaw(t, o.file)); len(chain.Faults) > 0 {
				t.Fatalf("the chain shows it by itself: %+v", chain.Faults)
			}
			report := o.verify(t)
			if len(report.Faults) == 0 || !strings.HasPrefix(report.Faults[0].What, tt.want) {
				t.Errorf("%+v, want %s", report.Faults, tt.want)
			}
			if _, err := o.Checkpoint(t.Context()); !errors.Is(err, audit.ErrAnchorAhead) && !errors.Is(err, audit.ErrOtherLog) {
				t.Errorf("it is signed all the same: %v", err)
			}
		})
	}
}

// Whoever writes the database can put checkpoints there, but cannot sign them.
func TestForgedCheckpoints(t *testing.T) {
	t.Parallel()
	o, other := openOffice(t), openOffice(t)
	add(t, o.log, 4)
	add(t, other.log, 4)
	mine, theirs := o.checkpoint(t), other.checkpoint(t)
	for name, tt := range map[string]struct {
		note, want string
	}{
		"signed with another key": {string(theirs.Note), "the checkpoint at row 4 is not signed by a known key"},
		"edited":                  {strings.Replace(string(mine.Note), "\n4\n", "\n3\n", 1), "the checkpoint at row 4 is not signed by a known key"},
		"nonsense":                {"nonsense", "the checkpoint at row 4 is not signed by a known key"},
	} {
		mustExec(t, openRaw(t, o.file), `UPDATE audit_checkpoint SET note = ?`, []byte(tt.note))
		if report := o.verify(t); len(report.Faults) != 1 || !strings.HasPrefix(report.Faults[0].What, tt.want) {
			t.Errorf("%s: %+v, want %s", name, report.Faults, tt.want)
		}
	}
	mustExec(t, openRaw(t, o.file), `UPDATE audit_checkpoint SET note = ?, size = 3`, mine.Note)
	if report := o.verify(t); len(report.Faults) != 1 || report.Faults[0].What != "the checkpoint at row 3 is that of row 4" {
		t.Errorf("under another size: %+v", report.Faults)
	}
}

// What cuts a note short costs that note only, and is no fault, also when others stand behind it; a note that nobody
// signed is one wherever it stands.
func TestTornAnchor(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 4)
	first := o.checkpoint(t)
	add(t, o.log, 1)
	o.checkpoint(t)
	whole, err := os.ReadFile(o.witness.Anchor)
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(first.Note) + 2; cut < len(whole); cut++ {
		write(t, o.witness.Anchor, string(whole[:cut]))
		if report := o.verify(t); len(report.Faults) > 0 || report.Anchored != 4 {
			t.Fatalf("cut at %d: %+v", cut, report)
		}
		o.checkpoint(t) // the next one begins behind the torn one
		if report := o.verify(t); len(report.Faults) > 0 || report.Anchored != 5 {
			t.Fatalf("cut at %d, then anew: %+v", cut, report)
		}
	}
	for edited, want := range map[string]string{"\n4\n": "note 1 of the anchor is not signed", "\n5\n": "note 2 of the anchor is not signed"} {
		write(t, o.witness.Anchor, strings.Replace(string(whole), edited, "\n3\n", 1))
		if report := o.verify(t); len(report.Faults) != 1 || !strings.HasPrefix(report.Faults[0].What, want) {
			t.Errorf("%+v, want %s", report.Faults, want)
		}
	}
}

// A disk that fills up in the middle of a note leaves nothing of it.
func TestAFullDiskLeavesNoHalfNote(t *testing.T) {
	t.Parallel()
	full := os.Getenv("AUDIT_TEST_FULL_FILE")
	if full != "" {
		err := audit.FileAnchor(full).Keep(audit.Checkpoint{Note: bytes.Repeat([]byte("x"), 1000)})
		if !errors.Is(err, syscall.EFBIG) {
			t.Errorf("kept: %v", err)
		}
		return
	}
	file := filepath.Join(t.TempDir(), "anchor")
	write(t, file, strings.Repeat("a", 100))
	test := exec.CommandContext(t.Context(), "sh", "-c", `ulimit -f 1 && exec "$0" -test.run '^TestAFullDiskLeavesNoHalfNote$'`, os.Args[0])
	test.Env = append(os.Environ(), "AUDIT_TEST_FULL_FILE="+file)
	if out, err := test.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if content, err := os.ReadFile(file); err != nil || len(content) != 100 {
		t.Errorf("%d bytes are left, %v", len(content), err)
	}
}

// A copy of a log that goes on is judged by what was known before it was made, so that no newer checkpoint is ahead of it.
func TestEvidenceOlderThanACopy(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 10)
	o.checkpoint(t)
	said, err := o.witness.Testify()
	if err != nil {
		t.Fatal(err)
	}
	err = store.Backup(t.Context(), o.file, filepath.Join(t.TempDir(), "copy.db"), func(ctx context.Context, copied string) error {
		add(t, o.log, 3)
		o.checkpoint(t)
		if report, err := said.VerifyFile(ctx, copied); err != nil || len(report.Faults) > 0 || report.Anchored != 10 {
			t.Errorf("%+v, %v", report, err)
		}
		if report, err := audit.VerifyFile(ctx, copied, o.witness); err != nil || len(report.Faults) != 1 {
			t.Errorf("by newer evidence: %+v, %v", report, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// broken is an anchor that cannot be reached.
type broken struct{}

func (broken) Keep(audit.Checkpoint) error { return fmt.Errorf("out of reach") }

// An anchor that fails is told of, and the others have the checkpoint all the same.
func TestFailingAnchor(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 4)
	if _, err := o.notary(t, broken{}).Checkpoint(t.Context()); err == nil || !strings.Contains(err.Error(), "out of reach") {
		t.Errorf("%v", err)
	}
	if report := o.verify(t); report.Anchored != 4 {
		t.Errorf("%+v", report)
	}
}

// A checkpoint is made at the start, after 256 rows or ten minutes with any.
func TestNotaryRuns(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 2)
	tick := make(chan time.Time)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { o.Run(ctx, tick) })
	look := func(n int) {
		for range n {
			tick <- time.Time{}
		}
	}
	want := func(rows int64, when string) {
		t.Helper()
		if report := o.verify(t); report.Anchored != rows {
			t.Errorf("%s: %d rows anchored, want %d", when, report.Anchored, rows)
		}
	}
	look(2)
	want(2, "at the start")
	add(t, o.log, 1)
	look(2)
	want(2, "soon after one row")
	look(600) // the clock moves by a second with every look
	want(3, "after ten minutes")
	add(t, o.log, 256)
	look(2)
	want(259, "after 256 rows")
	stop()
	running.Wait()
}

// add appends n rows that stand alone.
// Work that is worth it has its checkpoint at the next look, however few rows there are; an idle log has none.
func TestACheckpointSoon(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	ticks, done := make(chan time.Time), make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { defer close(done); o.Run(ctx, ticks) }()
	look := func() { ticks <- time.Time{}; ticks <- time.Time{} } // the second is taken when the first was worked off
	look()                                                        // the checkpoint at the start found nothing
	add(t, o.log, 1)
	if look(); o.verify(t).Checkpoints != 0 {
		t.Error("a single row has its checkpoint already")
	}
	o.Soon()
	if look(); o.verify(t).Anchored != 1 {
		t.Errorf("asked for: %+v", o.verify(t))
	}
	cancel()
	<-done
}

// The file of the key is whole or not there; what a crash left of one that was being made is no key.
func TestTheKeyIsMadeWhole(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.key")
	write(t, file+".part", "PRIVATE+KEY+cmpc")
	made, err := audit.LoadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := audit.LoadKey(file); err != nil || again.KeyHash() != made.KeyHash() {
		t.Errorf("read again: %v", err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := os.Stat(file + ".part"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left behind: %v", err)
	}
}

// An exchange of the key is recorded once, with both keys, and covered by the first checkpoint of the new one.
func TestTheKeyIsExchanged(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 3)
	o.checkpoint(t)
	if err := os.Remove(strings.TrimSuffix(o.witness.Keys, ".pub")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		o.Notary = o.notary(t)
		for range 2 {
			if c := o.checkpoint(t); c.Size != 4 {
				t.Errorf("%d rows", c.Size)
			}
		}
	}
	rows, err := o.log.List(t.Context(), audit.Filter{Action: string(audit.AuditKey)})
	if err != nil || len(rows) != 1 || rows[0].Actor != "console" || len(rows[0].Detail) != 2 || rows[0].Detail[0].Value == rows[0].Detail[1].Value {
		t.Errorf("%+v, %v", rows, err)
	}
	if report := o.verify(t); len(report.Faults) > 0 || report.Anchored != 4 || report.Checkpoints != 4 {
		t.Errorf("%+v", report)
	}
}

func add(t *testing.T, log *audit.Log, n int) {
	t.Helper()
	for range n {
		mustAppend(t, log, sample(int64(n)))
	}
}

// rewriteFrom changes a row and mends all hashes from there to the recorded end, as whoever knows the format can.
func rewriteFrom(t *testing.T, raw *sql.DB, from int64) {
	t.Helper()
	mustExec(t, raw, `UPDATE audit SET actor = 'mallory', body = CAST(replace(CAST(body AS TEXT), '"actor":"' || actor, '"actor":"mallory') AS BLOB) WHERE seq = ?`, from)
	var prev, body []byte
	for seq := from; ; seq++ {
		err := raw.QueryRowContext(t.Context(), `SELECT (SELECT hash FROM audit WHERE seq = ?1 - 1), body FROM audit WHERE seq = ?1`, seq).Scan(&prev, &body)
		if errors.Is(err, sql.ErrNoRows) {
			mustExec(t, raw, `UPDATE audit_log SET head = (SELECT hash FROM audit WHERE seq = size)`)
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		mustExec(t, raw, `UPDATE audit SET prev_hash = ?, hash = ? WHERE seq = ?`, prev, audit.HashForTest(seq, prev, body), seq)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
