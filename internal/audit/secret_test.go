package audit_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// redact erases the text beside a row as an admin would.
func redact(t *testing.T, db *store.DB, log *audit.Log, seq int64) (text string, err error) {
	t.Helper()
	err = db.Write(t.Context(), func(tx *sql.Tx) error {
		text, err = log.RedactTx(t.Context(), tx, seq, "text", audit.Entry{Actor: "admin", Reason: "asked for by the customer"})
		return err
	})
	return text, err
}

// texts writes a log of five rows, of which 1, 2, 4 and 5 commit to a text; that of row 2 is erased by row 6.
func texts(t *testing.T) (*store.DB, *audit.Log, *sql.DB) {
	t.Helper()
	db, path := openFile(t)
	log := audit.New(db, clock())
	for i := range int64(5) {
		if i == 2 {
			mustAppend(t, log, sample(i))
			continue
		}
		mustAppend(t, log, withText(i, fmt.Sprintf("text %d", i+1)))
	}
	if text, err := redact(t, db, log, 2); text != "text 2" || err != nil {
		t.Fatal(text, err)
	}
	return db, log, openRaw(t, path)
}

// A value is kept whole and as it is, whatever its length and bytes, beside the row and not in it.
func TestValuesAreKeptBesideTheirRows(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	for _, text := range []string{"Reboot, please", "", strings.Repeat("订", 20_000), "\xff\x00\u202e"} {
		seq := mustAppend(t, log, withText(1, text))
		kept, ok, err := log.Secret(t.Context(), seq, "text")
		if err != nil || !ok || kept != text {
			t.Errorf("%.20q came back as %.20q, %v, %v", text, kept, ok, err)
		}
		row, err := log.Get(t.Context(), seq)
		if err != nil || len(row.Commitments) != 1 || len(row.Secrets) != 0 {
			t.Errorf("%+v, %v", row, err)
		}
	}
	if _, ok, err := log.Secret(t.Context(), 1, "other"); ok || err != nil {
		t.Error(ok, err)
	}
	var salts int
	raw := openRaw(t, path)
	if err := raw.QueryRowContext(t.Context(), "SELECT count(DISTINCT salt) FROM audit_secret WHERE length(salt) = 32").Scan(&salts); err != nil || salts != 4 {
		t.Errorf("%d salts for 4 values, %v", salts, err)
	}
	if report := mustVerify(t, raw); report.Kept != 4 || report.Erased != 0 || len(report.Faults) > 0 {
		t.Errorf("%+v", report)
	}
}

// An erased value leaves a log that verifies and says who erased it, when and why.
func TestRedactedLogVerifies(t *testing.T) {
	t.Parallel()
	_, log, raw := texts(t)
	if report := mustVerify(t, raw); report.Rows != 6 || report.Kept != 3 || report.Erased != 1 || len(report.Faults) > 0 {
		t.Errorf("%+v", report)
	}
	for n := range int64(6) {
		if report, err := audit.VerifyNewest(t.Context(), raw, n+1); err != nil || len(report.Faults) > 0 {
			t.Errorf("the newest %d rows: %+v, %v", n+1, report, err)
		}
	}
	if _, ok, err := log.Secret(t.Context(), 2, "text"); ok || err != nil {
		t.Error("the text of row 2 is still there", err)
	}
	told, err := log.Redaction(t.Context(), 2, "text")
	if err != nil || told == nil || told.Actor != "admin" || told.Reason != "asked for by the customer" || told.Time.IsZero() {
		t.Errorf("%+v, %v", told, err)
	}
	if told, err := log.Redaction(t.Context(), 1, "text"); err != nil || told != nil {
		t.Errorf("%+v, %v", told, err)
	}
}

// What cannot be erased is said to be so, and nothing is recorded.
func TestWhatCannotBeRedacted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		seq    int64
		change string
		is     error
		kind   fault.Kind
	}{
		"no such row":       {7, "", nil, fault.NotFound},
		"no value":          {3, "", audit.ErrNoSecret, 0},
		"erased before":     {2, "", audit.ErrErased, 0},
		"a changed value":   {1, "UPDATE audit_secret SET value = x'00' WHERE seq = 1", nil, fault.Conflict},
		"a changed salt":    {1, "UPDATE audit_secret SET salt = randomblob(32) WHERE seq = 1", nil, fault.Conflict},
		"a value that went": {1, "DELETE FROM audit_secret WHERE seq = 1", nil, fault.Conflict},
		"a changed row":     {1, "UPDATE audit SET body = CAST(replace(CAST(body AS TEXT), 'support', 'mallory') AS BLOB) WHERE seq = 1", nil, fault.Conflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, log, raw := texts(t)
			withoutTriggers(t, raw, func() { mustExec(t, raw, tt.change) })
			_, err := redact(t, db, log, tt.seq)
			if err == nil || tt.is != nil && !errors.Is(err, tt.is) || fault.KindOf(err) != tt.kind {
				t.Errorf("%v", err)
			}
			if n, err := log.Count(t.Context()); n != 6 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
		})
	}
}

// TestTamperedValuesAreFound changes what is kept beside the rows in every way, with the guards taken off and put back.
func TestTamperedValuesAreFound(t *testing.T) {
	t.Parallel()
	const other = "INSERT INTO audit_secret (seq, field, salt, value) SELECT %s, %s, salt, value FROM audit_secret WHERE seq = 1"
	for name, tt := range map[string]struct{ change, want string }{
		"value changed":          {"UPDATE audit_secret SET value = CAST('text 9' AS BLOB) WHERE seq = 4", "row 4 has another text beside it than it commits to"},
		"salt changed":           {"UPDATE audit_secret SET salt = randomblob(32) WHERE seq = 4", "row 4 has another text beside it than it commits to"},
		"values swapped":         {"UPDATE audit_secret SET (salt, value) = (SELECT salt, value FROM audit_secret WHERE seq = 1) WHERE seq = 5", "row 5 has another text beside it"},
		"value of another name":  {"UPDATE audit_secret SET field = 'to' WHERE seq = 4", `row 4 has a value beside it, "to", that it does not commit to`},
		"value erased":           {"DELETE FROM audit_secret WHERE seq = 4", "row 4 has lost its text: it is not beside the row, and no row says that it was erased"},
		"last value erased":      {"DELETE FROM audit_secret WHERE seq = 5", "row 5 has lost its text"},
		"every value erased":     {"DELETE FROM audit_secret", "row 1 has lost its text"},
		"value put in":           {fmt.Sprintf(other, "3", "field"), `row 3 has a value beside it, "text", that it does not commit to`},
		"second value put in":    {fmt.Sprintf(other, "1", "'a'"), `row 1 has a value beside it, "a", that it does not commit to`},
		"value behind the end":   {fmt.Sprintf(other, "9", "field"), "row 9 is not there, but a value of it is kept"},
		"value before the rows":  {fmt.Sprintf(other, "0", "field"), "row 0 is not there, but a value of it is kept"},
		"erased value put back":  {"INSERT INTO audit_secret (seq, field, salt, value) SELECT 2, field, salt, value FROM audit_secret WHERE seq = 1", "row 2 has another text beside it"},
		"erasing row taken out":  {"DELETE FROM audit WHERE seq = 6", "row 2 has lost its text"},
		"erasing row of another": {"UPDATE audit SET of = 1 WHERE seq = 6", "row 6 was changed: its column of"},
		"row gone, value left":   {"DELETE FROM audit WHERE seq = 4", "row 4 is missing"},
		"table dropped":          {"DROP TABLE audit_secret; CREATE TABLE audit_secret (seq INTEGER) STRICT", "the table audit_secret has another shape"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, raw := texts(t)
			withoutTriggersOf(t, raw, name == "table dropped", func() { mustExec(t, raw, tt.change) })
			wantFault(t, mustVerify(t, raw), tt.want)
		})
	}
}

// withoutTriggersOf is withoutTriggers, but for a change that takes tables away together with their guards.
func withoutTriggersOf(t *testing.T, raw *sql.DB, whole bool, do func()) {
	t.Helper()
	if whole {
		do()
		return
	}
	withoutTriggers(t, raw, do)
}

func wantFault(t *testing.T, report audit.Report, want string) {
	t.Helper()
	for _, f := range report.Faults {
		if strings.Contains(f.What, want) {
			return
		}
	}
	t.Errorf("%+v, want %s", report.Faults, want)
}

// The very value and salt that were erased, put back from an old copy, fit the row, but not what the log says.
func TestAnErasedValuePutBackIsFound(t *testing.T) {
	t.Parallel()
	db, log, raw := texts(t)
	mustExec(t, raw, "CREATE TEMP TABLE old AS SELECT * FROM audit_secret WHERE seq = 4")
	if _, err := redact(t, db, log, 4); err != nil {
		t.Fatal(err)
	}
	withoutTriggers(t, raw, func() { mustExec(t, raw, "INSERT INTO audit_secret SELECT * FROM temp.old") })
	wantFault(t, mustVerify(t, raw), "row 4 has its text beside it again, which row 7 erased")
}

// Exports have the commitments, never the values, and verify.
func TestExportsHoldNoValues(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	mustAppend(t, o.log, withText(1, "canary of an SMS"))
	o.checkpoint(t)
	row, err := o.log.Get(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	text := o.export(t, audit.Filter{})
	if strings.Contains(text, "canary") || !strings.Contains(text, `"secrets":{"text":"`+row.Commitments[0].Value+`"}`) {
		t.Error(text)
	}
	if report := o.verifyExport(t, text); len(report.Faults) > 0 || report.Proven != 1 {
		t.Errorf("%+v", report)
	}
	forged := strings.Replace(text, row.Commitments[0].Value, strings.Repeat("0", 64), 1)
	if report := o.verifyExport(t, forged); len(report.Faults) != 1 {
		t.Errorf("a forged commitment: %+v", report)
	}
}

// The guards let a value come with its row, and go when a row says so; nothing else.
func TestGuardsOfValues(t *testing.T) {
	t.Parallel()
	_, _, raw := texts(t)
	before := mustVerify(t, raw)
	for _, query := range []string{
		"UPDATE audit_secret SET value = x'00' WHERE seq = 1",
		"UPDATE OR REPLACE audit_secret SET seq = 1 WHERE seq = 4",
		"DELETE FROM audit_secret WHERE seq = 1",
		"DELETE FROM audit_secret",
		"INSERT INTO audit_secret VALUES (3, 'text', randomblob(32), x'00')",
		"INSERT OR REPLACE INTO audit_secret VALUES (1, 'text', randomblob(32), x'00')",
		"INSERT OR REPLACE INTO audit_secret SELECT 6, 'text', salt, value FROM audit_secret UNION ALL SELECT 6, 'text', salt, x'00' FROM audit_secret",
		"INSERT INTO audit_secret VALUES (7, 'text', randomblob(32), x'00')",
		"INSERT INTO audit_secret VALUES (2, 'text', randomblob(32), x'00')",
	} {
		if _, err := raw.ExecContext(t.Context(), query); err == nil || !strings.Contains(err.Error(), "audit: ") {
			t.Errorf("%s: %v", query, err)
		}
	}
	if after := mustVerify(t, raw); len(after.Faults) > 0 || after.Kept != before.Kept {
		t.Errorf("%+v", after)
	}
}
