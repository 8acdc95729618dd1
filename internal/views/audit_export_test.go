package views

import (
	"database/sql"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// An export holds exactly the rows of the filter, is recorded before it leaves, and computes nothing.
func TestExportOfTheLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.visit(t, auth.Support).act("/orders/"+cmpsim.DemoOrder+"/pause", "=1+2 Ticket")
	auditor := st.visit(t, auth.Auditor)
	a := auditor.get("/audit/export?format=csv&action=order.pause").want(t, http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 3 || rows[1][4] != "order.pause" || rows[1][9] != "'=1+2 Ticket" || rows[1][5] != "intent" || rows[2][5] != "outcome" {
		t.Errorf("%v, %v", rows, err)
	}
	if row, ok := st.rowOf(t, a, audit.AuditExport); !ok || details(row)["rows"] != "2" || details(row)["format"] != "csv" || !strings.Contains(a.header.Get("Content-Disposition"), "audit-") {
		t.Errorf("recorded %v %+v, %v", ok, row.Entry, a.header)
	}
	// The record of this export holds its filter, and with it the text that is looked for.
	lines := auditor.get("/audit/export?format=jsonl&q=ticket&from=2020-01-01").want(t, http.StatusOK).body
	report, err := audit.VerifyExport(strings.NewReader(lines), audit.Witness{})
	if err != nil || report.Rows != 3 || len(report.Faults) > 0 {
		t.Errorf("%+v, %v\n%s", report, err, lines)
	}
	if own := st.visit(t, auth.Manager).get("/audit/export?format=jsonl").want(t, http.StatusOK).body; strings.Contains(own, `"actor":"support"`) || !strings.Contains(own, `"actor":"manager"`) {
		t.Errorf("a manager's own rows: %s", own)
	}
	for _, bad := range []string{"format=xml", "", "format=csv&from=yesterday", "format=csv&until=x", "format=csv&q=or"} {
		auditor.get("/audit/export?"+bad).want(t, http.StatusUnprocessableEntity)
	}
}

// deadlines keeps until when the connection of an answer may be written to.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetWriteDeadline(t time.Time) error { d.set = append(d.set, t); return nil }

// An export may take longer than any other answer, as long as somebody reads it: each row has its own time.
func TestAnExportHasTimePerRow(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	for range 3 {
		st.append(t, audit.Entry{Actor: "anna", Action: audit.Search, Phase: audit.Event, Outcome: audit.OK})
	}
	w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/audit/export", nil)
	from := time.Now()
	st.streamAudit(c, audit.Filter{Action: string(audit.Search)}, "jsonl")
	if len(w.set) != 4 || w.set[0].Before(from.Add(exportPatience)) || w.set[3].After(time.Now().Add(exportPatience)) {
		t.Errorf("%d deadlines, %v", len(w.set), w.set)
	}
}

// An export of the whole log is recorded as one, with its ends, and verifies as one.
func TestExportOfTheWholeLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	a := v.get("/audit/export?format=jsonl").want(t, http.StatusOK)
	report, err := audit.VerifyWholeExport(strings.NewReader(a.body), audit.Witness{})
	if err != nil || len(report.Faults) > 0 || report.First != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	row, _ := st.rowOf(t, a, audit.AuditExport)
	if d := details(row); d["first"] != "1" || d["last"] != number(int(row.Seq)-1) || d[audit.WholeLog] != "yes" {
		t.Errorf("recorded %v", d)
	}
	filtered := v.get("/audit/export?format=jsonl&actor=auditor&action=audit.export").want(t, http.StatusOK)
	row, _ = st.rowOf(t, filtered, audit.AuditExport)
	if d := details(row); d["first"] != number(int(row.Seq)-1) || d[audit.WholeLog] != "" {
		t.Errorf("recorded %v", d)
	}
}

// A log that lacks a row is exported all the same, as far as it can be proven no more.
func TestABrokenLogIsExported(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	for range 4 {
		v.get("/devices").want(t, http.StatusOK)
	}
	st.checkpoint(t)
	st.exec(t, `DROP TRIGGER audit_no_delete`, `DELETE FROM audit WHERE seq = 2`)
	for _, format := range []string{"csv", "jsonl"} {
		if a := v.get("/audit/export?format="+format).want(t, http.StatusOK); strings.Contains(a.body, "tree_size") || strings.Count(a.body, "device.list") < 3 {
			t.Errorf("%s: %s", format, a.body)
		}
	}
}

// exec changes the database as a stranger would.
func (st *site) exec(t *testing.T, statements ...string) {
	t.Helper()
	err := st.db.Write(t.Context(), func(tx *sql.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Days are those of the reader, the last one included.
func TestDaysOfTheLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	today := st.Now().UTC().Format("2006-01-02")
	for query, there := range map[string]bool{"from=" + today + "&until=" + today: true, "until=2020-01-01": false, "from=2999-01-01": false} {
		text := textOf(v.get("/audit?action=device.list&"+query).want(t, http.StatusOK).tree(t))
		if strings.Contains(text, "No row fits these filters") == there {
			t.Errorf("%s: %s", query, text)
		}
	}
}

// No cell of the log's CSV makes a spreadsheet compute, whichever field of a row begins like a formula.
func TestEveryCellOfTheLogIsInert(t *testing.T) {
	t.Parallel()
	const evil = "=HYPERLINK(1)"
	st := newSite(t)
	st.append(t, audit.Entry{
		Actor: evil, Roles: evil, Action: evil, Phase: evil, Outcome: evil, Device: evil, Order: evil, Reason: evil, UpstreamCode: evil, UpstreamMessage: evil, RequestID: evil, IP: evil, Session: evil,
		Detail: []audit.Field{{Key: evil, Value: evil}},
	})
	a := st.visit(t, auth.Auditor).get("/audit/export?format=csv&until=2999-01-01").want(t, http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatal(rows, err)
	}
	held := 0
	for i, cell := range rows[1] {
		if strings.ContainsRune(formula, firstRune(cell)) {
			t.Errorf("%s is %q", rows[0][i], cell)
		}
		if strings.HasPrefix(cell, "'"+evil) {
			held++
		}
	}
	if held != 14 {
		t.Errorf("%d cells hold the text, want all 14 that may: %q", held, rows[1])
	}
}

// A text is found whatever its case, and one that is too short is explained instead of being looked for.
func TestTextInTheLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.visit(t, auth.Support).act("/orders/"+cmpsim.DemoOrder+"/pause", "客户要求暂停, Ticket 17")
	v := st.visit(t, auth.Auditor)
	for text, rows := range map[string]string{"tICKET 17": "2", "客": "2", "ticket 18": "0"} {
		tree := v.get("/audit?q="+url.QueryEscape(text)).want(t, http.StatusOK).tree(t)
		if got := attr(all(tree, "span", "data-total")[0], "data-total"); got != rows {
			t.Errorf("%s: %s rows, want %s", text, got, rows)
		}
	}
	short := v.get("/audit?q=or").want(t, http.StatusUnprocessableEntity).tree(t)
	if text := textOf(short); !strings.Contains(text, "at least three letters or digits, or one Chinese character") || attr(all(short, "span", "data-total")[0], "data-total") != "0" {
		t.Errorf("%s", text)
	}
}
