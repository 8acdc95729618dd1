package cmp

import (
	"testing"
	"time"
)

func moment(raw string) Time {
	t := parseTime(raw)
	if t.At.IsZero() {
		panic("no time: " + raw)
	}
	return t
}

// beijing is a moment of which the document says that it is UTC+8.
func beijing(raw string) Time {
	t := moment(raw)
	t.Stated = true
	return t
}

var records = CDRQuery{
	DeviceID: "89430101523088119435", From: at(2024, 4, 1, 0, 0, 0), Until: at(2024, 5, 9, 0, 0, 0), Page: 1, Size: 10,
}

func printedCDR(start string, bytes int64) CDR {
	return CDR{
		DeviceID: "89430101523088119435", IMSI: "232010879771943", MSISDN: "43688877771943", MCC: "460", MNC: "00", Network: "4G",
		PlanID: "LP14240410004345", Volume: Volume{bytes, true}, Start: moment(start),
	}
}

func TestSampleCDR(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "cdr").CDRs(t.Context(), records)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, CDRPage{Page: 1, Size: 10, Total: 4, CDRs: []CDR{
		printedCDR("2024-05-09 18:18:56", 1), printedCDR("2024-05-08 16:51:39", 2), printedCDR("2024-05-08 16:49:59", 1303552), printedCDR("2024-05-08 16:49:59", 1303552),
	}})
	all, err := printed(t, "cdr").AllCDRs(t.Context(), records)
	if err != nil || len(all) != 4 {
		t.Errorf("equal rows of one page were dropped: %d, %v", len(all), err)
	}
}

func TestSampleCDRByAPN(t *testing.T) {
	t.Parallel()
	q := records
	q.APN = "&&&internet&0&&3&3"
	got, err := printed(t, "cdrApn").CDRs(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, CDRPage{Page: 1, Size: 10, Total: 3, CDRs: []CDR{
		printedCDR("2024-04-11 14:16:40", 1), printedCDR("2024-04-11 13:17:57", 12288), printedCDR("2024-04-11 11:50:25", 8929280),
	}})
}

func TestSampleSyncPackages(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "syncPackages").Packages(t.Context(), 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	product := func(code, name, kind string, mb int64, countries string, mccs ...string) Package {
		return Package{
			Code: code, Name: name, Type: kind, BuyType: "2", Status: "1", Attribute: "1", Countries: []string{countries}, MCCs: mccs,
			Allowance: Volume{mb << 20, true}, MinPeriod: "1", MaxPeriod: "-1", CycleCount: "1", IMSIType: "2",
		}
	}
	same(t, got, PackagePage{Page: 1, Size: 2, Total: 87, Pages: 44, Packages: []Package{
		product("DP20181122000201", "印度TATA测试套餐", "2", 1000, "印度", "404", "405", "406"),
		product("DP20190924001683", "T_T_T_0_P_中国100MB降速256Kbps日套餐", "1", 100, "中国", "460", "461"),
	}})
	if p := got.Packages[0]; !p.Available() || !p.Unbounded() {
		t.Errorf("%+v", p)
	}
}

func bulk() BulkOrder {
	return BulkOrder{
		Devices: []string{"89852022018041800192", "89852022018041800193"}, PackageCode: "DP20190726001274", PackageName: "C_M_0_P_中国20M不限速月套餐",
		PackageType: "2", Periods: 1, Paid: true, PayType: "1", PayAmount: "0",
	}
}

func TestSampleBulkOrder(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "batchOrderPackages").OrderPackages(t.Context(), bulk())
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []BulkResult{
		{DeviceID: "89852022018041800192", OrderID: "ORDER_47454030993031168", Code: "0000", Message: "success", OK: true},
		{DeviceID: "89852022018041800193", OrderID: "ORDER_47453927590854656", Code: "0000", Message: "success", OK: true},
	})
}

// A bulk order's answer is judged device by device, and what it does not say plainly is unknown.
func TestBulkResults(t *testing.T) {
	t.Parallel()
	const id = "89852022018041800192"
	b := bulk()
	b.Devices = []string{id}
	for answer, want := range map[string]struct {
		ok   bool
		kind Kind
	}{
		`{"device_order":[{"device_id":"89852022018041800192","error":"0000","order_id":"O1"}]}`:                                                     {true, Unknown},
		`{"Device_order":{"Device_id":"89852022018041800192","Error":0,"order_id":"O1"}}`:                                                            {false, Unknown},
		`{"device_order":[{"device_id":"89852022018041800192","error":"3004","errorMsg":"no","order_id":null}]}`:                                     {false, Rejected},
		`{"device_order":[{"device_id":"89852022018041800192","error":"3004","order_id":"O1"}]}`:                                                     {false, Unknown},
		`{"device_order":[{"device_id":"89852022018041800192","error":"0000"}]}`:                                                                     {false, Unknown},
		`{"device_order":[{"device_id":"89852022018041800192","order_id":"O1"}]}`:                                                                    {false, Unknown},
		`{"device_order":[{"device_id":"89852022018041800192","error":"500"}]}`:                                                                      {false, Unknown},
		`{"device_order":[{"device_id":"89852022018041800193","error":"0000","order_id":"O1"}]}`:                                                     {false, Unknown},
		`{"device_order":[{"device_id":"89852022018041800192","error":"3004"},{"device_id":"89852022018041800192","error":"0000","order_id":"O1"}]}`: {false, Unknown},
		`{"device_order":[{"device_id":"89852022018041800192","error":"3004","Error":"0000","order_id":""}]}`:                                        {false, Unknown},
		`{"device_order":null}`: {false, Unknown},
		`null`:                  {false, Unknown},
	} {
		rows, _ := object(t, `{"data":`+answer+`}`).child("data").children("device_order")
		if r := b.results(rows)[0]; r.OK != want.ok || r.Kind != want.kind || r.DeviceID != id {
			t.Errorf("%s: %+v, want %+v", answer, r, want)
		}
	}
}

func TestSampleMTMessages(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "queryMTSmsStatus").MTMessages(t.Context(), MTQuery{DeviceID: "8961026924500530494", MsgID: "LK20240531155200000001", Page: 1, Size: 10})
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, MTPage{Page: 1, Size: 10, Total: 1, Messages: []MTMessage{{
		DeviceID: "8961026924500530494", MSISDN: "61482271041", Started: beijing("2024-05-31 15:52:34"), Ended: beijing("2024-05-31 15:52:38"), State: WasSent, Report: Delivered,
	}}})
}

// The sample's totals are of another call than its rows: 242 rows on 49 pages of 5.
func TestSampleSMSRecords(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "querySmsCDR").SMSRecords(t.Context(), SMSRecordQuery{DeviceID: "89430101523088119435", Page: 1, Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	record := func(at string) SMSRecord {
		return SMSRecord{DeviceID: "8961026924500530510", ToICCID: "8961026924500530510", ToPhone: "61482271050", Type: "MT", At: beijing(at)}
	}
	same(t, got, SMSRecordPage{Page: 1, Size: 3, Total: 242, Pages: 49, Records: []SMSRecord{record("2024-07-12 16:04:42"), record("2024-07-12 16:07:10")}})
}

func TestSampleLiveSession(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "queryLatestCDR").LiveSession(t.Context(), "525016126013486")
	if err != nil {
		t.Fatal(err)
	}
	none := SMSCounter{Count: "0", Errors: "0"}
	same(t, got, Live{
		ReturnCode: "1", IMSI: "525016126013486", MSISDN: "65144095005251", MT: none, MO: none,
		Data: LiveData{ActiveKnown: true, TX: Counter{"0.0", 0, true}, RX: Counter{"0.0", 0, true}},
	})
	if got.Why() != "resource not available" {
		t.Errorf("%q", got.Why())
	}
}

func TestCounters(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Counter{
		"123.456": {"123.456", 123, true}, "+1234.456": {"+1234.456", 1234, true}, "1.5E6": {"1.5E6", 1500000, true}, ".45E-6": {".45E-6", 0, true},
		"-1.2344e56": {"-1.2344e56", 0, false}, "-.45E-6": {"-.45E-6", 0, false}, "INF": {"INF", 0, false}, "-INF": {"-INF", 0, false}, "NaN": {"NaN", 0, false},
		"1e19": {"1e19", 0, false}, "": {}, "x": {"x", 0, false},
	} {
		same(t, parseCounter(raw), want)
	}
}

func TestSampleBindings(t *testing.T) {
	t.Parallel()
	got, err := printed(t, "getBindTrackList").Bindings(t.Context(), "8949120240814080070")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []BindingTrack{{ICCID: "8949120240814080070", IMEI: "860996043052016", Text: "机卡绑定", At: moment("2024-08-20 10:37:52")}})
}

func TestListsWithAnySeparator(t *testing.T) {
	t.Parallel()
	same(t, listed(" a; b；c,d，e、f;;"), []string{"a", "b", "c", "d", "e", "f"})
}

// A day and the next of the zone that the CMP counts in are asked for as dates.
func TestCDRDays(t *testing.T) {
	t.Parallel()
	if got := dayText(time.Date(2024, 6, 3, 23, 59, 0, 0, Zone)); got != "2024-06-03" {
		t.Errorf("%s", got)
	}
}
