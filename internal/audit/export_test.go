package audit

import (
	"context"
	"database/sql"
	"runtime"
)

// HashForTest lets a test forge a row that agrees with itself.
func HashForTest(seq int64, prev, body []byte) []byte {
	hash, _ := rowHash(nil, seq, prev, body)
	return hash[:]
}

// VerifyNewest is what a Watch does between two verifications of the whole.
func VerifyNewest(ctx context.Context, db *sql.DB, n int64) (Report, error) {
	return verifyNewest(ctx, db, Evidence{}, n)
}

// WaitForLeader returns when somebody has taken the turn and the entries that wait.
func WaitForLeader(l *Log) {
	for len(l.turn) == 0 || waiting(l) > 0 {
		runtime.Gosched()
	}
}

// WaitForWaiting returns when n entries wait for their turn.
func WaitForWaiting(l *Log, n int) {
	for waiting(l) != n {
		runtime.Gosched()
	}
}

func waiting(l *Log) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}

// IndexesForTest are the indexes that lists name, with a condition that each is for.
func IndexesForTest() map[string]string {
	named := map[string]string{}
	for _, x := range indexes {
		where := ""
		for i, column := range columns {
			if x.columns&(1<<i) != 0 {
				where += column + " = 'x' AND "
			}
		}
		if x.changes {
			where += changes + " AND "
		}
		named[x.name] = where
	}
	return named
}

// SmallBlocksForTest has a log index its texts by blocks of few rows.
func SmallBlocksForTest(l *Log, rows int64) { l.texts.blocks = blocks(rows) }

// CloseForTest ends what Run would end.
func CloseForTest(x *TextIndexer) { x.close() }

// AppendManyForTest adds rows to a log whose triggers are away, by one look at its end.
func AppendManyForTest(ctx context.Context, l *Log, tx *sql.Tx, rows int, next func() Entry) error {
	a, err := l.appender(ctx, tx)
	for i := 0; i < rows && err == nil; i++ {
		err = a.add(ctx, l.now(), next())
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE audit_log SET size = ?, head = ?`, a.seq, a.hash)
	}
	return err
}
