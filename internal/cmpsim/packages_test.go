package cmpsim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestSyncPackagesAsPrinted(t *testing.T) {
	t.Parallel()
	var rows []packageNode
	for _, code := range []string{"DP20181122000201", "DP20190924001683"} {
		o, ok := offerOf(code)
		if !ok {
			t.Fatalf("no package %s", code)
		}
		n := o.node()
		n.Attribute = "1" // printed so for a package by the day too
		rows = append(rows, n)
	}
	a := packagesAnswer{Page: pageNode{1, 2, 87, 44}, Sign: "x", PackageNum: 87, Package: rows}
	asPrinted(t, "syncPackages", a)
}

// Every package that the fleet has ordered is in the catalogue, under the same name and type.
func TestTheCatalogueHasWhatTheFleetOrdered(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 400})
	a := decode[packagesAnswer](t, d.post(t, "package/syncPackages", `{"page_no":1,"page_size":500,"version":1.0}`).Data)
	if len(a.Package) != len(catalogue) || a.PackageNum != len(catalogue) {
		t.Fatalf("%d packages of %d", len(a.Package), len(catalogue))
	}
	for card := range d.Fleet() {
		for _, o := range card.Orders {
			same := func(n packageNode) bool {
				return n.Code == o.PackageCode && n.Name == o.PackageName && n.Type == o.PackageType
			}
			if !slices.ContainsFunc(a.Package, same) {
				t.Errorf("order %s is of %s, which is not in the catalogue", o.ID, o.PackageCode)
			}
		}
	}
	for _, n := range a.Package {
		if strings.Count(n.CoverMCC, ";") < strings.Count(n.CoverCountries, ";") && n.CoverCountries != "Worldwide" {
			t.Errorf("%s covers %q, %q", n.Code, n.CoverMCC, n.CoverCountries)
		}
	}
}

// order is the document's own request, changed in some fields.
func bulkBody(t *testing.T, changes map[string]any) string {
	t.Helper()
	body := decode[map[string]any](t, sample(t, "batchOrderPackages.request"))
	for name, value := range changes {
		if value == nil {
			delete(body, name)
			continue
		}
		body[name] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Each device of a bulk order has its own result: the order's id, or why there is none.
func TestBulkOrder(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{StateFile: t.TempDir() + "/state.json"})
	a := d.post(t, "package/batchOrderPackages", bulkBody(t, map[string]any{"deviceList": []any{DemoNoOrder, map[string]string{"device_id": DemoInUse}, "89000000000000000000"}}))
	rows := decode[boughtAnswer](t, a.Data).DeviceOrder
	if len(rows) != 3 || rows[0].Error != "0000" || rows[1].Error != "0000" || rows[2].Error != codeNoDevice || rows[2].OrderID != nil || rows[0].StartDate != nil {
		t.Fatalf("%s", a.Raw)
	}
	if q := d.Journal()[0]; !q.Applied {
		t.Errorf("journal: %+v", q)
	}
	o, ok := d.Order(*rows[0].OrderID)
	if !ok || o.Status != StatusWaiting || o.DeviceID != DemoNoOrder || o.Period != 1 || o.FlowMB != 20 {
		t.Errorf("bought %+v", o)
	}
	if a := d.post(t, "package/openPackage", orderBody(o.ID)); a.Code != codeSuccess {
		t.Errorf("what was bought cannot be opened: %s", a.Raw)
	}
	again := newSim(t, d.opts)
	if o, ok := again.Order(*rows[0].OrderID); !ok || o.Status != StatusInUse {
		t.Errorf("after a restart: %+v", o)
	}
	if o, ok := again.Order(DemoOrder); !ok || o.Status != StatusInUse || *rows[1].OrderID == *rows[0].OrderID {
		t.Errorf("the device's older order: %+v", o)
	}
}

func TestBulkOrderOpensAtOnce(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	a := d.post(t, "package/batchOrderPackages", bulkBody(t, map[string]any{"deviceList": []string{DemoNoOrder, DemoInUse}, "is_open": "1"}))
	rows := decode[boughtAnswer](t, a.Data).DeviceOrder
	if len(rows) != 2 || rows[0].StartDate == nil || *rows[0].StartDate != "20251124" || *rows[0].ExpireDate != "20251231" || rows[1].Error != codeAlreadyInUse {
		t.Fatalf("%s", a.Raw)
	}
	if o, _ := d.Order(*rows[0].OrderID); o.Status != StatusInUse {
		t.Errorf("status %s", o.Status)
	}
}

func TestBulkOrdersThatAreRefused(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	for name, tt := range map[string]struct {
		changes map[string]any
		code    string
	}{
		"no devices":        {map[string]any{"deviceList": []string{}}, codeMissing},
		"no package":        {map[string]any{"package_code": nil}, codeMissing},
		"no amount":         {map[string]any{"pay_amount": ""}, codeMissing},
		"a flag of 3":       {map[string]any{"pay_type": "3"}, codeBadValue},
		"another name":      {map[string]any{"package_name": "x"}, codePackage},
		"another type":      {map[string]any{"package_type": "1"}, codePackage},
		"obsolete":          {map[string]any{"package_code": "DP20180611000077", "package_name": "(old) Russia 1 GB monthly"}, codeObsolete},
		"too many periods":  {map[string]any{"order_period": "13"}, codePeriod},
		"no number":         {map[string]any{"order_period": "one"}, codeBadValue},
		"unpaid and opened": {map[string]any{"pay_rst": "1", "is_open": "1"}, codeUnpaid},
		"no test volume":    {map[string]any{"test_flow_flag": "1", "test_flow": ""}, codeMissing},
	} {
		before := len(d.saved.Bought)
		if a := d.post(t, "package/batchOrderPackages", bulkBody(t, tt.changes)); a.Code != tt.code || len(d.saved.Bought) != before {
			t.Errorf("%s: %s, want %s", name, a.Raw, tt.code)
		}
	}
	rows := decode[boughtAnswer](t, d.post(t, "package/batchOrderPackages", bulkBody(t, map[string]any{
		"deviceList": []string{DemoInUse, DemoNoOrder}, "test_flow_flag": "1", "test_flow": strconv.Itoa(10),
	})).Data).DeviceOrder
	if rows[0].Error != codeTestFlow || rows[1].Error != codeSuccess {
		t.Errorf("test traffic: %+v", rows)
	}
}
