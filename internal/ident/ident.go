// Package ident tells what a text that was typed or pasted can be: a number of a device, an order, a message, a package,
// or words. It asks nobody and knows no fleet, so it says what is possible, and never that something exists.
//
// It stands below the pages because the one box, pasted lists and the forms that take ids must read a number alike.
package ident

import (
	"slices"
	"strings"
)

// Kind is what a text can be.
type Kind string

// The kinds, whole numbers first.
const (
	Device  Kind = "device" // device id, asset id, ICCID: one thing
	IMSI    Kind = "imsi"
	MSISDN  Kind = "msisdn"
	IMEI    Kind = "imei"
	Order   Kind = "order"
	Message Kind = "message" // the id of an SMS that this console sent
	Package Kind = "package" // a code of the catalogue
	Part    Kind = "part"    // of any number
	Words   Kind = "words"   // a name: of a package, or a label
)

// MinPart is how many letters or digits of a number are looked for at least.
const MinPart = 3

// Sense is one thing that a text can be.
type Sense struct {
	Kind   Kind
	Key    string // what to look up: without separators, "+" or "00"
	Word   string // what it is called, such as "ICCID"
	Remark string // what speaks against it, such as a wrong check digit
}

// Reading is a text with all that it can be.
type Reading struct {
	Text   string   // as it was typed, without what cannot be seen
	Senses []Sense  // the likeliest first; none when nothing can be looked for
	Notes  []string // what was left out of it before it was read
	Lost   *Lost    // set when a spreadsheet has cut digits off
}

// Lost tells of digits that a spreadsheet has cut off.
type Lost struct {
	Why    string
	Prefix string // the digits from the start that are certain; may be too few to look for
	Maybe  bool   // the number may be right all the same: it has senses then
}

// Advice is how to get numbers out of a spreadsheet whole.
const Advice = "Spreadsheets keep 15 digits of a number. Give the column the format Text before the numbers get into it (on import: column type Text), and copy it again."

// Read tells what a text can be. It takes anything: spaces, dashes, dots, brackets, what cannot be seen and the name of the
// number before it change nothing, and full-width digits are digits.
func Read(text string) Reading {
	r := Reading{Text: shown(text)}
	named := unwrap(fold(r.Text), &r)
	bare := unname(named, &r)
	if bare = restore(bare, &r); r.Lost != nil {
		return r
	}
	if r.Senses = sensesOf(bare); bare != named && hasLetter(named) {
		r.Senses = append(slices.DeleteFunc(r.Senses, func(s Sense) bool { return s.Kind == Words }), wordsOf(named))
	}
	if digits := compact(bare); zeroed(digits) {
		r.Lost = &Lost{Why: "It ends in zeros after 15 digits, which is what a spreadsheet leaves of a longer number.", Prefix: digits[:15], Maybe: true}
	}
	return r
}

// Is returns the sense of a kind.
func (r Reading) Is(kind Kind) (Sense, bool) {
	i := slices.IndexFunc(r.Senses, func(s Sense) bool { return s.Kind == kind })
	if i < 0 {
		return Sense{}, false
	}
	return r.Senses[i], true
}

// Whole tells whether the text can be a whole number of something, not only a part or words.
func (r Reading) Whole() bool {
	return slices.ContainsFunc(r.Senses, Sense.whole)
}

// whole tells a whole number from a part of one and from words.
func (s Sense) whole() bool { return s.Kind != Part && s.Kind != Words }

// Keys are what to look up, each once, the likeliest first.
func (r Reading) Keys() []string {
	return r.keys(func(s Sense) bool { return s.Kind != Words })
}

// WholeKeys are those of whole numbers alone.
func (r Reading) WholeKeys() []string { return r.keys(Sense.whole) }

func (r Reading) keys(wanted func(Sense) bool) []string {
	var keys []string
	for _, s := range r.Senses {
		if wanted(s) && !slices.Contains(keys, s.Key) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// Part returns the letters or digits that may be a part of a number, empty when they are too few.
func (r Reading) Part() string {
	s, _ := r.Is(Part)
	return s.Key
}

// As says in words what the text was taken for.
func (r Reading) As() string {
	var words []string
	for _, s := range r.Senses {
		if s.whole() && !slices.Contains(words, s.Word) {
			words = append(words, s.Word)
		}
	}
	switch {
	case len(words) > 0:
		return strings.Join(words, " or ")
	case r.Lost != nil:
		return "a number cut by a spreadsheet"
	case len(r.Senses) > 0:
		return r.Senses[0].Word
	case r.Text == "":
		return ""
	}
	return "too little to look for"
}

// Remark is what speaks against the likeliest sense.
func (r Reading) Remark() string {
	if len(r.Senses) == 0 {
		return ""
	}
	return r.Senses[0].Remark
}
