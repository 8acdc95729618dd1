package textindex

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// A stored block has two parts, each a table of offsets and what they lead to, the end of one being the start of the next.
//
//	lists: for each hash of three bytes, the numbers of the terms that contain such bytes, as differences
//	terms: the field, the length of the text, the text, and the rows that hold it, as differences
//
// Terms are in the order of field and text, so that neighbours are alike, their lists short, and a term is found by halving.
// Offsets are 4 bytes, little-endian; numbers are variable-length. Offsets count from the first byte behind the table.
const hashes = 1 << 16

// encode returns the block as it is stored, and where the part of terms begins.
func (b *Block) encode() (stored []byte, terms int) {
	sorted := slices.SortedFunc(slices.Values(b.terms), func(a, b held) int { return compare(a.Term, b.Term) })
	lists := table(hashes, gramLists(sorted))
	entries := make([][]byte, len(sorted))
	for i, h := range sorted {
		entries[i] = encodeTerm(h)
	}
	return append(lists, table(len(entries), entries)...), len(lists)
}

func compare(a, b Term) int {
	return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Text, b.Text))
}

// table puts offsets before the items.
func table(n int, items [][]byte) []byte {
	size := 4 * (n + 1)
	for _, item := range items {
		size += len(item)
	}
	out, end := make([]byte, 0, size), 0
	out = binary.LittleEndian.AppendUint32(out, 0)
	for _, item := range items {
		end += len(item)
		out = binary.LittleEndian.AppendUint32(out, uint32(end))
	}
	for _, item := range items {
		out = append(out, item...)
	}
	return out
}

func gramLists(sorted []held) [][]byte {
	lists, last := make([][]byte, hashes), make([]int, hashes) // last: one more than the newest number of the list
	for id, h := range sorted {
		text := Fold(h.Text)
		for i := range len(text) - MinText + 1 {
			at := hash(text[i:])
			if last[at] == id+1 {
				continue
			}
			lists[at] = binary.AppendUvarint(lists[at], uint64(id+1-last[at]))
			last[at] = id + 1
		}
	}
	return lists
}

// hash maps the first three bytes to a list. Bytes that share one cost time only: what they lead to is read.
func hash(s string) int {
	n := uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16
	return int(n * 0x9E3779B1 >> 16)
}

func encodeTerm(h held) []byte {
	out := append(make([]byte, 0, len(h.Text)+2*len(h.rows)+4), h.Field)
	out = binary.AppendUvarint(out, uint64(len(h.Text)))
	out = append(out, h.Text...)
	last := uint16(0)
	for _, row := range h.rows {
		out = binary.AppendUvarint(out, uint64(row-last))
		last = row
	}
	return out
}

// decodeTerm returns a stored term, and its rows for decodeRows.
func decodeTerm(stored []byte) (t Term, rows []byte, ok bool) {
	if len(stored) == 0 {
		return t, nil, false
	}
	n, size := binary.Uvarint(stored[1:])
	if size <= 0 || n > uint64(len(stored)-1-size) {
		return t, nil, false
	}
	rest := stored[1+size:]
	return Term{stored[0], string(rest[:n])}, rest[n:], true
}

// markRows adds stored rows to a set.
func markRows(set *Set, stored []byte) bool {
	row := uint64(0)
	for len(stored) > 0 {
		n, size := binary.Uvarint(stored)
		if row += n; size <= 0 || row >= Rows {
			return false
		}
		set.add(uint16(row))
		stored = stored[size:]
	}
	return true
}
