package audit_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/testkit/torture"
)

// tampering is one way to change a log behind its back. It returns the rows of which one must be named first. What
// leaves a log that agrees with itself is anchored: it takes the checkpoints outside the database to find it.
type tampering struct {
	name     string
	do       func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64
	anchored bool
}

var columns = []string{"body", "prev_hash", "hash", "time", "actor", "action", "phase", "outcome", "device", "order_id", "of", "request_id"}

var tamperings = []tampering{
	{name: "edit a column", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq, column := 1+rnd.Int64N(size), columns[rnd.IntN(len(columns))]
		value := map[string]string{"body": "randomblob(200)", "prev_hash": "randomblob(32)", "hash": "randomblob(32)",
			"time": "time + 1", "of": "coalesce(of, 0) + 1"}[column]
		if value == "" {
			value = []string{"coalesce(" + column + ", '') || 'x'", "CASE WHEN " + column + " IS NULL THEN 'x' END", "upper(hex(randomblob(4)))"}[rnd.IntN(3)]
		}
		mustExec(t, db, "UPDATE audit SET "+column+" = "+value+" WHERE seq = ?", seq)
		return []int64{seq}
	}},
	{name: "flip one bit of a body", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		body := bodyOf(t, db, seq)
		body[rnd.IntN(len(body))] ^= 1 << rnd.IntN(8)
		mustExec(t, db, "UPDATE audit SET body = ? WHERE seq = ?", body, seq)
		return []int64{seq}
	}},
	{name: "edit body and column alike", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		body := strings.Replace(string(bodyOf(t, db, seq)), `"actor":"`, `"actor":"not`, 1)
		mustExec(t, db, "UPDATE audit SET body = ?, actor = 'not' || actor WHERE seq = ?", []byte(body), seq)
		return []int64{seq}
	}},
	{name: "rewrite a row with its hash", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		body := []byte(strings.Replace(string(bodyOf(t, db, seq)), `"actor":"`, `"actor":"not`, 1))
		var prev []byte
		if err := db.QueryRowContext(t.Context(), "SELECT prev_hash FROM audit WHERE seq = ?", seq).Scan(&prev); err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, "UPDATE audit SET body = ?, hash = ?, actor = 'not' || actor WHERE seq = ?", body, audit.HashForTest(seq, prev, body), seq)
		return []int64{seq}
	}},
	{name: "delete", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		mustExec(t, db, "DELETE FROM audit WHERE seq = ?", seq)
		return []int64{seq}
	}},
	{name: "delete some in a row", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq, n := 1+rnd.Int64N(size), 1+rnd.Int64N(5)
		mustExec(t, db, "DELETE FROM audit WHERE seq BETWEEN ? AND ?", seq, seq+n)
		return []int64{seq}
	}},
	{name: "delete and close the gap", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		mustExec(t, db, "DELETE FROM audit WHERE seq = ?", seq)
		mustExec(t, db, "UPDATE audit SET seq = -seq WHERE seq > ?", seq)
		mustExec(t, db, "UPDATE audit SET seq = -seq - 1 WHERE seq < 0")
		return []int64{seq}
	}},
	{name: "put in behind the end", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := size + 1 + rnd.Int64N(2)*rnd.Int64N(1000)
		copyRow(t, db, 1+rnd.Int64N(size), seq)
		return []int64{seq}
	}},
	{name: "put in before the beginning", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := -rnd.Int64N(3)
		copyRow(t, db, 1+rnd.Int64N(size), seq)
		return []int64{seq}
	}},
	{name: "put in between", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		mustExec(t, db, "UPDATE audit SET seq = -seq WHERE seq >= ?", seq)
		mustExec(t, db, "UPDATE audit SET seq = -seq + 1 WHERE seq < 0")
		copyRow(t, db, seq+1, seq)
		return []int64{seq}
	}},
	{name: "swap two rows", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		a, b := twoRows(rnd, size)
		mustExec(t, db, "UPDATE audit SET seq = -1 WHERE seq = ?", a)
		mustExec(t, db, "UPDATE audit SET seq = ? WHERE seq = ?", a, b)
		mustExec(t, db, "UPDATE audit SET seq = ? WHERE seq = -1", b)
		return []int64{a, b}
	}},
	{name: "swap two bodies", do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		a, b := twoRows(rnd, size)
		body := bodyOf(t, db, a)
		mustExec(t, db, "UPDATE audit SET body = ? WHERE seq = ?", bodyOf(t, db, b), a)
		mustExec(t, db, "UPDATE audit SET body = ? WHERE seq = ?", body, b)
		return []int64{a, b}
	}},
	{name: "cut the tail off with its recorded end", anchored: true, do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 2 + rnd.Int64N(size-1)
		mustExec(t, db, "DELETE FROM audit WHERE seq >= ?", seq)
		mustExec(t, db, "UPDATE audit_log SET (size, head) = (SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1)")
		mustExec(t, db, "DELETE FROM audit_checkpoint WHERE size >= ?", seq)
		return []int64{seq}
	}},
	{name: "rewrite all hashes from a row on", anchored: true, do: func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 2 + rnd.Int64N(size-1)
		rewriteFrom(t, db, seq)
		mustExec(t, db, "DELETE FROM audit_checkpoint WHERE size >= ?", seq)
		return []int64{1 + (seq-1)/betweenAnchors*betweenAnchors} // the first row that no anchor before it vouches for
	}},
}

// betweenAnchors is how many rows the log that is tampered with has from one checkpoint to the next.
const betweenAnchors = 8

func bodyOf(t *testing.T, db *sql.DB, seq int64) []byte {
	t.Helper()
	var body []byte
	if err := db.QueryRowContext(t.Context(), "SELECT body FROM audit WHERE seq = ?", seq).Scan(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

func copyRow(t *testing.T, db *sql.DB, from, to int64) {
	t.Helper()
	mustExec(t, db, `INSERT INTO audit (seq, body, prev_hash, hash, time, actor, action, phase, outcome, device, order_id, of, request_id)
		SELECT ?, body, prev_hash, randomblob(32), time, actor, action, phase, outcome, device, order_id, of, request_id FROM audit WHERE seq = ?`, to, from)
}

func twoRows(rnd *rand.Rand, size int64) (a, b int64) {
	a, b = 1+rnd.Int64N(size-1), 1+rnd.Int64N(size)
	if a == b {
		b++
	}
	return min(a, b), max(a, b)
}

// withoutTriggers runs do as somebody would who drops the guards, changes rows and puts the guards back. All guards go
// and come at once, for whoever looks on.
func withoutTriggers(t *testing.T, db *sql.DB, do func()) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	guards := map[string]string{}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		guards[name] = text
	}
	if err := rows.Err(); err != nil || len(guards) == 0 {
		t.Fatal("no triggers", err)
	}
	mustExec(t, db, "SAVEPOINT off")
	for name := range guards {
		mustExec(t, db, "DROP TRIGGER "+name)
	}
	mustExec(t, db, "RELEASE off")
	do()
	mustExec(t, db, "SAVEPOINT on_again")
	for _, text := range guards {
		mustExec(t, db, text)
	}
	mustExec(t, db, "RELEASE on_again")
}

// TestEveryTamperingIsFoundAndNamed makes a log and changes copies of it at random, each kind often.
func TestEveryTamperingIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	dice := torture.Dice(t)
	o, original := openOffice(t), filepath.Join(t.TempDir(), "original.db")
	size := o.makeLog(t, original, 7*betweenAnchors+5)
	rounds := torture.Rounds(15, 72)
	for round := range rounds {
		for _, x := range tamperings {
			path := filepath.Join(t.TempDir(), "copy.db")
			copyFile(t, original, path)
			db := openRaw(t, path)
			var want []int64
			withoutTriggers(t, db, func() { want = x.do(t, db, dice, size) })
			if err := x.wrong(t, db, path, o.witness, want); err != nil {
				t.Errorf("round %d, %s of rows %v: %v", round, x.name, want, err)
			}
			_ = db.Close()
			_ = os.Remove(path)
		}
	}
	t.Logf("%d changes of %d rows", rounds*len(tamperings), size)
}

// wrong tells what verification misses of changed rows: without a witness, unless it takes one.
func (x tampering) wrong(t *testing.T, db *sql.DB, path string, w audit.Witness, rows []int64) error {
	t.Helper()
	report := mustVerify(t, db)
	if !x.anchored {
		return wrongReport(report, rows)
	}
	if len(report.Faults) > 0 {
		return fmt.Errorf("the chain shows it by itself, so this proves nothing: %+v", report.Faults)
	}
	report, err := audit.VerifyFile(t.Context(), path, w)
	if err != nil {
		return err
	}
	return wrongReport(report, rows)
}

// wrongReport tells what a report misses of changed rows: the first must be named first, each must be named.
func wrongReport(report audit.Report, rows []int64) error {
	if len(report.Faults) == 0 {
		return fmt.Errorf("not found")
	}
	if report.Faults[0].Seq != rows[0] {
		return fmt.Errorf("named first: %+v", report.Faults)
	}
	for _, seq := range rows {
		if !slices.ContainsFunc(report.Faults, func(f audit.Fault) bool { return f.Seq == seq && strings.Contains(f.What, fmt.Sprint(seq)) }) {
			return fmt.Errorf("row %d is not named: %+v", seq, report.Faults)
		}
	}
	if len(report.Faults) > 20 {
		return fmt.Errorf("%d faults", len(report.Faults))
	}
	return nil
}

// makeLog writes so many rows with their checkpoints, and a copy of the log into a file of its own.
func (o office) makeLog(t *testing.T, path string, size int64) int64 {
	t.Helper()
	for seq := int64(0); seq < size; {
		if seq = mustAppend(t, o.log, everyKind(seq)); seq%betweenAnchors == 0 {
			o.checkpoint(t)
		}
	}
	o.checkpoint(t)
	mustExec(t, openRaw(t, o.file), "VACUUM INTO ?", path)
	return size
}

// everyKind is the entry behind row seq: in turn an event, an intent, its outcome and its settlement.
func everyKind(seq int64) audit.Entry {
	e := sample(seq)
	switch seq % 4 {
	case 1:
		e.Phase, e.Outcome = audit.Intent, ""
	case 2:
		e.Phase, e.Outcome, e.Of, e.UpstreamCode, e.UpstreamMessage = audit.PhaseOutcome, audit.Unknown, seq, "A0104", "no 订单"
	case 3:
		return audit.Entry{Actor: "console", Action: audit.OrderSettled, Phase: audit.Event, Outcome: "effect_present", Of: seq - 1}
	}
	return e
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
