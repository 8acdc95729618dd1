package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
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
	Rows   int64   // rows read
	Head   []byte  // hash of the newest row
	Open   []int64 // intents without an outcome: under way, or cut off by a crash; not a fault
	Faults []Fault // what is wrong, the rows first; at most maxFaults of those
	More   bool    // there are more faulty rows than are listed
}

// maxFaults bounds a report: behind a row that was taken out by renumbering, every row is wrong.
const maxFaults = 20

// Verify reads the whole log as it is at this moment and reports what is wrong with it. The error says that
// it could not be read at all. The database may be live or a copy; nothing is written.
func Verify(ctx context.Context, db *sql.DB) (Report, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return Report{}, fmt.Errorf("read audit log: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return verify(ctx, tx, 1)
}

// VerifyTail verifies the newest n rows only, and believes the row before them. It pairs no intents.
func (l *Log) VerifyTail(ctx context.Context, n int64) (Report, error) {
	var report Report
	err := l.db.Snapshot(ctx, func(q store.Querier) error {
		var newest int64
		err := q.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM audit`).Scan(&newest)
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		report, err = verify(ctx, q, max(newest-n+1, 1))
		return err
	})
	return report, err
}

// verify judges the tables, the rows from seq on, and the recorded end.
func verify(ctx context.Context, q store.Querier, from int64) (Report, error) {
	shape, readable, err := checkSchema(ctx, q)
	if err != nil || !readable {
		return Report{Faults: shape}, err
	}
	v := verifier{from: from, last: from - 1, open: map[int64]bool{}}
	if err := v.readLog(ctx, q); err != nil {
		return Report{}, err
	}
	if err := v.readRows(ctx, q); err != nil {
		return Report{}, err
	}
	v.judgeEnd()
	v.report.Head = slices.Clone(v.hash)
	v.report.Faults = append(v.report.Faults, shape...)
	if from == 1 {
		for _, seq := range slices.Sorted(maps.Keys(v.open)) {
			if v.open[seq] {
				v.report.Open = append(v.report.Open, seq)
			}
		}
	}
	return v.report, nil
}

// readLog reads the log's id and recorded end.
func (v *verifier) readLog(ctx context.Context, q store.Querier) error {
	var id string
	err := q.QueryRowContext(ctx, `SELECT log_id, size, head FROM audit_log`).Scan(&id, &v.size, &v.head)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read audit log's id: %w", err)
	}
	v.begun = true
	if v.from == 1 {
		v.hash = genesis(id)
	}
	return nil
}

const verifyColumns = `seq, body, prev_hash, hash, time, of, actor, action, phase, outcome, device, order_id, request_id`

// readRows judges the rows one after another, in memory that does not grow with the log.
func (v *verifier) readRows(ctx context.Context, q store.Querier) error {
	from := v.from
	if from == 1 {
		from = -1 << 63 // rows below 1 are wrong, and must be seen to be
	}
	rows, err := q.QueryContext(ctx, `SELECT `+verifyColumns+` FROM audit WHERE seq >= ? ORDER BY seq`, from)
	if err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	defer rows.Close()
	var s stored
	into := []any{&s.seq, &s.body, &s.prev, &s.hash, &s.micros, &s.of}
	for i := range s.texts {
		into = append(into, &s.texts[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read audit row after %d: %w", v.last, err)
		}
		v.judge(&s)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read audit log after row %d: %w", v.last, err)
	}
	return nil
}
