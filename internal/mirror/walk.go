package mirror

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"

	"cmpconsole/internal/fault"
)

// walk goes once over the columns and keeps the devices nearest to a position, on one side of it.
type walk struct {
	plan   *plan
	values reader
	from   position // found are behind it, or before it
	start  bool     // there is no position: the list begins
	back   bool
	met    bool // the values are the numbers of the devices
	turned bool // values shrink along the blocks: see over
	size   int
	found  []position // sorted by nearness, at most size+1
	total  int        // all that match
	passed int        // those up to the position; with back those before it
	buffer block      // values of the block at hand
}

func (m *Mirror) walk(ctx context.Context, q Query) (*columns, *walk, error) {
	values, ok := valuesOf(q.Sort, q.Desc)
	if !ok {
		return nil, nil, fault.New(fault.Invalid, "The list cannot be sorted by that.")
	}
	cols := m.columns.Load()
	plan, err := m.plan(ctx, cols, q.Filter)
	if err != nil {
		return nil, nil, err
	}
	w := &walk{plan: plan, values: values, size: max(q.Size, 1), back: q.Before != "", start: q.After+q.Before == "",
		met: q.Sort == ByMeeting, turned: q.Desc && (q.Sort == ByMeeting || q.Sort == ByID || q.Sort == ByRead)}
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
	var marks bitset
	for b := from; b < until; b++ {
		b := b
		if w.back != w.turned {
			b = from + until - 1 - b
		}
		w.plan.block(c, b, &marks)
		if n := marks.count(); n > 0 {
			w.total += n
			w.block(c, b, n, &marks)
		}
	}
}

// block compares the values of all marked devices at once. Only in the block of the position itself, and for those that
// may stand on the page, does it matter which device it is.
func (w *walk) block(c *columns, b, marked int, marks *bitset) {
	values := &w.buffer
	own, _ := at(w.from.n)
	if !w.start && b == own {
		w.values(c, b, values)
		marks.each(func(i int) { w.see(position{values[i], int64(b*blockSize + i)}) })
		return
	}
	lowest, highest := w.bounds(b)
	until, any := w.until(b, own) // the values before the position
	low, high := w.beside(until, any)
	low, high = w.nearerThanLast(low, high)
	counts, offers := any && until >= lowest, low <= high && low <= highest && high >= lowest
	if counts && until >= highest {
		w.passed, counts = w.passed+marked, false
	}
	if !counts && !offers {
		return
	}
	w.values(c, b, values)
	var those bitset
	if counts {
		those.between(marks, values, 0, until)
		w.passed += those.count()
	}
	if offers {
		those.between(marks, values, low, high)
		those.each(func(i int) { w.offer(position{values[i], int64(b*blockSize + i)}) })
	}
}

// bounds are those of the values of a block, where they are known without reading them.
func (w *walk) bounds(b int) (lowest, highest uint64) {
	if !w.met {
		return 0, math.MaxUint64
	}
	lowest, highest = uint64(b*blockSize), uint64(b*blockSize+blockSize-1)
	if w.turned {
		lowest, highest = math.MaxUint64-highest, math.MaxUint64-lowest
	}
	return lowest, highest
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
	case w.back, any && until == math.MaxUint64:
		return 1, 0
	case any:
		return until + 1, math.MaxUint64
	}
	return 0, math.MaxUint64
}

// nearerThanLast narrows the values to those nearer than the last one that is found, once there are enough. Those of the
// same value come too late, unless the walk goes against the numbers.
func (w *walk) nearerThanLast(low, high uint64) (uint64, uint64) {
	if len(w.found) <= w.size {
		return low, high
	}
	last, late := w.found[w.size].value, uint64(1)
	if w.turned {
		late = 0
	}
	switch {
	case w.back && last > math.MaxUint64-late, !w.back && last < late:
		return 1, 0
	case w.back:
		return max(low, last+late), high
	}
	return low, min(high, last-late)
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

// block are the values by which the devices of a block are sorted.
type block [blockSize]uint64

// reader reads what a list is ordered by, as numbers that grow along the list.
type reader func(c *columns, b int, out *block)

func valuesOf(s Sort, desc bool) (reader, bool) {
	switch s {
	case ByMeeting:
		return func(_ *columns, b int, out *block) {
			for i := range out {
				if out[i] = uint64(b*blockSize + i); desc {
					out[i] = math.MaxUint64 - out[i]
				}
			}
		}, true
	case ByID:
		return func(c *columns, b int, out *block) { turn(out, &c.facets[b].key, math.MaxUint64, desc) }, true
	case ByExpiry:
		return func(c *columns, b int, out *block) { turn(out, &c.facets[b].expires, 0, desc) }, true
	case ByStageEnd:
		return func(c *columns, b int, out *block) { turn(out, &c.facets[b].ends, 0, desc) }, true
	case ByUsed:
		return func(c *columns, b int, out *block) { turn(out, &c.facets[b].used, noUse, desc) }, true
	case ByRead:
		return func(c *columns, b int, out *block) { turn(out, (*[blockSize]uint32)(c.confirmed[b]), 0, desc) }, true
	}
	return nil, false
}

// turn lays out a column so that it grows along the list; devices without the value come last, whichever way.
func turn[T uint16 | uint32 | uint64](out *block, column *[blockSize]T, none T, desc bool) {
	flip := uint64(0)
	if desc {
		flip = math.MaxUint64 // MaxUint64-1-v is ^v-1
	}
	down := flip & 1
	for i, v := range column {
		value := (uint64(v) ^ flip) - down
		if v == none {
			value = math.MaxUint64
		}
		out[i] = value
	}
}
