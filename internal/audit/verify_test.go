package audit_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

func TestVerifyIntactLog(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log, raw := audit.New(db, clock()), openRaw(t, path)
	if report := mustVerify(t, raw); report.Rows != 0 || len(report.Faults) > 0 {
		t.Errorf("empty log: %+v", report)
	}
	fill(t, log, 20)
	report := mustVerify(t, raw)
	_, head, err := log.Head(t.Context())
	if err != nil || len(report.Faults) > 0 || report.Rows != 21 || !bytes.Equal(report.Head, head) {
		t.Errorf("%+v, %v", report, err)
	}
	if !slices.Equal(report.Open, []int64{21}) {
		t.Errorf("open intents %v", report.Open)
	}
}

// TestEveryCharacterVerifies: verification compares the columns as SQLite writes them in JSON with what we write.
func TestEveryCharacterVerifies(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	var text []rune
	record := func(tx *sql.Tx) error {
		s := string(text)
		text = text[:0]
		_, err := log.AppendTx(t.Context(), tx, audit.Entry{Actor: s, Action: audit.Action(s), Phase: audit.Phase(s), Outcome: s, Device: s, Order: s, RequestID: s})
		return err
	}
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		for r := rune(0); r <= unicode.MaxRune; r++ {
			if r > 0x3000 && r%0x100 < 0xFC { // from there on the last of each block will do
				continue
			}
			if text = append(text, r); len(text) == 64 {
				if err := record(tx); err != nil {
					return err
				}
			}
		}
		return record(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if report := mustVerify(t, openRaw(t, path)); report.Rows < 400 || len(report.Faults) > 0 {
		t.Errorf("%d rows, %+v", report.Rows, report.Faults)
	}
}

// TestVerifyNamesTheColumn changes each copy to every kind of other text.
func TestVerifyNamesTheColumn(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	mustAppend(t, audit.New(db, clock()), sample(1))
	raw := openRaw(t, path)
	for _, column := range []string{"time", "actor", "action", "phase", "outcome", "device", "order_id", "of", "request_id"} {
		values := []string{"''", "NULL", column + " || 'x'", column + " || char(0)", column + " || '\",\"'", "CAST(x'ff' AS TEXT)"}
		switch column {
		case "time":
			values = []string{"time + 1"}
		case "of":
			values = []string{"0", "1"}
		}
		for _, value := range values {
			withoutTriggers(t, raw, func() {
				mustExec(t, raw, "CREATE TEMP TABLE before AS SELECT * FROM audit")
				mustExec(t, raw, "UPDATE audit SET "+column+" = "+value)
			})
			report := mustVerify(t, raw)
			if len(report.Faults) != 1 || report.Faults[0].What != "row 1 was changed: its column "+column+" is not what its body says" {
				t.Errorf("%s = %s: %+v", column, value, report.Faults)
			}
			withoutTriggers(t, raw, func() {
				mustExec(t, raw, "UPDATE audit SET "+column+" = (SELECT "+column+" FROM before)")
				mustExec(t, raw, "DROP TABLE before")
			})
		}
	}
	if report := mustVerify(t, raw); len(report.Faults) > 0 {
		t.Errorf("put back: %+v", report.Faults)
	}
}

func TestVerifyPairsIntentsAndOutcomes(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	event := mustAppend(t, log, sample(1))
	intent := mustAppend(t, log, audit.Entry{Action: audit.OrderPause, Phase: audit.Intent})
	outcome := audit.Entry{Action: audit.OrderPause, Phase: audit.PhaseOutcome, Outcome: audit.OK}
	for _, of := range []int64{intent, intent, event, 0, 99} { // 3 is right, 4 to 7 are not
		outcome.Of = of
		mustAppend(t, log, outcome)
	}
	mustAppend(t, log, audit.Entry{Action: audit.OrderSettled, Phase: audit.Event, Of: intent})
	mustAppend(t, log, audit.Entry{Action: audit.OrderSettled, Phase: audit.Event, Of: event}) // 9
	var named []int64
	for _, f := range mustVerify(t, openRaw(t, path)).Faults {
		named = append(named, f.Seq)
	}
	if !slices.Equal(named, []int64{4, 5, 6, 7, 9}) {
		t.Errorf("named %v", named)
	}
}

func TestVerifyNamesEveryOneOfSeveralChanges(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	fill(t, audit.New(db, clock()), 60)
	raw := openRaw(t, path)
	withoutTriggers(t, raw, func() {
		mustExec(t, raw, "DELETE FROM audit WHERE seq IN (5, 20, 21, 61)")
		mustExec(t, raw, "UPDATE audit SET actor = 'mallory' WHERE seq IN (8, 9)")
		mustExec(t, raw, "UPDATE audit SET body = x'7b7d' WHERE seq = 30")
	})
	mustExec(t, raw, "DROP TRIGGER audit_no_delete")
	var got []string
	for _, f := range mustVerify(t, raw).Faults {
		got = append(got, f.What)
	}
	want := []string{
		"row 5 is missing",
		"row 8 was changed: its column actor is not what its body says",
		"row 9 was changed: its column actor is not what its body says",
		"rows 20 to 21 are missing",
		"row 30 was put in or changed: its content does not match its hash",
		"row 61 is missing",
		"the trigger audit_no_delete is missing",
	}
	if !slices.Equal(got, want) {
		t.Errorf("faults\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestVerifyBoundsItsReport(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	fill(t, audit.New(db, clock()), 60)
	raw := openRaw(t, path)
	withoutTriggers(t, raw, func() { mustExec(t, raw, "UPDATE audit SET actor = 'mallory' WHERE seq > 10") })
	report := mustVerify(t, raw)
	if len(report.Faults) != 20 || !report.More || report.Faults[0].Seq != 11 || report.Rows != 61 {
		t.Errorf("%d faults of %d rows, more %t", len(report.Faults), report.Rows, report.More)
	}
}

// TestCutTailStaysVisible cuts the newest rows off and lets the console go on: the gap must not be filled.
func TestCutTailStaysVisible(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	fill(t, log, 8)
	raw := openRaw(t, path)
	withoutTriggers(t, raw, func() { mustExec(t, raw, "DELETE FROM audit WHERE seq > 7") })
	if report := mustVerify(t, raw); len(report.Faults) != 1 || report.Faults[0].What != "rows 8 to 9 are missing" {
		t.Errorf("%+v", report.Faults)
	}
	if seq := mustAppend(t, log, sample(1)); seq != 10 {
		t.Errorf("the log goes on with row %d", seq)
	}
	if report := mustVerify(t, raw); len(report.Faults) != 1 || report.Faults[0].What != "rows 8 to 9 are missing" {
		t.Errorf("after an append: %+v", report.Faults)
	}
}

// TestForgedEndIsFound changes the newest row with its hash, puts a fitting row behind it, or moves the recorded end.
func TestForgedEndIsFound(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(t *testing.T, raw *sql.DB){
		"row 5 ": func(t *testing.T, raw *sql.DB) {
			body := []byte(strings.Replace(string(bodyOf(t, raw, 5)), "support", "mallory", 1))
			var prev []byte
			if err := raw.QueryRowContext(t.Context(), "SELECT prev_hash FROM audit WHERE seq = 5").Scan(&prev); err != nil {
				t.Fatal(err)
			}
			mustExec(t, raw, "UPDATE audit SET body = ?, hash = ?, actor = 'mallory' WHERE seq = 5", body, audit.HashForTest(5, prev, body))
		},
		"row 6 ": func(t *testing.T, raw *sql.DB) {
			body := []byte(`{"v":1,"seq":6,"time":"1970-01-01T00:00:00.000001Z"}`)
			var head []byte
			if err := raw.QueryRowContext(t.Context(), "SELECT hash FROM audit WHERE seq = 5").Scan(&head); err != nil {
				t.Fatal(err)
			}
			mustExec(t, raw, "INSERT INTO audit (seq, body, prev_hash, hash, time) VALUES (6, ?, ?, ?, 1)", body, head, audit.HashForTest(6, head, body))
		},
		"row 4 ":        func(t *testing.T, raw *sql.DB) { mustExec(t, raw, "UPDATE audit_log SET size = 3") },
		"rows 6 to 9 ":  func(t *testing.T, raw *sql.DB) { mustExec(t, raw, "UPDATE audit_log SET size = 9") },
		"without an id": func(t *testing.T, raw *sql.DB) { mustExec(t, raw, "DELETE FROM audit_log") },
		"row 1 does not begin this log": func(t *testing.T, raw *sql.DB) {
			mustExec(t, raw, "UPDATE audit_log SET log_id = 'another log'")
		},
	} {
		db, path := openFile(t)
		fill(t, audit.New(db, clock()), 4)
		raw := openRaw(t, path)
		withoutTriggers(t, raw, func() { forge(t, raw) })
		if report := mustVerify(t, raw); len(report.Faults) == 0 || !strings.Contains(report.Faults[0].What, name) {
			t.Errorf("%s: %+v", name, report.Faults)
		}
	}
}

func TestTwoLogsCannotBeExchanged(t *testing.T) {
	t.Parallel()
	one, path1 := openFile(t)
	two, path2 := openFile(t)
	now := clock()
	fill(t, audit.New(one, now), 4)
	fill(t, audit.New(two, now), 4)
	raw := openRaw(t, path1)
	withoutTriggers(t, raw, func() {
		mustExec(t, raw, "ATTACH DATABASE ? AS other", path2)
		mustExec(t, raw, "DELETE FROM main.audit")
		mustExec(t, raw, "INSERT INTO main.audit SELECT * FROM other.audit")
		mustExec(t, raw, "DETACH DATABASE other")
	})
	if report := mustVerify(t, raw); len(report.Faults) == 0 || report.Faults[0].Seq != 1 {
		t.Errorf("%+v", report.Faults)
	}
}

func TestVerifyTailReadsTheEndOnly(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log, raw := audit.New(db, clock()), openRaw(t, path)
	if report, err := audit.VerifyNewest(t.Context(), raw, 10); err != nil || len(report.Faults) > 0 || report.Rows != 0 {
		t.Errorf("empty log: %+v, %v", report, err)
	}
	fill(t, log, 60)
	for _, n := range []int64{1, 10, 61, 1000} {
		report, err := audit.VerifyNewest(t.Context(), raw, n)
		if err != nil || len(report.Faults) > 0 || report.Rows != min(n, 61) {
			t.Errorf("tail of %d: %+v, %v", n, report, err)
		}
	}
	withoutTriggers(t, raw, func() { mustExec(t, raw, "UPDATE audit SET actor = 'mallory' WHERE seq IN (20, 55)") })
	report, err := audit.VerifyNewest(t.Context(), raw, 10)
	if err != nil || len(report.Faults) != 1 || report.Faults[0].Seq != 55 {
		t.Errorf("%+v, %v", report, err)
	}
	withoutTriggers(t, raw, func() { mustExec(t, raw, "DELETE FROM audit WHERE seq > 60") })
	if report, err = audit.VerifyNewest(t.Context(), raw, 10); err != nil || len(report.Faults) != 2 || report.Faults[1].Seq != 61 {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestUnreadableIsAnErrorNotAFault tells what cannot be judged from what was judged and is wrong.
func TestUnreadableIsAnErrorNotAFault(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, other := filepath.Join(dir, "text.db"), filepath.Join(dir, "other.db")
	if err := os.WriteFile(text, []byte("this is no database, but it is long enough to be asked for its header of one hundred bytes, surely so"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustExec(t, openRaw(t, other), "CREATE TABLE notes (text TEXT)")
	for _, path := range []string{text, other} {
		db, err := store.OpenReadOnly(path)
		if err != nil {
			t.Fatal(err)
		}
		if report, err := audit.Verify(t.Context(), db); err == nil {
			t.Errorf("%s: %+v", path, report)
		}
		_ = db.Close()
	}
	_, path := openFile(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := audit.Verify(ctx, openRaw(t, path)); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// Stretches are read side by side and judged in order: a log of several of them verifies, and what is wrong at their
// borders, or far behind the end, is named.
func TestVerifyReadsInStretches(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ change, want string }{
		"intact":              {"", ""},
		"the last of one":     {`UPDATE audit SET actor = 'mallory' WHERE seq = 1024`, "row 1024 was changed"},
		"the first of one":    {`UPDATE audit SET actor = 'mallory' WHERE seq = 2049`, "row 2049 was changed"},
		"a whole one is gone": {`DELETE FROM audit WHERE seq BETWEEN 1025 AND 2048`, "rows 1025 to 2048 are missing"},
		"numbered far out":    {`UPDATE audit SET seq = 9000000000000000000 WHERE seq = 3000`, "row 9000000000000000000 was put in"},
		"numbered below one":  {`UPDATE audit SET seq = -5 WHERE seq = 7`, "row -5 was put in"},
	} {
		db, path := openFile(t)
		fill(t, audit.New(db, clock()), 3000)
		raw := openRaw(t, path)
		if tt.change != "" {
			withoutTriggers(t, raw, func() { mustExec(t, raw, tt.change) })
		}
		report, err := audit.VerifyFile(t.Context(), path, audit.Witness{})
		if err != nil || (tt.want == "") != (len(report.Faults) == 0) {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
		if tt.want != "" {
			wantFault(t, report, tt.want)
		}
	}
}
