package views

import (
	"strings"
	"unicode"
)

// pasted is what was typed into a field for an id or a name, without the unseen characters that copying from
// messages and tables brings along.
func pasted(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unseen(r) {
			return -1
		}
		return r
	}, text))
}

// compact takes spaces and dashes, too, out of what was pasted.
func compact(s string) string {
	return strings.Join(strings.FieldsFunc(pasted(s), func(r rune) bool { return r == '-' || unicode.IsSpace(r) }), "")
}

func isPartOfID(s string) bool {
	return len(s) <= 32 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}
