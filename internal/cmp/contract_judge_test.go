package cmp

import (
	"encoding/json"
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	t.Parallel()
	const fine = Kind(-1)
	tests := []struct {
		name   string
		status int
		body   string
		want   Kind
		code   string
	}{
		{"success", 200, `{"code":"0000","data":null,"message":"Success","success":true}`, fine, ""},
		{"success without the flag", 200, `{"code":"0000"}`, fine, ""},
		{"success as a number", 200, `{"code":0,"data":{},"message":"成功"}`, fine, ""},
		{"success in other spelling", 200, `{"Code":" 0000 ","Data":1,"Success":"true"}`, fine, ""},
		{"inner success", 200, `{"code":"0000","data":{"status":{"code":"CB-00-0000"}}}`, fine, ""},
		{"a message that lies", 200, `{"code":"0000","message":"failed","success":true}`, fine, ""},
		{"business error", 200, `{"code":"3002","message":"订单状态不允许","success":false}`, Rejected, "3002"},
		{"business error without the flag", 200, `{"code":"3002","message":"no"}`, Rejected, "3002"},
		{"business error as a number", 200, `{"code":3002,"message":"no","success":false}`, Rejected, "3002"},
		{"business error with 400", 400, `{"code":"1001","message":"missing","success":false}`, Rejected, "1001"},
		{"inner error", 200, `{"code":"0000","data":{"status":{"code":"CB-01-0111","message":"running"}},"success":true}`, Rejected, "CB-01-0111"},
		{"code and flag contradict", 200, `{"code":"0000","success":false}`, Unknown, "0000"},
		{"flag and code contradict", 200, `{"code":"9999","success":true}`, Unknown, "9999"},
		{"gateway refuses", 401, `{"message":"client request can't be validated"}`, Unauthorised, ""},
		{"gateway forbids", 403, `{"message":"forbidden"}`, Unauthorised, ""},
		{"401 that is no JSON", 401, `<html>login</html>`, Unknown, ""},
		{"429 without an envelope", 429, `{"message":"slow down"}`, Unknown, ""},
		{"429 with one", 429, `{"code":"429","message":"slow down","success":false}`, Rejected, "429"},
		{"500 with an envelope", 500, `{"code":"9999","message":"x","success":false}`, Unknown, "9999"},
		{"500 with success", 500, `{"code":"0000","success":true}`, Unknown, "0000"},
		{"502", 502, `bad gateway`, Unknown, ""},
		{"redirect", 302, `{"code":"9999","success":false}`, Unknown, "9999"},
		{"not found with success", 404, `{"code":"0000","success":true}`, Unknown, "0000"},
		{"page of a proxy", 200, `<html><body>ok</body></html>`, Unknown, ""},
		{"cut", 200, `{"code":"0000","data":{"order`, Unknown, ""},
		{"two answers", 200, `{"code":"0000"}{"code":"9999"}`, Unknown, ""},
		{"no code", 200, `{"message":"hello"}`, Unknown, ""},
		{"a list", 200, `["0000"]`, Unknown, ""},
		{"nothing", 200, ``, Unknown, ""},
		{"null", 200, `null`, Unknown, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, fail := judge(tt.status, []byte(tt.body))
			if tt.want == fine {
				if fail != nil {
					t.Errorf("taken for %v", fail)
				}
				return
			}
			if fail == nil || fail.Kind != tt.want || fail.Code != tt.code {
				t.Errorf("got %v, want %v with code %q", fail, tt.want, tt.code)
			}
		})
	}
}

func TestParseTime(t *testing.T) {
	t.Parallel()
	moment := time.Date(2022, 11, 23, 15, 37, 22, 0, Zone)
	day := time.Date(2022, 11, 23, 0, 0, 0, 0, Zone)
	tests := []struct {
		raw      string
		want     time.Time
		dateOnly bool
	}{
		{"20221123153722", moment, false}, {"2022-11-23 15:37:22", moment, false}, {"2022-11-23T15:37:22", moment, false},
		{"2022-11-23T07:37:22Z", moment, false}, {"2022-11-23 15:37:22+08:00", moment, false}, {" 2022-11-23 15:37:22 ", moment, false},
		{"20221123", day, true}, {"2022-11-23", day, true},
		{"", time.Time{}, false}, {"soon", time.Time{}, false}, {"20221323", time.Time{}, false}, {"0000-00-00", time.Time{}, false},
	}
	for _, tt := range tests {
		got := parseTime(tt.raw)
		if !got.At.Equal(tt.want) || got.DateOnly != tt.dateOnly || got.IsZero() != (tt.raw == "") {
			t.Errorf("%q: %+v", tt.raw, got)
		}
	}
}

func TestParseVolume(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want Volume
	}{
		{"0", Volume{0, true}}, {"1", Volume{1024, true}}, {"19397607", Volume{19397607 * 1024, true}}, {"0.5", Volume{512, true}}, {"1.25", Volume{1280, true}},
		{"", Volume{}}, {"-1", Volume{}}, {"NaN", Volume{}}, {"9223372036854775807", Volume{}}, {"1e3", Volume{}}, {"1.", Volume{}}, {"1.0000000001", Volume{}},
	}
	for _, tt := range tests {
		if got := parseVolume(tt.text, kilobyte); got != tt.want {
			t.Errorf("%q: %+v, want %+v", tt.text, got, tt.want)
		}
	}
}

func TestOrdersOfADevice(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		raw  string
		want int
	}{
		"object":  {`{"device_id":"89000000000000000001","package_order":{"orderCode":"A","order_status":2}}`, 1},
		"list":    {`{"device_id":"89000000000000000001","packageOrder":[{"order_code":"A"},{"orderCode":"B"}]}`, 2},
		"null":    {`{"device_id":"89000000000000000001","package_order":null}`, 0},
		"missing": {`{"device_id":"89000000000000000001"}`, 0},
	} {
		n, err := parseNode(json.RawMessage(tt.raw))
		if err != nil {
			t.Fatal(err)
		}
		if d := deviceFrom(n); len(d.Orders) != tt.want || (tt.want > 0 && (d.Orders[0].ID != "A" || d.Orders[0].DeviceID != d.ID)) {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestTheSpellingThatSaysSomethingWins(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{`{"deviceId":"","device_id":"B"}`, `{"deviceId":"B","device_id":null}`, `{"DEVICE_ID":"B"}`} {
		n, err := parseNode([]byte(raw))
		if err != nil || n.text("device_id") != "B" {
			t.Errorf("%s: %q, %v", raw, n.text("device_id"), err)
		}
	}
}
