package audit

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"cmpconsole/internal/store"
)

// Fault is one thing wrong with the log. Seq is the row it is about, 0 when it is about the tables themselves.
type Fault struct {
	Seq  int64
	What string
}

// Report is what a verification found.
type Report struct {
	Rows        int64   // rows read
	Head        []byte  // hash of the newest row
	Open        []int64 // intents without an outcome: under way, or cut off by a crash; not a fault
	Checkpoints int     // signed checkpoints that agree with the rows
	Kept        int     // values beside the rows that match their commitments
	Erased      int     // values that were erased, each by a row that says so
	Anchored    int64   // the newest row that an anchor vouches for, with all before it; 0 when there is none
	Faults      []Fault // what is wrong, the rows first; of rows and of checkpoints at most maxFaults each
	More        bool    // there are more faults than are listed

	wrong, against mark
}

// Mark identifies what is wrong, listed or not, for as long as nothing else is. Of checkpoints that contradict the rows
// it holds each that does: rows are missing first and then, when the log has grown past them, others, but the
// checkpoints stay the same until somebody changes rows that they had vouched for. It is empty when nothing is wrong.
func (r Report) Mark() string {
	if len(r.Faults) == 0 {
		return ""
	}
	both := sha256.Sum256(slices.Concat(r.wrong[:], r.against[:]))
	return hex.EncodeToString(both[:])
}

// mark is the hash of all that was added to it.
type mark [sha256.Size]byte

func (m *mark) add(what string) { *m = sha256.Sum256(append(m[:], what...)) }

// maxFaults bounds a report: behind a row that was taken out by renumbering, every row is wrong.
const maxFaults = 20

// list keeps a fault as long as there is room.
func (r *Report) list(faults []Fault, f Fault) []Fault {
	if len(faults) == maxFaults {
		r.More = true
		return faults
	}
	return append(faults, f)
}

// add notes a fault of tables, or of what stands beside the rows.
func (r *Report) add(f Fault) {
	r.wrong.add(f.What)
	r.Faults = append(r.Faults, f)
}

// allRows stands for a number of newest rows that no log exceeds.
const allRows = math.MaxInt64

// VerifyFile verifies the log in a file, of a running console or a copy, without writing to it, and confronts it
// with what the witness says. With ErrUnwitnessed it reports what the rows show by themselves.
func VerifyFile(ctx context.Context, file string, w Witness) (Report, error) {
	return verifyWitnessed(ctx, file, w, allRows)
}

func verifyWitnessed(ctx context.Context, file string, w Witness, newest int64) (Report, error) {
	said, unheard := w.testimony(newest == allRows)
	report, err := verifyFile(ctx, file, said, newest)
	if err == nil && unheard != nil {
		err = fmt.Errorf("%w: %w", ErrUnwitnessed, unheard)
	}
	return report, err
}

func verifyFile(ctx context.Context, file string, said Evidence, newest int64) (Report, error) {
	db, err := store.OpenReadOnly(file)
	if err != nil {
		return Report{}, err
	}
	defer db.Close()
	return verifyNewest(ctx, db, said, newest)
}

// Verify reads the whole log as it is at this moment and reports what is wrong with it. The error says that
// it could not be read at all. The database may be live or a copy; nothing is written.
func Verify(ctx context.Context, db *sql.DB) (Report, error) {
	return verifyNewest(ctx, db, Evidence{}, allRows)
}

// verifyNewest verifies the newest n rows only: it believes the row before them and pairs no older intents.
func verifyNewest(ctx context.Context, db *sql.DB, said Evidence, n int64) (Report, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Report{}, fmt.Errorf("read audit log: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	shape, err := checkSchema(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	var report Report
	if shape.readable() {
		if report, err = verifyRows(ctx, db, tx, shape, said, n); err != nil {
			return report, err
		}
	}
	for _, f := range shape.faults {
		report.add(f)
	}
	return report, nil
}

// verifyRows verifies the newest n rows as the transaction has them.
func verifyRows(ctx context.Context, db *sql.DB, tx *sql.Tx, shape schema, said Evidence, n int64) (Report, error) {
	newest, rows, err := extent(ctx, tx, n)
	if err != nil {
		return Report{}, err
	}
	readers := []store.Querier{tx}
	if db.Stats().MaxOpenConnections != 1 { // a second reader has a connection of its own
		beside, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		if err != nil {
			return Report{}, fmt.Errorf("read audit log: %w", err)
		}
		defer beside.Rollback() //nolint:errcheck // nothing was written
		readers = append(readers, beside)
	}
	from := max(max(newest, 0)-n+1, 1)
	return verify(ctx, readers, shape, said, from, min(newest, from+rows))
}

// extent reads the number of the newest row, and how many of the newest n rows there are at most. Counting them all keeps
// a row with a number far out from being looked for one stretch after the other.
func extent(ctx context.Context, q store.Querier, n int64) (newest, rows int64, err error) {
	if err := q.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM audit`).Scan(&newest); err != nil {
		return 0, 0, fmt.Errorf("read audit log: %w", err)
	}
	if n < allRows {
		return newest, n, nil
	}
	if err := q.QueryRowContext(ctx, `SELECT count(*) FROM audit`).Scan(&rows); err != nil {
		return 0, 0, fmt.Errorf("count audit rows: %w", err)
	}
	return newest, rows, nil
}

// verify judges the rows from seq on, of which all but a few stand up to the row last, and the recorded end. The first
// of the readers is asked for all that must agree; the others read rows that are older.
func verify(ctx context.Context, readers []store.Querier, shape schema, said Evidence, from, last int64) (Report, error) {
	q := readers[0]
	v := verifier{has: shape.has, from: from, last: from - 1, vouched: from - 1, bad: map[int64]bool{}, open: map[int64]bool{}, settled: rowSet{}, gone: map[secretID]bool{}, erased: map[secretID]int64{}}
	if err := v.readLog(ctx, q); err != nil {
		return Report{}, err
	}
	if err := v.hear(ctx, q, said); err != nil {
		return Report{}, err
	}
	if from == 1 && len(v.claims) > 0 {
		v.tree = &growth{}
	}
	if err := v.readRows(ctx, readers, last); err != nil {
		return Report{}, err
	}
	if err := v.judgeErased(ctx, q); err != nil {
		return Report{}, err
	}
	v.judgeEnd()
	v.confrontEnd()
	v.report.Faults = append(inOrder(v.report.Faults, v.contradicted), v.unsigned...)
	v.report.Head = slices.Clone(v.hash)
	if from == 1 {
		v.report.Open = slices.Sorted(maps.Keys(v.open))
	}
	return v.report, nil
}

// inOrder puts faults in the order of their rows.
func inOrder(faults ...[]Fault) []Fault {
	all := slices.Concat(faults...)
	slices.SortStableFunc(all, func(a, b Fault) int { return cmp.Compare(a.Seq, b.Seq) })
	return all
}

// readLog reads the log's id and recorded end.
func (v *verifier) readLog(ctx context.Context, q store.Querier) error {
	err := q.QueryRowContext(ctx, `SELECT log_id, size, head FROM audit_log`).Scan(&v.log, &v.size, &v.head)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read audit log's id: %w", err)
	}
	v.begun = true
	if v.from == 1 {
		v.hash = genesis(v.log)
	}
	return nil
}
