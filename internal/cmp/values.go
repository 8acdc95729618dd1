package cmp

import (
	"math/big"
	"regexp"
	"strings"
	"time"
)

// Zone is the CMP operator's, UTC+8. The document states it for the times of SMS; for the others it is assumed.
var Zone = time.FixedZone("UTC+8", 8*3600)

// Time is a point in time as the CMP gives it: a date, or a date and a time, or something unreadable.
type Time struct {
	At       time.Time // zero when Raw cannot be read
	DateOnly bool
	Stated   bool   // the zone is: by the text itself or by the document; else Zone is assumed
	Raw      string // as it came
}

// IsZero tells that nothing was given.
func (t Time) IsZero() bool { return t.Raw == "" }

// The formats seen in the document and its siblings; those with a zone of their own come first.
// A fraction of a second is accepted by each that has seconds.
var timeFormats = []struct {
	layout   string
	dateOnly bool
}{
	{time.RFC3339, false},
	{"2006-01-02 15:04:05Z07:00", false},
	{"2006-01-02T15:04:05Z0700", false},
	{"2006-01-02 15:04:05Z0700", false},
	{"2006-01-02 15:04:05 Z07:00", false},
	{"2006-01-02 15:04:05 Z0700", false},
	{"2006-01-02 15:04:05", false},
	{"2006-01-02T15:04:05", false},
	{"2006/01/02 15:04:05", false},
	{"20060102150405", false},
	{"2006-01-02", true},
	{"2006/01/02", true},
	{"20060102", true},
}

// parseTime reads a time for which the document states no zone.
func parseTime(raw string) Time {
	t := Time{Raw: strings.TrimSpace(raw)}
	text, stated := strings.CutSuffix(t.Raw, "(UTC+8)")
	for _, f := range timeFormats {
		if at, err := time.ParseInLocation(f.layout, strings.TrimSpace(text), Zone); err == nil && at.Year() > 0 {
			t.At, t.DateOnly, t.Stated = at, f.dateOnly, stated || strings.Contains(f.layout, "Z07")
			return t
		}
	}
	return t
}

// parseStatedTime reads a time that is UTC+8 by the document.
func parseStatedTime(raw string) Time {
	t := parseTime(raw)
	t.Stated = !t.At.IsZero()
	return t
}

// Volume is an amount of data. Units are converted here and nowhere else, with 1,024 to the step.
type Volume struct {
	Bytes int64
	Known bool
}

const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
)

// amount is a number that is not negative, in digits or in the exponent form that Java prints for large ones.
// Its length and exponent are bounded, so that a hostile one costs nothing.
var amount = regexp.MustCompile(`^[0-9]{1,40}(\.[0-9]{1,40})?([eE]\+?[0-9]{1,2})?$`)

// parseVolume reads an amount given in a unit, to the byte. What is no amount, or too large to be one, is unknown.
func parseVolume(text string, unit int64) Volume {
	if !amount.MatchString(text) {
		return Volume{}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return Volume{}
	}
	r.Mul(r, new(big.Rat).SetInt64(unit))
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	if !whole.IsInt64() {
		return Volume{}
	}
	return Volume{Bytes: whole.Int64(), Known: true}
}

// Flag is a property of a card, given as a code.
type Flag string

// Yes tells that the card has it (code 1).
func (f Flag) Yes() bool { return f == "1" }

// No tells that the card does not have it (code 2, or 0 with multi-IMSI).
func (f Flag) No() bool { return f == "2" || f == "0" }

// filler takes the F… that stands for "no number" out of a number.
func filler(number string) string {
	if strings.Trim(number, "Ff") == "" {
		return ""
	}
	return number
}
