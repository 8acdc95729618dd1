package textindex

import (
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
)

var errDamaged = errors.New("the text index is damaged")

// segment is a stored block. In memory it holds a byte for each list, to take the shortest ones without reading any.
type segment struct {
	lists, terms part
	sizes        [hashes]uint8 // how many bits the length of a list has, 0 when it is empty
}

// part is a table of a stored block.
type part struct {
	r  io.ReaderAt
	n  int   // items
	at int64 // of the table of offsets
}

// windowBytes is how much is read at a time, for neighbours are often wanted next.
const windowBytes = 4 << 10

// window reads a file by pieces and gives what it has at hand without reading again.
type window struct {
	r    io.ReaderAt
	min  int // bytes to read at least
	at   int64
	have []byte
	buf  []byte
}

func (w *window) bytes(at int64, n int) ([]byte, error) {
	if at < w.at || at+int64(n) > w.at+int64(len(w.have)) {
		need := max(n, w.min)
		if cap(w.buf) < need {
			w.buf = make([]byte, need)
		}
		got, err := w.r.ReadAt(w.buf[:need], at)
		if w.at, w.have = at, w.buf[:got]; got < n {
			return nil, errors.Join(errDamaged, err)
		}
	}
	return w.have[at-w.at:][:n], nil
}

// reader reads items of a part.
type reader struct {
	part
	offsets, items window
}

// reader reads so many bytes at a time at least.
func (p part) reader(least int) *reader {
	return &reader{part: p, offsets: window{r: p.r, min: least}, items: window{r: p.r, min: least}}
}

// maxItem is more than any item has: each row or term takes three bytes of it at most.
const maxItem = 16 << 20

// bounds tells where an item is.
func (r *reader) bounds(i int) (at int64, n int, err error) {
	b, err := r.offsets.bytes(r.at+4*int64(i), 8)
	if err != nil {
		return 0, 0, err
	}
	start, end := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	if end < start || end-start > maxItem {
		return 0, 0, errDamaged
	}
	return r.at + 4*int64(r.n+1) + int64(start), int(end - start), nil
}

func (r *reader) item(i int) ([]byte, error) {
	at, n, err := r.bounds(i)
	if err != nil {
		return nil, err
	}
	return r.items.bytes(at, n)
}

func (r *reader) term(i int) (Term, []byte, error) {
	stored, err := r.item(i)
	if err != nil {
		return Term{}, nil, err
	}
	t, rows, ok := decodeTerm(stored)
	if !ok {
		return t, nil, errDamaged
	}
	return t, rows, nil
}

// find is what Block.Find does.
func (s *segment) find(q Query) (*Set, error) {
	needle := Fold(q.Text)
	if !s.mayHold(needle) {
		return nil, nil
	}
	found, terms := everyRow(), s.terms.reader(windowBytes)
	for _, t := range q.Exact {
		set := &Set{}
		if err := exactly(terms, t, set); err != nil {
			return nil, err
		}
		if found.and(set) {
			return nil, nil
		}
	}
	if q.Text == "" {
		return found, nil
	}
	set := &Set{}
	if err := s.holding(terms, needle, set); err != nil || found.and(set) {
		return nil, err
	}
	return found, nil
}

// mayHold tells whether there is a list for all that the needle is made of.
func (s *segment) mayHold(needle string) bool {
	for i := range len(needle) - MinText + 1 {
		if s.sizes[hash(needle[i:])] == 0 {
			return false
		}
	}
	return true
}

// exactly marks the rows that hold the term.
func exactly(terms *reader, want Term, set *Set) error {
	low, high := 0, terms.n
	for low < high {
		middle := (low + high) / 2
		t, rows, err := terms.term(middle)
		if err != nil {
			return err
		}
		switch c := compare(t, want); {
		case c == 0:
			if !markRows(set, rows) {
				return errDamaged
			}
			return nil
		case c < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	return nil
}

// holding marks the rows with a text that contains the needle.
func (s *segment) holding(terms *reader, needle string, set *Set) error {
	candidates, err := s.candidates(needle)
	if err != nil {
		return err
	}
	for _, id := range candidates {
		if id < 0 || id >= terms.n {
			return errDamaged
		}
		t, rows, err := terms.term(id)
		if err != nil {
			return err
		}
		if strings.Contains(Fold(t.Text), needle) && !markRows(set, rows) {
			return errDamaged
		}
	}
	return nil
}

// Few lists narrow a needle down enough.
const (
	compared = 4
	few      = 4 // candidates that are read sooner than another list
)

// candidates are the terms that contain some pieces of the needle: those that the fewest terms contain.
func (s *segment) candidates(needle string) (ids []int, err error) {
	lists := s.lists.reader(0)
	for i, at := range s.shortest(needle) {
		if i > 0 && len(ids) <= few {
			break
		}
		stored, err := lists.item(at)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			ids = decodeList(stored)
		} else {
			ids = intersect(ids, stored)
		}
	}
	return ids, nil
}

// shortest are the lists of the needle's pieces, the shortest first, at most as many as are compared.
func (s *segment) shortest(needle string) []int {
	var all []int
	for i := range len(needle) - MinText + 1 {
		all = append(all, hash(needle[i:]))
	}
	slices.SortFunc(all, func(a, b int) int { return cmp.Or(cmp.Compare(s.sizes[a], s.sizes[b]), cmp.Compare(a, b)) })
	all = slices.Compact(all)
	return all[:min(len(all), compared)]
}

func decodeList(stored []byte) []int {
	ids, id := make([]int, 0, len(stored)), -1
	for len(stored) > 0 {
		n, size := binary.Uvarint(stored)
		if size <= 0 {
			return ids
		}
		id += int(n)
		ids, stored = append(ids, id), stored[size:]
	}
	return ids
}

// intersect keeps those that stand in a stored list too. Both are in rising order.
func intersect(ids []int, stored []byte) []int {
	kept, id := ids[:0], -1
	for _, want := range ids {
		for id < want && len(stored) > 0 {
			n, size := binary.Uvarint(stored)
			if size <= 0 {
				return kept
			}
			id, stored = id+int(n), stored[size:]
		}
		if id == want {
			kept = append(kept, want)
		}
	}
	return kept
}
