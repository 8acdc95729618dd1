package cmpsim

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"
)

// get sends a call that reads records.
func (d door) get(t *testing.T, address string) answer {
	t.Helper()
	req := d.request(t, http.MethodGet, "/cmp-api/"+address, "")
	req.Header.Set("Accept-Language", "zh-CN")
	res, raw := d.send(t, req)
	a := decode[answer](t, raw)
	a.Status, a.Raw = res.StatusCode, raw
	return a
}

// asPrinted compares an answer built from given rows with the document's sample.
func asPrinted(t *testing.T, name string, data any) {
	t.Helper()
	got := encode(envelope{Code: codeSuccess, Data: data, Message: successText(false), Success: true})
	if want := compact(t, sample(t, name+".response")); compact(t, got) != want {
		t.Errorf("%s answers\n%s\nthe document prints\n%s", name, compact(t, got), want)
	}
}

// printedSession is a record as the samples of both CDR calls have it.
func printedSession(t *testing.T, bytes int64, start string) session {
	t.Helper()
	return session{bytes: bytes, start: stamp(t, spacedLayout, start), place: place{"460", "00"}, network: "4G", plan: "LP14240410004345"}
}

func printedCard() *Device {
	return &Device{ID: "89430101523088119435", Profiles: []Profile{{"89430101523088119435", "232010879771943", "43688877771943"}}}
}

func TestCDRAsPrinted(t *testing.T) {
	t.Parallel()
	large := printedSession(t, 1303552, "2024-05-08 16:49:59")
	var rows []cdrNode
	for _, x := range []session{printedSession(t, 1, "2024-05-09 18:18:56"), printedSession(t, 2, "2024-05-08 16:51:39"), large, large} {
		rows = append(rows, x.node(printedCard()))
	}
	asPrinted(t, "cdr", innerOf(rows, 4))
}

func TestCDRByAPNAsPrinted(t *testing.T) {
	t.Parallel()
	var rows []apnNode
	for _, x := range []session{
		printedSession(t, 1, "2024-04-11 14:16:40"), printedSession(t, 12288, "2024-04-11 13:17:57"), printedSession(t, 8929280, "2024-04-11 11:50:25"),
	} {
		rows = append(rows, x.apnNode(printedCard()))
	}
	asPrinted(t, "cdrApn", innerOf(rows, 3))
}

type recordsPage struct {
	Data   []record `json:"data"`
	Status struct{ Code string }
	Total  int `json:"total_count"`
}

type record struct {
	Data    int64   `json:"data"`
	Started string  `json:"session_started_at"`
	SimID   string  `json:"sim_id"`
	APN     *string `json:"apn"`
}

func (d door) cdr(t *testing.T, call, from, until string, more string) recordsPage {
	t.Helper()
	a := d.get(t, fmt.Sprintf("sims/%s/%s?received_start_time=%s&received_end_by=%s%s", DemoInUse, call, from, until, more))
	if a.Code != codeSuccess {
		t.Fatalf("%s from %s: %s", call, from, a.Raw)
	}
	return decode[recordsPage](t, a.Data)
}

// Records lie within the days asked for, newest first, never in the future, and are the same at every call.
func TestRecordsOfDays(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	all := d.cdr(t, "cdr", "2025-11-01", "2025-11-24", "&page_no=1&page_size=1000")
	if all.Total != len(all.Data) || all.Total < 20 || all.Status.Code != "CB-00-0000" {
		t.Fatalf("%d of %d records, inner code %q", len(all.Data), all.Total, all.Status.Code)
	}
	if again := d.cdr(t, "cdr", "2025-11-01", "2025-11-24", "&page_no=1&page_size=1000"); !slices.Equal(all.Data, again.Data) {
		t.Error("a second call gives other records")
	}
	last := formatTime(noon, spacedLayout)
	for _, x := range all.Data {
		if x.Started > last || x.Started < "2025-11-01" || x.SimID != DemoInUse || x.Data <= 0 {
			t.Errorf("after %s comes %+v", last, x)
		}
		last = x.Started
	}
	day := d.cdr(t, "cdr", "2025-11-20", "2025-11-20", "")
	for _, x := range day.Data {
		if x.Started[:10] != "2025-11-20" {
			t.Errorf("a record of %s on 20 November", x.Started)
		}
	}
	if pages := d.cdr(t, "cdr", "2025-11-01", "2025-11-24", "&page_no=2&page_size=7"); len(pages.Data) != 7 || pages.Data[0].Started != all.Data[7].Started {
		t.Errorf("page 2 begins with %+v", pages.Data)
	}
}

// The APN call narrows down, and tells APN and duration only of some records.
func TestRecordsOfAnAPN(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	window := func(more string) int { return d.cdr(t, "cdr/apn", "2025-10-01", "2025-11-24", more).Total }
	all := window("")
	with := 0
	for _, apn := range apns {
		with += window("&apn=" + percent(apn))
	}
	if all == 0 || with != all || window("&apn="+percent(apns[0]+","+apns[1]+","+apns[2])) != all || window("&apn=none") != 0 {
		t.Errorf("%d records, %d by APN", all, with)
	}
	named, silent := 0, 0
	for _, x := range d.cdr(t, "cdr/apn", "2025-06-01", "2025-11-24", "&page_size=1000").Data {
		if x.APN == nil {
			silent++
		} else {
			named++
		}
	}
	if named == 0 || silent == 0 {
		t.Errorf("%d records with their APN, %d without", named, silent)
	}
}

func TestRecordsThatAreRefused(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	for _, tt := range []struct{ id, query, code string }{
		{DemoInUse, "received_end_by=2025-11-24", codeMissing},
		{DemoInUse, "received_start_time=2025-11-24", codeMissing},
		{DemoInUse, "received_start_time=20251101&received_end_by=2025-11-24", codeBadValue},
		{DemoInUse, "received_start_time=2025-11-24&received_end_by=2025-11-23", codeBadValue},
		{DemoInUse, "received_start_time=2025-05-27&received_end_by=2025-11-23", codeTooOld},
		{DemoInUse, "received_start_time=2025-05-28&received_end_by=2025-11-23", codeSuccess},
		{"89000000000000000000", "received_start_time=2025-11-24&received_end_by=2025-11-24", codeNoDevice},
		{DemoNoOrder, "received_start_time=2025-11-01&received_end_by=2025-11-24", codeSuccess},
	} {
		if a := d.get(t, "sims/"+tt.id+"/cdr?"+tt.query); a.Code != tt.code || a.Status != http.StatusOK {
			t.Errorf("%s %s: %d %s, want %s", tt.id, tt.query, a.Status, a.Raw, tt.code)
		}
	}
	for _, path := range []string{"sims/", "sims//cdr", "sims/" + DemoInUse, "sims/" + DemoInUse + "/cdr/voice"} {
		if res, raw := d.send(t, d.request(t, http.MethodGet, "/cmp-api/"+path, "")); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, res.StatusCode, raw)
		}
	}
	if res, _ := d.send(t, d.request(t, http.MethodPost, "/cmp-api/sims/"+DemoInUse+"/cdr", "{}")); res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != http.MethodGet {
		t.Errorf("POST: %d", res.StatusCode)
	}
}

// What a card's records add up to is what its order says, roughly: an operator compares the two.
func TestRecordsAddUpToTheOrder(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	var sum int64
	for _, x := range d.cdr(t, "cdr", "2025-08-20", "2025-11-24", "&page_size=1000").Data {
		sum += x.Data
	}
	o, _ := d.Order(DemoOrder)
	if want := o.TotalKB * 1024; sum < want/2 || sum > want*2 {
		t.Errorf("the records since %s add up to %d bytes, the order says %d", o.Active.Format(time.DateOnly), sum, want)
	}
}
