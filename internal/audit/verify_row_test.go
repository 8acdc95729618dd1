package audit_test

import (
	"strings"
	"testing"

	"cmpconsole/internal/audit"
)

// A row is said to be proven only when it agrees with itself, with the row before it and with the tree that a
// checkpoint signed, whatever a forger mends along with it.
func TestStandingOfARow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change       string // after which all hashes from row 7 on are mended when it is empty
		wrong, doubt string
	}{
		"as it is":         {"SELECT 1", "", ""},
		"body":             {`UPDATE audit SET body = CAST(replace(CAST(body AS TEXT), 'Ticket', 'Tocket') AS BLOB) WHERE seq = 7`, "it was put in or changed", ""},
		"column":           {`UPDATE audit SET actor = 'mallory' WHERE seq = 7`, "it was changed: its column actor", ""},
		"the row before":   {`UPDATE audit SET hash = randomblob(32) WHERE seq = 6`, "it does not follow row 6", ""},
		"none before":      {`DELETE FROM audit WHERE seq = 6`, "row 6 before it is missing", ""},
		"another is gone":  {`DELETE FROM audit WHERE seq = 3`, "", "a row of the tree is missing"},
		"with all hashes":  {"", "", "it, or another row that the checkpoint covers, was rewritten"},
		"the block's hash": {`UPDATE audit_block SET hash = x'00'`, "", "a hash of the audit log has 1 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := openOffice(t)
			add(t, o.log, 300)
			o.checkpoint(t)
			raw := openRaw(t, o.file)
			withoutTriggers(t, raw, func() {
				if tt.change == "" {
					rewriteFrom(t, raw, 7)
				} else {
					mustExec(t, raw, tt.change)
				}
			})
			s, err := audit.NewCheckpoints(o.db, o.witness.Keys).Standing(t.Context(), 7)
			if err != nil || !strings.HasPrefix(s.Wrong, tt.wrong) || !strings.HasPrefix(s.Doubt, tt.doubt) || (s.Wrong == "") != (tt.wrong == "") || (s.Doubt == "") != (tt.doubt == "") {
				t.Errorf("%+v, %v", s, err)
			}
			if s.Wrong == "" && (!s.Covered || s.By.Size != 300) {
				t.Errorf("covered by %+v", s)
			}
		})
	}
}

// The first row must begin this very log, and one that is newer than all checkpoints has nothing to prove it yet.
func TestStandingAtTheEnds(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 2)
	o.checkpoint(t)
	add(t, o.log, 1)
	read := audit.NewCheckpoints(o.db, o.witness.Keys)
	for seq, covered := range map[int64]bool{1: true, 2: true, 3: false} {
		if s, err := read.Standing(t.Context(), seq); err != nil || s.Wrong+s.Doubt != "" || s.Covered != covered {
			t.Errorf("row %d: %+v, %v", seq, s, err)
		}
	}
	raw := openRaw(t, o.file)
	withoutTriggers(t, raw, func() { mustExec(t, raw, `UPDATE audit_log SET log_id = 'another'`) })
	if s, err := read.Standing(t.Context(), 1); err != nil || s.Wrong == "" {
		t.Errorf("another log's first row: %+v, %v", s, err)
	}
}
