package mirror

// Small values stand several to a word, so that one operation compares them all: 64 values of 15 bits take sixteen words of four lanes,
// 64 of 31 bits take 32 words of two. The highest bit of a lane stays free: what is taken from a lane shows there whether it was too much.
// Value i of the 64 stands in word i%16, in lane i/16 (narrow): so the answers of a word, moved by its number, fall on their bits of a mask.

const (
	narrowWords = blockSize / 4
	wideWords   = blockSize / 2
	narrowOnes  = 0x0001_0001_0001_0001
	narrowTops  = 0x8000_8000_8000_8000
	wideOnes    = 0x00000001_00000001
	wideTops    = 0x80000000_80000000
	narrowMax   = 1<<15 - 1
)

// narrow is a column of values up to narrowMax.
type narrow [narrowWords]uint64

func (c *narrow) place(i int) (word *uint64, shift int) { return &c[i/64*16+i%16], i % 64 / 16 * 16 }

func (c *narrow) at(i int) uint16 {
	word, shift := c.place(i)
	return uint16(*word >> shift)
}

func (c *narrow) put(i int, v uint16) {
	word, shift := c.place(i)
	*word = *word&^((1<<16-1)<<shift) | uint64(v)<<shift
}

// within marks those of the marked whose values are between two.
func (c *narrow) within(marks *bitset, from, until uint16) (out bitset) {
	if until < from || from > narrowMax {
		return out
	}
	low, beyond := narrowOnes*uint64(from), narrowOnes*uint64(min(until, narrowMax)+1)
	for w, marked := range marks {
		if marked == 0 {
			continue
		}
		word := uint64(0)
		for i, four := range (*[16]uint64)(c[w*16:]) {
			four |= narrowTops
			word |= ((four - low) &^ (four - beyond) & narrowTops) >> (15 - i)
		}
		out[w] = word & marked
	}
	return out
}

// wide is a column of values below 1<<31.
type wide [wideWords]uint64

func (c *wide) place(i int) (word *uint64, shift int) { return &c[i/64*32+i%32], i % 64 / 32 * 32 }

func (c *wide) at(i int) uint32 {
	word, shift := c.place(i)
	return uint32(*word >> shift)
}

func (c *wide) put(i int, v uint32) {
	word, shift := c.place(i)
	*word = *word&^((1<<32-1)<<shift) | uint64(v)<<shift
}

// equal marks those of the marked that have the value.
func (c *wide) equal(marks *bitset, v uint32) (out bitset) {
	same := wideOnes * uint64(v)
	for w, marked := range marks {
		if marked == 0 {
			continue
		}
		word := uint64(0)
		for i, two := range (*[32]uint64)(c[w*32:]) {
			word |= ((wideTops - (two ^ same)) & wideTops) >> (31 - i)
		}
		out[w] = word & marked
	}
	return out
}

// wanted marks those of the marked whose values have a 1 in a table.
func (c *wide) wanted(marks *bitset, table []uint64) (out bitset) {
	for w, marked := range marks {
		if marked == 0 {
			continue
		}
		word := uint64(0)
		for i, two := range (*[32]uint64)(c[w*32:]) {
			if low := uint32(two); int(low) < len(table) {
				word |= table[low] << i
			}
			if high := uint32(two >> 32); int(high) < len(table) {
				word |= table[high] << (i + 32)
			}
		}
		out[w] = word & marked
	}
	return out
}

// sound tells whether the highest bits are free, which a damaged file may not have left.
func sound(words []uint64, tops uint64) bool {
	all := uint64(0)
	for _, word := range words {
		all |= word
	}
	return all&tops == 0
}
