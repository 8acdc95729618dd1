package cmp

import "testing"

// A CMP that repeats its first page while announcing more cannot be read to the end: that is no shorter list, and
// no proof that an order does not exist.
func TestARepeatedPageIsNoEnd(t *testing.T) {
	t.Parallel()
	again := func(rows []string, _, _, _ int) (int, int) { return 0, min(ordersPageSize, len(rows)) }
	p := paged{claim: honest, twist: again}
	p.rows, _ = rowsOf(191)
	c := client(t, serve(t, p.serve).URL)
	if orders, err := c.OrdersOf(t.Context(), testDevice); err == nil || KindOf(err) != Unknown || orders != nil {
		t.Errorf("%d orders, %v", len(orders), err)
	}
	if _, err := c.Order(t.Context(), "ORDER_150"); err == nil || KindOf(err) != Unknown {
		t.Errorf("an order behind the first page: %v", err)
	}
}
