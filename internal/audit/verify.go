package audit

import (
	"context"
	"database/sql"
)

// Fault is one thing wrong with the log, told as a sentence. Seq is the row it is about, 0 when it is about no row.
type Fault struct {
	Seq  int64
	What string
}

// Report is what a verification found.
type Report struct {
	Rows   int64   // rows read
	Head   []byte  // hash of the newest row
	Open   []int64 // intents without an outcome: under way, or cut off by a crash; no fault
	Faults []Fault // what is wrong, by row, what is about no row last
	More   bool    // there are more faults than are listed
}

// Intact tells whether nothing was found wrong.
func (r Report) Intact() bool { return len(r.Faults) == 0 }

// Verify reads the whole log and reports what is wrong with it.
func Verify(ctx context.Context, db *sql.DB) (Report, error) { return Report{}, nil }

// VerifyTail reads the newest n rows only.
func (l *Log) VerifyTail(ctx context.Context, n int64) (Report, error) { return Report{}, nil }
