package mirror

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"cmpconsole/internal/fault"
)

// walk goes once over the columns and keeps the devices nearest to a position, on one side of it.
type walk struct {
	plan   *plan
	series series
	from   position // found are behind it, or before it
	start  bool     // there is no position: the list begins
	back   bool
	turned bool // values shrink along the blocks: see along
	size   int
	found  []position // sorted by nearness, at most size+1
	total  int        // all that match, in the blocks that were looked at
	passed int        // those up to the position; with back those before it

	counted bool // all that match have been counted before
	marks   bitset
}

func (m *Mirror) walk(ctx context.Context, q Query) (*columns, *walk, error) {
	series, ok := seriesOf(q.Sort, q.Desc)
	if !ok {
		return nil, nil, fault.New(fault.Invalid, "The list cannot be sorted by that.")
	}
	cols := m.columns.Load()
	plan, err := m.plan(ctx, cols, q.Filter)
	if err != nil {
		return nil, nil, err
	}
	w := &walk{plan: plan, series: series, size: max(q.Size, 1), back: q.Before != "", start: q.After+q.Before == "",
		turned: q.Desc && (q.Sort == ByMeeting || q.Sort == ByID || q.Sort == ByRead)}
	if !w.start {
		if w.from, err = parseCursor(q.After + q.Before); err != nil {
			return nil, nil, err
		}
	}
	return cols, w, nil
}

// partBlocks is from how many blocks on it pays to have another processor walk too.
const partBlocks = 100

// shares is on how many processors the blocks are walked over.
func (c *columns) shares() int { return min(runtime.GOMAXPROCS(0), len(c.facets)/partBlocks+1) }

// share has each of so many processors walk over its part of the blocks.
func (c *columns) share(parts int, walk func(part, from, until int)) {
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() { walk(i, i*len(c.facets)/parts, (i+1)*len(c.facets)/parts) })
	}
	wg.Wait()
}

// over walks over all blocks.
func (w *walk) over(c *columns) {
	parts := make([]walk, c.shares())
	c.share(len(parts), func(part, from, until int) {
		parts[part] = *w
		parts[part].along(c, from, until)
	})
	for _, p := range parts {
		w.total, w.passed, w.found = w.total+p.total, w.passed+p.passed, append(w.found, p.found...)
	}
	slices.SortFunc(w.found, w.byNearness)
	w.found = w.found[:min(len(w.found), w.size+1)]
}

// along begins with the blocks where the page is likely: some values grow along the blocks, and each device that is nearer
// than those before has to be sorted in.
func (w *walk) along(c *columns, from, until int) {
	for b := from; b < until; b++ {
		if w.back != w.turned {
			w.block(c, from+until-1-b)
		} else {
			w.block(c, b)
		}
	}
}

// block compares the values of all devices that match at once. Only in the block of the position itself, and for those that
// may stand on the page, does it matter which device it is. A block of which nothing is wanted is not looked at.
func (w *walk) block(c *columns, b int) {
	own, _ := at(w.from.n)
	mine := !w.start && b == own
	lowest, highest := w.series.bounds(c, b)
	until, any := w.until(b, own) // the values before the position
	low, high := w.nearerThanLast(w.beside(until, any))
	counts, offers := any && until >= lowest, low <= high && low <= highest && high >= lowest
	if w.counted && !mine && !counts && (!offers || !w.has(c, b, low, high)) {
		return
	}
	marks := &w.marks
	w.plan.block(c, b, marks)
	marked := marks.count()
	w.total += marked
	switch {
	case marked == 0:
		return
	case mine:
		marks.each(func(i int) { w.see(w.position(c, b, i)) })
		return
	case counts && until >= highest:
		w.passed += marked
	case counts:
		those := w.series.between(c, b, 0, until, marks)
		w.passed += those.count()
	}
	if offers {
		those := w.series.between(c, b, low, high, marks)
		those.each(func(i int) { w.offer(w.position(c, b, i)) })
	}
}

// has tells whether any device of a block has a value between two, whether it matches or not.
func (w *walk) has(c *columns, b int, low, high uint64) bool {
	return w.series.between(c, b, low, high, &everyone) != bitset{}
}

func (w *walk) position(c *columns, b, i int) position {
	return position{w.series.value(c, b, i), int64(b*blockSize + i)}
}

// until is the highest value that stands before the position in a block, whose devices all have lower numbers than the
// position's or all higher ones.
func (w *walk) until(b, own int) (value uint64, any bool) {
	switch {
	case w.start:
		return 0, false
	case b < own:
		return w.from.value, true
	}
	return w.from.value - 1, w.from.value > 0
}

// beside are the values on the side of the position that the page is on.
func (w *walk) beside(until uint64, any bool) (low, high uint64) {
	switch {
	case w.back && any:
		return 0, until
	case w.back, any && until == last:
		return 1, 0
	case any:
		return until + 1, last
	}
	return 0, last
}

// nearerThanLast narrows the values to those nearer than the last one that is found, once there are enough. Those of the
// same value come too late, unless the walk goes against the numbers.
func (w *walk) nearerThanLast(low, high uint64) (uint64, uint64) {
	if len(w.found) <= w.size {
		return low, high
	}
	farthest, late := w.found[w.size].value, uint64(1)
	if w.turned {
		late = 0
	}
	switch {
	case w.back && farthest > last-late, !w.back && farthest < late:
		return 1, 0
	case w.back:
		return max(low, farthest+late), high
	}
	return low, min(high, farthest-late)
}

// see counts a device that stands before the page, and offers one that may stand on it.
func (w *walk) see(p position) {
	side := p.compare(w.from)
	if side < 0 || side == 0 && !w.back {
		w.passed++
	}
	if side != 0 && (side < 0) == w.back {
		w.offer(p)
	}
}

// offer keeps a device that is on the right side, when it is near enough.
func (w *walk) offer(p position) {
	if len(w.found) > w.size && w.byNearness(w.found[w.size], p) < 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(w.found, p, w.byNearness)
	w.found = slices.Insert(w.found[:min(len(w.found), w.size)], min(i, w.size), p)
}

func (w *walk) byNearness(a, b position) int {
	if w.back {
		return b.compare(a)
	}
	return a.compare(b)
}
