package ident

import (
	"regexp"
	"slices"
	"strings"
)

var (
	// decimalComma is the comma within a power of ten, as spreadsheets of half of Europe write it.
	decimalComma = regexp.MustCompile(`(^|[^0-9])([0-9]),([0-9]+[eE]\+[0-9])`)
	ordinal      = regexp.MustCompile(`^[0-9]{1,5}[.)]\s+`)
)

// Split parts a pasted list into what stands for one thing each, in its order. Lines, tabs, commas, semicolons, bars and
// quotes always part. A space parts only what stands for itself, for many write a number in groups.
func Split(text string) []string {
	text = decimalComma.ReplaceAllString(text, "$1$2.$3")
	cells := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n\r\t\v\f\u2028\u2029,;|\"“”„，；、", r) })
	var list []string
	for _, cell := range cells {
		for _, piece := range pieces(shown(cell)) {
			if hasLetter(piece) || hasDigit(fold(piece)) {
				list = append(list, piece)
			}
		}
	}
	return list
}

// pieces parts a cell at its spaces when all of its pieces are numbers of their own and do not make one together.
func pieces(cell string) []string {
	if rest := ordinal.ReplaceAllString(cell, ""); rest != cell && standsAlone(compact(fold(rest))) {
		cell = rest
	}
	words := strings.Fields(cell)
	if len(words) < 2 || isCard(compact(fold(cell))) {
		return []string{cell}
	}
	if !slices.ContainsFunc(words, func(w string) bool { return !standsAlone(compact(fold(w))) }) {
		return words
	}
	return beforePlus(words)
}

// beforePlus puts words together again up to the next international number.
func beforePlus(words []string) (list []string) {
	for i, w := range words {
		if i == 0 || strings.HasPrefix(fold(w), "+") {
			list = append(list, w)
			continue
		}
		list[len(list)-1] += " " + w
	}
	return list
}

// standsAlone tells of a word that is a number by itself: a group of digits is shorter.
func standsAlone(c string) bool {
	c = strings.Trim(c, "'’‘=+")
	return len(c) >= 8 && isAlnum(strings.ReplaceAll(c, "_", "")) && hasDigit(c)
}

func isCard(c string) bool {
	return strings.HasPrefix(c, "89") && (len(c) == 19 || len(c) == 20) && isDigits(c) && luhnFits(c)
}
