package cmp

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Zone is assumed for times that the CMP gives without one: its operator's, UTC+8.
var Zone = time.FixedZone("UTC+8", 8*3600)

// Time is a point in time as the CMP gives it: a date, or a date and a time, or something unreadable.
type Time struct {
	At       time.Time // zero when Raw cannot be read
	DateOnly bool
	Raw      string // as it came
}

// IsZero tells that nothing was given.
func (t Time) IsZero() bool { return t.Raw == "" }

// The formats seen in the document; those with a zone of their own come first.
var timeFormats = []struct {
	layout   string
	dateOnly bool
}{
	{time.RFC3339Nano, false},
	{"2006-01-02 15:04:05.999999999Z07:00", false},
	{"2006-01-02 15:04:05", false},
	{"2006-01-02T15:04:05", false},
	{"2006/01/02 15:04:05", false},
	{"20060102150405", false},
	{"2006-01-02", true},
	{"20060102", true},
}

func parseTime(raw string) Time {
	t := Time{Raw: strings.TrimSpace(raw)}
	for _, f := range timeFormats {
		if at, err := time.ParseInLocation(f.layout, t.Raw, Zone); err == nil && at.Year() > 0 {
			t.At, t.DateOnly = at, f.dateOnly
			return t
		}
	}
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

// parseVolume reads an amount given in a unit. Fractions are kept to the byte; what is no amount is unknown.
func parseVolume(text string, unit int64) Volume {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n < 0 || n > math.MaxInt64/unit {
			return Volume{}
		}
		return Volume{Bytes: n * unit, Known: true}
	}
	whole, fraction, ok := strings.Cut(text, ".")
	if !ok || len(fraction) > 9 || fraction == "" {
		return Volume{}
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	part, err2 := strconv.ParseUint(fraction, 10, 64)
	if err != nil || err2 != nil || n < 0 || n > math.MaxInt64/unit-1 {
		return Volume{}
	}
	scale := int64(math.Pow10(len(fraction)))
	return Volume{Bytes: n*unit + int64(part)*unit/scale, Known: true}
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
