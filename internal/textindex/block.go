// Package textindex finds rows by any text that stands in them, whatever the case of its letters.
//
// Rows come in blocks of 65,536. A block keeps each of its texts once, with the rows that hold it: what repeats, as names
// and ids do, costs little. In memory all texts of a block are read through; in a file, lists of which texts contain which
// three bytes lead to the few that are read. A match is exact: no row is found that does not hold the text, and none missed.
package textindex

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
)

// Rows is how many rows a block has.
const Rows = 1 << 16

// MinText is how many bytes a text must have to be looked for: three letters, or one Chinese character.
const MinText = 3

// Term is a text of a row, and which field of the row it stands in. Texts are valid UTF-8.
type Term struct {
	Field byte
	Text  string
}

// Query asks for the rows that hold a text in any field, and exactly the given terms. An empty text does not ask.
type Query struct {
	Text  string
	Exact []Term
}

// Fold takes away what does not count when a text is looked for: the case of its letters.
func Fold(s string) string { return strings.ToLower(s) }

// Set is a set of rows of one block, by their places in it.
type Set [Rows / 64]uint64

func (s *Set) add(row uint16)      { s[row/64] |= 1 << (row % 64) }
func (s *Set) Has(row uint16) bool { return s[row/64]&(1<<(row%64)) != 0 }

// Count is how many rows there are from first to last, both included.
func (s *Set) Count(first, last uint16) (n int) {
	for i := first / 64; i <= last/64; i++ {
		word := s[i]
		if i == first/64 {
			word &^= 1<<(first%64) - 1
		}
		if i == last/64 && last%64 < 63 {
			word &= 1<<(last%64+1) - 1
		}
		n += bits.OnesCount64(word)
	}
	return n
}

func (s *Set) and(other *Set) (empty bool) {
	empty = true
	for i := range s {
		s[i] &= other[i]
		empty = empty && s[i] == 0
	}
	return empty
}

// everyRow is every row there can be.
func everyRow() *Set {
	s := &Set{}
	for i := range s {
		s[i] = ^uint64(0)
	}
	return s
}

// Block is one in memory, which grows. It is for one goroutine at a time, or for many that only read.
type Block struct {
	ids   map[Term]int
	terms []held
	texts []byte // folded, each behind a separator
	ends  []int  // of each in texts
}

// held is a term with the rows that hold it, in rising order.
type held struct {
	Term
	rows []uint16
}

// separator keeps a match from reaching over two texts: it stands in no valid UTF-8.
const separator = 0xff

// NewBlock returns an empty block.
func NewBlock() *Block { return &Block{ids: map[Term]int{}} }

// Add notes the terms of a row. Rows come in rising order.
func (b *Block) Add(row uint16, terms []Term) {
	for _, t := range terms {
		if t.Text == "" {
			continue
		}
		id, known := b.ids[t]
		if !known {
			id = len(b.terms)
			t.Text = strings.Clone(t.Text) // or it would keep the whole row
			b.ids[t] = id
			b.terms = append(b.terms, held{Term: t})
			b.texts = append(append(b.texts, separator), Fold(t.Text)...)
			b.ends = append(b.ends, len(b.texts))
		}
		if h := &b.terms[id]; len(h.rows) == 0 || h.rows[len(h.rows)-1] != row {
			h.rows = append(h.rows, row)
		}
	}
}

// Find returns the rows that the query asks for, nil when there are none.
func (b *Block) Find(q Query) *Set {
	found := everyRow()
	for _, t := range q.Exact {
		set := &Set{}
		if id, ok := b.ids[t]; ok {
			b.mark(set, id)
		}
		if found.and(set) {
			return nil
		}
	}
	if q.Text != "" && found.and(b.holding([]byte(Fold(q.Text)))) {
		return nil
	}
	return found
}

func (b *Block) mark(set *Set, id int) {
	for _, row := range b.terms[id].rows {
		set.add(row)
	}
}

// holding returns the rows with a text that contains the needle.
func (b *Block) holding(needle []byte) *Set {
	set := &Set{}
	for at := 0; ; {
		hit := bytes.Index(b.texts[at:], needle)
		if hit < 0 {
			return set
		}
		id, _ := slices.BinarySearch(b.ends, at+hit+1)
		b.mark(set, id)
		at = b.ends[id]
	}
}
