package cmp

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// paged is a CMP that holds orders and pages them; what it claims about its pages is up to claim.
type paged struct {
	rows  []string
	cap   int                                              // rows of a page at most; 0: as many as asked
	claim func(no, size, total int) string                 // the page node
	twist func(rows []string, no, from, to int) (int, int) // which rows the page holds
	asked []int
}

func (p *paged) serve(w http.ResponseWriter, r *http.Request) {
	var q struct {
		No   int `json:"page_no"`
		Size int `json:"page_size"`
	}
	content, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(content, &q)
	p.asked = append(p.asked, q.No)
	if p.cap > 0 {
		q.Size = min(q.Size, p.cap)
	}
	from, to := min((q.No-1)*q.Size, len(p.rows)), min(q.No*q.Size, len(p.rows))
	if p.twist != nil {
		from, to = p.twist(p.rows, q.No, from, to)
	}
	node := ""
	if p.claim != nil {
		node = `"page":` + p.claim(q.No, q.Size, len(p.rows)) + `,`
	}
	fmt.Fprintf(w, `{"code":"0000","data":{%s"package_order":[%s]}}`, node, strings.Join(p.rows[from:to], ","))
}

func honest(no, size, total int) string {
	return fmt.Sprintf(`{"cur_page_no":%d,"page_size":%d,"total_count":%d,"total_pages":%d}`, no, size, total, (total+size-1)/size)
}

func zeros(int, int, int) string { return `{"page_size":0,"total_count":0,"total_pages":0}` }

// rowsOf makes orders; every third belongs to another device whose id contains ours.
func rowsOf(n int) (rows, mine []string) {
	for i := range n {
		device := testDevice
		if i%3 == 2 {
			device += "0"
		} else {
			mine = append(mine, fmt.Sprintf("ORDER_%d", i))
		}
		rows = append(rows, fmt.Sprintf(`{"orderCode":"ORDER_%d","device_id":"%s"}`, i, device))
	}
	return rows, mine
}

// OrdersOf finds every order of exactly the device, whatever the CMP claims about its pages.
func TestOrdersOfReadsEveryPage(t *testing.T) {
	t.Parallel()
	slide := func(_ []string, no, from, to int) (int, int) { return max(0, from-(no-1)), to } // rows moved back a place a page
	tests := []struct {
		name  string
		n     int
		cmp   paged
		asked int
	}{
		{"none", 0, paged{claim: honest}, 1},
		{"one page", 5, paged{claim: honest}, 1},
		{"three pages", 250, paged{claim: honest}, 3},
		{"exactly two pages", 200, paged{claim: honest}, 3}, // the second is full, so the third is looked at
		{"no page node", 250, paged{}, 3},
		{"claims 0 pages", 250, paged{claim: zeros}, 3},
		{"claims 0 pages, the last is full", 200, paged{claim: zeros}, 3},
		{"claims 1 page", 250, paged{claim: func(int, int, int) string { return `{"total_pages":1,"total_count":100}` }}, 3},
		{"claims 99 pages", 5, paged{claim: func(int, int, int) string { return `{"total_pages":99,"total_count":9900}` }}, 2},
		{"claims nonsense", 250, paged{claim: func(int, int, int) string { return `{"page_size":-1,"total_count":"many","total_pages":1e9}` }}, 3},
		{"serves 20 at most", 50, paged{cap: 20, claim: honest}, 3},
		{"serves 20 at most, counts only", 50, paged{cap: 20, claim: func(int, int, int) string { return `{"total_count":50}` }}, 3},
		{"serves 20 at most, counts pages only", 50, paged{cap: 20, claim: func(int, int, int) string { return `{"total_pages":3}` }}, 3},
		{"serves 20 at most, claims 0", 50, paged{cap: 20, claim: func(_, size, _ int) string { return fmt.Sprintf(`{"page_size":%d}`, size) }}, 3},
		{"rows slide between pages", 250, paged{claim: honest, twist: slide}, 3},
		{"ignores the page number", 100, paged{claim: honest, twist: func(rows []string, _, _, _ int) (int, int) { return 0, len(rows) }}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkOrdersOf(t, tt.cmp, tt.n, tt.asked)
		})
	}
}

// checkOrdersOf asks a CMP of n orders for those of the device; asked is how many pages that takes.
func checkOrdersOf(t *testing.T, p paged, n, asked int) {
	t.Helper()
	var want []string
	p.rows, want = rowsOf(n)
	orders, err := client(t, serve(t, p.serve).URL).OrdersOf(t.Context(), testDevice)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range orders {
		got = append(got, o.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d orders, want %d: %v", len(got), len(want), got)
	}
	if len(p.asked) != asked || !slices.IsSorted(p.asked) || p.asked[0] != 1 {
		t.Errorf("asked for pages %v, want %d", p.asked, asked)
	}
}

// Rows without an id, or with the same id within one answer, are the CMP's business and all kept.
func TestOrdersOfDropsNothingWithinAPage(t *testing.T) {
	t.Parallel()
	row := `{"device_id":"` + testDevice + `"%s}`
	p := paged{rows: []string{fmt.Sprintf(row, ""), fmt.Sprintf(row, ""), fmt.Sprintf(row, `,"order_id":"A"`), fmt.Sprintf(row, `,"order_id":"A"`)}}
	orders, err := client(t, serve(t, p.serve).URL).OrdersOf(t.Context(), testDevice)
	if err != nil || len(orders) != 4 {
		t.Errorf("%d orders, %v", len(orders), err)
	}
}

// Part of a list must not look like the whole: too many matches are an error, and so is a page that fails.
func TestOrdersOfGivesAllOrNothing(t *testing.T) {
	t.Parallel()
	p := paged{claim: honest}
	p.rows, _ = rowsOf(ordersMaxPages*ordersPageSize + 1)
	orders, err := client(t, serve(t, p.serve).URL).OrdersOf(t.Context(), testDevice)
	if e := failure(t, err); e.Kind != Unknown || orders != nil || len(p.asked) != ordersMaxPages {
		t.Errorf("%d orders, %v, %d pages", len(orders), e, len(p.asked))
	}
	p = paged{claim: honest}
	p.rows, _ = rowsOf(250)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(p.asked) == 2 {
			says(502, "<html>")(w, r)
			return
		}
		p.serve(w, r)
	})
	if orders, err = client(t, srv.URL).OrdersOf(t.Context(), testDevice); KindOf(err) != Unknown || err == nil || orders != nil {
		t.Errorf("%d orders, %v", len(orders), err)
	}
}

// An empty or broken id would ask for everything.
func TestOrdersOfAndOrderRefuseWhatIsNoID(t *testing.T) {
	t.Parallel()
	p := paged{claim: honest}
	c := client(t, serve(t, p.serve).URL)
	for _, id := range []string{"", "123456789", "8985220231016162165%", strings.Repeat("9", 33)} {
		if _, err := c.OrdersOf(t.Context(), id); failure(t, err).Kind != NotFound {
			t.Errorf("%q: %v", id, err)
		}
		if _, err := c.Device(t.Context(), id); failure(t, err).Kind != NotFound {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, id := range []string{"", "a b", "%", strings.Repeat("9", 65)} {
		if _, err := c.Order(t.Context(), id); failure(t, err).Kind != NotFound {
			t.Errorf("%q: %v", id, err)
		}
	}
	if len(p.asked) != 0 {
		t.Errorf("%d requests left", len(p.asked))
	}
}

// The CMP may spell an id in another case than the operator did; it is the same card, as Device has it too.
func TestADeviceIDInAnotherCase(t *testing.T) {
	t.Parallel()
	for told, want := range map[string]int{"8985220A1B": 1, "8985220a1b": 1, "8985220A1B0": 0, "18985220A1B": 0} {
		srv := serve(t, says(200, fmt.Sprintf(`{"code":"0000","data":{"device_id":"%s","package_order":[{"order_id":"A","device_id":"%s"}]}}`, told, told)))
		c := client(t, srv.URL)
		if orders, err := c.OrdersOf(t.Context(), "8985220a1B"); err != nil || len(orders) != want {
			t.Errorf("%s: %d orders, %v", told, len(orders), err)
		}
		if _, err := c.Device(t.Context(), "8985220a1B"); (err == nil) != (want == 1) {
			t.Errorf("%s: device %v", told, err)
		}
	}
}

// Order takes the order of exactly this id, even from a CMP that matches parts of it.
func TestOrderIsExact(t *testing.T) {
	t.Parallel()
	p := paged{claim: honest}
	p.rows, _ = rowsOf(50)
	c := client(t, serve(t, p.serve).URL)
	if o, err := c.Order(t.Context(), "ORDER_3"); err != nil || o.ID != "ORDER_3" || len(p.asked) != 1 {
		t.Errorf("%+v, %v, %d pages", o, err, len(p.asked))
	}
	if o, err := c.Order(t.Context(), "ORDER_45"); err != nil || o.ID != "ORDER_45" {
		t.Errorf("%+v, %v", o, err)
	}
	for _, id := range []string{"ORDER_", "order_3", "ORDER_50"} {
		if o, err := c.Order(t.Context(), id); failure(t, err).Kind != NotFound || o.ID != "" {
			t.Errorf("%s: %+v, %v", id, o, err)
		}
	}
}
