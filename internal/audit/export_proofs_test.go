package audit_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
)

// forgeRow makes a line tell of another actor, hash included, as whoever knows the format can.
func forgeRow(t *testing.T, line string) string {
	t.Helper()
	line = strings.ReplaceAll(strings.ReplaceAll(line, `"actor":"support"`, `"actor":"mallory"`), `\"actor\":\"support\"`, `\"actor\":\"mallory\"`)
	var l struct {
		Seq        int64
		Hash, Body string
		PrevHash   string `json:"prev_hash"`
	}
	if err := json.Unmarshal([]byte(line), &l); err != nil {
		t.Fatal(err)
	}
	prev, err := hex.DecodeString(l.PrevHash)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(line, l.Hash, hex.EncodeToString(audit.HashForTest(l.Seq, prev, []byte(l.Body))), 1)
}

var proofOfLine = regexp.MustCompile(`,"tree_size":\d+,"proof":\[[^\]]*\]`)

func robbed(line string) string { return proofOfLine.ReplaceAllString(line, "") }

// A row that agrees with itself but has no proof where a signed checkpoint covers it is a fault, also when all proofs
// were taken away or point to a checkpoint that nobody signed.
func TestForgedRowsHaveNoProof(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 4)
	mustAppend(t, o.log, audit.Entry{Actor: "support", Action: audit.OrderEnd, Phase: audit.Event, Device: "89"})
	add(t, o.log, 4)
	mustAppend(t, o.log, audit.Entry{Actor: "support", Action: audit.OrderEnd, Phase: audit.Event, Device: "89"})
	o.checkpoint(t)
	lines := strings.SplitAfter(o.export(t, audit.Filter{Device: "89"}), "\n")
	whole := strings.SplitAfter(o.export(t, audit.Filter{}), "\n")
	forged := forgeRow(t, lines[0])
	for name, tt := range map[string]struct{ text, want string }{
		"its proof kept":           {forged + lines[1], "row 5 is not in the log that the checkpoint at row 10 signed"},
		"its proof taken away":     {robbed(forged) + lines[1], "row 5 is without a proof, though the signed checkpoint at row 10 covers that"},
		"all proofs taken away":    {robbed(forged), "row 5 is without a proof, though the signed checkpoint at row 10 covers that: proofs were taken away"},
		"a tree that nobody knows": {strings.Replace(forged, `"tree_size":10`, `"tree_size":99`, 1) + lines[1], "row 5 is proven by a tree of 99 rows, of which no signed checkpoint"},
		"the row of a checkpoint":  {robbed(forgeRow(t, lines[1])), "row 10 is not the one that a signed checkpoint ends with"},
		"among its neighbours":     {strings.Join(whole[:4], "") + robbed(forgeRow(t, whole[4])) + whole[5], "row 6 does not follow the row before it"},
	} {
		report := o.verifyExport(t, tt.text)
		if len(report.Faults) == 0 || !strings.HasPrefix(report.Faults[0].What, tt.want) {
			t.Errorf("%s: %+v, want %s", name, report, tt.want)
		}
	}
	if report := o.verifyExport(t, robbed(strings.Join(whole, ""))); len(report.Faults) > 0 || report.Proven != 10 {
		t.Errorf("rows that link to the one a checkpoint ends with: %+v", report)
	}
}

// Rows that are newer than the checkpoint of their export have no proof and never had one, however many checkpoints
// were signed since: people are told, and no honest export is called forged for it.
func TestRowsWithoutProofAreTold(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 3)
	o.checkpoint(t)
	add(t, o.log, 2)
	text := o.export(t, audit.Filter{})
	const newer = "rows 4 to 5 are NOT proven: newer than any signed checkpoint at hand"
	if report := o.verifyExport(t, text); len(report.Faults) > 0 || report.Proven != 3 || fmt.Sprint(report.Doubts) != "["+newer+"]" {
		t.Errorf("%+v", report)
	}
	add(t, o.log, 5)
	o.checkpoint(t)
	if report := o.verifyExport(t, text); len(report.Faults) > 0 || len(report.Doubts) != 1 || !strings.HasPrefix(report.Doubts[0], "rows 4 to 5 are NOT proven: newer than the checkpoint by which") {
		t.Errorf("with a newer checkpoint at hand: %+v", report)
	}
	for what, w := range map[string]audit.Witness{"no public keys are at hand": {}, "no signed checkpoint is at hand": {Keys: o.witness.Keys, Anchor: o.witness.Anchor + ".gone"}} {
		report, err := audit.VerifyExport(strings.NewReader(text), w)
		if err != nil || len(report.Faults) > 0 || report.Proven != 0 || fmt.Sprint(report.Doubts) != "[rows 1 to 5 are NOT proven: "+what+"]" {
			t.Errorf("%s: %+v, %v", what, report, err)
		}
	}
}

// An export that holds later rows knew the checkpoints that had been signed long before them, so rows of another, older
// export cannot be put beside those.
func TestProofsOfAnOlderExportAreNotEnough(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 3)
	o.checkpoint(t)
	older := o.export(t, audit.Filter{})
	add(t, o.log, 300) // takes five minutes by the log's clock
	o.checkpoint(t)
	add(t, o.log, 300)
	lines := strings.SplitAfter(o.export(t, audit.Filter{}), "\n")
	stitched := older + robbed(forgeRow(t, lines[99])) + robbed(lines[600])
	report := o.verifyExport(t, stitched)
	if len(report.Faults) != 1 || !strings.HasPrefix(report.Faults[0].What, "row 100 is without a proof, though the signed checkpoint at row 303") {
		t.Errorf("%+v", report)
	}
}

// Of an export of the whole log every row is missed, at its beginning, in between and at its end.
func TestWholeExports(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	add(t, o.log, 5)
	o.checkpoint(t)
	mustAppend(t, o.log, audit.Entry{Actor: "auditor", Action: audit.AuditExport, Phase: audit.Event, Detail: []audit.Field{{Key: audit.WholeLog, Value: "yes"}}})
	lines := strings.SplitAfter(o.export(t, audit.Filter{}), "\n")
	for name, tt := range map[string]struct {
		lines []string
		want  string
	}{
		"all of them": {lines, ""},
		"the first":   {lines[1:], "row 1 is missing"},
		"two of them": {append(append([]string{}, lines[:2]...), lines[4:]...), "rows 3 to 4 are missing"},
		"the last":    {lines[:5], "the row that records this export is missing"},
		"every one":   {nil, "the row that records this export is missing"},
	} {
		report, err := audit.VerifyWholeExport(strings.NewReader(strings.Join(tt.lines, "")), o.witness)
		if err != nil || (len(report.Faults) > 0) != (tt.want != "") || tt.want != "" && !strings.HasPrefix(report.Faults[0].What, tt.want) {
			t.Errorf("%s: %+v, %v, want %q", name, report, err, tt.want)
		}
	}
}

// What is no export at all is neither intact nor tampered with.
func TestNoExport(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<!doctype html>\n<title>Sign in</title>\n", "{}\n", `{"seq":0}` + "\n"} {
		if report, err := audit.VerifyExport(strings.NewReader(text), audit.Witness{}); err == nil {
			t.Errorf("%s: %+v", text, report)
		}
	}
}

// A log that lacks a row, or a block of its tree, is exported all the same: rows that cannot be proven have no proof,
// and their verification names them.
func TestABrokenLogIsExported(t *testing.T) {
	t.Parallel()
	for _, change := range []string{`DELETE FROM audit WHERE seq = 100`, `DELETE FROM audit_block WHERE n = 0`, `UPDATE audit_block SET hash = x'00'`} {
		o := openOffice(t)
		add(t, o.log, 600)
		o.checkpoint(t)
		raw := openRaw(t, o.file)
		withoutTriggers(t, raw, func() { mustExec(t, raw, change) })
		var rows int
		if err := raw.QueryRowContext(t.Context(), `SELECT count(*) FROM audit`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if report := o.verifyExport(t, o.export(t, audit.Filter{})); report.Rows != rows {
			t.Errorf("%s: %d rows, want %d", change, report.Rows, rows)
		}
	}
}

// No name stands twice in an exported object: what the row calls like a field of its actor is numbered.
func TestExportedNamesAreUnique(t *testing.T) {
	t.Parallel()
	o := openOffice(t)
	mustAppend(t, o.log, audit.Entry{Actor: "root", Roles: "admin", Action: audit.UserCreate, Phase: audit.Event, Detail: []audit.Field{{Key: "roles", Value: "support"}, {Key: "roles_2", Value: "x"}}})
	text := o.export(t, audit.Filter{})
	if strings.Count(text, `"roles":"`) != 1 || !strings.Contains(text, `"roles_2":"support","roles_2_2":"x"`) {
		t.Error(text)
	}
	if report := o.verifyExport(t, text); len(report.Faults) > 0 {
		t.Errorf("%+v", report)
	}
}
