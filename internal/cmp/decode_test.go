package cmp

import (
	"net/http"
	"strings"
	"testing"
)

func TestKeysAreFolded(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		`{"order_code":"A"}`, `{"orderCode":"A"}`, `{"ORDER_CODE":"A"}`, `{"Order_Code":"A"}`, `{"order _code":"A"}`, `{"ordercode":"A"}`,
		`{"orderCode":"","order_code":"A"}`, `{"orderCode":null,"order_code":"A"}`, `{"order_code":"A","orderCode":null}`,
		`{"order_code":"A","order_code":null}`, `{"order_code":" ","orderCode":" A "}`, `{"order_code":"A","orderCode":"A"}`,
	} {
		if o := orderFrom(object(t, raw)); o.ID != "A" {
			t.Errorf("%s: order %q", raw, o.ID)
		}
	}
	for _, raw := range []string{`{"lifecycle_slient_period":"6"}`, `{"lifecycle_silent_period":6}`, `{"lifecycleSilentPeriod":"6"}`} {
		if d, err := deviceFrom(object(t, raw), ""); d.SilentMonths != "6" || err != nil {
			t.Errorf("%s: %q, %v", raw, d.SilentMonths, err)
		}
	}
}

// Of two spellings that both say something the first wins, every time.
func TestDoubledKeys(t *testing.T) {
	t.Parallel()
	for range 50 {
		n := object(t, `{"deviceId":"A","device_id":"B","x":1,"X":1,"y":{},"Y":{"z":2},"l":[1],"L":[1]}`)
		if n.text("device_id") != "A" || !n.ambiguous("deviceId") || n.ambiguous("x") || n.child("y").text("z") != "2" || !n.ambiguous("l") {
			t.Fatalf("%+v", n)
		}
	}
}

// No number passes through a float: ids of 21 digits and more survive.
func TestNumbersKeepTheirDigits(t *testing.T) {
	t.Parallel()
	o := orderFrom(object(t, `{"order_code":202107061625560742397,"device_id":8985220231016162165612,"order_status":2,"flow":9007199254740993,"used_flow":8007199254740993}`))
	if o.ID != "202107061625560742397" || o.DeviceID != "8985220231016162165612" || o.Status != StatusInUse {
		t.Errorf("%+v", o)
	}
	if o.Allowance.Known || o.Used != (Volume{8007199254740993 << 10, true}) {
		t.Errorf("allowance %+v (too large for bytes), used %+v", o.Allowance, o.Used)
	}
	huge := strings.Repeat("9", 5000)
	n := object(t, `{"total_count":`+huge+`,"flow":1e999999999,"order_code":`+huge+`}`)
	if n.count("total_count") != 0 || orderFrom(n).Allowance.Known || orderFrom(n).ID != huge {
		t.Error("a huge number is no count and no volume, and stays itself as an id")
	}
}

func TestFlag(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]struct{ value, ok bool }{
		`true`: {true, true}, `"true"`: {true, true}, `"TRUE"`: {true, true}, `1`: {true, true}, `"1"`: {true, true},
		`false`: {false, true}, `"False"`: {false, true}, `0`: {false, true},
		`null`: {}, `""`: {}, `"yes"`: {}, `2`: {}, `{}`: {}, `[true]`: {},
	} {
		if value, ok := object(t, `{"f":`+raw+`}`).flag("f"); value != want.value || ok != want.ok {
			t.Errorf("%s: %v %v", raw, value, ok)
		}
	}
}

func TestPackageOrderIsOneOrMany(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, raw string
		want      []string
		bad       bool
	}{
		{"object", `"package_order":{"orderCode":"A"}`, []string{"A"}, false},
		{"list", `"packageOrder":[{"order_code":"A"},{"orderCode":"B"}]`, []string{"A", "B"}, false},
		{"list with a gap", `"package_order":[null,{"orderCode":"B"}]`, []string{"B"}, false},
		{"empty list", `"package_order":[]`, nil, false},
		{"empty object", `"package_order":{}`, nil, false},
		{"null", `"package_order":null`, nil, false},
		{"empty text", `"package_order":""`, nil, false},
		{"missing", `"x":1`, nil, false},
		{"text", `"package_order":"A"`, nil, true},
		{"number", `"package_order":1`, nil, true},
		{"list of texts", `"package_order":["A"]`, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkPackageOrder(t, tt.raw, tt.want, tt.bad)
		})
	}
}

func checkPackageOrder(t *testing.T, raw string, want []string, bad bool) {
	t.Helper()
	answer := `{"code":"0000","data":{"device_id":"` + testDevice + `",` + raw + `}}`
	d, err := client(t, serve(t, says(http.StatusOK, answer)).URL).Device(t.Context(), testDevice)
	if bad {
		if e := failure(t, err); e.Kind != Unknown {
			t.Errorf("what is no order looks like none: %v", e)
		}
		return
	}
	if err != nil || len(d.Orders) != len(want) {
		t.Fatalf("%+v, %v", d.Orders, err)
	}
	for i, id := range want {
		if d.Orders[i].ID != id || d.Orders[i].DeviceID != testDevice {
			t.Errorf("order %d: %+v", i, d.Orders[i])
		}
	}
}

func TestCurrentOrder(t *testing.T) {
	t.Parallel()
	for want, orders := range map[string][]Order{
		"use":       {{ID: "a", Status: StatusEnded}, {ID: "s", Status: StatusSuspended}, {ID: "use", Status: StatusInUse}},
		"suspended": {{ID: "a", Status: StatusEnded}, {ID: "suspended", Status: StatusSuspended}},
		"first":     {{ID: "first", Status: "7"}, {ID: "b", Status: StatusEnded}},
	} {
		if o, ok := (Device{Orders: orders}).Current(); !ok || o.ID != want {
			t.Errorf("current is %q, want %q", o.ID, want)
		}
	}
	if _, ok := (Device{}).Current(); ok {
		t.Error("a device without orders has a current one")
	}
}

// What a read makes of data that is not what it asked for.
func TestDataOfOtherShapes(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]Kind{
		`null`: NotFound, `{}`: NotFound, `""`: NotFound, `[]`: NotFound, `{"sign":"x"}`: NotFound,
		`"没有"`: Unknown, `1`: Unknown, `[{"device_id":"` + testDevice + `"}]`: Unknown, `true`: Unknown,
		`{"device_id":"89852202310161621657","lifecycle":"2"}`: Unknown, // another device
		`{"device_id":"` + testDevice + `"}`:                   fine,
		`{"device_id":` + testDevice + `}`:                     fine,
		`{"lifecycle":2}`:                                      fine,
	} {
		c := client(t, serve(t, says(http.StatusOK, `{"code":"0000","data":`+data+`}`)).URL)
		d, err := c.Device(t.Context(), testDevice)
		if want == fine {
			if err != nil || d.ID != testDevice {
				t.Errorf("%s: %+v, %v", data, d, err)
			}
			continue
		}
		if e := failure(t, err); e.Kind != want {
			t.Errorf("%s: %v, want %v", data, e, want)
		}
	}
}

// Lists treat missing data as an empty page, and rows of another shape as no answer.
func TestListsOfOtherShapes(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]Kind{
		`null`: fine, `{}`: fine, `{"device":null,"package_order":null}`: fine, `{"device":[],"package_order":[]}`: fine,
		`"x"`: Unknown, `{"device":"x","package_order":"x"}`: Unknown, `{"device":[1],"package_order":[1]}`: Unknown,
	} {
		c := client(t, serve(t, says(http.StatusOK, `{"code":"0000","data":`+data+`}`)).URL)
		devices, err := c.Devices(t.Context(), 1, 20)
		orders, err2 := c.Orders(t.Context(), OrderQuery{Page: 1, Size: 20})
		if want == fine {
			if err != nil || err2 != nil || len(devices.Devices)+len(orders.Orders) != 0 {
				t.Errorf("%s: %v %v", data, err, err2)
			}
			continue
		}
		if KindOf(err) != want || KindOf(err2) != want || err == nil || err2 == nil {
			t.Errorf("%s: %v, %v", data, err, err2)
		}
	}
}

func TestTotalsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for page, want := range map[string][3]int{
		`{"page_size":20,"total_count":"183","total_pages":10}`: {20, 183, 10},
		`{"page_size":500,"total_count":-5,"total_pages":-1}`:   {50, 0, 0},
		`{"page_size":0,"total_count":1e99,"total_pages":"?"}`:  {50, 0, 0},
		`null`: {50, 2, 1},
	} {
		n := object(t, `{"page":`+page+`}`)
		if size, total, pages := n.totals(50, 2); [3]int{size, total, pages} != want {
			t.Errorf("%s: %d rows a page, %d in all on %d pages", page, size, total, pages)
		}
	}
}

// Texts of the CMP are bounded, and what would turn the direction of writing is seen in place of obeyed.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("订", maxText)
	n := &node{members: map[string]any{"fits": long, "long": long + "单"}}
	if n.text("fits") != long || n.text("long") != long+"…" {
		t.Errorf("%d and %d bytes", len(n.text("fits")), len(n.text("long")))
	}
	if got := bounded("a\u202eb\x00c", 3); got != "a\ufffdb" {
		t.Errorf("%q", got)
	}
}
