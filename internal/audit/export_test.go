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
	return verifyNewest(ctx, db, evidence{}, n)
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
