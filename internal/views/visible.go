package views

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf8"
)

// visible puts a mark in place of every character that a browser or terminal would obey or hide instead of showing
// it. It looks at whole pages, so that no field can be forgotten: a stray U+2069 would end any isolation.
func visible(page []byte) []byte {
	if !hasUnseen(page) {
		return page
	}
	return bytes.Map(func(r rune) rune {
		if unseen(r) {
			return utf8.RuneError
		}
		return r
	}, page)
}

// hasUnseen passes over plain letters without looking at them as runes, since they are nearly all of a page.
func hasUnseen(page []byte) bool {
	for i := 0; i < len(page); {
		if i+8 <= len(page) && printable(binary.LittleEndian.Uint64(page[i:])) {
			i += 8
			continue
		}
		if b := page[i]; b >= ' ' && b <= '~' || b == '\n' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(page[i:])
		if unseen(r) {
			return true
		}
		i += size
	}
	return false
}

// printable tells that eight bytes are all between a space and a tilde, whatever their order.
func printable(eight uint64) bool {
	const each, top = 0x0101010101010101, 0x8080808080808080
	rubout := eight ^ 0x7f*each
	return (eight|(eight-' '*each)|(rubout-each))&top == 0
}

// unseen are the controls and formats, those that turn the direction of writing among them. Line ends and tabs
// are not, nor the two joiners that Persian, Hindi and emoji are written with.
func unseen(r rune) bool {
	switch r {
	case '\n', '\r', '\t', '\u200c', '\u200d':
		return false
	}
	return (r < ' ' || r > '~') && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}
