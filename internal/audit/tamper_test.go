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
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// tampering is one way to change a log behind its back. It returns the rows of which one must be named first.
type tampering struct {
	name string
	do   func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64
}

var columns = []string{"body", "prev_hash", "hash", "time", "actor", "action", "phase", "outcome", "device", "order_id", "of", "request_id"}

var tamperings = []tampering{
	{"edit a column", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq, column := 1+rnd.Int64N(size), columns[rnd.IntN(len(columns))]
		value := map[string]string{"body": "randomblob(200)", "prev_hash": "randomblob(32)", "hash": "randomblob(32)",
			"time": "time + 1", "of": "coalesce(of, 0) + 1"}[column]
		if value == "" {
			value = []string{"coalesce(" + column + ", '') || 'x'", "CASE WHEN " + column + " IS NULL THEN 'x' END", "upper(hex(randomblob(4)))"}[rnd.IntN(3)]
		}
		mustExec(t, db, "UPDATE audit SET "+column+" = "+value+" WHERE seq = ?", seq)
		return []int64{seq}
	}},
	{"flip one bit of a body", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		body := bodyOf(t, db, seq)
		body[rnd.IntN(len(body))] ^= 1 << rnd.IntN(8)
		mustExec(t, db, "UPDATE audit SET body = ? WHERE seq = ?", body, seq)
		return []int64{seq}
	}},
	{"edit body and column alike", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		body := strings.Replace(string(bodyOf(t, db, seq)), `"actor":"`, `"actor":"not`, 1)
		mustExec(t, db, "UPDATE audit SET body = ?, actor = 'not' || actor WHERE seq = ?", []byte(body), seq)
		return []int64{seq}
	}},
	{"rewrite a row with its hash", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		body := []byte(strings.Replace(string(bodyOf(t, db, seq)), `"actor":"`, `"actor":"not`, 1))
		var prev []byte
		if err := db.QueryRowContext(t.Context(), "SELECT prev_hash FROM audit WHERE seq = ?", seq).Scan(&prev); err != nil {
			t.Fatal(err)
		}
		mustExec(t, db, "UPDATE audit SET body = ?, hash = ?, actor = 'not' || actor WHERE seq = ?", body, audit.HashForTest(seq, prev, body), seq)
		return []int64{seq}
	}},
	{"delete", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		mustExec(t, db, "DELETE FROM audit WHERE seq = ?", seq)
		return []int64{seq}
	}},
	{"delete some in a row", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq, n := 1+rnd.Int64N(size), 1+rnd.Int64N(5)
		mustExec(t, db, "DELETE FROM audit WHERE seq BETWEEN ? AND ?", seq, seq+n)
		return []int64{seq}
	}},
	{"delete and close the gap", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		mustExec(t, db, "DELETE FROM audit WHERE seq = ?", seq)
		mustExec(t, db, "UPDATE audit SET seq = -seq WHERE seq > ?", seq)
		mustExec(t, db, "UPDATE audit SET seq = -seq - 1 WHERE seq < 0")
		return []int64{seq}
	}},
	{"put in behind the end", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := size + 1 + rnd.Int64N(2)*rnd.Int64N(1000)
		copyRow(t, db, 1+rnd.Int64N(size), seq)
		return []int64{seq}
	}},
	{"put in before the beginning", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := -rnd.Int64N(3)
		copyRow(t, db, 1+rnd.Int64N(size), seq)
		return []int64{seq}
	}},
	{"put in between", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		seq := 1 + rnd.Int64N(size)
		mustExec(t, db, "UPDATE audit SET seq = -seq WHERE seq >= ?", seq)
		mustExec(t, db, "UPDATE audit SET seq = -seq + 1 WHERE seq < 0")
		copyRow(t, db, seq+1, seq)
		return []int64{seq}
	}},
	{"swap two rows", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		a, b := twoRows(rnd, size)
		mustExec(t, db, "UPDATE audit SET seq = -1 WHERE seq = ?", a)
		mustExec(t, db, "UPDATE audit SET seq = ? WHERE seq = ?", a, b)
		mustExec(t, db, "UPDATE audit SET seq = ? WHERE seq = -1", b)
		return []int64{a, b}
	}},
	{"swap two bodies", func(t *testing.T, db *sql.DB, rnd *rand.Rand, size int64) []int64 {
		a, b := twoRows(rnd, size)
		body := bodyOf(t, db, a)
		mustExec(t, db, "UPDATE audit SET body = ? WHERE seq = ?", bodyOf(t, db, b), a)
		mustExec(t, db, "UPDATE audit SET body = ? WHERE seq = ?", body, b)
		return []int64{a, b}
	}},
}

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
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	original := filepath.Join(t.TempDir(), "original.db")
	size := makeLog(t, original, 60)
	const rounds = 30
	for round := range rounds {
		for _, x := range tamperings {
			path := filepath.Join(t.TempDir(), "copy.db")
			copyFile(t, original, path)
			db := openRaw(t, path)
			var want []int64
			withoutTriggers(t, db, func() { want = x.do(t, db, rnd, size) })
			report := mustVerify(t, db)
			if err := wrongReport(report, want); err != nil {
				t.Errorf("round %d, %s of rows %v: %v", round, x.name, want, err)
			}
			_ = db.Close()
			_ = os.Remove(path)
		}
	}
	t.Logf("%d changes", rounds*len(tamperings))
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

// makeLog writes a log into a file of its own, closed and without a write-ahead log beside it.
func makeLog(t *testing.T, path string, n int64) int64 {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	log := audit.New(db, clock())
	fill(t, log, n)
	size, err := log.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return size
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
