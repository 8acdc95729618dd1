package views

import (
	"strconv"
	"strings"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/mirror"
)

const daysForms = "Write 7d for the next seven days, past, none for no date, a month such as 2026-12, or days such as 2026-12-01..2026-12-31."

// days reads a stretch of days as an address writes it, counted from today in the CMP's zone, so that a view that was
// saved stays true: 7d is today and the seven days after it, past is what lies before today, none what has no date.
func (s *Server) days(text string) (found mirror.Days, words, wrong string) {
	found, words, wrong = s.daysOf(text)
	if wrong == "" && !found.Told() {
		wrong = "Days can be asked for from 2011-01-01 until 2100-09-15. A side may be left open: 2026-12-01.. has all from that day on."
	}
	return found, words, wrong
}

func (s *Server) daysOf(text string) (found mirror.Days, words, wrong string) {
	today := day(s.Now().In(cmp.Zone))
	if text == "past" {
		return mirror.Days{Until: today.AddDate(0, 0, -1)}, "before today", ""
	}
	if text == "none" {
		return mirror.Days{None: true}, "at no known date", ""
	}
	if number, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n > 36_500 {
			return found, text, daysForms
		}
		return mirror.Days{From: today, Until: today.AddDate(0, 0, n)}, "within " + number + " days", ""
	}
	if month, err := time.ParseInLocation("2006-01", text, cmp.Zone); err == nil {
		return mirror.Days{From: month, Until: month.AddDate(0, 1, -1)}, "in " + month.Format("January 2006"), ""
	}
	from, until, ok := strings.Cut(text, "..")
	if !ok {
		until = from
	}
	return daysBetween(from, until)
}

// daysBetween reads the days from one to another, both included; either may be left open, but not both.
func daysBetween(from, until string) (found mirror.Days, words, wrong string) {
	words = from + " – " + until
	if wrong = oneDay(from, &found.From); wrong == "" {
		wrong = oneDay(until, &found.Until)
	}
	if wrong != "" {
		return mirror.Days{}, words, wrong
	}
	switch {
	case from+until == "":
		return mirror.Days{}, words, daysForms
	case !found.From.IsZero() && !found.Until.IsZero() && found.Until.Before(found.From):
		return mirror.Days{}, words, "The second day is before the first, so there is nothing between them."
	case until == "":
		words = "from " + from
	case from == "":
		words = "until " + until
	case from == until:
		words = "on " + from
	}
	return found, words, ""
}

func oneDay(text string, into *time.Time) (wrong string) {
	if text == "" {
		return ""
	}
	day, err := time.ParseInLocation(time.DateOnly, text, cmp.Zone)
	if err != nil {
		return daysForms
	}
	*into = day
	return ""
}
