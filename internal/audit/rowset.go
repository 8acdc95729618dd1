package audit

// rowSet is a set of row numbers, 64 in a word, that takes little memory where they stand close.
type rowSet map[int64]uint64

func (s rowSet) add(seq int64)      { s[seq>>6] |= 1 << (seq & 63) }
func (s rowSet) has(seq int64) bool { return s[seq>>6]&(1<<(seq&63)) != 0 }
