package views

import (
	"slices"
	"strings"
	"unicode/utf8"

	"cmpconsole/internal/ident"
	"cmpconsole/web/templates"
)

// marked marks where a text has what was typed: all of it, whatever signs and spaces stand between, or else the longest of its words.
func marked(text, typed string) templates.Hit {
	words := strings.Fields(typed)
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	for _, want := range append([]string{typed}, words...) {
		if from, to, ok := foldedIn(text, ident.Squeeze(want)); ok {
			return templates.Hit{Before: text[:from], Match: text[from:to], After: text[to:]}
		}
	}
	return templates.Hit{Before: text}
}

// foldedIn finds the stretch of a text that has some letters and digits, in any case and width, with any signs between.
func foldedIn(text, want string) (from, to int, ok bool) {
	var have strings.Builder
	var at, ends []int // of each byte of what is compared, where its letter begins and ends in the text
	for i, r := range text {
		have.WriteString(ident.Squeeze(string(r)))
		for len(at) < have.Len() {
			at, ends = append(at, i), append(ends, i+utf8.RuneLen(r))
		}
	}
	i := strings.Index(have.String(), want)
	if i < 0 || want == "" {
		return 0, 0, false
	}
	return at[i], ends[i+len(want)-1], true
}

// excerpt is the part of a note around what was typed.
func excerpt(text, typed string) string {
	const room = 120
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= room {
		return string(runes)
	}
	at := max(0, len([]rune(beforeFold(string(runes), typed)))-room/3)
	cut := string(runes[at:min(len(runes), at+room)])
	if at > 0 {
		cut = "…" + cut
	}
	return cut + "…"
}

func beforeFold(text, typed string) string {
	before, _, _ := strings.Cut(strings.ToLower(text), strings.ToLower(typed))
	return before
}
