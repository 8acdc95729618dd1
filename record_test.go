package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/store"
)

// row is a row of the audit log as an outsider with the file sees it.
type row struct {
	seq, of                       int64
	at                            time.Time
	actor, action, phase, outcome string
	device, order, reason         string
	body                          string
}

// rows reads the audit log of a data directory, oldest row first, past the console.
func rows(t testing.TB, dir string) []row {
	t.Helper()
	db, err := store.OpenReadOnly(filepath.Join(dir, "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	list, err := db.QueryContext(t.Context(), `SELECT seq, coalesce(of, 0), time, coalesce(actor, ''), coalesce(action, ''), coalesce(phase, ''),
		coalesce(outcome, ''), coalesce(device, ''), coalesce(order_id, ''), body FROM audit ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var found []row
	for list.Next() {
		var r row
		var micros int64
		if err := list.Scan(&r.seq, &r.of, &micros, &r.actor, &r.action, &r.phase, &r.outcome, &r.device, &r.order, &r.body); err != nil {
			t.Fatal(err)
		}
		var body struct{ Reason string }
		if err := json.Unmarshal([]byte(r.body), &body); err != nil {
			t.Fatalf("row %d: %v", r.seq, err)
		}
		r.at, r.reason = time.UnixMicro(micros), body.Reason
		found = append(found, r)
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// looksAt is how often the console looked before it settled the order's action.
func looksAt(t testing.TB, dir, order string) (n int) {
	t.Helper()
	db, err := store.OpenReadOnly(filepath.Join(dir, "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT looks FROM action WHERE order_id = ? AND settled_at IS NOT NULL", order).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// actionRows are the rows of one action on an order: its intent, outcome and refusals, views left out.
func actionRows(all []row, order, verb string) []row {
	return slices.DeleteFunc(slices.Clone(all), func(r row) bool { return r.order != order || r.action != "order."+verb })
}

// wantPair fails the test unless the log has exactly one intent of the action and one outcome, in that order.
func wantPair(t testing.TB, dir, order, verb, outcome string) (intent, result row) {
	t.Helper()
	found := slices.DeleteFunc(actionRows(rows(t, dir), order, verb), func(r row) bool { return r.phase == "event" })
	if len(found) != 2 || found[0].phase != "intent" || found[1].phase != "outcome" || found[1].of != found[0].seq {
		t.Fatalf("%s of %s left these rows, want an intent and its outcome: %+v", verb, order, found)
	}
	if found[1].outcome != outcome {
		t.Fatalf("%s of %s ended as %q in the log, want %q", verb, order, found[1].outcome, outcome)
	}
	return found[0], found[1]
}

// awaitRow waits until the log has a row that matches. Another process or goroutine writes it and gives no signal.
func (in *instance) awaitRow(ctx context.Context, t testing.TB, match func(row) bool) error {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if slices.ContainsFunc(rows(t, in.dir), match) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
