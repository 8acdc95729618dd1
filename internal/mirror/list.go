package mirror

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"

	"cmpconsole/internal/fault"
)

// Sort is what a list is ordered by. Devices without the value come last, whichever way.
type Sort string

// The orders. The empty one is the order in which the mirror met the devices, which is nearly the CMP's own.
const (
	ByMeeting  Sort = ""
	ByID       Sort = "id"
	ByExpiry   Sort = "expires"
	ByUsed     Sort = "used"
	ByStageEnd Sort = "stage"
	ByRead     Sort = "read"
)

// Query asks for one page of a list. After and Before are cursors of another page; at most one is set.
type Query struct {
	Filter

	Sort          Sort
	Desc          bool
	After, Before string
	Size          int
}

// Page is one page of a list. Total counts all that match, From is the place of the first row, counted from 1; a
// cursor is empty where the list ends.
type Page struct {
	Devices        []Device
	Total, From    int
	Next, Previous string
}

// position is where a device stands in a list: by its value, then by its number.
type position struct {
	value uint64
	n     int64
}

func (p position) compare(q position) int {
	switch {
	case p.value < q.value || p.value == q.value && p.n < q.n:
		return -1
	case p == q:
		return 0
	}
	return 1
}

var errCursor = fault.New(fault.Invalid, "This address of a page cannot be read. Go to the first page of the list.")

func (p position) cursor() string {
	data := binary.BigEndian.AppendUint64(nil, p.value)
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint64(data, uint64(p.n)))
}

func parseCursor(text string) (position, error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(data) != 16 {
		return position{}, errCursor
	}
	return position{binary.BigEndian.Uint64(data), int64(binary.BigEndian.Uint64(data[8:]))}, nil
}

// List returns one page.
func (m *Mirror) List(ctx context.Context, q Query) (Page, error) {
	cols, w, err := m.walk(ctx, q)
	if err != nil {
		return Page{}, err
	}
	w.over(cols)
	return m.page(ctx, w)
}

func (m *Mirror) page(ctx context.Context, w *walk) (Page, error) {
	found, more := w.found, false
	if more = len(found) > w.size; more {
		found = found[:w.size]
	}
	p := Page{Total: w.total, From: w.passed + 1}
	if w.back {
		slices.Reverse(found)
		p.From = w.passed - len(found) + 1
	}
	if len(found) == 0 {
		p.From = 0
		return p, nil
	}
	if w.back || more {
		p.Next = found[len(found)-1].cursor()
	}
	if !w.back && w.passed > 0 || w.back && more {
		p.Previous = found[0].cursor()
	}
	ns := make([]int64, len(found))
	for i, f := range found {
		ns[i] = f.n
	}
	var err error
	p.Devices, err = m.dressed(ctx, ns)
	return p, err
}

// walk goes once over the columns and keeps the devices nearest to a position, on one side of it.
type walk struct {
	plan   *plan
	value  func(c *columns, b, i int) uint64
	from   position // found are behind it, or before it
	start  bool     // there is no position: the list begins
	back   bool
	size   int
	found  []position // sorted by nearness, at most size+1
	total  int        // all that match
	passed int        // those up to the position; with back those before it
}

func (m *Mirror) walk(ctx context.Context, q Query) (*columns, *walk, error) {
	value, ok := valueOf(q.Sort, q.Desc)
	if !ok {
		return nil, nil, fault.New(fault.Invalid, "The list cannot be sorted by that.")
	}
	plan, err := m.plan(ctx, q.Filter)
	if err != nil {
		return nil, nil, err
	}
	w := &walk{plan: plan, value: value, size: max(q.Size, 1), back: q.Before != "", start: q.After+q.Before == ""}
	if !w.start {
		if w.from, err = parseCursor(q.After + q.Before); err != nil {
			return nil, nil, err
		}
	}
	return m.columns.Load(), w, nil
}

func (w *walk) over(c *columns) {
	var marks bitset
	for b := range c.facets {
		w.plan.block(c, b, &marks)
		w.total += marks.count()
		marks.each(func(i int) { w.see(position{w.value(c, b, i), int64(b*blockSize + i)}) })
	}
}

// see counts a device that stands before the page, and keeps one that may stand on it.
func (w *walk) see(p position) {
	side := 1
	if !w.start {
		side = p.compare(w.from)
	}
	if side < 0 || side == 0 && !w.back {
		w.passed++
	}
	if side == 0 || (side < 0) != w.back {
		return
	}
	if len(w.found) > w.size && w.nearer(w.found[w.size], p) {
		return
	}
	i, _ := slices.BinarySearchFunc(w.found, p, func(a, b position) int {
		if w.back {
			return b.compare(a)
		}
		return a.compare(b)
	})
	w.found = slices.Insert(w.found[:min(len(w.found), w.size)], min(i, w.size), p)
}

func (w *walk) nearer(a, b position) bool {
	if w.back {
		return a.compare(b) > 0
	}
	return a.compare(b) < 0
}

// valueOf reads what a list is ordered by, as a number that grows along the list.
func valueOf(s Sort, desc bool) (func(c *columns, b, i int) uint64, bool) {
	turned := func(v, none uint64) uint64 {
		if v == none {
			return math.MaxUint64
		}
		if desc {
			return math.MaxUint64 - 1 - v
		}
		return v
	}
	switch s {
	case ByMeeting:
		return func(_ *columns, b, i int) uint64 {
			if desc {
				return math.MaxUint64 - uint64(b*blockSize+i)
			}
			return 0
		}, true
	case ByID:
		return func(c *columns, b, i int) uint64 { return turned(c.facets[b].key[i], math.MaxUint64) }, true
	case ByExpiry:
		return func(c *columns, b, i int) uint64 { return turned(uint64(c.facets[b].expires[i]), 0) }, true
	case ByStageEnd:
		return func(c *columns, b, i int) uint64 { return turned(uint64(c.facets[b].ends[i]), 0) }, true
	case ByUsed:
		return func(c *columns, b, i int) uint64 { return turned(uint64(c.facets[b].used[i]), noUse) }, true
	case ByRead:
		return func(c *columns, b, i int) uint64 { return turned(uint64(c.confirmed[b][i]), 0) }, true
	}
	return nil, false
}
