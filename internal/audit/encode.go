package audit

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The canonical body, format 1: one JSON object without white space, its keys in the order of encodeBody.
// Empty text and zero numbers are left out, so a later format may add keys without touching old rows.
// Strings are valid UTF-8 with only `"`, `\` and the characters below U+0020 escaped, the way RFC 8785 does it.
// Time is UTC with exactly six fractional digits. There are no floats, no arrays and no nested objects but detail and,
// behind it, secrets, which has the commitments to values that are kept beside the row (see secret.go).
const timeLayout = "2006-01-02T15:04:05.000000Z"

// The bounds of the fields, marks included. Longer text is cut, because a record must not be lost for its length, and
// ends with a mark then, so that half an id is not taken for a whole one.
const (
	maxReason  = 500   // runes
	maxMessage = 500   // bytes
	maxValue   = 2_000 // bytes, of a detail: some eighty ids
	maxText    = 256   // bytes, every other field
	maxDetail  = 64    // fields, of detail and of secrets

	cutMark = " … (cut)"
)

// clean makes the entry fit for the log: valid UTF-8, within bounds, no negative numbers.
func clean(e Entry) Entry {
	action, phase := string(e.Action), string(e.Phase)
	for _, s := range []*string{&e.Actor, &e.Roles, &action, &phase, &e.Outcome, &e.Device, &e.Order,
		&e.UpstreamCode, &e.RequestID, &e.IP, &e.Session} {
		*s = shorten(*s, maxText)
	}
	e.Action, e.Phase = Action(action), Phase(phase)
	e.Reason = shortenRunes(e.Reason, maxReason)
	e.UpstreamMessage = shorten(e.UpstreamMessage, maxMessage)
	e.Of, e.LatencyMS = max(e.Of, 0), max(e.LatencyMS, 0)
	e.Detail = cleanFields(e.Detail)
	for i := range e.Detail {
		e.Detail[i].Value = shorten(e.Detail[i].Value, maxValue)
	}
	e.Secrets = cleanFields(e.Secrets)
	return e
}

// partSize is below maxValue, in bytes.
const partSize = 1900

// Parts keep a text whole in the log, in several values under one name if it is long.
func Parts(name, text string) (parts []Field) {
	for len(text) > partSize {
		n := partSize
		for !utf8.RuneStart(text[n]) {
			n--
		}
		parts, text = append(parts, Field{name, text[:n]}), text[n:]
	}
	return append(parts, Field{name, text})
}

// cleanFields leaves out fields without a name and numbers repeated names, so that the object has no key twice.
func cleanFields(in []Field) []Field {
	var out []Field
	for _, f := range in {
		if len(out) == maxDetail {
			break
		}
		if f.Key == "" {
			continue
		}
		base := cut(f.Key, maxText)
		f.Key = base
		for n := 2; slices.ContainsFunc(out, func(o Field) bool { return o.Key == f.Key }); n++ {
			f.Key = cut(base, maxText-4) + "_" + strconv.Itoa(n)
		}
		out = append(out, f)
	}
	return out
}

// shorten makes s valid UTF-8 of at most n bytes, which end with the mark when something is missing. It takes back to the
// last space what is no whole word, unless the word is longer than an id.
func shorten(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	s = cut(s, n-len(cutMark))
	if i := strings.LastIndexByte(s, ' '); i > len(s)-longestID {
		s = s[:i]
	}
	return s + cutMark
}

// longestID is more than the ids of devices, orders, messages and cards have, in bytes.
const longestID = 64

// cut makes s valid UTF-8 of at most n bytes, never splitting a rune.
func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// shortenRunes makes s valid UTF-8 of at most n runes, which end with the mark when something is missing.
func shortenRunes(s string, n int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	kept := []rune(s)[:n-utf8.RuneCountInString(cutMark)]
	return string(kept) + cutMark
}

// encodeBody returns the canonical body of a row with a clean entry.
func encodeBody(r *Row) []byte {
	b := append(make([]byte, 0, 512), `{"v":1`...)
	b = appendNumber(b, "seq", r.Seq)
	b = appendText(b, "time", r.Time.UTC().Format(timeLayout))
	b = appendText(b, "actor", r.Actor)
	b = appendText(b, "roles", r.Roles)
	b = appendText(b, "action", string(r.Action))
	b = appendText(b, "phase", string(r.Phase))
	b = appendText(b, "outcome", r.Outcome)
	b = appendText(b, "device", r.Device)
	b = appendText(b, "order", r.Order)
	b = appendText(b, "reason", r.Reason)
	b = appendText(b, "upstream_code", r.UpstreamCode)
	b = appendText(b, "upstream_message", r.UpstreamMessage)
	b = appendText(b, "request_id", r.RequestID)
	b = appendNumber(b, "of", r.Of)
	b = appendText(b, "ip", r.IP)
	b = appendText(b, "session", r.Session)
	b = appendNumber(b, "latency_ms", r.LatencyMS)
	b = appendObject(b, "detail", r.Detail)
	b = appendObject(b, "secrets", r.Commitments)
	return append(b, '}')
}

func appendObject(b []byte, key string, fields []Field) []byte {
	for i, f := range fields {
		if i == 0 {
			b = append(append(append(b, ',', '"'), key...), `":{`...)
		} else {
			b = append(b, ',')
		}
		b = appendString(b, f.Key)
		b = append(b, ':')
		b = appendString(b, f.Value)
	}
	if len(fields) > 0 {
		b = append(b, '}')
	}
	return b
}

func appendText(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, '"', ':')
	return appendString(b, value)
}

func appendNumber(b []byte, key string, n int64) []byte {
	if n == 0 {
		return b
	}
	b = append(b, ',', '"')
	b = append(b, key...)
	b = append(b, '"', ':')
	return strconv.AppendInt(b, n, 10)
}

func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20:
			b = append(b, c)
		case shortEscape(c) != 0:
			b = append(b, '\\', shortEscape(c))
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(b, '"')
}

const hexDigits = "0123456789abcdef"

// shortEscape returns the letter that stands for a control character after a backslash, 0 when it has none.
func shortEscape(c byte) byte {
	switch c {
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	}
	return 0
}
