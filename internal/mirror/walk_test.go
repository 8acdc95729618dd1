package mirror

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	api "cmpconsole/internal/cmp"
)

// scattered are columns of devices with and without values at the ends of what columns hold, of places without a device, and perhaps of a
// block without any.
func scattered(r *rand.Rand, blocks int) *columns {
	states := []uint8{1, 2, 3, 3 | 2<<3, 3 | stateOTA, 3 | stateGone, 7, 7 | 7<<3}
	d, empty := (&columns{}).draft(), r.IntN(2*blocks)
	d.grow(blocks - 1)
	for n := range int64(blocks * blockSize) {
		if b, _ := at(n); b == empty || n == 0 || r.IntN(20) == 0 {
			continue
		}
		value := func() uint16 {
			return []uint16{0, 1, narrowMax - 1, narrowMax, uint16(r.IntN(5)), uint16(r.IntN(30_000))}[r.IntN(6)]
		}
		f := facts{state: states[r.IntN(len(states))], expires: value(), ends: value(), used: value(), pack: uint32(r.IntN(30)), partner: uint32(r.IntN(3)), key: uint64(r.IntN(50))}
		if r.IntN(4) == 0 {
			f.key = 1<<62 + r.Uint64N(1<<60)
		}
		d.set(n, f)
		d.confirm(n, []uint32{0, uint32(1000 + n/blockSize), math.MaxUint32, uint32(r.IntN(3000))}[r.IntN(4)])
	}
	for b := range d.facets {
		d.summaries[b] = d.facets[b].summary(d.confirmed[b])
	}
	return &d.columns
}

// askedOf makes a plan, and the same in plain words.
func askedOf(r *rand.Rand, c *columns) (*plan, func(n int64) bool) {
	f := Filter{Gone: r.IntN(8) == 0}
	if r.IntN(2) == 0 {
		f.Lifecycles = []api.Lifecycle{stageOf(3)}
	}
	p := &plan{}
	for state := range p.states {
		if f.wants(uint8(state)) {
			p.states[state], p.wanted[state/64] = 1, p.wanted[state/64]|1<<(state%64)
		}
	}
	p.expires, p.expFrom, p.expUntil = r.IntN(4) == 0, uint16(r.IntN(3)), []uint16{0, 5, 30_000, narrowMax}[r.IntN(4)]
	p.used = []uint16{0, 0, 0, 1, 800, noUse - 1}[r.IntN(6)]
	p.before = []uint32{0, 0, 1, 500, 1001, math.MaxUint32}[r.IntN(6)]
	var packs []uint32
	if many := r.IntN(6); many > 2 {
		for range many {
			packs = append(packs, uint32(r.IntN(30)))
		}
		p.packs = choose(packs)
	}
	return p, func(n int64) bool {
		b, i := at(n)
		f := c.facets[b]
		day, used := f.expires.at(i), f.used.at(i)
		return p.states[f.state[i]] == 1 && (!p.expires || day >= p.expFrom && day <= p.expUntil) && (p.used == 0 || used >= p.used && used != noUse) &&
			(packs == nil || slices.Contains(packs, f.pack.at(i))) && (p.before == 0 || c.confirmed[b][i] < p.before)
	}
}

// valueIn is what a list is sorted by, in plain words.
func valueIn(c *columns, s Sort, desc bool, n int64) uint64 {
	b, i := at(n)
	f, v, none := c.facets[b], uint64(n), uint64(math.MaxUint64)
	switch s {
	case ByID:
		v = f.key[i]
	case ByRead:
		v, none = uint64(c.confirmed[b][i]), 0
	case ByExpiry:
		v, none = uint64(f.expires.at(i)), 0
	case ByStageEnd:
		v, none = uint64(f.ends.at(i)), 0
	case ByUsed:
		v, none = uint64(f.used.at(i)), noUse
	}
	switch {
	case v == none:
		return math.MaxUint64
	case desc:
		return math.MaxUint64 - 1 - v
	}
	return v
}

// from is a position of the list, or one that somebody made up.
func from(r *rand.Rand, all []position) (p position) {
	if len(all) > 0 {
		p = all[r.IntN(len(all))]
	}
	switch r.IntN(8) {
	case 0:
		p.value = []uint64{0, 1, math.MaxUint64, math.MaxUint64 - 1, math.MaxUint64 - 2, r.Uint64()}[r.IntN(6)]
	case 1:
		p.n = []int64{0, -1, -5000, math.MaxInt64, math.MinInt64, int64(r.IntN(6000))}[r.IntN(6)]
	}
	return p
}

// Whatever is asked, by whatever it is sorted and from wherever it goes on, a walk finds what a plain search finds, also on several
// processors, and whether the count was known or not.
func TestWalks(t *testing.T) {
	t.Parallel()
	r := dice(t)
	for round := range 60 {
		c := scattered(r, 1+r.IntN(4))
		if round%20 == 0 {
			c = scattered(r, 2*partBlocks+5)
		}
		for range 10 {
			p, wanted := askedOf(r, c)
			s, desc := []Sort{ByMeeting, ByID, ByExpiry, ByUsed, ByStageEnd, ByRead}[r.IntN(6)], r.IntN(2) == 0
			var all []position
			for n := range int64(len(c.facets) * blockSize) {
				if wanted(n) {
					all = append(all, position{valueIn(c, s, desc, n), n})
				}
			}
			slices.SortFunc(all, position.compare)
			for range 4 {
				series, _ := seriesOf(s, desc)
				w := &walk{plan: p, series: series, size: 1 + r.IntN(100), turned: desc && (s == ByMeeting || s == ByID || s == ByRead), counted: r.IntN(2) == 0}
				if w.start = r.IntN(5) == 0; !w.start {
					w.back, w.from = r.IntN(2) == 0, from(r, all)
				}
				w.over(c)
				checkWalk(t, w, all)
			}
		}
	}
}

func checkWalk(t *testing.T, w *walk, all []position) {
	t.Helper()
	var want []position
	passed := 0
	for _, p := range all {
		side := p.compare(w.from)
		switch {
		case w.start || !w.back && side > 0:
			want = append(want, p)
		case w.back && side < 0:
			want, passed = append(want, p), passed+1
		case !w.back:
			passed++
		}
	}
	if w.back {
		slices.Reverse(want)
	}
	want = want[:min(len(want), w.size+1)]
	if !slices.Equal(w.found, want) || w.passed != passed || !w.counted && w.total != len(all) {
		t.Fatalf("%T from %+v, back %t: %d passed, want %d; %d in all, want %d; found %v, want %v", w.series, w.from, w.back, w.passed, passed, w.total, len(all), w.found, want)
	}
}
