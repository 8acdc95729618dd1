package cmp

import (
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func FuzzEnvelope(f *testing.F) {
	// Small seeds: the fuzzer spends its time on shortening large ones.
	for _, name := range []string{"openPackage", "pauseService"} {
		f.Add(200, string(sample(f, name+".response")))
	}
	for _, seed := range []string{
		`{"code":0,"data":{"status":{"code":"CB-01-0111","message":"x"}}}`, `{"code":" 3002 ","msg":"订单","success":"false"}`, `[]`, `null`, "",
		`{"code":{"a":1},"success":"maybe"}`, `{"code":"0000","Code":"9999"}`, `{"message":"client request can't be validated"}`, "\ufeff{}", `{"code":1e400}`,
	} {
		for _, status := range []int{200, 401, 500} {
			f.Add(status, seed)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		data, fail := judge(status, []byte(body))
		if fail == nil {
			checkSuccess(t, status, body)
			return
		}
		if data != nil || fail.HTTPStatus != status {
			t.Errorf("%v, data %v", fail, data)
		}
		checkFailure(t, fail, status)
	})
}

// checkSuccess holds a success to what it must be made of.
func checkSuccess(t *testing.T, status int, body string) {
	t.Helper()
	v, err := parseValue([]byte(body))
	n, ok := v.(*node)
	if err != nil || !ok || status < 200 || status > 299 || n.code() != outerSuccess || n.ambiguous("code") || n.ambiguous("success") {
		t.Errorf("HTTP %d taken for success", status)
	}
	if value, ok := n.flag("success"); ok && !value {
		t.Error("success false taken for success")
	}
	// The same answer cut short is no answer.
	cut := strings.TrimRightFunc(body, unicode.IsSpace)
	if _, fail := judge(status, []byte(cut[:len(cut)-1])); fail == nil || fail.Kind != Unknown {
		t.Errorf("cut short: %v", fail)
	}
}

func checkFailure(t *testing.T, fail *Error, status int) {
	t.Helper()
	switch fail.Kind {
	case Rejected:
		if fail.Code == "" || status/100 != 2 && status/100 != 4 {
			t.Errorf("HTTP %d without clear words taken for a refusal: %v", status, fail)
		}
	case Unauthorised:
		if fail.Code != "" || fail.Message == "" || status != 401 && status != 403 {
			t.Errorf("HTTP %d taken for the gateway's: %v", status, fail)
		}
	case Unknown:
	default:
		t.Errorf("an answer that came is %v", fail.Kind)
	}
	text := fail.Error()
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || len(text) > 20_000 {
		t.Errorf("error text %q", text)
	}
}

func FuzzTime(f *testing.F) {
	for _, seed := range []string{
		"20221123153722", "2022-11-23 15:37:22", "2022-11-23", "20221123", "2022-11-23T07:37:22Z", "2022-11-23 15:37:22.5+08:00", "2023-11-27 23:59:59(UTC+8)",
		"0000-00-00", "99991231235959", "2022-11-23 15:37:22 -1200", " ", "FFFFFFFFFF", "1669189042000",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := parseTime(raw)
		if got.Raw != strings.TrimSpace(raw) || got.IsZero() != (got.Raw == "") {
			t.Errorf("raw %q", got.Raw)
		}
		if got.At.IsZero() {
			if got.DateOnly {
				t.Error("a date without a day")
			}
			return
		}
		local := got.At.In(Zone)
		if y := got.At.Year(); y < 1 || y > 9999 || got.Raw == "" {
			t.Errorf("%q is in the year %d", raw, y)
		}
		if got.DateOnly && !local.Equal(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, Zone)) {
			t.Errorf("%q is the date %v", raw, local)
		}
		if again := parseTime(got.At.In(Zone).Format(time.RFC3339Nano)); !again.At.Equal(got.At) && local.Year() <= 9999 && local.Year() > 0 {
			t.Errorf("%q is %v, read again %v", raw, got.At, again.At)
		}
	})
}

func FuzzVolume(f *testing.F) {
	for _, seed := range []string{"0", "19397607", "1.25", "1.9397607E7", "-0.5", "1e99", "9007199254740991.9999", "9223372036854775807", "", "0x1", "1_0", "NaN"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kb, mb := parseVolume(text, kilobyte), parseVolume(text, megabyte)
		if kb.Bytes < 0 || !kb.Known && kb.Bytes != 0 || mb.Known && !kb.Known {
			t.Errorf("%q is %+v in kB, %+v in MB", text, kb, mb)
		}
		if !kb.Known {
			return
		}
		want, ok := new(big.Float).SetPrec(1000).SetString(text)
		if !ok {
			t.Fatalf("%q is no number but %+v", text, kb)
		}
		whole, _ := want.Mul(want, big.NewFloat(kilobyte)).Int64()
		if diff := whole - kb.Bytes; diff < -1 || diff > 1 {
			t.Errorf("%q is %d bytes, want %d", text, kb.Bytes, whole)
		}
		if p, known := (Order{Used: kb, Allowance: mb}).UsedPercent(); known && p < 0 {
			t.Errorf("%q: %d %%", text, p)
		}
	})
}

func FuzzDevice(f *testing.F) {
	for _, seed := range []string{
		`{"device_id":1,"package_order":[{"flow":1e9,"used_flow":-1},null],"lifecycle":9}`, `{"package_order":"x"}`, `{"packageOrder":{"profileList":{"msisdn":"ffff"}}}`,
		`{"lifecycle":"2","package_order":{"refueling_package_list":[{"refpackage_flow":"0.5"}],"order_date":20221123}}`, `[[]]`,
		`{"device_id":"89852202310161621656","package_order":{"orderCode":"ORDER_1","flow":"30720","usedFlow":"0","profileList":[{"msisdn":"FFFFFFFFFF"}]}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		v, err := parseValue([]byte(body))
		n, ok := v.(*node)
		if err != nil || !ok {
			return
		}
		if data := n.child("data"); data != nil {
			n = data
		}
		d, err := deviceFrom(n, testDevice)
		if err != nil {
			return
		}
		if current, ok := d.Current(); ok != (len(d.Orders) > 0) || ok && current.DeviceID == "" && d.ID != "" {
			t.Errorf("current %+v of %+v", current, d)
		}
		for _, o := range append(d.Orders, orderFrom(n)) {
			checkOrder(t, o)
		}
	})
}

func checkOrder(t *testing.T, o Order) {
	t.Helper()
	for _, v := range []Volume{o.Allowance, o.Used, o.OrderUsed} {
		if v.Bytes < 0 || !v.Known && v.Bytes != 0 {
			t.Errorf("volume %+v", v)
		}
	}
	numbers := []string{o.MSISDN}
	for _, p := range o.Profiles {
		numbers = append(numbers, p.MSISDN)
	}
	for _, m := range numbers {
		if m != "" && strings.Trim(m, "fF") == "" {
			t.Errorf("number %q", m)
		}
	}
	if p, ok := o.UsedPercent(); ok != (o.Used.Known && o.Allowance.Known && o.Allowance.Bytes > 0) || p < 0 || p > 1e9 {
		t.Errorf("%d %% (%v) of %+v", p, ok, o)
	}
}

// A counter is a number that is there, or none: never negative, never beyond what an integer holds.
func FuzzCounter(f *testing.F) {
	for _, seed := range []string{"123.456", "+1234.456", "-1.2344e56", "-.45E-6", "INF", "-INF", "NaN", "1e18", "0x1p60", "1_000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		c := parseCounter(raw)
		if c.Raw != raw || c.Bytes < 0 || !c.Known && c.Bytes != 0 {
			t.Errorf("%q: %+v", raw, c)
		}
	})
}

// A number of a phone survives whole, or is a filler of F's and gone.
func FuzzMSISDN(f *testing.F) {
	for _, seed := range []string{"FFFFFFFFFF", "ffff", "61482271041", "+85251000001", "F1", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got := filler(raw)
		if got != raw && (got != "" || strings.Trim(raw, "Ff") != "") {
			t.Errorf("%q became %q", raw, got)
		}
	})
}

// What a bulk order's answer says of a device is a success only with an order's id, and never both that and a refusal.
func FuzzBulkResults(f *testing.F) {
	f.Add(`{"device_order":[{"device_id":"89852022018041800192","error":"0000","order_id":"O1"}]}`)
	f.Add(`{"device_order":{"Device_id":"89852022018041800192","Error":"3004","ErrorMsg":"no"}}`)
	f.Fuzz(func(t *testing.T, raw string) {
		v, err := parseValue([]byte(raw))
		n, ok := v.(*node)
		if err != nil || !ok {
			return
		}
		rows, err := n.children("device_order")
		if err != nil {
			return
		}
		for i, r := range bulk().results(rows) {
			if r.DeviceID != bulk().Devices[i] || r.OK && (r.OrderID == "" || r.Code != outerSuccess) || r.OK == (r.Err() != nil) {
				t.Errorf("%s: %+v", raw, r)
			}
		}
	})
}
