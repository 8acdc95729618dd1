package audit_test

import (
	"strings"
	"testing"

	"cmpconsole/internal/audit"
)

// A copy from before a migration has the tables and guards of its time; its rows and anchors are judged all the same.
func TestOldSchemasVerify(t *testing.T) {
	t.Parallel()
	const to8 = "DROP TABLE audit_secret; DROP TABLE audit_checkpoint; DROP TABLE audit_block; DELETE FROM goose_db_version WHERE version_id > 8"
	for name, tt := range map[string]struct {
		before audit.Entry // what the log has besides
		do     string
		want   []string // beginnings
	}{
		"before values":      {do: "DROP TABLE audit_secret; DELETE FROM goose_db_version WHERE version_id > 13"},
		"before checkpoints": {do: to8},
		"said to be old, but with a value": {audit.Entry{Action: audit.SMSSend, Phase: audit.Event, Secrets: []audit.Field{{Key: "text", Value: "hello"}}}, to8,
			[]string{"row 11 has lost its text"}},
		"old and changed":            {do: to8 + "; DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'mallory' WHERE seq = 5", want: []string{"row 5 was changed", "the trigger audit_no_update is missing"}},
		"not old, a table missing":   {do: "DROP TABLE audit_secret; DROP TRIGGER audit_no_update; UPDATE audit SET actor = 'mallory' WHERE seq = 5", want: []string{"row 5 was changed", "the table audit_secret is missing", "the trigger audit_no_update is missing", "the trigger audit_secret"}},
		"no version":                 {do: "DROP TABLE audit_secret; DROP TABLE goose_db_version", want: []string{"the table audit_secret is missing", "the trigger audit_secret"}},
		"a guard of nobody's":        {do: "CREATE TRIGGER x AFTER INSERT ON audit_checkpoint BEGIN DELETE FROM audit_checkpoint; END", want: []string{`the trigger "x" does not belong to the log`}},
		"a table of another shape":   {do: "DROP TABLE audit_block; CREATE TABLE audit_block (n INTEGER) STRICT", want: []string{"the table audit_block has another shape"}},
		"old, with a table too many": {do: "DELETE FROM goose_db_version WHERE version_id > 8"},
	} {
		o := openOffice(t)
		add(t, o.log, 10)
		if tt.before.Action != "" {
			mustAppend(t, o.log, tt.before)
		}
		c := o.checkpoint(t)
		mustExec(t, openRaw(t, o.file), tt.do)
		report := o.verify(t)
		if report.Rows != c.Size || len(tt.want) == 0 && (len(report.Faults) > 0 || report.Anchored != c.Size) || len(report.Faults) < len(tt.want) {
			t.Errorf("%s: %+v", name, report)
			continue
		}
		for i, want := range tt.want {
			if got := report.Faults[i].What; !strings.HasPrefix(got, want) {
				t.Errorf("%s: fault %d is %s, want %s", name, i, got, want)
			}
		}
	}
}
