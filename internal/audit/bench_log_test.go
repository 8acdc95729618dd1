package audit_test

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// years is a log as some years of a support team leave it: forty people, a fleet of 200,000 devices, far more looking than
// doing, and ids that are all different.
type years struct {
	log     *audit.Log
	db      *store.DB
	file    string
	witness audit.Witness
	at      time.Time
	size    int64
	intent  audit.Entry // what the next row is the outcome of, when of is set
	of      int64
}

// openYears opens the log in BENCH_DIR, where it stays for the next run, or a new one.
func openYears(tb testing.TB) *years {
	tb.Helper()
	dir := os.Getenv("BENCH_DIR")
	if dir == "" {
		dir = tb.TempDir()
	}
	y := &years{file: filepath.Join(dir, "console.db"), witness: audit.Witness{Keys: filepath.Join(dir, "audit.key.pub"), Anchor: filepath.Join(dir, "anchors")}, at: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}
	var err error
	if y.db, err = store.Open(tb.Context(), y.file); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = y.db.Close() })
	y.log = audit.New(y.db, y.now)
	if y.size, err = y.log.Count(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	y.at = y.at.Add(time.Duration(y.size) * step)
	return y
}

// step is the time from one row to the next: a million rows are four months.
const step = 10 * time.Second

func (y *years) now() time.Time {
	y.at = y.at.Add(step)
	return y.at
}

// notary returns what makes a checkpoint.
func (y *years) notary(tb testing.TB) func() {
	tb.Helper()
	key, err1 := audit.LoadKey(strings.TrimSuffix(y.witness.Keys, ".pub"))
	keys, err2 := audit.ReadKeys(y.witness.Keys)
	if err := errors.Join(err1, err2); err != nil {
		tb.Fatal(err)
	}
	n := audit.NewNotary(y.db, key, keys, audit.FileAnchor(y.witness.Anchor), nil, time.Now, slog.New(slog.DiscardHandler))
	return func() {
		if _, err := n.Checkpoint(tb.Context()); err != nil {
			tb.Fatal(err)
		}
	}
}

// grow appends until the log has so many rows, and makes indexes and triggers anew then, for that is quicker. each is called
// after every chunk of rows, which are one transaction.
func (y *years) grow(tb testing.TB, size, chunk int64, each func()) {
	tb.Helper()
	if y.size >= size {
		return
	}
	raw := openRaw(tb, y.file)
	made := takeAway(tb, raw)
	for y.size < size {
		err := y.db.Write(tb.Context(), func(tx *sql.Tx) error {
			return audit.AppendManyForTest(tb.Context(), y.log, tx, int(min(chunk, size-y.size)), y.next)
		})
		if err != nil {
			tb.Fatal(err)
		}
		each()
	}
	for _, text := range made {
		mustExec(tb, raw, text)
	}
}

// takeAway drops the indexes and triggers of the log, and returns how they were made.
func takeAway(tb testing.TB, raw *sql.DB) (made []string) {
	tb.Helper()
	rows, err := raw.QueryContext(tb.Context(), `SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND tbl_name IN ('audit', 'audit_log') AND sql IS NOT NULL`)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	var drop []string
	for rows.Next() {
		var kind, name, text string
		if err := rows.Scan(&kind, &name, &text); err != nil {
			tb.Fatal(err)
		}
		drop, made = append(drop, "DROP "+kind+" "+name), append(made, text)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	for _, text := range drop {
		mustExec(tb, raw, text)
	}
	return made
}

// next is what happens next. It mixes the row's number, so that a log is the same every time.
func (y *years) next() audit.Entry {
	y.size++
	if y.of > 0 {
		e := y.intent
		e.Phase, e.Of, e.Outcome, e.LatencyMS = audit.PhaseOutcome, y.of, outcomeOf(y.of), 180
		y.of = 0
		return e
	}
	n := uint64(y.size) * 0x9E3779B97F4A7C15
	n ^= n >> 29
	e := audit.Entry{Actor: actor(n % 64), Roles: "support, manager", Phase: audit.Event, Outcome: audit.OK, IP: fmt.Sprintf("10.20.%d.%d", n%7, n>>8%200),
		Session: fmt.Sprintf("%08x", n>>40), RequestID: fmt.Sprintf("%016X", n*0xD1342543DE82EF95), Device: device(n >> 20 % 200_000)}
	switch kind := n >> 7 % 100; {
	case kind < 40:
		e.Action = audit.DeviceView
	case kind < 65:
		e.Action, e.Order = audit.OrderView, order(n>>18%400_000)
	case kind < 80:
		e.Action, e.Device = audit.Search, ""
		e.Detail = []audit.Field{{Key: "hits", Value: "1"}, {Key: "q", Value: device(n >> 20 % 200_000)}}
	case kind < 90:
		e.Action, e.Device, e.Detail = audit.DeviceList, "", []audit.Field{{Key: "filter", Value: "lifecycle=2&status=5"}}
	default:
		e.Action, e.Order, e.Phase, e.Outcome = []audit.Action{audit.OrderPause, audit.OrderRestart, audit.OrderOpen, audit.SMSSend}[n>>9%4], order(n>>18%400_000), audit.Intent, ""
		e.Reason, e.Detail = reason(n>>11), []audit.Field{{Key: "before_status", Value: "2"}, {Key: "wanted_status", Value: "5"}}
		y.intent, y.of = e, y.size
	}
	return e
}

func actor(n uint64) string  { return fmt.Sprintf("person%02d", min(n, n*n/64)) }
func device(n uint64) string { return fmt.Sprintf("898602%014d", n*7919) }
func order(n uint64) string  { return fmt.Sprintf("ORDER_1700000%012d", n*104_729) }

func outcomeOf(seq int64) string {
	switch {
	case seq%500 == 0:
		return audit.Unknown
	case seq%20 == 0:
		return audit.Rejected
	}
	return audit.OK
}

func reason(n uint64) string {
	return fmt.Sprintf("Ticket %d: %s", n%90_000, []string{"the customer asked to pause it", "the bill is not paid", "客户要求暂停", "moved to another tariff", "wrong package ordered"}[n>>17%5])
}
