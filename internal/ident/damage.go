package ident

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// unwrap takes off what spreadsheets and their exports put around a number to keep it a text, and notes it.
func unwrap(text string, r *Reading) string {
	bare := text
	if inner := strings.Trim(bare, ",;|、，；"); inner != bare && inner != "" {
		bare = strings.TrimSpace(inner)
		r.note("the separator beside it")
	}
	if inner, ok := strings.CutPrefix(bare, "="); ok {
		bare = strings.TrimSpace(inner)
		r.note("the = before it")
	}
	if inner := strings.Trim(bare, `"“”`); inner != bare {
		bare = strings.TrimSpace(inner)
		r.note("the quotes around it")
	}
	if inner := strings.TrimLeft(bare, "'’‘`´"); inner != bare {
		bare = strings.TrimRight(strings.TrimSpace(inner), "'’‘`´")
		r.note("the apostrophe before it")
	}
	if m := decimal.FindStringSubmatch(bare); m != nil {
		bare = m[1]
		r.note("the decimals behind it")
	}
	if thousands.MatchString(bare) {
		bare = strings.Join(strings.FieldsFunc(bare, isMark), "")
		r.note("the marks between its thousands")
	}
	return bare
}

// thousands is a long number in groups of three, as spreadsheets show it.
var thousands = regexp.MustCompile(`^[0-9]{1,3}(?:(?:,[0-9]{3}){3,}|(?:['’][0-9]{3}){3,})$`)

func isMark(r rune) bool { return strings.ContainsRune(",'’", r) }

// names are what numbers are called. The words that stand for other things too need a sign after them.
const names = `(?:ICCID|IMSI|IMEISV|IMEI|MSISDN)(?:\s*[:=#]\s*|\s+)|(?:Tel|Phone|Mobile|SIM|Card|Device|ID|号码|卡号|手机号)\.?\s*[:=#]\s*`

var (
	named     = regexp.MustCompile(`(?i)^(` + names + `)(.+)$`)
	nameFirst = regexp.MustCompile(`(?i)^(?:` + names + `)`)
)

// unname takes off what a number is called in tickets and addresses, such as "IMSI:" or "tel:", and notes it.
func unname(text string, r *Reading) string {
	m := named.FindStringSubmatch(text)
	if m == nil || !hasDigit(m[2]) {
		return text
	}
	r.note("the “" + strings.TrimSpace(m[1]) + "” before it")
	return unwrap(m[2], r)
}

func (r *Reading) note(what string) { r.Notes = append(r.Notes, what) }

// decimal is a whole number that went through a program of decimal numbers. Nobody parts a number before its last zero.
var decimal = regexp.MustCompile(`^([0-9]{4,})[.,]0{1,2}$`)

// scientific is a number as a power of ten: one digit, more after a point or a comma, and how many follow.
var scientific = regexp.MustCompile(`^([0-9])(?:[.,]([0-9]*))?[eE](\+?)([0-9]{1,3})$`)

// restore reads a number that stands as a power of ten. Where all its digits are there, they are put back; else it
// tells what is lost.
func restore(text string, r *Reading) string {
	m := scientific.FindStringSubmatch(strings.ReplaceAll(text, " ", ""))
	if m == nil || m[3] == "" && !strings.ContainsAny(text, ".,") {
		return text
	}
	exponent, err := strconv.Atoi(m[4])
	if digits := m[1] + m[2]; err == nil && exponent < 32 {
		if exponent < 15 && len(m[2]) == exponent {
			r.note("the power of ten: no digit is lost")
			return digits
		}
		if exponent >= len(m[2]) || exponent >= 15 {
			r.Lost = cut(digits, exponent+1)
		}
	}
	return text
}

// cut tells what is left of a number of so many digits. The last digit shown is rounded, so that it and what a carry
// can have changed are not certain.
func cut(digits string, length int) *Lost {
	const kept = 15
	below, above := int64(1), int64(0)
	if len(digits) > kept {
		digits, above = digits[:kept], 1
	}
	prefix := common(shifted(digits, -below), shifted(digits, above))
	why := fmt.Sprintf("A spreadsheet made a power of ten of a number of %d digits. ", length)
	if prefix == "" {
		return &Lost{Why: why + "None of its digits is certain."}
	}
	return &Lost{Why: why + "Its first digits are certain, the others are lost.", Prefix: prefix}
}

func shifted(digits string, by int64) string {
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return ""
	}
	text := n.Add(n, big.NewInt(by)).String()
	return strings.Repeat("0", max(0, len(digits)-len(text))) + text
}

func common(a, b string) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return a[:n]
}

// zeroed tells of a long number that ends in zeros after its fifteenth digit.
func zeroed(digits string) bool {
	return len(digits) >= 18 && len(digits) <= 22 && isDigits(digits) && strings.Trim(digits[15:], "0") == "" && strings.Trim(digits, "0") != ""
}
