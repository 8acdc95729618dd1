package cmpsim

import (
	"fmt"
	"strings"
	"testing"
)

func TestBatchPaging(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 183, PageCap: 100})
	for _, c := range []struct {
		body string
		rows int
		page pageNode
	}{
		{`{}`, 20, pageNode{1, 20, 183, 10}},
		{`{"page_no":null,"page_size":""}`, 20, pageNode{1, 20, 183, 10}},
		{`{"page_no":"2","page_size":"50"}`, 50, pageNode{2, 50, 183, 4}},
		{`{"page_no":3,"page_size":61}`, 61, pageNode{3, 61, 183, 3}},
		{`{"page_no":4,"page_size":61}`, 0, pageNode{4, 61, 183, 3}},
		{`{"page_no":92,"page_size":2}`, 1, pageNode{92, 2, 183, 92}},
		{`{"page_no":93,"page_size":2}`, 0, pageNode{93, 2, 183, 92}},
		{`{"page_no":1000000000,"page_size":100}`, 0, pageNode{1000000000, 100, 183, 2}},
		{`{"page_no":1,"page_size":5000}`, 100, pageNode{1, 100, 183, 2}},
	} {
		a := d.post(t, "device/queryBatchDevice", c.body)
		n := decode[batchAnswer](t, a.Data)
		if n.Page != c.page || len(n.Device) != c.rows || n.DeviceNum != c.rows || n.Device == nil {
			t.Errorf("%s: page %+v, %d rows, device_num %d", c.body, n.Page, len(n.Device), n.DeviceNum)
		}
	}
}

func TestBatchPagesHoldEveryDeviceOnce(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 183})
	seen := map[string]bool{}
	for no := 1; no <= 10; no++ {
		a := d.post(t, "device/queryBatchDevice", fmt.Sprintf(`{"page_no":%d,"page_size":20}`, no))
		for _, row := range decode[batchAnswer](t, a.Data).Device {
			if seen[row.DeviceID] {
				t.Errorf("%s is on two pages", row.DeviceID)
			}
			seen[row.DeviceID] = true
		}
	}
	if len(seen) != 183 {
		t.Errorf("the pages hold %d devices", len(seen))
	}
}

func TestOrderFilters(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 500})
	var all []Order
	for c := range d.Fleet() {
		all = append(all, c.Orders...)
	}
	part := DemoInUse[:15]
	for _, c := range []struct {
		name, body string
		keeps      func(Order) bool
	}{
		{"none", `{"page_size":1000}`, func(Order) bool { return true }},
		{"nulls", `{"device_id":null,"order_id":null,"order_status":null,"page_no":1,"page_size":1000}`, func(Order) bool { return true }},
		{"device", `{"device_id":"` + DemoSeveral + `"}`, func(o Order) bool { return o.DeviceID == DemoSeveral }},
		{"fuzzy beginning", `{"device_id":"` + part + `"}`, func(o Order) bool { return strings.Contains(o.DeviceID, part) }},
		{"fuzzy middle", `{"device_id":"20240","page_size":1000}`, func(o Order) bool { return strings.Contains(o.DeviceID, "20240") }},
		{"order", `{"order_id":"` + DemoOrder + `"}`, func(o Order) bool { return o.ID == DemoOrder }},
		{"part of an order", `{"order_id":"ORDER_17000000000"}`, func(Order) bool { return false }},
		{"status", `{"order_status":"5","page_size":1000}`, func(o Order) bool { return o.Status == "5" }},
		{"status as a number", `{"order_status":3,"page_size":1000}`, func(o Order) bool { return o.Status == "3" }},
		{"two at once", `{"device_id":"` + DemoSeveral + `","order_status":"1"}`, func(o Order) bool { return o.DeviceID == DemoSeveral && o.Status == "1" }},
	} {
		want := map[string]bool{}
		for _, o := range all {
			if c.keeps(o) {
				want[o.ID] = true
			}
		}
		n := decode[orderAnswer](t, d.post(t, "package/queryOrder", c.body).Data)
		if n.Page.TotalCount != len(want) || n.PackageOrderNum != len(want) || len(n.PackageOrder) != len(want) {
			t.Errorf("%s: %d rows, page %+v, want %d", c.name, len(n.PackageOrder), n.Page, len(want))
		}
		for _, o := range n.PackageOrder {
			if !want[o.OrderCode] || o.DeviceID != o.DeviceIDSnake {
				t.Errorf("%s: unexpected %+v", c.name, o)
			}
		}
	}
	if len(all) < 100 {
		t.Errorf("only %d orders, the filters were hardly tried", len(all))
	}
}

func TestOrderPaging(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	card, _ := d.Device(DemoSeveral)
	for no, rows := range map[int]int{1: 3, 2: 1, 3: 0} {
		n := decode[orderAnswer](t, d.post(t, "package/queryOrder", fmt.Sprintf(`{"device_id":%q,"page_no":%d,"page_size":3}`, card.ID, no)).Data)
		if len(n.PackageOrder) != rows || n.Page != (pageNode{no, 3, 4, 2}) || n.PackageOrder == nil {
			t.Errorf("page %d: %d rows, %+v", no, len(n.PackageOrder), n.Page)
		}
	}
}

func TestQueryDeviceShowsOnlyActivatedOrders(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{Devices: 400})
	for id, want := range map[string]string{DemoInUse: DemoOrder, DemoSuspended: DemoSuspendedOrder, DemoSeveral: DemoSeveralOrder, DemoWaiting: "", DemoNoOrder: ""} {
		a := d.post(t, "device/queryDevice", `{"device_id":"`+id+`","timestamp":"1606268400095"}`)
		n := decode[deviceAnswer](t, a.Data)
		switch {
		case want == "" && (n.PackageOrder != nil || strings.Contains(string(a.Data), "package_order")):
			t.Errorf("%s shows an order that is not activated: %s", id, a.Data)
		case want != "" && (n.PackageOrder == nil || n.PackageOrder.OrderCode != want):
			t.Errorf("%s shows %+v, want %s", id, n.PackageOrder, want)
		}
	}
	ended, ok := d.Sample(SortEnded)
	if a := d.post(t, "device/queryDevice", `{"device_id":"`+ended.ID+`"}`); !ok || strings.Contains(string(a.Data), "package_order") {
		t.Errorf("an ended order is shown: %s", a.Data)
	}
}
