package views

import (
	"testing"

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
