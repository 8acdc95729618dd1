package ident

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// decimalComma is the comma within a power of ten, as spreadsheets of half of Europe write it.
	decimalComma = regexp.MustCompile(`(^|[^0-9])([0-9]),([0-9]+[eE]\+[0-9])`)
	// thousandsComma is a long number in groups of three, as spreadsheets show it; a list of numbers has no such groups.
	thousandsComma = regexp.MustCompile(`\b[0-9]{1,3}(?:,[0-9]{3}){3,}\b`)
	ordinal        = regexp.MustCompile(`^[0-9]{1,5}[.)]\s+`)
)

// Split parts a pasted list into what stands for one thing each, in its order. Lines, tabs, commas, semicolons, bars and
// quotes always part. A space or a slash parts only what stands for itself, for many write a number in groups.
func Split(text string) []string {
	text = decimalComma.ReplaceAllString(text, "$1$2.$3")
	text = thousandsComma.ReplaceAllStringFunc(text, func(long string) string { return strings.ReplaceAll(long, ",", ".") })
	cells := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\t\v\f\u2028\u2029,;|\"“”„，；、", r) })
	var list []string
	for _, cell := range cells {
		for _, part := range slashed(shown(cell)) {
			list = append(list, pieces(strings.TrimSpace(part))...)
		}
	}
	return slices.DeleteFunc(list, func(piece string) bool { return !hasLetter(piece) && !hasDigit(fold(piece)) })
}

// slashed parts a cell at its slashes when all between them are numbers of their own and do not make one together.
func slashed(cell string) []string {
	parts := strings.FieldsFunc(strings.TrimRight(cell, " /／"), func(r rune) bool { return r == '/' || r == '／' })
	if len(parts) > 1 && isCard(bare(cell)) || slices.ContainsFunc(parts, func(p string) bool { return !alone(pieces(strings.TrimSpace(p))) }) {
		return []string{cell}
	}
	return parts
}

// bare is a number without its place in a list, what it is called and what is written between its digits.
func bare(text string) string {
	text = ordinal.ReplaceAllString(strings.TrimSpace(fold(text)), "")
	return compact(unname(text, &Reading{}))
}

// pieces parts a cell at its spaces when all of its pieces are numbers of their own and do not make one together.
func pieces(cell string) []string {
	if rest := ordinal.ReplaceAllString(cell, ""); rest != cell && standsAlone(bare(rest)) {
		cell = rest
	}
	words := strings.Fields(cell)
	if len(words) < 2 || isCard(bare(cell)) {
		return []string{cell}
	}
	if alone(words) {
		return words
	}
	return together(words)
}

// together puts words together again up to the next international number, or the next that is called something.
func together(words []string) (list []string) {
	first := 0
	for i, w := range words {
		if i > 0 && (strings.HasPrefix(fold(w), "+") || nameFirst.MatchString(fold(w)+" ")) {
			list, first = append(list, strings.Join(words[first:i], " ")), i
		}
	}
	return append(list, strings.Join(words[first:], " "))
}

func alone(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !standsAlone(bare(w)) })
}

// standsAlone tells of a word that is a number by itself: a group of digits is shorter.
func standsAlone(c string) bool {
	c = strings.Trim(c, "'’‘=+")
	return len(c) >= 8 && isAlnum(strings.ReplaceAll(c, "_", "")) && hasDigit(c)
}

func isCard(c string) bool {
	return strings.HasPrefix(c, "89") && (len(c) == 19 || len(c) == 20) && isDigits(c) && luhnFits(c)
}
