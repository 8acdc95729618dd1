package audit

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var errBody = errors.New("the body is not in the log's format")

// parseBody reads a canonical body. It takes nothing that encodeBody would not have written, byte for byte,
// so that one record has one reading: no other key order, no key twice, no other escapes.
func parseBody(body []byte) (Row, error) {
	var r Row
	if !utf8.Valid(body) {
		return r, errBody
	}
	d := decoder{rest: string(body)}
	d.expect(`{"v":1`)
	r.Seq = d.number(`,"seq":`)
	r.Time = d.time(`,"time":"`)
	r.Actor = d.text(`,"actor":"`)
	r.Roles = d.text(`,"roles":"`)
	r.Action = Action(d.text(`,"action":"`))
	r.Phase = Phase(d.text(`,"phase":"`))
	r.Outcome = d.text(`,"outcome":"`)
	r.Device = d.text(`,"device":"`)
	r.Order = d.text(`,"order":"`)
	r.Reason = d.text(`,"reason":"`)
	r.UpstreamCode = d.text(`,"upstream_code":"`)
	r.UpstreamMessage = d.text(`,"upstream_message":"`)
	r.RequestID = d.text(`,"request_id":"`)
	r.Of = d.number(`,"of":`)
	r.IP = d.text(`,"ip":"`)
	r.Session = d.text(`,"session":"`)
	r.LatencyMS = d.number(`,"latency_ms":`)
	r.Detail = d.object(`,"detail":{`)
	r.Commitments = d.object(`,"secrets":{`)
	d.expect("}")
	if d.bad || d.rest != "" || r.Seq == 0 || slices.ContainsFunc(r.Commitments, notCommitment) {
		return Row{}, errBody
	}
	return r, nil
}

// decoder reads a body from the left; once bad it stays bad.
type decoder struct {
	rest string
	bad  bool
}

// accept takes the literal when it comes next.
func (d *decoder) accept(literal string) bool {
	if d.bad || !strings.HasPrefix(d.rest, literal) {
		return false
	}
	d.rest = d.rest[len(literal):]
	return true
}

func (d *decoder) expect(literal string) {
	if !d.accept(literal) {
		d.bad = true
	}
}

// number reads a positive number behind its key; an absent key is zero.
func (d *decoder) number(key string) int64 {
	if !d.accept(key) {
		return 0
	}
	end := 0
	for end < len(d.rest) && d.rest[end] >= '0' && d.rest[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(d.rest[:end], 10, 64)
	d.bad = d.bad || err != nil || d.rest[0] == '0'
	d.rest = d.rest[end:]
	return n
}

// text reads a string behind its key and opening quote; an absent key is empty, an empty string is bad.
func (d *decoder) text(key string) string {
	if !d.accept(key) {
		return ""
	}
	s := d.quoted()
	d.bad = d.bad || s == ""
	return s
}

// quoted reads up to the closing quote. Without escapes the result shares the body's memory.
func (d *decoder) quoted() string {
	for i := range len(d.rest) {
		switch c := d.rest[i]; {
		case c == '"':
			s := d.rest[:i]
			d.rest = d.rest[i+1:]
			return s
		case c == '\\':
			return d.escaped(i)
		case c < 0x20:
			d.bad = true
			return ""
		}
	}
	d.bad = true
	return ""
}

// escaped goes on with quoted from the first escape, at i.
func (d *decoder) escaped(i int) string {
	out := append(make([]byte, 0, len(d.rest)), d.rest[:i]...)
	d.rest = d.rest[i:]
	for !d.bad && !d.accept(`"`) {
		c, n := unescape(d.rest)
		if n == 0 {
			d.bad = true
			return ""
		}
		out = append(out, c)
		d.rest = d.rest[n:]
	}
	return string(out)
}

// unescape returns the first byte that s stands for and how much of s it took, 0 when s is not canonical.
func unescape(s string) (byte, int) {
	switch {
	case s == "" || s[0] < 0x20:
		return 0, 0
	case s[0] != '\\':
		return s[0], 1
	case len(s) < 2:
		return 0, 0
	case s[1] == '"' || s[1] == '\\':
		return s[1], 2
	case s[1] != 'u':
		at := strings.IndexByte("btnfr", s[1])
		if at < 0 {
			return 0, 0
		}
		return "\b\t\n\f\r"[at], 2
	case len(s) < 6:
		return 0, 0
	}
	high, low := strings.IndexByte("01", s[4]), strings.IndexByte(hexDigits, s[5])
	c := byte(high<<4 | low)
	if s[2:4] != "00" || high < 0 || low < 0 || shortEscape(c) != 0 {
		return 0, 0
	}
	return c, 6
}

// object reads the fields behind a key and its opening brace; an absent key is none, an empty object is bad.
func (d *decoder) object(key string) []Field {
	if !d.accept(key) {
		return nil
	}
	var fields []Field
	for !d.bad {
		var f Field
		d.expect(`"`)
		f.Key = d.quoted()
		d.expect(`:"`)
		f.Value = d.quoted()
		d.bad = d.bad || f.Key == "" || slices.ContainsFunc(fields, func(o Field) bool { return o.Key == f.Key })
		fields = append(fields, f)
		if d.accept("}") {
			return fields
		}
		d.expect(",")
	}
	return nil
}

// time reads a moment in timeLayout, which is what all moments in a body have.
func (d *decoder) time(key string) time.Time {
	d.expect(key)
	if d.bad || len(d.rest) <= len(timeLayout) || d.rest[len(timeLayout)] != '"' {
		d.bad = true
		return time.Time{}
	}
	t, ok := parseTime(d.rest[:len(timeLayout)])
	d.bad = d.bad || !ok
	d.rest = d.rest[len(timeLayout)+1:]
	return t
}

// parseTime does what time.Parse would, several times faster: verification reads every row's time.
func parseTime(s string) (time.Time, bool) {
	for i := range len(s) {
		want := timeLayout[i]
		if digit := want >= '0' && want <= '9'; digit != (s[i] >= '0' && s[i] <= '9') || !digit && s[i] != want {
			return time.Time{}, false
		}
	}
	number := func(from, to int) (n int) {
		for _, c := range []byte(s[from:to]) {
			n = n*10 + int(c-'0')
		}
		return n
	}
	year, month, day := number(0, 4), time.Month(number(5, 7)), number(8, 10)
	hour, minute, second := number(11, 13), number(14, 16), number(17, 19)
	t := time.Date(year, month, day, hour, minute, second, number(20, 26)*1000, time.UTC)
	// time.Date carries what overflows, so a date that does not exist comes back as another one.
	return t, t.Month() == month && t.Day() == day && hour < 24 && minute < 60 && second < 60
}
