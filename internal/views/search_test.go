package views

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// A part of a device id leads to the device at once only when no other can be meant.
func TestSearchByAPart(t *testing.T) {
	t.Parallel()
	one, two := cmp.Order{ID: "A", DeviceID: "89850001"}, cmp.Order{ID: "B", DeviceID: "89850002"}
	for name, tt := range map[string]struct {
		orders []cmp.Order
		total  int
		leads  string
		rows   int
	}{
		"one order":                            {[]cmp.Order{one}, 1, "/devices/89850001", 0},
		"two orders of one device":             {[]cmp.Order{one, one}, 2, "/devices/89850001", 0},
		"two devices":                          {[]cmp.Order{one, two}, 2, "", 2},
		"one order, and more that was not got": {[]cmp.Order{one}, 2, "", 1},
		"none":                                 {nil, 0, "", 0},
		"not what was asked for":               {[]cmp.Order{{ID: "C", DeviceID: cmpsim.DemoInUse}}, 1, "", 0},
	} {
		st := newSite(t, func(d *Deps) {
			d.CMP = &stub{upstream: d.CMP, orders: func(cmp.OrderQuery) (cmp.OrderPage, error) {
				return cmp.OrderPage{Orders: tt.orders, Total: tt.total}, nil
			}}
		})
		a := st.visit(t, auth.Support).get("/search?q=8985000")
		if rows := all(a.tree(t), "li", "data-id"); a.header.Get("Location") != tt.leads || len(rows) != tt.rows {
			t.Errorf("%s: %d, leads to %q, %d rows", name, a.status, a.header.Get("Location"), len(rows))
		}
	}
}

// A hit shows the order that matters most: one in use before one that waits or is over, the newest before older ones.
func TestHitsShowTheirOrder(t *testing.T) {
	t.Parallel()
	day := func(d int) cmp.Time { return cmp.Time{Raw: "x", At: time.Date(2026, 11, d, 0, 0, 0, 0, cmp.Zone)} }
	orders := []cmp.Order{
		{ID: "A", DeviceID: "89850001", PackageName: "over and newest", Status: cmp.StatusEnded, Ordered: day(9)},
		{ID: "B", DeviceID: "89850001", PackageName: "suspended of old", Status: cmp.StatusSuspended, Ordered: day(1)},
		{ID: "C", DeviceID: "89850001", PackageName: "in use", Status: cmp.StatusInUse, Ordered: day(2), Expire: day(30)},
		{ID: "E", DeviceID: "89850001", PackageName: "waits", Status: cmp.StatusNotEnabled, Ordered: day(8)},
		{ID: "D", DeviceID: "89850002", PackageName: "over", Status: cmp.StatusEnded, Ordered: day(3)},
	}
	st := newSite(t, func(d *Deps) {
		d.CMP = &stub{upstream: d.CMP, orders: func(cmp.OrderQuery) (cmp.OrderPage, error) {
			return cmp.OrderPage{Orders: orders, Total: len(orders)}, nil
		}}
	})
	rows := all(st.visit(t, auth.Support).get("/search?q=8985000").want(t, http.StatusOK).tree(t), "li", "data-id")
	if len(rows) != 2 {
		t.Fatalf("%d rows, want 2", len(rows))
	}
	for i, want := range []string{"89850001 in use In use ends", "89850002 over Ended or cancelled"} {
		if text := strings.ReplaceAll(textOf(rows[i]), "8985000 ", "8985000"); !strings.HasPrefix(text, want) {
			t.Errorf("row %d says %q, want %q", i+1, text, want)
		}
	}
}

// What the CMP cannot be asked for gets one advice, not two that contradict each other.
func TestTooLittleToAsk(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for q, want := range map[string]string{"89": "Type at least four digits", "%E6%97%A5%E6%9C%AC": "letters and digits"} {
		text := textOf(v.get("/search?q="+q).want(t, http.StatusOK).tree(t))
		if !strings.Contains(text, "The CMP was not asked") || !strings.Contains(text, want) || strings.Contains(text, "Nothing found") {
			t.Errorf("%s: %s", q, text)
		}
	}
}
