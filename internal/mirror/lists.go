package mirror

import (
	"encoding/binary"
	"sort"
)

// runList are the entries of a run in a segment while they are put together. Stored it has two halves: the numbers that end with the run,
// behind how many bytes these take, and the others.
type runList struct {
	last, others half
	many         uint32
}

// half are entries in their order, as the differences between them. From each block it is noted where it begins, and behind which entry, so
// that one who looks for a few entries does not read all. Stored it is how many blocks follow the first, what is noted of these, and the entries.
type half struct {
	blocks, data []byte
	many         int
	newest       entry
}

const (
	blockEntries = 128
	blockNote    = 8 // bytes
)

func (l *runList) add(e entry, last bool) {
	if last {
		l.last.add(e)
	} else {
		l.others.add(e)
	}
	l.many++
}

func (h *half) add(e entry) {
	if h.many > 0 && h.many%blockEntries == 0 {
		h.blocks = binary.LittleEndian.AppendUint32(h.blocks, uint32(h.newest))
		h.blocks = binary.LittleEndian.AppendUint32(h.blocks, uint32(len(h.data)))
	}
	h.data = binary.AppendUvarint(h.data, uint64(e-h.newest))
	h.newest, h.many = e, h.many+1
}

func (h *half) stored() []byte {
	if h.many == 0 {
		return nil
	}
	data := binary.AppendUvarint(make([]byte, 0, len(h.blocks)+len(h.data)+3), uint64(len(h.blocks)/blockNote))
	return append(append(data, h.blocks...), h.data...)
}

func (l *runList) stored() []byte {
	last, others := l.last.stored(), l.others.stored()
	data := binary.AppendUvarint(make([]byte, 0, len(last)+len(others)+3), uint64(len(last)))
	return append(append(data, last...), others...)
}

// openList gives the two halves of a stored list.
func openList(stored []byte) (last, others reader) {
	many, size := binary.Uvarint(stored)
	if size <= 0 || many > uint64(len(stored)-size) {
		return reader{}, reader{}
	}
	stored = stored[size:]
	return openHalf(stored[:many]), openHalf(stored[many:])
}

// reader goes through a stored half. What is none has no entries.
type reader struct {
	blocks, data []byte
	block, at    int // the blocks that were begun behind the first, and the place in the data
	value        entry
}

func openHalf(stored []byte) reader {
	many, size := binary.Uvarint(stored)
	if size <= 0 || many > uint64(len(stored)-size)/blockNote {
		return reader{}
	}
	stored = stored[size:]
	return reader{blocks: stored[:blockNote*many], data: stored[blockNote*many:]}
}

// next goes to the next entry, false when there is none.
func (r *reader) next() bool {
	step, size := binary.Uvarint(r.data[r.at:])
	if size <= 0 {
		return false
	}
	r.at, r.value = r.at+size, r.value+entry(step)
	return true
}

// seek goes to the first entry that is not below one, which is above all that were sought before; false when there is none.
func (r *reader) seek(e entry) bool {
	if r.at > 0 && r.value >= e {
		return true
	}
	behind := func(i int) entry { return entry(binary.LittleEndian.Uint32(r.blocks[blockNote*i:])) }
	if left := len(r.blocks)/blockNote - r.block; left > 0 && behind(r.block) < e {
		r.block += sort.Search(left, func(i int) bool { return behind(r.block+i) >= e })
		if at := int(binary.LittleEndian.Uint32(r.blocks[blockNote*r.block-4:])); at > r.at {
			r.at, r.value = min(at, len(r.data)), behind(r.block-1)
		}
	}
	for r.next() {
		if r.value >= e {
			return true
		}
	}
	return false
}

// decode reads the entries of the kinds that count, in their order: all, or those of numbers that end with the run.
func decode(stored []byte, w wanted, kinds kindSet) []entry {
	last, others := openList(stored)
	found := last.all(kinds)
	if !w.last {
		found = union(found, others.all(kinds))
	}
	return found
}

func (r *reader) all(kinds kindSet) []entry {
	found := make([]entry, 0, len(r.data))
	for r.next() {
		if kinds.has(r.value) {
			found = append(found, r.value)
		}
	}
	return found
}

// alsoIn leaves those of some entries that are in a list too.
func alsoIn(found []entry, stored []byte, w wanted) (left []entry) {
	last, others := openList(stored)
	for _, e := range found {
		if last.has(e) || !w.last && others.has(e) {
			left = append(left, e)
		}
	}
	return left
}

func (r *reader) has(e entry) bool { return r.seek(e) && r.value == e }

// union is what stands in either list, in its order and once.
func union(a, b []entry) []entry {
	if len(a) == 0 {
		return b
	}
	all := make([]entry, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		e := min(a[0], b[0])
		if all = append(all, e); a[0] == e {
			a = a[1:]
		}
		if b[0] == e {
			b = b[1:]
		}
	}
	return append(append(all, a...), b...)
}

// both is what stands in the one and in the other.
func both(a, b []entry) (all []entry) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			all, a = append(all, a[0]), a[1:]
		}
	}
	return all
}
