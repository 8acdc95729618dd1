package audit_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
)

// export is the log as a JSON Lines export.
func (o office) export(t *testing.T, f audit.Filter) string {
	t.Helper()
	var out bytes.Buffer
	err := o.log.Export(t.Context(), f, func(r audit.Exported) error {
		out.Write(r.JSON())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func (o office) verifyExport(t *testing.T, text string) audit.ExportReport {
	t.Helper()
	report, err := audit.VerifyExport(strings.NewReader(text), o.witness)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// An export of any log, whole or filtered, verifies without the database; rows up to the checkpoint are proven.
func TestExportsVerify(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{1, 2, 255, 256, 257, 700, 1100} {
		o := openOffice(t)
		add(t, o.log, rows)
		o.checkpoint(t)
		mustAppend(t, o.log, audit.Entry{Actor: `"quoted" \ 订单`, Action: audit.OrderPause, Phase: audit.Event, Device: "89", Detail: []audit.Field{{Key: "ip", Value: "x"}}})
		for name, f := range map[string]audit.Filter{"whole": {}, "filtered": {Device: "89"}} {
			want, proven := rows+1, rows
			if name == "filtered" {
				want, proven = 1, 0
			}
			if report := o.verifyExport(t, o.export(t, f)); len(report.Faults) > 0 || report.Rows != want || report.Proven != proven {
				t.Errorf("%d rows, %s: %+v", rows, name, report)
			}
		}
		o.checkpoint(t)
		if report := o.verifyExport(t, o.export(t, audit.Filter{Device: "89"})); len(report.Faults) > 0 || report.Proven != 1 {
			t.Errorf("%d rows, one of them proven: %+v", rows, report)
		}
	}
}

// A row of an export that was changed, moved, left out of a run or proven by another log is found.
func TestForgedExports(t *testing.T) {
	t.Parallel()
	o, other := openOffice(t), openOffice(t)
	add(t, o.log, 300)
	add(t, other.log, 300)
	o.checkpoint(t)
	other.checkpoint(t)
	lines := strings.SplitAfter(o.export(t, audit.Filter{}), "\n")
	text := func(edit func(l []string) []string) string {
		return strings.Join(edit(append([]string{}, lines[:300]...)), "")
	}
	for name, tt := range map[string]struct {
		text string
		want string
	}{
		"a field": {text(func(l []string) []string {
			l[7] = strings.Replace(l[7], `"actor":"support"`, `"actor":"mallory"`, 1)
			return l
		}), "row 8 was changed: its fields"},
		"a field and a body": {text(func(l []string) []string {
			l[7] = strings.ReplaceAll(strings.ReplaceAll(l[7], `"actor":"support"`, `"actor":"mallory"`), `\"actor\":\"support\"`, `\"actor\":\"mallory\"`)
			return l
		}), "row 8 was changed: its content"},
		"swapped":  {text(func(l []string) []string { l[7], l[8] = l[8], l[7]; return l }), "row 8 is not in its place"},
		"nonsense": {"hello\n" + lines[0], "line 1 is no row of an export"},
		"another's row": {text(func(l []string) []string {
			l[299] = strings.SplitAfter(other.export(t, audit.Filter{}), "\n")[299]
			return l
		}), "row 300 does not follow"},
		"another log": {other.export(t, audit.Filter{}), "row 1 begins another log than the signed checkpoints"},
	} {
		report := o.verifyExport(t, tt.text)
		if len(report.Faults) == 0 || !strings.HasPrefix(report.Faults[0].What, tt.want) {
			t.Errorf("%s: %+v, want %s", name, report.Faults, tt.want)
		}
	}
}

// A witness may know two logs, even of one size: the rows of either are proven by its own checkpoints, and an export that
// has rows of both is found.
func TestExportsOfTwoLogs(t *testing.T) {
	t.Parallel()
	o, other := openOffice(t), openOffice(t)
	for _, of := range []office{o, other} {
		add(t, of.log, 5)
		of.checkpoint(t)
		add(t, of.log, 5)
	}
	ours, theirs := o.export(t, audit.Filter{}), other.export(t, audit.Filter{})
	o.checkpoint(t)
	newer := o.export(t, audit.Filter{})
	for _, file := range []func(w audit.Witness) string{func(w audit.Witness) string { return w.Keys }, func(w audit.Witness) string { return w.Anchor }} {
		write(t, file(o.witness), read(t, file(o.witness))+read(t, file(other.witness)))
	}
	for name, text := range map[string]string{"the one": ours, "the other": theirs} {
		proven := 5
		if text == ours {
			proven = 10 // its last row ends the newer checkpoint
		}
		if report := o.verifyExport(t, text); len(report.Faults) > 0 || report.Proven != proven {
			t.Errorf("%s: %+v", name, report)
		}
	}
	mixed := strings.SplitAfter(theirs, "\n")[0] + strings.SplitAfter(newer, "\n")[2]
	if report := o.verifyExport(t, mixed); len(report.Faults) != 1 || report.Faults[0].Seq != 3 {
		t.Errorf("rows of both: %+v", report)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The filters of time and text pick what they say, and a text is no pattern.
func TestFiltersOfTimeAndText(t *testing.T) {
	t.Parallel()
	log := audit.New(openDB(t), clock())
	for i := range 5 {
		mustAppend(t, log, audit.Entry{Actor: "anna", Action: audit.OrderPause, Phase: audit.Event, Reason: fmt.Sprintf(`Ticket %d: 100%% "sure" \ a_b`, i)})
	}
	rows, err := log.List(t.Context(), audit.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(i int) time.Time { return rows[len(rows)-1-i].Time }
	for name, tt := range map[string]struct {
		f    audit.Filter
		want int
	}{
		"since":            {audit.Filter{Since: at(2)}, 3},
		"until":            {audit.Filter{Until: at(2)}, 2},
		"between":          {audit.Filter{Since: at(1), Until: at(3)}, 2},
		"text":             {audit.Filter{Text: "TICKET 3"}, 1},
		"a percent sign":   {audit.Filter{Text: "100% "}, 5},
		"no wild card":     {audit.Filter{Text: "100%sure"}, 0},
		"no single either": {audit.Filter{Text: "aXb"}, 0},
		"an underscore":    {audit.Filter{Text: "a_b"}, 5},
		"quotes":           {audit.Filter{Text: `"sure" \ a`}, 5},
	} {
		got, err := log.List(t.Context(), tt.f)
		if n, more, err2 := log.Matching(t.Context(), tt.f); err != nil || err2 != nil || more || len(got) != tt.want || n != int64(tt.want) {
			t.Errorf("%s: %d rows, counted %d, want %d, %v %v", name, len(got), n, tt.want, err, err2)
		}
	}
}
