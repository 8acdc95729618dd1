package ident

import (
	"strings"
	"unicode"
)

// shown is the text without controls and formats, which nobody sees and copying brings along.
func shown(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
			return -1
		}
		return r
	}, text))
}

// fold turns full-width letters, digits and signs into plain ones.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, text)
}

// Fold is how two texts are compared: width and case do not matter.
func Fold(text string) string { return strings.ToLower(fold(shown(text))) }

// Squeeze folds a text to its letters and digits, for names in which spaces, dashes and signs do not matter.
func Squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, Fold(text))
}

// compact takes out what people write between the digits of a number.
func compact(text string) string {
	return strings.Map(func(r rune) rune {
		if isSeparator(r) {
			return -1
		}
		return r
	}, text)
}

func isSeparator(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune(".·•…。()/−*", r)
}

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

func isAlnum(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// checked is a number with its Luhn check digit behind it, as the CMP keeps an IMEI (3GPP TS 23.003, annex B).
func checked(digits string) string {
	for _, last := range "0123456789" {
		if whole := digits + string(last); luhnFits(whole) {
			return whole
		}
	}
	return digits // never: one of ten fits
}

// luhnFits tells whether the last digit is the Luhn check digit of the others (ISO/IEC 7812-1, as ITU-T E.118 has it).
func luhnFits(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
