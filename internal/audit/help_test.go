package audit_test

import (
	"database/sql"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// openDB returns a fresh database on a real file.
func openDB(tb testing.TB) *store.DB {
	tb.Helper()
	db, _ := openFile(tb)
	return db
}

func openFile(tb testing.TB) (*store.DB, string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "console.db")
	db, err := store.Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db, path
}

// openRaw returns a connection as a stranger with write access to the file would have it.
func openRaw(tb testing.TB, path string) *sql.DB {
	tb.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=synchronous(OFF)")
	if err != nil {
		tb.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func mustExec(tb testing.TB, db *sql.DB, query string, args ...any) {
	tb.Helper()
	if _, err := db.ExecContext(tb.Context(), query, args...); err != nil {
		tb.Fatalf("%s: %v", query, err)
	}
}

func mustAppend(tb testing.TB, log *audit.Log, e audit.Entry) int64 {
	tb.Helper()
	seq, err := log.Append(tb.Context(), e)
	if err != nil {
		tb.Fatal(err)
	}
	return seq
}

func mustVerify(tb testing.TB, db *sql.DB) audit.Report {
	tb.Helper()
	report, err := audit.Verify(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return report
}

// clock is a moment with microseconds that moves on by a second with every look.
func clock() func() time.Time {
	at := time.Date(2026, 3, 4, 5, 6, 7, 89_012_345, time.UTC)
	return func() time.Time {
		at = at.Add(time.Second)
		return at
	}
}

// sample is an everyday event with most fields set.
func sample(n int64) audit.Entry {
	id := strconv.FormatInt(n, 10)
	return audit.Entry{Actor: "support", Roles: "support", Action: audit.OrderPause, Phase: audit.Event, Outcome: audit.Refused,
		Device: "8986062000000" + id, Order: "YPOR" + id, Reason: "Ticket " + id + ": the customer asked to pause it",
		RequestID: "01JD" + id, IP: "192.0.2.7", Session: "c0ffee", LatencyMS: 42, Detail: []audit.Field{{Key: "before_status", Value: "2"}}}
}

// withText is an intent that commits to a text.
func withText(n int64, text string) audit.Entry {
	e := sample(n)
	e.Action, e.Phase, e.Outcome, e.Secrets = audit.SMSSend, audit.Intent, "", []audit.Field{{Key: "text", Value: text}}
	return e
}

// fill appends about n rows of every kind: events, intents with outcomes and settlements, one intent left open.
func fill(tb testing.TB, log *audit.Log, n int64) {
	tb.Helper()
	for i := int64(0); i < n; {
		i = mustAppend(tb, log, sample(i))
		intent := sample(i)
		intent.Phase, intent.Outcome = audit.Intent, ""
		of := mustAppend(tb, log, intent)
		done := sample(i)
		done.Phase, done.Outcome, done.Of, done.UpstreamCode, done.UpstreamMessage = audit.PhaseOutcome, audit.Unknown, of, "A0104", "no 订单"
		mustAppend(tb, log, done)
		settled := audit.Entry{Actor: "console", Action: audit.OrderSettled, Phase: audit.Event, Outcome: "effect_present", Of: of}
		i = mustAppend(tb, log, settled)
	}
	mustAppend(tb, log, audit.Entry{Actor: "support", Action: audit.OrderEnd, Phase: audit.Intent})
}
