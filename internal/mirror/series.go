package mirror

import (
	"math"
	"math/bits"
)

// series is what a list is ordered by, as values that grow along the list. Devices without one have the highest.
type series interface {
	value(c *columns, b, i int) uint64
	// bounds are those of the values of a block, as far as they are known without reading them.
	bounds(c *columns, b int) (lowest, highest uint64)
	// between marks those of the marked whose values are between two, both included.
	between(c *columns, b int, low, high uint64, marks *bitset) bitset
}

func seriesOf(s Sort, desc bool) (series, bool) {
	switch s {
	case ByMeeting:
		return byMeeting{order{math.MaxUint64, desc}}, true
	case ByID:
		return byKey{order{math.MaxUint64, desc}}, true
	case ByRead:
		return byRead{order{0, desc}}, true
	case ByExpiry:
		return byNarrow{order{0, desc}, func(f *facet) *narrow { return &f.expires }}, true
	case ByStageEnd:
		return byNarrow{order{0, desc}, func(f *facet) *narrow { return &f.ends }}, true
	case ByUsed:
		return byNarrow{order{noUse, desc}, func(f *facet) *narrow { return &f.used }}, true
	}
	return nil, false
}

// order turns what stands in a column into values of a series. None, the lowest or the highest of the column, is no value.
type order struct {
	none uint64
	desc bool
}

const last = math.MaxUint64 // the value of those that have none

func (o order) of(v uint64) uint64 {
	switch {
	case v == o.none:
		return last
	case o.desc:
		return last - 1 - v
	}
	return v
}

// back are those of the column that have values between two; from is above until when there are none. With none tells whether those
// without a value are meant too.
func (o order) back(low, high uint64) (from, until uint64, none bool) {
	none = high == last
	if low == last {
		return 1, 0, none
	}
	high = min(high, last-1)
	if o.desc {
		low, high = last-1-high, last-1-low
	}
	if o.none == 0 {
		return max(low, 1), high, none
	}
	return low, min(high, o.none-1), none
}

func (o order) bounds(lowest, highest uint64) (uint64, uint64) {
	if o.none == 0 && lowest == 0 { // some have no value
		return min(o.of(1), o.of(highest)), last
	}
	low, high := o.of(lowest), o.of(highest)
	return min(low, high), max(low, high)
}

// byMeeting is the order in which the mirror met the devices: their numbers.
type byMeeting struct{ order }

func (s byMeeting) value(_ *columns, b, i int) uint64 { return s.of(uint64(b*blockSize + i)) }

func (s byMeeting) bounds(_ *columns, b int) (lowest, highest uint64) {
	return s.order.bounds(uint64(b*blockSize), uint64(b*blockSize+blockSize-1))
}

func (s byMeeting) between(_ *columns, b int, low, high uint64, marks *bitset) (out bitset) {
	from, until, _ := s.back(low, high)
	marks.each(func(i int) {
		if n := uint64(b*blockSize + i); n >= from && n <= until {
			out[i/64] |= 1 << (i % 64)
		}
	})
	return out
}

// byKey is the order of the device ids.
type byKey struct{ order }

func (s byKey) value(c *columns, b, i int) uint64 { return s.of(c.facets[b].key[i]) }

func (s byKey) bounds(c *columns, b int) (lowest, highest uint64) {
	return s.order.bounds(c.summaries[b].lowKey, c.summaries[b].highKey)
}

func (s byKey) between(c *columns, b int, low, high uint64, marks *bitset) bitset {
	from, until, _ := s.back(low, high)
	return among(&c.facets[b].key, from, until, marks)
}

// byRead is the order of the CMP's last word on them.
type byRead struct{ order }

func (s byRead) value(c *columns, b, i int) uint64 { return s.of(uint64(c.confirmed[b][i])) }

func (s byRead) bounds(c *columns, b int) (lowest, highest uint64) {
	return s.order.bounds(uint64(c.summaries[b].firstRead), uint64(c.summaries[b].lastRead))
}

func (s byRead) between(c *columns, b int, low, high uint64, marks *bitset) bitset {
	from, until, none := s.back(low, high)
	column := (*[blockSize]uint32)(c.confirmed[b])
	out := among(column, from, until, marks)
	if none {
		out.add(among(column, 0, 0, marks))
	}
	return out
}

// among marks those of the marked that stand between two in a column.
func among[T uint32 | uint64](column *[blockSize]T, from, until uint64, marks *bitset) (out bitset) {
	if until < from {
		return out
	}
	width := until - from
	for w, marked := range marks {
		if marked == 0 {
			continue
		}
		outside := uint64(0)
		for i, v := range (*[64]T)(column[w*64:]) {
			_, above := bits.Sub64(width, uint64(v)-from, 0)
			outside |= above << i
		}
		out[w] = marked &^ outside
	}
	return out
}

// byNarrow is the order of a date or of the usage.
type byNarrow struct {
	order

	column func(*facet) *narrow
}

func (s byNarrow) value(c *columns, b, i int) uint64 {
	return s.of(uint64(s.column(c.facets[b]).at(i)))
}

func (s byNarrow) bounds(*columns, int) (lowest, highest uint64) { return 0, last }

func (s byNarrow) between(c *columns, b int, low, high uint64, marks *bitset) (out bitset) {
	from, until, none := s.back(low, high)
	column := s.column(c.facets[b])
	if from <= until {
		out = column.within(marks, uint16(min(from, narrowMax+1)), uint16(min(until, narrowMax)))
	}
	if none {
		out.add(column.within(marks, uint16(s.none), uint16(s.none)))
	}
	return out
}
