package audit

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"cmpconsole/internal/store"
	"cmpconsole/internal/textindex"
)

// Log is the audit log of one database. It is safe for concurrent use and needs no closing: it has no
// goroutine of its own.
type Log struct {
	db      *store.DB
	now     func() time.Time
	ready   atomic.Pointer[statements]
	turn    chan struct{} // holds one token while somebody commits for all who wait
	mu      sync.Mutex
	waiting []*pending
	denied  denied
	began   atomic.Bool // the start of the console stands in the log
	spans   spans
	texts   texts
}

// New returns the audit log of the database.
func New(db *store.DB, now func() time.Time) *Log {
	return &Log{db: db, now: now, turn: make(chan struct{}, 1), texts: texts{db: db, blocks: textindex.Rows}}
}

// AppendTx records the entry inside the caller's transaction and returns its seq: the row stays if and only
// if the transaction commits. Like Append it must not run on a browser's context.
func (l *Log) AppendTx(ctx context.Context, tx *sql.Tx, e Entry) (int64, error) {
	a, err := l.appender(ctx, tx)
	if err == nil {
		err = a.add(ctx, l.now(), e)
	}
	if err != nil {
		return 0, fmt.Errorf("append to audit log: %w", err)
	}
	return a.seq, nil
}

// AppendAllTx records the entries in their order inside the caller's transaction, like AppendTx. Each costs less than alone.
func (l *Log) AppendAllTx(ctx context.Context, tx *sql.Tx, entries []Entry) error {
	a, err := l.appender(ctx, tx)
	for i := 0; i < len(entries) && err == nil; i++ {
		err = a.add(ctx, l.now(), entries[i])
	}
	if err != nil {
		return fmt.Errorf("append to audit log: %w", err)
	}
	return nil
}

// statements are what every append needs. Parsing them costs more than running them, so they are kept.
type statements struct{ end, insert *sql.Stmt }

const selectEnd = `SELECT a.seq, a.hash, l.size, l.head FROM (SELECT 1)
	LEFT JOIN (SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1) AS a
	LEFT JOIN audit_log AS l ON l.id = 1`

const insertRow = `INSERT INTO audit (seq, body, prev_hash, hash, time, actor, action, phase, outcome, device, order_id, of, request_id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// prepare parses the statements for good. It needs the writing connection, so never call it inside a transaction.
func (l *Log) prepare(ctx context.Context) error {
	if l.ready.Load() != nil {
		return nil
	}
	end, err1 := l.db.Prepare(ctx, selectEnd)
	insert, err2 := l.db.Prepare(ctx, insertRow)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	l.ready.Store(&statements{end: end, insert: insert})
	return nil
}

// statements returns them for one transaction: the kept ones, or new ones while none are kept.
func (l *Log) statements(ctx context.Context, tx *sql.Tx) (statements, error) {
	if kept := l.ready.Load(); kept != nil {
		return statements{end: tx.StmtContext(ctx, kept.end), insert: tx.StmtContext(ctx, kept.insert)}, nil
	}
	end, err1 := tx.PrepareContext(ctx, selectEnd)
	insert, err2 := tx.PrepareContext(ctx, insertRow)
	return statements{end: end, insert: insert}, errors.Join(err1, err2)
}

// appender adds rows at the end of the log within one transaction.
type appender struct {
	tx     *sql.Tx
	insert *sql.Stmt
	seq    int64  // the newest row
	hash   []byte // and its hash, which the next one links to
	buf    []byte
}

// appender finds where the log ends. It takes the recorded end when the rows stop short of it: then rows were
// cut off, and going on behind them keeps the gap in the log for good.
func (l *Log) appender(ctx context.Context, tx *sql.Tx) (*appender, error) {
	s, err := l.statements(ctx, tx)
	if err != nil {
		return nil, err
	}
	a := &appender{tx: tx, insert: s.insert}
	var seq, size sql.NullInt64
	var head []byte
	if err := s.end.QueryRowContext(ctx).Scan(&seq, &a.hash, &size, &head); err != nil {
		return nil, fmt.Errorf("read the end of the log: %w", err)
	}
	switch {
	case !size.Valid:
		a.seq = seq.Int64
		return a, a.begin(ctx)
	case seq.Int64 > size.Int64:
		a.seq = seq.Int64
	default:
		a.seq, a.hash = size.Int64, head
	}
	return a, nil
}

// begin gives the log its id. Only a log that somebody robbed of its id has rows by then.
func (a *appender) begin(ctx context.Context) error {
	id := rand.Text()
	if a.seq == 0 {
		a.hash = genesis(id)
	}
	if _, err := a.tx.ExecContext(ctx, `INSERT INTO audit_log (id, log_id, size, head) VALUES (1, ?, ?, ?)`, id, a.seq, a.hash); err != nil {
		return fmt.Errorf("begin the log: %w", err)
	}
	return nil
}

// add writes the entry as the next row, and its secrets beside it.
func (a *appender) add(ctx context.Context, now time.Time, e Entry) error {
	r := Row{Seq: a.seq + 1, Time: now.UTC().Truncate(time.Microsecond), Entry: clean(e)}
	kept := seal(&r)
	body := encodeBody(&r)
	hash, buf := rowHash(a.buf, r.Seq, a.hash, body)
	of := sql.NullInt64{Int64: r.Of, Valid: r.Of != 0}
	if _, err := a.insert.ExecContext(ctx, r.Seq, body, a.hash, hash[:], r.Time.UnixMicro(), orNull(r.Actor), orNull(string(r.Action)),
		orNull(string(r.Phase)), orNull(r.Outcome), orNull(r.Device), orNull(r.Order), of, orNull(r.RequestID)); err != nil {
		return err
	}
	a.seq, a.hash, a.buf = r.Seq, hash[:], buf
	return insertSecrets(ctx, a.tx, kept)
}

// orNull stores nothing for empty text, which keeps it out of the partial indexes.
func orNull(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
