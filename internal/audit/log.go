package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"cmpconsole/internal/store"
)

// Log is the audit log of one database. It is safe for concurrent use and needs no closing: it has no
// goroutine of its own.
type Log struct {
	db      *store.DB
	now     func() time.Time
	turn    chan struct{} // holds one token while somebody commits for all who wait
	mu      sync.Mutex
	waiting []*pending
}

// New returns the audit log of the database.
func New(db *store.DB, now func() time.Time) *Log {
	return &Log{db: db, now: now, turn: make(chan struct{}, 1)}
}

// AppendTx records the entry inside the caller's transaction and returns its seq: the row stays if and only
// if the transaction commits. Like Append it must not run on a browser's context.
func (l *Log) AppendTx(ctx context.Context, tx *sql.Tx, e Entry) (int64, error) {
	end, err := readEnd(ctx, tx)
	if err != nil {
		return 0, fmt.Errorf("append to audit log: %w", err)
	}
	if err := l.insert(ctx, tx, &end, e); err != nil {
		return 0, fmt.Errorf("append to audit log: %w", err)
	}
	return end.seq, nil
}

// end is the newest row, which the next one links to.
type end struct {
	seq  int64
	hash []byte
	buf  []byte // scratch for hashing
}

// readEnd finds where the log ends. It takes the recorded end when the rows stop short of it: then rows were
// cut off, and going on behind them keeps the gap in the log for good.
func readEnd(ctx context.Context, q store.Querier) (end, error) {
	var rowSeq, size sql.NullInt64
	var rowHash, head []byte
	err := q.QueryRowContext(ctx, `SELECT a.seq, a.hash, l.size, l.head FROM (SELECT 1)
		LEFT JOIN (SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1) AS a
		LEFT JOIN audit_log AS l ON l.id = 1`).Scan(&rowSeq, &rowHash, &size, &head)
	switch {
	case err != nil:
		return end{}, fmt.Errorf("read the end of the log: %w", err)
	case !size.Valid:
		return begin(ctx, q, end{seq: rowSeq.Int64, hash: rowHash})
	case rowSeq.Int64 > size.Int64:
		return end{seq: rowSeq.Int64, hash: rowHash}, nil
	}
	return end{seq: size.Int64, hash: head}, nil
}

// begin gives the log its id. Only a log that somebody robbed of its id has rows by then.
func begin(ctx context.Context, q store.Querier, e end) (end, error) {
	id := rand.Text()
	if e.seq == 0 {
		e.hash = genesis(id)
	}
	if _, err := q.ExecContext(ctx, `INSERT INTO audit_log (id, log_id, size, head) VALUES (1, ?, ?, ?)`, id, e.seq, e.hash); err != nil {
		return e, fmt.Errorf("begin the log: %w", err)
	}
	return e, nil
}

const insertRow = `INSERT INTO audit (seq, body, prev_hash, hash, time, actor, action, phase, outcome, device, order_id, of, request_id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// insert adds the entry behind end and moves end on.
func (l *Log) insert(ctx context.Context, q store.Querier, at *end, e Entry) error {
	return writeRow(at, l.now(), e, func(args ...any) error {
		_, err := q.ExecContext(ctx, insertRow, args...)
		return err
	})
}

func writeRow(at *end, now time.Time, e Entry, exec func(args ...any) error) error {
	r := Row{Seq: at.seq + 1, Time: now.UTC().Truncate(time.Microsecond), Entry: clean(e)}
	body := appendBody(nil, &r)
	hash, buf := rowHash(at.buf, r.Seq, at.hash, body)
	of := sql.NullInt64{Int64: r.Of, Valid: r.Of != 0}
	err := exec(r.Seq, body, at.hash, hash[:], r.Time.UnixMicro(), orNull(r.Actor), orNull(string(r.Action)), orNull(string(r.Phase)),
		orNull(r.Outcome), orNull(r.Device), orNull(r.Order), of, orNull(r.RequestID))
	if err != nil {
		return err
	}
	at.seq, at.hash, at.buf = r.Seq, hash[:], buf
	return nil
}

// orNull stores nothing for empty text, which keeps it out of the partial indexes.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

var errNotWritten = errors.New("the audit row was not written")
