package audit_test

import (
	"strings"
	"testing"

	"cmpconsole/internal/audit"
)

const allColumns = "seq, body, prev_hash, hash, time, actor, action, phase, outcome, device, order_id, of, request_id"

// insertAs builds an insert of a copy of row 3 under another number and hash.
func insertAs(verb, seq, hash, rest string) string {
	return verb + " INTO audit (" + allColumns + ") SELECT " + seq + ", x'00', prev_hash, " + hash +
		", time, 'mallory', action, phase, outcome, device, order_id, of, request_id FROM audit WHERE seq = 3 " + rest
}

// TestGuardsStopEveryFormOfChange tries all that SQL has for changing or replacing a row, on a connection that is not ours.
func TestGuardsStopEveryFormOfChange(t *testing.T) {
	t.Parallel()
	db, path := openFile(t)
	log := audit.New(db, clock())
	fill(t, log, 8)
	raw := openRaw(t, path)
	before := mustVerify(t, raw)
	next := "(SELECT max(seq) + 1 FROM audit)"
	for _, query := range []string{
		"UPDATE audit SET actor = 'mallory' WHERE seq = 3",
		"UPDATE OR REPLACE audit SET seq = 3 WHERE seq = 4",
		"UPDATE OR IGNORE audit SET actor = 'mallory'",
		"UPDATE audit SET actor = 'm' FROM audit_log WHERE audit.seq = audit_log.size",
		"DELETE FROM audit WHERE seq = 3",
		"DELETE FROM audit",
		"DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit) RETURNING seq",
		"WITH x AS (SELECT 3 AS seq) DELETE FROM audit WHERE seq IN (SELECT seq FROM x)",
		insertAs("INSERT", "3", "randomblob(32)", ""),
		insertAs("INSERT OR REPLACE", "3", "randomblob(32)", ""),
		insertAs("REPLACE", "3", "randomblob(32)", ""),
		insertAs("INSERT OR IGNORE", "3", "randomblob(32)", ""),
		insertAs("INSERT OR FAIL", "3", "randomblob(32)", ""),
		insertAs("INSERT OR ABORT", "3", "randomblob(32)", ""),
		insertAs("INSERT OR ROLLBACK", "3", "randomblob(32)", ""),
		insertAs("INSERT", "NULL", "randomblob(32)", ""),
		insertAs("INSERT", "0", "randomblob(32)", ""),
		insertAs("INSERT", "-1", "randomblob(32)", ""),
		insertAs("INSERT OR IGNORE", "1000", "randomblob(32)", ""),
		insertAs("INSERT", "3", "randomblob(32)", "ON CONFLICT (seq) DO UPDATE SET actor = 'mallory'"),
		insertAs("INSERT", "3", "randomblob(32)", "ON CONFLICT DO NOTHING"),
		// The next number, but the hash of row 3: REPLACE would delete row 3 without asking a delete trigger.
		insertAs("INSERT OR REPLACE", next, "hash", ""),
		insertAs("REPLACE", next, "hash", ""),
		insertAs("INSERT", next, "hash", "ON CONFLICT (hash) DO UPDATE SET actor = 'mallory'"),
		"UPDATE audit_log SET log_id = 'other'",
		"UPDATE audit_log SET size = 3",
		"UPDATE audit_log SET head = x'00'",
		"UPDATE audit_log SET id = 2, size = size + 1",
		"DELETE FROM audit_log",
		"REPLACE INTO audit_log (id, log_id, size, head) VALUES (1, 'other', 1, x'00')",
		"INSERT INTO audit_log (id, log_id, size, head) VALUES (1, 'other', 1, x'00') ON CONFLICT (id) DO UPDATE SET log_id = 'other'",
	} {
		if _, err := raw.ExecContext(t.Context(), query); err == nil || !strings.Contains(err.Error(), "audit: ") {
			t.Errorf("%s: not stopped by a trigger: %v", query, err)
		}
	}
	after := mustVerify(t, raw)
	if len(after.Faults) > 0 || after.Rows != before.Rows || string(after.Head) != string(before.Head) {
		t.Errorf("the log changed: %+v", after)
	}
	mustAppend(t, log, sample(1))
}

// TestVerifyMissesNoGuard drops and weakens each guard in turn.
func TestVerifyMissesNoGuard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, what string }{
		{"DROP TRIGGER audit_next", "audit_next is missing"},
		{"DROP TRIGGER audit_end", "audit_end is missing"},
		{"DROP TRIGGER audit_no_update", "audit_no_update is missing"},
		{"DROP TRIGGER audit_no_delete", "audit_no_delete is missing"},
		{"DROP TRIGGER audit_log_once", "audit_log_once is missing"},
		{"DROP TRIGGER audit_log_forward", "audit_log_forward is missing"},
		{"DROP TRIGGER audit_log_no_delete", "audit_log_no_delete is missing"},
		{"DROP TRIGGER audit_no_delete; CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN 0 BEGIN SELECT 1; END", "audit_no_delete was changed"},
		{"CREATE TRIGGER more BEFORE INSERT ON audit BEGIN SELECT RAISE(IGNORE); END", `"more" does not belong`},
		{"ALTER TABLE audit ADD COLUMN more TEXT", "table audit has another shape"},
		{"ALTER TABLE audit_log RENAME TO gone", "table audit_log is missing"},
		{"DROP TABLE audit", "table audit is missing"},
		{"DROP TABLE audit; DROP TABLE audit_log", "table audit_log is missing"},
		{"DROP TABLE audit; CREATE TABLE audit (seq INTEGER PRIMARY KEY, body BLOB, prev_hash BLOB, hash BLOB, time INTEGER, actor TEXT, " +
			"action TEXT, phase TEXT, outcome TEXT, device TEXT, order_id TEXT, of INTEGER, request_id TEXT)", "table audit has another shape"},
	} {
		db, path := openFile(t)
		fill(t, audit.New(db, clock()), 4)
		raw := openRaw(t, path)
		mustExec(t, raw, c.query)
		report := mustVerify(t, raw)
		found := false
		for _, f := range report.Faults {
			found = found || strings.Contains(f.What, c.what)
		}
		if !found {
			t.Errorf("%s: %+v", c.query, report.Faults)
		}
	}
}
