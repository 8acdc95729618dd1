package views

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
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

// What the CMP cannot be asked for is told, with what it can be asked for.
func TestTooLittleToAsk(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for _, q := range []string{"89", "%E6%97%A5%E6%9C%AC"} {
		text := textOf(v.get("/search?q="+q).want(t, http.StatusOK).tree(t))
		if !strings.Contains(text, "the CMP was not asked") || !strings.Contains(text, "four digits of a device id or more") || !strings.Contains(text, "The copy of the fleet is empty.") {
			t.Errorf("%s: %s", q, text)
		}
	}
}

// oneDevice is a device of which every number is known.
var oneDevice = cmp.Device{
	ID: "89860012345678901236", Lifecycle: cmp.LifecycleUsage, MSISDN: "8613800138000",
	Orders: []cmp.Order{{ID: "ORDER_1700000000000000999", DeviceID: "89860012345678901236", IMSI: "460001234567890", PackageCode: "P-ALPHA-77", PackageName: "Alpha 全球 GB", Status: cmp.StatusInUse}},
}

// searched is a site whose copy of the fleet has the sandbox's devices and that one, and whose CMP denies everything.
func searched(t *testing.T) *site {
	t.Helper()
	st := newSite(t).mirrored(t)
	if _, err := st.copy.Put(t.Context(), []cmp.Device{oneDevice}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := st.copy.Bind(t.Context(), oneDevice.ID, "490154203237518"); err != nil {
		t.Fatal(err)
	}
	return st
}

// Every number of a device leads to it, however it is written, and its order's code to the order.
func TestOneHitOpens(t *testing.T) {
	t.Parallel()
	v := searched(t).visit(t, auth.Support)
	for q, leads := range map[string]string{
		oneDevice.ID: deviceHref(oneDevice.ID), "8986 0012-3456.7890 1236": deviceHref(oneDevice.ID), "'" + oneDevice.ID: deviceHref(oneDevice.ID), `="` + oneDevice.ID + `"`: deviceHref(oneDevice.ID),
		"460001234567890": deviceHref(oneDevice.ID), "460 00 1234567890": deviceHref(oneDevice.ID),
		"8613800138000": deviceHref(oneDevice.ID), "+86 138 0013 8000": deviceHref(oneDevice.ID), "008613800138000": deviceHref(oneDevice.ID),
		"490154203237518": deviceHref(oneDevice.ID), "49-015420-323751-8": deviceHref(oneDevice.ID),
		"ORDER_1700000000000000999": orderHref("ORDER_1700000000000000999"), "P-ALPHA-77": packageHref("P-ALPHA-77"),
		"86001234567": deviceHref(oneDevice.ID), "8901236": deviceHref(oneDevice.ID), "alpha": packageHref("P-ALPHA-77"), "全球 gb": packageHref("P-ALPHA-77"),
	} {
		if a := v.get("/search?q=" + url.QueryEscape(q)); a.header.Get("Location") != leads {
			t.Errorf("%q: %d, leads to %q, want %q: %s", q, a.status, a.header.Get("Location"), leads, textOf(a.tree(t)))
		}
	}
}

// A part shows its devices in groups by the number that has it, with the part marked, and the first of many only.
func TestHitsAreMarked(t *testing.T) {
	t.Parallel()
	st := searched(t)
	v := st.visit(t, auth.Support)
	doc := v.get("/search?q=8985").want(t, http.StatusOK).tree(t)
	marks := all(doc, "mark", "")
	if len(marks) != searchSize || textOf(marks[0]) != "8985" {
		t.Errorf("%d marks", len(marks))
	}
	if text := textOf(doc); !strings.Contains(text, "More than 50 found") || !strings.Contains(text, "the first 50") || linked(doc, "all of them in the devices list") != "/devices?q=8985" || !strings.Contains(text, "read as") {
		t.Error(text)
	}
	doc = v.get("/search?q=00123").want(t, http.StatusOK).tree(t)
	if text := textOf(doc); !strings.Contains(text, "Devices") || len(all(doc, "mark", "")) == 0 {
		t.Error(text)
	}
}

// A marked number is shown and copied as it is, with nothing between its parts.
func TestAMarkedNumberIsWhole(t *testing.T) {
	t.Parallel()
	v := searched(t).visit(t, auth.Support)
	for part, number := range map[string]string{
		"8986001234": oneDevice.ID, "0012345678901": oneDevice.ID, "8901236": oneDevice.ID, "6000123456789": "460001234567890", "6138001380": "8613800138000", "4203237518": "490154203237518", "Alpha 全球": "Alpha 全球 GB",
	} {
		marks := all(v.get("/search?panel=1&q="+url.QueryEscape(part)).want(t, http.StatusOK).tree(t), "mark", "")
		if len(marks) != 1 || rawText(marks[0]) != part || rawText(marks[0].Parent) != number {
			t.Errorf("%s: %d marks", part, len(marks))
			for _, m := range marks {
				t.Errorf("%q of %q, want it of %q", rawText(m), rawText(m.Parent), number)
			}
		}
	}
}

// rawText is the text of an element as a browser has it.
func rawText(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// What a spreadsheet has done to a number is explained, and what is left of it can be looked for.
func TestDamageIsExplained(t *testing.T) {
	t.Parallel()
	v := searched(t).visit(t, auth.Support)
	for q, want := range map[string]string{"8.98600123456789E+19": "89860012345678", "89860012345678900000": "898600123456789"} {
		doc := v.get("/search?q="+url.QueryEscape(q)).want(t, http.StatusOK).tree(t)
		if text := textOf(doc); !strings.Contains(text, "Look for what begins with "+want) || !strings.Contains(text, "format Text") {
			t.Errorf("%s: %s", q, text)
		}
	}
	for q, linked := range map[string]bool{"8.98600123456789E+19": true, "8.9E+18": false} {
		text := textOf(v.get("/search?q="+url.QueryEscape(q)).want(t, http.StatusOK).tree(t))
		if strings.Contains(text, "Look for what begins with") != linked || strings.Contains(text, "Devices can be looked up by the digits that are left.") != linked {
			t.Errorf("%s: the link and the text do not agree: %s", q, text)
		}
	}
}

// A gone device is found like any other, and said to be gone.
func TestGoneIsFound(t *testing.T) {
	t.Parallel()
	st := searched(t)
	if err := st.copy.Drop(t.Context(), []string{oneDevice.ID}, time.Now()); err != nil {
		t.Fatal(err)
	}
	v := st.visit(t, auth.Support)
	if a := v.get("/search?q=" + oneDevice.ID); a.header.Get("Location") != deviceHref(oneDevice.ID) {
		t.Errorf("%d, leads to %q", a.status, a.header.Get("Location"))
	}
	if a := v.get("/search?panel=1&q="+oneDevice.ID).want(t, http.StatusOK); !strings.Contains(textOf(a.tree(t)), "Gone from the CMP") {
		t.Error(textOf(a.tree(t)))
	}
}

// While one types the CMP is never asked, and the log gets one row a search, once it has settled.
func TestTypingIsRecordedOnce(t *testing.T) {
	t.Parallel()
	st := searched(t)
	v := st.visit(t, auth.Support)
	asked := len(st.sim.Journal())
	for _, q := range []string{"8", "8986", "89860", "898600123", "0000777"} {
		text := textOf(v.get("/search?panel=1&q="+q).want(t, http.StatusOK).tree(t))
		if strings.Contains(text, "Search for") != (len(q) > 2) {
			t.Errorf("%s: %s", q, text)
		}
	}
	if n := len(st.sim.Journal()); n != asked {
		t.Errorf("the CMP was asked %d times", n-asked)
	}
	st.recordTyped(t.Context(), time.Now().Add(time.Minute))
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.Search), Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range rows {
		got = append(got, details(row)["q"]+" "+details(row)["typed"])
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"0000777 yes", "898600123 yes"}) {
		t.Errorf("recorded %q", got)
	}
}

// On the page of the search, what is typed renews that page and its address.
func TestTypingOnTheSearchPage(t *testing.T) {
	t.Parallel()
	st := searched(t)
	a := st.visit(t, auth.Support).get("/search?panel=1&q=8985", "HX-Request", "true", "HX-Current-URL", st.url+"/search?q=8").want(t, http.StatusOK)
	if a.header.Get("HX-Retarget") != "#results" || a.header.Get("HX-Replace-Url") != "/search?q=8985" || len(all(a.tree(t), "mark", "")) != searchSize {
		t.Errorf("%v, %d marks", a.header, len(all(a.tree(t), "mark", "")))
	}
}
