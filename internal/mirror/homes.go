package mirror

import "slices"

// homes tell in which segment each device stands with its numbers of now; in older ones it is left out. It is never changed: a writer replaces blocks.
type homes struct {
	blocks []*[blockSize]uint16
	own    map[int]bool // blocks of the writer
}

// young devices have no segment yet.
const noHome = 0

// draft is a copy in which blocks are replaced.
func (h homes) draft() homes { return homes{slices.Clone(h.blocks), map[int]bool{}} }

func (h *homes) of(n int64) uint16 {
	b, i := at(n)
	if b >= len(h.blocks) {
		return noHome
	}
	return h.blocks[b][i]
}

func (h *homes) move(n int64, home uint16) {
	b, i := at(n)
	for len(h.blocks) <= b {
		h.own[len(h.blocks)] = true
		h.blocks = append(h.blocks, &[blockSize]uint16{})
	}
	if !h.own[b] {
		own := *h.blocks[b]
		h.blocks[b], h.own[b] = &own, true
	}
	h.blocks[b][i] = home
}
