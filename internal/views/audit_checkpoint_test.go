package views

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
)

// What an auditor takes away proves every row of an export that the newest checkpoint covers, also when another
// checkpoint was signed between the two downloads; a byte that was changed is found.
func TestCheckpointsAreTakenAway(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/audit/checkpoint?part=note").want(t, http.StatusNotFound)
	for range 3 {
		v.get("/devices").want(t, http.StatusOK)
	}
	covered := st.checkpoint(t)
	lines := v.get("/audit/export?format=jsonl").want(t, http.StatusOK).body
	v.get("/devices").want(t, http.StatusOK)
	newest := st.checkpoint(t)
	note, key := v.get("/audit/checkpoint?part=note").want(t, http.StatusOK), v.get("/audit/checkpoint?part=key").want(t, http.StatusOK)
	for what, a := range map[string]answer{`attachment; filename="audit-checkpoints-` + number(int(newest.Size)) + `.txt"`: note, `attachment; filename="audit-keys.txt"`: key} {
		if a.header.Get("Content-Disposition") != what || a.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%v, want %s", a.header, what)
		}
	}
	if row, ok := st.rowOf(t, note, audit.AuditExport); !ok || row.Actor != "auditor" || row.Outcome != audit.OK || details(row)["part"] != "note" || details(row)["size"] != number(int(newest.Size)) {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	if row, ok := st.rowOf(t, key, audit.AuditExport); !ok || details(row)["part"] != "key" {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	home := takenHome(t, key.body, note.body)
	report, err := audit.VerifyExport(strings.NewReader(lines), home)
	if err != nil || len(report.Faults) > 0 || int64(report.Proven) != covered.Size || report.Rows <= report.Proven {
		t.Errorf("%+v, %v: want %d proven", report, err, covered.Size)
	}
	forged := strings.Replace(lines, "device.list", "device.view", 2) // in the field and in what was hashed
	if report, err := audit.VerifyExport(strings.NewReader(forged), home); err != nil || len(report.Faults) != 1 {
		t.Errorf("a changed row: %+v, %v", report, err)
	}
	for _, bad := range []string{"", "?part=secret", "?part=../audit.key"} {
		v.get("/audit/checkpoint"+bad).want(t, http.StatusUnprocessableEntity)
	}
}

// checkpoint has the log signed as it is now.
func (st *site) checkpoint(t *testing.T) audit.Checkpoint {
	t.Helper()
	c, err := st.notary.Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// takenHome keeps the two files where nothing else of the console is.
func takenHome(t *testing.T, key, note string) audit.Witness {
	t.Helper()
	home := audit.Witness{Keys: filepath.Join(t.TempDir(), "keys"), Anchor: filepath.Join(t.TempDir(), "checkpoints")}
	for name, content := range map[string]string{home.Keys: key, home.Anchor: note} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// A checkpoint that is not signed by a known key is not handed out, and not said to cover anything.
func TestForeignCheckpointsAreNotHandedOut(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	st.checkpoint(t)
	other := newSite(t)
	st.Checkpoints = audit.NewCheckpoints(st.db, keysOf(t, other))
	v.get("/audit/checkpoint?part=note").want(t, http.StatusServiceUnavailable)
	if text := textOf(v.get("/audit/1").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "could not be read") || strings.Contains(text, "Proven by") {
		t.Error(text)
	}
}

// keysOf writes a site's public keys to a file of its own.
func keysOf(t *testing.T, st *site) string {
	t.Helper()
	keys, err := st.Checkpoints.Keys()
	if err != nil {
		t.Fatal(err)
	}
	return takenHome(t, string(keys), "").Keys
}

// The log, and the text of a message, leave with their record or not at all.
func TestNothingIsTakenUnrecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	st.checkpoint(t)
	st.refuseRows(t)
	for _, path := range []string{"/audit/export?format=csv", "/audit/export?format=jsonl", "/audit/checkpoint?part=note", "/audit/checkpoint?part=key"} {
		if a := v.get(path).want(t, http.StatusServiceUnavailable); a.header.Get("Content-Disposition") != "" || strings.Contains(a.body, "prev_hash") {
			t.Errorf("%s was handed out: %v", path, a.header)
		}
	}
}

// A row that was forged is not vouched for: its page says so before anything else, also when all hashes were mended.
func TestAForgedRowIsTold(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	st.checkpoint(t)
	if text := textOf(v.get("/audit/1").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Proven by a signed checkpoint.") || strings.Contains(text, "what was recorded") {
		t.Error(text)
	}
	st.exec(t, `DROP TRIGGER audit_no_update`, `UPDATE audit SET actor = 'mallory' WHERE seq = 1`)
	text := textOf(v.get("/audit/1").want(t, http.StatusOK).tree(t))
	if !strings.Contains(text, "This row is not what was recorded: it was changed: its column actor is not what its body says.") || strings.Contains(text, "Proven by") {
		t.Error(text)
	}
}
