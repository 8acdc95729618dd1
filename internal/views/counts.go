package views

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"cmpconsole/internal/cmp"
)

const (
	countsLife  = time.Minute      // how long counts, or a failure to get them, stand
	countsLimit = 10 * time.Second // how long the CMP may take to count
	countsWait  = 2 * time.Second  // how long a page waits for it
)

// tally is how many orders have each status and when the CMP said so. The last try came later if it failed.
type tally struct {
	orders    map[cmp.OrderStatus]int
	at, tried time.Time
	failed    bool
}

func (t tally) text(s cmp.OrderStatus) string {
	n, ok := t.orders[s]
	if !ok {
		return "–"
	}
	return number(n)
}

// counts keeps the last tally, so that all home pages together ask the CMP at most once a minute.
type counts struct {
	flight singleflight.Group
	last   atomic.Pointer[tally]
}

// read returns the counts, asked for anew when they are old. The answer is waited for a little, and kept for the
// next page if it comes later or its visitor has left.
func (c *counts) read(ctx context.Context, up upstream, now func() time.Time) tally {
	if t := c.known(); now().Sub(t.tried) < countsLife {
		return t
	}
	asked := c.flight.DoChan("", func() (any, error) {
		return c.refresh(context.WithoutCancel(ctx), up, now), nil
	})
	select {
	case <-asked:
	case <-ctx.Done():
	case <-time.After(countsWait):
	}
	return c.known()
}

func (c *counts) known() tally {
	if t := c.last.Load(); t != nil {
		return *t
	}
	return tally{}
}

// refresh asks for all counts. When one is missing, those from before stay, with their age.
func (c *counts) refresh(ctx context.Context, up upstream, now func() time.Time) *tally {
	ctx, cancel := context.WithTimeout(ctx, countsLimit)
	defer cancel()
	orders, err := countOrders(ctx, up)
	t := c.known()
	t.tried, t.failed = now(), err != nil
	if err == nil {
		t.orders, t.at = orders, t.tried
	}
	c.last.Store(&t)
	return &t
}

func countOrders(ctx context.Context, up upstream) (map[cmp.OrderStatus]int, error) {
	statuses := []cmp.OrderStatus{cmp.StatusNotEnabled, cmp.StatusInUse, cmp.StatusSuspended}
	totals := make([]int, len(statuses))
	all, ctx := errgroup.WithContext(ctx)
	for i, status := range statuses {
		all.Go(func() error {
			page, err := up.Orders(ctx, cmp.OrderQuery{Status: status, Page: 1, Size: 1})
			totals[i] = page.Total
			return err
		})
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	orders := map[cmp.OrderStatus]int{}
	for i, status := range statuses {
		orders[status] = totals[i]
	}
	return orders, nil
}
