package views

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/mirror"
)

const usagePath = "/devices/" + cmpsim.DemoInUse + "/usage"

// The chart, its table, the sums and the file tell of the same records.
func TestUsage(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	a := v.get(usagePath).want(t, http.StatusOK)
	records, err := v.site.CMP.AllCDRs(t.Context(), cmp.CDRQuery{
		DeviceID: cmpsim.DemoInUse, From: time.Now().In(cmp.Zone).AddDate(0, 0, 1-usageDays), Until: time.Now().In(cmp.Zone),
	})
	if err != nil || len(records) < 20 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	u := cmp.Sum(records, time.Now().In(cmp.Zone).AddDate(0, 0, 1-usageDays), time.Now(), cmp.Zone)
	busy := 0
	for _, d := range u.Days {
		if d.Bytes > 0 {
			busy++
		}
	}
	tree := a.tree(t)
	if bars := all(tree, "rect", "rx"); len(bars) != busy {
		t.Errorf("%d bars for %d days with data", len(bars), busy)
	}
	if total := all(tree, "", "data-total"); len(total) != 1 || attr(total[0], "data-total") != strconv.Itoa(len(records)) {
		t.Errorf("the page counts %d lists of records", len(total))
	}
	for _, text := range []string{bytesText(u.Bytes) + " in 30 days", "The CMP keeps 180 days.", networkOf(u.Networks[0].Name)} {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
	file := v.get(usagePath+"/export?format=csv").want(t, http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(file.body)).ReadAll()
	if err != nil || len(rows) != len(records)+1 || rows[1][0] != cmpsim.DemoInUse || !strings.Contains(file.header.Get("Content-Disposition"), cmpsim.DemoInUse) {
		t.Errorf("%d lines in the file, %v, %s", len(rows), err, file.header.Get("Content-Disposition"))
	}
	book, err := excelize.OpenReader(strings.NewReader(v.get(usagePath+"/export?format=xlsx").want(t, http.StatusOK).body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if total, err := book.CalcCellValue("Sheet1", "D2"); err != nil || rows[0][3] != "bytes" || total != rows[1][3] {
		t.Errorf("%s is %s in the workbook, %v", rows[0][3], total, err)
	}
	if err := book.SetCellFormula("Sheet1", "Z1", fmt.Sprintf("SUM(D2:D%d)", len(rows))); err != nil {
		t.Fatal(err)
	}
	if sum, err := book.CalcCellValue("Sheet1", "Z1", excelize.Options{RawCellValue: true}); err != nil || sum != strconv.FormatInt(u.Bytes, 10) {
		t.Errorf("the bytes add up to %s, want %d, %v", sum, u.Bytes, err)
	}
	v.get(usagePath+"/export?format=pdf").want(t, http.StatusUnprocessableEntity)
}

// Percentages add up to 100, in the order of the shares, and a little is not nothing.
func TestPercentages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		bytes []int64
		want  string
	}{
		{[]int64{5896, 4104}, "59 % 41 %"}, {[]int64{1, 1, 1}, "34 % 33 % 33 %"}, {[]int64{999, 1}, "100 % < 1 %"}, {[]int64{7}, "100 %"},
		{[]int64{1 << 62, 1 << 61}, "67 % 33 %"}, {[]int64{500, 498, 2, 0}, "50 % 50 % < 1 % 0 %"}, {[]int64{0, 0}, " "}, {nil, ""},
	} {
		var parts []cmp.Share
		var whole int64
		for _, n := range tt.bytes {
			parts, whole = append(parts, cmp.Share{Bytes: n}), whole+n
		}
		var got []string
		for _, share := range shares(parts, whole, apnOf) {
			got = append(got, share.Meter.Text)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%v: %q, want %q", tt.bytes, got, tt.want)
		}
	}
}

// Every session tells when it ended, its package and its identities; no cell is left out where there is little room.
func TestUsageSessions(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	today := day(time.Now().In(cmp.Zone))
	records, err := v.site.CMP.AllCDRs(t.Context(), cmp.CDRQuery{DeviceID: cmpsim.DemoInUse, ByAPN: true, From: today.AddDate(0, 0, 1-usageDays), Until: today})
	if err != nil || len(records) < listSize {
		t.Fatalf("%d records, %v", len(records), err)
	}
	bodies := all(v.get(usagePath).want(t, http.StatusOK).tree(t), "tbody", "")
	rows := all(bodies[len(bodies)-1], "tr", "")
	if len(rows) != listSize {
		t.Fatalf("%d sessions", len(rows))
	}
	for i, row := range rows {
		r, ended := records[i], "end not stated"
		if !r.End.IsZero() {
			ended = "until " + clock{zone: time.UTC}.upstream(r.End).Text
		}
		text := compact(textOf(row)) // ids stand there in groups
		for _, said := range []string{ended, r.APN, r.PlanID, r.IMSI, r.MSISDN} {
			if !strings.Contains(text, compact(said)) {
				t.Errorf("session %d does not tell %q: %s", i, said, text)
			}
		}
		for _, cell := range all(row, "td", "") {
			if _, ok := attribute(cell, "data-phone"); !ok || strings.Contains(attr(cell, "class"), "mid") || strings.Contains(attr(cell, "class"), "roomy") {
				t.Errorf("a cell goes where there is little room: %s", textOf(cell))
			}
		}
	}
}

// Where the document states no zone the tab and its files say so; where it states one, that one stands on hover.
func TestZonesOfTabs(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	client := st.CMP.(*mirror.Feed)
	if err := client.BindIMEI(t.Context(), cmp.Binding{DeviceID: cmpsim.DemoInUse, IMEI: "860996043052016"}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path  string
		known bool
	}{{usagePath, false}, {"/devices/" + cmpsim.DemoInUse + "/session", false}, {"/devices/" + cmpsim.DemoInUse + "/imei", false}, {"/devices/" + cmpsim.DemoInUse + "/sms/records", true}} {
		a := v.get(tt.path).want(t, http.StatusOK)
		if said := strings.Contains(textOf(a.tree(t)), zoneAssumed); said == tt.known {
			t.Errorf("%s says that the zone is assumed: %v", tt.path, said)
		}
		hovers := 0
		for _, at := range all(all(a.tree(t), "main", "")[0], "time", "datetime") {
			hover := attr(at, "title")
			if !strings.Contains(hover, "at the CMP") {
				continue // a time of ours
			}
			hovers++
			if stated := strings.HasSuffix(hover, " UTC+8"); stated != tt.known || strings.Contains(hover, zoneAssumed) == tt.known {
				t.Errorf("%s: %q", tt.path, hover)
			}
		}
		if hovers == 0 {
			t.Errorf("%s has no time of the CMP", tt.path)
		}
	}
	if file := v.get(usagePath + "/export?format=csv"); !strings.Contains(file.body, "started ("+zoneAssumed+")") {
		t.Errorf("the head of the file: %.120s", file.body)
	}
}

// Days that cannot be are named at their field, what was typed stays, and the CMP is not asked.
func TestUsageOfImpossibleDays(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	old := time.Now().In(cmp.Zone).AddDate(0, 0, -181).Format(time.DateOnly)
	today := time.Now().In(cmp.Zone).Format(time.DateOnly)
	ahead := time.Now().In(cmp.Zone).AddDate(0, 0, 2).Format(time.DateOnly)
	for query, said := range map[string]string{
		"?from=yesterday":                  "Write the day as 2026-01-31.",
		"?from=" + old:                     "The CMP keeps 180 days",
		"?from=" + ahead:                   "This day has not begun yet",
		"?until=2026-13-01":                "Write the day as 2026-01-31.",
		"?from=" + today + "&until=" + old: "This day lies before the first one.",
	} {
		a := v.get(usagePath+query).want(t, http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, said) {
			t.Errorf("%s: the page does not say %q", query, said)
		}
		v.get(usagePath+"/export"+query+"&format=csv").want(t, http.StatusUnprocessableEntity)
	}
	if n := len(st.sim.Journal()); n != 0 {
		t.Errorf("the CMP was asked %d times", n)
	}
	v.get("/devices/short/usage").want(t, http.StatusUnprocessableEntity)
}

// A refusal of the records is told in the tab, in the CMP's words and beside the form as it was filled in. Only a
// refusal of the device itself means that the CMP does not know it.
func TestUsageRefused(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	today := time.Now().In(cmp.Zone).Format(time.DateOnly)
	for _, tt := range []struct {
		path, code string
		status     int
		said       string
	}{
		{"/cdr/apn", "CB-02-0007", http.StatusOK, "The CMP refused: “no records for this plan” (CB-02-0007)."},
		{"/cdr/apn", "9999", http.StatusOK, "The CMP refused: “no records for this plan” (9999)."},
		{"device/queryDevice", "2001", http.StatusNotFound, "The CMP does not know this device"},
	} {
		st.sim.ClearFaults()
		st.sim.Script(cmpsim.Fault{Path: tt.path, Kind: cmpsim.KindBusiness, Code: tt.code, Message: "no records for this plan"})
		a := v.get(usagePath+"?from="+today+"&until="+today+"&apn=kept.apn").want(t, tt.status)
		if text := textOf(a.tree(t)); !strings.Contains(text, tt.said) || strings.Contains(text, "No data in these days") {
			t.Errorf("%s %s: %s", tt.path, tt.code, text)
		}
		if kept := strings.Contains(a.body, `value="kept.apn"`); kept != (tt.status == http.StatusOK) {
			t.Errorf("%s %s: the form is kept: %v", tt.path, tt.code, kept)
		}
	}
}

// A device without an order has no data, no session and no message, and none of that is an error.
func TestADeviceThatDidNothing(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for tab, said := range map[string]string{
		"/usage": "No data in these days", "/session": "No session can be asked for.", "/sms": "No message yet", "/sms/records": "No message",
	} {
		if a := v.get("/devices/"+cmpsim.DemoNoOrder+tab).want(t, http.StatusOK); !strings.Contains(a.body, said) {
			t.Errorf("%s does not say %q", tab, said)
		}
	}
	if a := v.get("/devices/"+cmpsim.DemoSuspended+"/session").want(t, http.StatusOK); !strings.Contains(a.body, "resource not available") {
		t.Error("a suspended device does not say why it has no session")
	}
	if a := v.get("/devices/"+cmpsim.DemoInUse+"/session").want(t, http.StatusOK); !strings.Contains(a.body, "Last activity") {
		t.Error("a device in use shows no session")
	}
}

// The session tells all that the CMP gives; its refusal is told in the tab, with the other identities of the card.
func TestSession(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for device, told := range map[string][]string{
		cmpsim.DemoInUse: {"Sent to", "85290000001", "Last one from it", "Address on the Internet", "203.0.113."}, cmpsim.DemoOverQuota: {"Last error", "Absent subscriber", "1 failed"},
	} {
		text := compact(textOf(v.get("/devices/"+device+"/session").want(t, http.StatusOK).tree(t)))
		for _, said := range told {
			if !strings.Contains(text, compact(said)) {
				t.Errorf("%s: the session does not tell %q: %s", device, said, text)
			}
		}
	}
	st.sim.Script(cmpsim.Fault{Path: "queryLatestCDR", Kind: cmpsim.KindBusiness, Code: "3008", Message: "IMSI not provisioned"})
	a := v.get("/devices/"+cmpsim.DemoInUse+"/session").want(t, http.StatusOK)
	if text := textOf(a.tree(t)); !strings.Contains(text, "The CMP refused: “IMSI not provisioned” (3008).") || strings.Contains(text, "SMS in this session") {
		t.Errorf("refused: %s", text)
	}
	if row, ok := st.rowOf(t, a, audit.DeviceView); !ok || row.Outcome != audit.Failed {
		t.Errorf("recorded as %+v", row)
	}
}
