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

// settle moves the devices of a segment there. Blocks that are all of it are one and the same.
func (h *homes) settle(s segment) {
	var whole [blockSize]uint16
	for i := range whole {
		whole[i] = s.home()
	}
	for seat := 0; seat < s.many; {
		b, i := at(s.device(seat))
		if i == 0 && s.devices == nil && s.many-seat >= blockSize {
			h.grow(b)
			h.blocks[b], h.own[b] = &whole, false
			seat += blockSize
		} else {
			h.move(s.device(seat), s.home())
			seat++
		}
	}
}

func (h *homes) grow(block int) {
	for len(h.blocks) <= block {
		h.own[len(h.blocks)] = true
		h.blocks = append(h.blocks, &[blockSize]uint16{})
	}
}

func (h *homes) move(n int64, home uint16) {
	b, i := at(n)
	h.grow(b)
	if !h.own[b] {
		own := *h.blocks[b]
		h.blocks[b], h.own[b] = &own, true
	}
	h.blocks[b][i] = home
}
