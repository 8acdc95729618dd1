package cmpsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// sample reads a payload of the document, as printed.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// compact strips the white space and the meaningless sign.
func compact(t *testing.T, raw []byte) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	if before, after, ok := strings.Cut(b.String(), `"sign":"`); ok {
		return before + `"sign":"` + after[strings.IndexByte(after, '"'):]
	}
	return b.String()
}

func stamp(t *testing.T, layout, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation(layout, text, Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// printed builds a sandbox whose fleet is given, in place of a generated one.
func printed(t *testing.T, now time.Time, fleet ...*Device) door {
	t.Helper()
	d := openDoor(t, Options{Now: fixed(now), Devices: 1})
	d.fleet = newFleet(0, 0, now)
	for _, card := range fleet {
		n := d.fleet.enter(card)
		d.fleet.cards[n].held, d.fleet.held[n] = true, card
	}
	return d
}

// same sends the document's request and compares with its answer, byte for
// byte but for white space: keys, their order, types and values.
func (d door) same(t *testing.T, path, name, request string) {
	t.Helper()
	a := d.postIn(t, "zh-CN", path, request)
	if got, want := compact(t, a.Raw), compact(t, sample(t, name+".response")); got != want {
		t.Errorf("%s answers\n%s\nthe document prints\n%s", path, got, want)
	}
}

func TestQueryDeviceAsPrinted(t *testing.T) {
	t.Parallel()
	const id = "89852202310161621656"
	d := printed(t, stamp(t, dateLayout, "20240101"), &Device{
		ID: id, Lifecycle: "2", LifecycleStart: stamp(t, dateLayout, "20231124"), LifecycleEnd: stamp(t, dateLayout, "20240531"),
		SilentMonths: 6, ShutdownMonths: 2, Profiles: []Profile{{id, "440039980621656", filler}},
		Orders: []Order{{
			ID: "ORDER_1727992973356523520", DeviceID: id, PackageName: "C_K_D_000016_P_S_日本30GB不限速月套餐(UR)", PackageCode: "LP14231124004197",
			PackageType: "2", BuyType: "2", Period: 6, FlowMB: 30720, TotalKB: 19397607, Ordered: stamp(t, spacedLayout, "2023-11-24 18:10:04"),
			Active: stamp(t, dateLayout, "20231124"), Expire: stamp(t, dateLayout, "20240531"), Status: "2",
		}},
	})
	d.same(t, "device/queryDevice", "queryDevice", string(sample(t, "queryDevice.request")))
}

func TestQueryBatchDeviceAsPrinted(t *testing.T) {
	t.Parallel()
	fleet := buildFleet(1, 183, noon)
	for i, v := range [][5]string{
		{"8961026924500530387", "505026900144514", "61482271037", "ORDER_1813405637569282048", "2024-07-17 10:49:30"},
		{"8961026924500530395", "505026900144515", "61482271038", "ORDER_1813405643328061440", "2024-07-17 10:49:31"},
	} {
		first, last := stamp(t, dateLayout, "20240717"), stamp(t, dateLayout, "20540731")
		fleet[180+i] = &Device{
			ID: v[0], PartnerCode: "CN00000581", Lifecycle: "2", LifecycleStart: first, LifecycleEnd: last, SilentMonths: 6, ShutdownMonths: 12,
			Profiles: []Profile{{v[0], v[1], v[2]}},
			Orders: []Order{{
				ID: v[3], DeviceID: v[0], PackageName: "C_M_D_00001032_P_S_3APNs_澳大利亚10GB不限速月套餐", PackageCode: "LP14240611004444", PackageType: "2",
				BuyType: "2", Period: 360, Supplier: "SP000040", Ordered: stamp(t, spacedLayout, v[4]), Active: first, Expire: last, Status: "2",
			}},
		}
	}
	d := printed(t, noon, fleet...)
	d.same(t, "device/queryBatchDevice", "queryBatchDevice", string(sample(t, "queryBatchDevice.request")))
}

func TestQueryOrderAsPrinted(t *testing.T) {
	t.Parallel()
	card := &Device{ID: "89852202110293091394", Profiles: []Profile{{}}}
	for i := range 191 {
		card.Orders = append(card.Orders, Order{ID: fmt.Sprint("L", i)})
	}
	for i, v := range [][2]string{
		{"ORDER_1595320587633311744", "20221123153722"}, {"ORDER_1595322932949696512", "20221123154641"}, {"ORDER_1595323285963292672", "20221123154805"},
	} {
		card.Orders[i] = Order{
			ID: v[0], DeviceID: card.ID, PackageName: "(en-us)全覆盖国家10M不限速两年Package", PackageCode: "DP20210322004206",
			BuyType: "2", Period: 30, FlowMB: 10, Ordered: stamp(t, compactLayout, v[1]), Status: "1",
		}
	}
	printed(t, noon, card).same(t, "package/queryOrder", "queryOrder", string(sample(t, "queryOrder.request")))
}

func TestActionsAsPrinted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ path, status string }{
		"openPackage": {"package/openPackage", "1"}, "cancelPackage": {"package/cancelPackage", "1"},
		"aheadFinishDeviceOrder": {"package/aheadFinishDeviceOrder", "2"},
		"pauseService":           {"device/pauseService", "2"}, "restartService": {"device/restartService", "5"},
	} {
		request := sample(t, name+".request")
		fields := decode[map[string]string](t, request)
		now := stamp(t, spacedLayout, "2022-01-27 11:23:43")
		o := Order{ID: fields["order_id"], DeviceID: "device_id_b1b04b45e20c", Status: c.status, PackageType: "1", Period: 670, Expire: now.AddDate(1, 0, 0)}
		d := printed(t, now, &Device{ID: o.DeviceID, Orders: []Order{o}})
		d.same(t, c.path, name, string(request))
	}
}

// node is a JSON value with its keys in their order.
type node struct {
	kind   string
	keys   []string
	fields map[string]node
	items  []node
}

func parse(t *testing.T, dec *json.Decoder) node {
	t.Helper()
	token, err := dec.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch v := token.(type) {
	case json.Delim:
		n := node{kind: v.String(), fields: map[string]node{}}
		for dec.More() {
			if v == '[' {
				n.items = append(n.items, parse(t, dec))
				continue
			}
			key, _ := dec.Token()
			n.keys = append(n.keys, key.(string))
			n.fields[key.(string)] = parse(t, dec)
		}
		_, _ = dec.Token()
		return n
	case nil:
		return node{kind: "null"}
	default:
		return node{kind: fmt.Sprintf("%T", v)}
	}
}

// nullable are the fields that may be null although a sample has a value;
// all but package_order are null in another sample.
var nullable = []string{"packageType", "flowUseRate", "supplierCode", "package_order"}

func compare(t *testing.T, where string, want, got node) {
	t.Helper()
	name := where[strings.LastIndexByte(where, '.')+1:]
	switch {
	case got.kind == "null" && slices.Contains(nullable, name):
	case want.kind == "null" && (got.kind == "string" || got.kind == "null"):
	case want.kind != got.kind:
		t.Errorf("%s is %s, the document has %s", where, got.kind, want.kind)
	case !slices.Equal(want.keys, got.keys):
		t.Errorf("%s has the keys %v, the document %v", where, got.keys, want.keys)
	}
	for _, k := range got.keys {
		compare(t, where+"."+k, want.fields[k], got.fields[k])
	}
	if len(want.items) > 0 {
		for _, item := range got.items {
			compare(t, where+"[]", want.items[0], item)
		}
	}
}

// TestEveryAnswerHasTheSamplesShape walks the whole fleet.
func TestEveryAnswerHasTheSamplesShape(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 900})
	check := func(path, name, body string) {
		want := parse(t, json.NewDecoder(bytes.NewReader(sample(t, name+".response"))))
		a := d.post(t, path, body)
		got := parse(t, json.NewDecoder(bytes.NewReader(a.Raw)))
		if name == "queryDevice" && !strings.Contains(string(a.Raw), "package_order") {
			data := want.fields["data"]
			data.keys = data.keys[:len(data.keys)-1]
			want.fields["data"] = data
		}
		compare(t, name, want, got)
	}
	check("device/queryBatchDevice", "queryBatchDevice", `{"page_size":1000}`)
	for page := 1; page <= 3; page++ {
		check("package/queryOrder", "queryOrder", fmt.Sprintf(`{"page_no":%d,"page_size":500}`, page))
	}
	for _, sort := range Sorts() {
		for _, card := range d.Samples(sort, 3) {
			check("device/queryDevice", "queryDevice", `{"device_id":"`+card.ID+`"}`)
		}
	}
}
