package mirror

import (
	"slices"
	"testing"
)

// What a column is told to hold it holds, and comparing many at once marks what comparing each does, at the ends of the lanes too.
func TestLanes(t *testing.T) {
	t.Parallel()
	r := dice(t)
	edges := []uint16{0, 1, narrowMax - 1, narrowMax}
	var small narrow
	var large wide
	var narrows [blockSize]uint16
	var wides [blockSize]uint32
	for range 3 * blockSize {
		i := r.IntN(blockSize)
		narrows[i], wides[i] = uint16(r.IntN(narrowMax+1)), uint32(r.IntN(8))<<r.IntN(28)
		if r.IntN(3) == 0 {
			narrows[i] = edges[r.IntN(len(edges))]
		}
		small.put(i, narrows[i])
		large.put(i, wides[i])
	}
	marks := bitset{}
	for w := range marks {
		marks[w] = r.Uint64() << (r.IntN(3) * 32)
	}
	bounds := append([]uint16{uint16(r.IntN(narrowMax)), 1 << 15, 1<<16 - 1}, edges...)
	for _, from := range bounds {
		for _, until := range bounds {
			checkMarks(t, marks, small.within(&marks, from, until), func(i int) bool { return narrows[i] >= from && narrows[i] <= until })
		}
	}
	for _, v := range append([]uint32{0, 1<<31 - 1}, wides[:50]...) {
		checkMarks(t, marks, large.equal(&marks, v), func(i int) bool { return wides[i] == v })
		checkMarks(t, marks, among(&wides, 1, uint64(v), &marks), func(i int) bool { return wides[i] >= 1 && wides[i] <= v })
	}
}

func checkMarks(t *testing.T, marked, got bitset, want func(i int) bool) {
	t.Helper()
	for i := range blockSize {
		is := func(b bitset) bool { return b[i/64]>>(i%64)&1 == 1 }
		if is(got) != (is(marked) && want(i)) {
			t.Fatalf("value %d: marked %t", i, is(got))
		}
	}
}

// Those that are chosen are kept, whether they are none, one or many, also when some are above all that there are.
func TestChoice(t *testing.T) {
	t.Parallel()
	r := dice(t)
	var column wide
	for i := range blockSize {
		column.put(i, uint32(r.IntN(100)))
	}
	for _, many := range []int{0, 1, 2, 40} {
		var wanted []uint32
		for range many {
			wanted = append(wanted, uint32(1+r.IntN(120)))
		}
		marks := bitset{0: 1<<64 - 1, 3: 1<<40 - 1}
		before, c := marks, choose(wanted)
		c.keep(&marks, &column)
		checkMarks(t, before, marks, func(i int) bool { return slices.Contains(wanted, column.at(i)) })
	}
	marks := bitset{1}
	if (&choice{}).keep(&marks, &column); marks != (bitset{1}) {
		t.Error("no choice keeps not all")
	}
}

// A damaged file whose lanes are full is refused, whichever column it is.
func TestFullLanesAreRefused(t *testing.T) {
	t.Parallel()
	var f facet
	for c, words := range f.words()[:5] {
		words[len(words)-1] = 1 << 63
		if again := (&facet{}); again.decode(f.encode()) == nil {
			t.Errorf("column %d: taken", c)
		}
		words[len(words)-1] = 0
	}
	if again := (&facet{}); again.decode(f.encode()) != nil {
		t.Error("a sound block is refused")
	}
}
