package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"cmpconsole/internal/cmp"
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

// wordsIn splits a pasted list at everything that cannot stand in an id: commas, quotes, brackets, spaces of any sort.
func wordsIn(text string) []string {
	return strings.FieldsFunc(pasted(text), func(r rune) bool { return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// doubledIn names the ids that a pasted list has more than once, each once.
func doubledIn(text string) (doubled []string) {
	count := map[string]int{}
	for _, word := range wordsIn(text) {
		id := compact(word)
		if count[id]++; count[id] == 2 && id != "" {
			doubled = append(doubled, id)
		}
	}
	return doubled
}

// devicesIn reads the ids of a pasted list, whatever stands between them, each once. What is no id is named.
func devicesIn(text string, most int) (ids []string, wrong string) {
	seen := map[string]bool{}
	var bad []string
	for _, word := range wordsIn(text) {
		switch id := compact(word); {
		case !cmp.ValidID(id):
			bad = append(bad, word)
		case !seen[id]:
			seen[id] = true
			ids = append(ids, id)
		}
	}
	switch {
	case len(bad) > 0:
		return ids, "These are no device ids: " + strings.Join(bad, ", ") + ". An id has 10 to 32 letters or digits, without spaces."
	case len(ids) == 0:
		return nil, "Name at least one device."
	case len(ids) > most:
		return ids, fmt.Sprintf("These are %d devices. At once it can be %d at most.", len(ids), most)
	}
	return ids, ""
}

// serial reads the number of a row, from 1 up.
func serial(text string) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0
}

// placeText is a place in a list by time: the microseconds and the id of the last one seen.
func placeText(at time.Time, id string) string {
	return strconv.FormatInt(at.UnixMicro(), 10) + "-" + id
}

// placeIn reads such a place from an address; what the id has to be the list knows.
func placeIn(text string) (at time.Time, id string, ok bool) {
	micros, id, _ := strings.Cut(text, "-")
	n, err := strconv.ParseInt(micros, 10, 64)
	return time.UnixMicro(n), id, err == nil
}
