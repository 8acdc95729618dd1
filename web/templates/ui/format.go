package ui

import (
	"strconv"
	"strings"

	"cmpconsole/web/static"
)

// IconHref is the address of one icon in the sprite.
func IconHref(name string) string { return static.URL("icons.svg") + "#" + name }

// classes joins the class names that are not empty.
func classes(names ...string) string {
	out := names[:0:0]
	for _, n := range names {
		if n != "" {
			out = append(out, n)
		}
	}
	return strings.Join(out, " ")
}

// when returns the class name if the condition holds.
func when(yes bool, class string) string {
	if yes {
		return class
	}
	return ""
}

// groups cuts a long run of digits into fours for the eye. Anything else stays whole, because a cut in the
// middle of a word helps nobody.
func groups(id string) []string {
	if len(id) < 9 || strings.Trim(id, "0123456789") != "" {
		return []string{id}
	}
	parts := make([]string, 0, len(id)/4+1)
	for len(id) > 5 { // Five stay together: a single digit at the end is easily overlooked.
		parts, id = append(parts, id[:4]), id[4:]
	}
	return append(parts, id)
}

// thousands writes a count with its digits in threes.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// width is the length of a meter's bar, which never leaves its track.
func width(percent int) string { return strconv.Itoa(min(max(percent, 0), 100)) }

// describedBy names the elements that explain a field.
func describedBy(f Field) string {
	return classes(when(f.Error != "", f.ID+"-error"), when(f.Hint != "", f.ID+"-hint"))
}

// calloutRole makes what went wrong be read out at once; the rest waits for its turn.
func calloutRole(tone string) string {
	if tone == "bad" {
		return "alert"
	}
	return "note"
}
