package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAuditVerify: a log as the console wrote it is intact, while it runs and after; any row that was edited,
// deleted, put in or swapped is named, whatever the forger did to put the table's guards back.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	support.post(t, tr.action, tr.form).want(t, 200)
	if code, out, stderr := in.command("", "audit", "verify"); code != exitOK || !strings.Contains(out, "intact: ") {
		t.Fatalf("the live log: exit %d: %s%s", code, out, stderr)
	}
	in.stop()
	size := len(rows(t, in.dir))
	intent, outcome := wantPair(t, in.dir, tr.order.ID, "pause", "ok")
	for _, c := range []struct {
		name string
		sql  string
		seq  int64
	}{
		{"reason edited", `UPDATE audit SET body = CAST(replace(CAST(body AS TEXT), 'ticket 4711', 'ticket 1147') AS BLOB) WHERE seq = :a`, intent.seq},
		{"outcome edited in body and column", `UPDATE audit SET body = CAST(replace(CAST(body AS TEXT), '"outcome":"ok"', '"outcome":"no"') AS BLOB), outcome = 'no' WHERE seq = :b`, outcome.seq},
		{"column edited alone", `UPDATE audit SET actor = 'manager' WHERE seq = :a`, intent.seq},
		{"deleted", `DELETE FROM audit WHERE seq = :a`, intent.seq},
		{"last deleted", `DELETE FROM audit WHERE seq = :n`, int64(size)},
		{"put in behind", `INSERT INTO audit SELECT seq + 1, body, hash, randomblob(32), time, actor, action, phase, outcome, device, order_id, of, request_id
			FROM audit WHERE seq = :n`, int64(size) + 1},
		{"swapped", `UPDATE audit SET seq = -seq WHERE seq IN (:a, :b); UPDATE audit SET seq = CASE seq WHEN -:a THEN :b ELSE :a END WHERE seq < 0`, intent.seq},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			forged := strings.NewReplacer(":a", fmt.Sprint(intent.seq), ":b", fmt.Sprint(outcome.seq), ":n", fmt.Sprint(size)).Replace(c.sql)
			file := forge(t, in.dir, forged)
			code, out, stderr := in.command("", "audit", "verify", "--db", file)
			if code != exitFailed || !strings.HasPrefix(out, fmt.Sprintf("row %d ", c.seq)) || !strings.Contains(out, "TAMPERED") {
				t.Errorf("exit %d, want 1 and row %d named first: %s%s", code, c.seq, out, stderr)
			}
		})
	}
}

// TestAnchorsShowACutTail: a tail cut off together with the recorded end agrees with itself, so a copy by itself is
// called not anchored; the checkpoints that the console kept outside the database know the rows that are missing.
func TestAnchorsShowACutTail(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	in.signIn(t, "support")
	in.stop()
	size := len(rows(t, in.dir))
	cut := forge(t, in.dir, fmt.Sprintf(`DELETE FROM audit WHERE seq = %d;
		UPDATE audit_log SET (size, head) = (SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1)`, size))
	keys, anchors := filepath.Join(in.dir, "audit.key.pub"), filepath.Join(in.dir, "anchors")
	for _, e := range []exampleRun{
		{"the log as it is", "", []string{"audit", "verify"}, exitOK, fmt.Sprintf("anchored: rows 1 to %d, by", size)},
		{"the cut one alone", "", []string{"audit", "verify", "--db", cut}, exitOK, "not anchored: "},
		{"the cut one and the anchors", "", []string{"audit", "verify", "--db", cut, "--keys", keys, "--anchors", anchors}, exitFailed, fmt.Sprintf("rows %d to %d are missing", size, size)},
		{"an emptied anchor", "", []string{"audit", "verify", "--anchors", os.DevNull}, exitOK, "WARNING: " + os.DevNull + " holds no checkpoint, though the database holds"},
		{"no such keys", "", []string{"audit", "verify", "--keys", keys + ".gone"}, exitUnreadable, "audit.key.pub.gone"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, in.env) })
	}
}

// TestExportIsVerifiedOffline: what an auditor takes home verifies without the database, against the checkpoints.
func TestExportIsVerifiedOffline(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	in.signIn(t, "support")
	in.stop()
	again := startProgram(t, after(in))
	lines := again.signIn(t, "auditor").get(t, "/audit/export?format=jsonl").want(t, 200).body
	file, forged := filepath.Join(t.TempDir(), "log.jsonl"), filepath.Join(t.TempDir(), "forged.jsonl")
	for name, text := range map[string]string{file: lines, forged: strings.Replace(lines, `"actor":"support"`, `"actor":"mallory"`, 1)} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []exampleRun{
		{"as it is", "", []string{"audit", "verify", "--export", file}, exitOK, "rows agree with their hashes"},
		{"forged", "", []string{"audit", "verify", "--export", forged}, exitFailed, "its fields are not what its body says"},
		{"no such file", "", []string{"audit", "verify", "--export", file + ".gone"}, exitUnreadable, "log.jsonl.gone"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, again.env) })
	}
	if code, out, _ := again.command("", "audit", "verify", "--export", file); code != exitOK || strings.Contains(out, " 0 of them are proven") {
		t.Errorf("no row is proven: %s", out)
	}
}

// TestExportsThatProveNothing: a row rewritten with its hash and without its proof, rows taken out of a whole export,
// and files that are no export each have their exit code.
func TestExportsThatProveNothing(t *testing.T) {
	t.Parallel()
	first := startProgram(t)
	first.signIn(t, "support")
	first.stop() // signs the log as it is
	in := startProgram(t, after(first))
	whole := strings.SplitAfter(in.signIn(t, "auditor").get(t, "/audit/export?format=jsonl").want(t, 200).body, "\n")
	dir := t.TempDir()
	file := func(name string, lines ...string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bare := regexp.MustCompile(`,"tree_size":.*\]`).ReplaceAllString(whole[0], "")
	all, gone, robbed, page := file("all", whole...), file("gone", append([]string{whole[0]}, whole[2:]...)...), file("robbed", bare), file("page.html", "<!doctype html>\n")
	for _, e := range []exampleRun{
		{"whole", "", []string{"audit", "verify", "--export", all, "--whole"}, exitOK, "without a gap"},
		{"its newest rows", "", []string{"audit", "verify", "--export", all}, exitOK, "NOT proven: newer than"},
		{"a row taken out", "", []string{"audit", "verify", "--export", gone}, exitOK, "with gaps"},
		{"a row taken out of a whole one", "", []string{"audit", "verify", "--export", gone, "--whole"}, exitFailed, "row 2 is missing"},
		{"no proof", "", []string{"audit", "verify", "--export", robbed}, exitFailed, "row 1 is without a proof"},
		{"a page", "", []string{"audit", "verify", "--export", page}, exitUnreadable, "no line of it is a row of the log"},
		{"no such anchors", "", []string{"audit", "verify", "--export", all, "--anchors", all + ".gone"}, exitUnreadable, "there is no file"},
		{"no such anchors of a database", "", []string{"audit", "verify", "--anchors", all + ".gone"}, exitUnreadable, "there is no file"},
		{"two things at once", "", []string{"audit", "verify", "--export", all, "--db", all}, exitUsage, "Usage"},
		{"a whole database", "", []string{"audit", "verify", "--whole"}, exitUsage, "Usage"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, in.env) })
	}
}

// forge copies the database and changes the copy, with the guards taken off and put back.
func forge(t *testing.T, dir, change string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "copy.db")
	b, err := os.ReadFile(filepath.Join(dir, "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	guards := triggersOf(t, db)
	run := func(statement string) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	for name := range guards {
		run("DROP TRIGGER " + name)
	}
	run(change)
	for _, text := range guards {
		run(text)
	}
	return file
}

// triggersOf returns the statements that make the triggers of a database, by name.
func triggersOf(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	list, err := db.QueryContext(t.Context(), `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	found := map[string]string{}
	for list.Next() {
		var name, text string
		if err := list.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		found[name] = text
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestAuditVerifyUnreadable: what is no log is neither intact nor tampered with.
func TestAuditVerifyUnreadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, empty, other := filepath.Join(dir, "text.db"), filepath.Join(dir, "empty.db"), filepath.Join(dir, "other.db")
	for file, content := range map[string]string{text: strings.Repeat("no database at all ", 500), empty: ""} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE holiday (day TEXT)`); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"CONSOLE_DATA_DIR": filepath.Join(dir, "nothing-here")}
	for _, args := range [][]string{{"audit", "verify"}, {"audit", "verify", "--db", dir}, {"audit", "verify", "--db", text},
		{"audit", "verify", "--db", empty}, {"audit", "verify", "--db", other}} {
		exampleRun{"", "", args, exitUnreadable, "cannot be read as an audit log"}.run(t, env)
	}
	if exists(env["CONSOLE_DATA_DIR"]) {
		t.Error("verifying made a data directory")
	}
}

// TestBrokenLogShows: a console that starts on a log that was tampered with says so on every page and in its
// own log, and goes on recording.
func TestBrokenLogShows(t *testing.T) {
	t.Parallel()
	first := startProgram(t)
	first.signIn(t, "support")
	first.stop()
	file := forge(t, first.dir, `UPDATE audit SET actor = 'nobody' WHERE seq = 2`)
	if err := os.Rename(file, filepath.Join(first.dir, "console.db")); err != nil {
		t.Fatal(err)
	}
	in := startProgram(t, after(first))
	p := in.signIn(t, "auditor").get(t, "/audit")
	if health := p.all("div", "id", "health"); len(health) != 1 || !strings.Contains(textOf(health[0]), "Audit log broken") {
		t.Error("the frame does not tell that the log is broken")
	}
	p.says(t, "broken: row 2 was changed")
	if line, err := in.logs.await(message("audit log broken"), nil); err != nil || line["row"] != 2.0 {
		t.Errorf("the log says %v, %v", line, err)
	}
}

// TestCheckpointsTakenAwayVerifyAnExport: with the two files that the log's page hands out, and nothing else of the
// console, the command proves every row of an export that they cover, and finds a byte that was changed.
func TestCheckpointsTakenAwayVerifyAnExport(t *testing.T) {
	t.Parallel()
	first := startProgram(t)
	first.signIn(t, "support")
	first.stop() // signs the log as it is
	in := startProgram(t, after(first))
	auditor := in.signIn(t, "auditor")
	elsewhere := t.TempDir()
	take := func(name, path string) string {
		file := filepath.Join(elsewhere, name)
		if err := os.WriteFile(file, []byte(auditor.get(t, path).want(t, 200).body), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	export := take("log.jsonl", "/audit/export?format=jsonl")
	notes, keys := take("checkpoints", "/audit/checkpoint?part=note"), take("keys", "/audit/checkpoint?part=key")
	lines, err := os.ReadFile(export)
	if err != nil {
		t.Fatal(err)
	}
	covered := strings.Count(string(lines), `"tree_size":`)
	if covered == 0 {
		t.Fatalf("no row has a proof:\n%s", lines)
	}
	forged := filepath.Join(elsewhere, "forged.jsonl")
	if err := os.WriteFile(forged, []byte(strings.ReplaceAll(string(lines), "support", "mallory")), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"CONSOLE_DATA_DIR": elsewhere}
	for _, e := range []exampleRun{
		{"as it is", "", []string{"audit", "verify", "--export", export, "--keys", keys, "--anchors", notes}, exitOK, fmt.Sprintf(", %d of them are proven by signed checkpoints", covered)},
		{"forged", "", []string{"audit", "verify", "--export", forged, "--keys", keys, "--anchors", notes}, exitFailed, "was changed"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, env) })
	}
}
