package views

import (
	"context"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"cmpconsole/internal/cmp"
)

const (
	countsLife  = time.Minute      // how long counts, or a failure to get them, stand
	countsLimit = 10 * time.Second // how long the CMP may take to count
	countsWait  = 2 * time.Second  // how long a page waits for it
)

// tally is how many orders wait to be enabled and when the CMP said so. The last try came later if it failed. Its list of
// devices leaves these orders out, so that only the CMP can count them.
type tally struct {
	waiting   int
	at, tried time.Time
	failed    bool
}

func (t tally) text() string {
	if t.at.IsZero() {
		return "–"
	}
	return number(t.waiting)
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

// refresh asks for the count. When it does not come, the one from before stays, with its age.
func (c *counts) refresh(ctx context.Context, up upstream, now func() time.Time) *tally {
	ctx, cancel := context.WithTimeout(ctx, countsLimit)
	defer cancel()
	page, err := up.Orders(ctx, cmp.OrderQuery{Status: cmp.StatusNotEnabled, Page: 1, Size: 1})
	t := c.known()
	t.tried, t.failed = now(), err != nil
	if err == nil {
		t.waiting, t.at = page.Total, t.tried
	}
	c.last.Store(&t)
	return &t
}
