package webhook

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cmpconsole/internal/cmp"
)

// MayHoldText tells whether the callback may have brought the text of an SMS: one from a device, and any other with a field of that name,
// such as one that came to the wrong address.
func (p *Push) MayHoldText() bool {
	return p.Kind == SMSMO || textual.Match(p.Body)
}

// textual finds what a text is called, by this and the sibling platforms.
var textual = regexp.MustCompile(`(?i)\b(sms_?)?content"?\s*[:=]|text_?message|"(text|message)"\s*:`)

// plainFields are those of the callbacks that say nothing of a text (API document, "Order status push", "SMS MT data push", "SMS MO data push").
var plainFields = []string{"imsi", "operation", "orderid", "msgid", "statusreport", "statusreportmsg", "suppliercode", "phone", "msisdn", "iccid", "assetid", "simid", "deviceid", "destaddress", "timestamp", "time"}

// plain tells whether a value looks like what such a field is for: a number, an id, a time or nothing.
func plain(value string) bool {
	return value == "" || len(value) <= 64 && (numeral.MatchString(value) || cmp.ValidID(value) || cmp.ValidOrderID(value) && strings.ContainsAny(value, "0123456789") || !cmp.TimeOf(value).At.IsZero())
}

// numeral is one or several numbers, or a time in digits.
var numeral = regexp.MustCompile(`^\+?[0-9][0-9 ,.:/TZ+-]*$`)

// Mask puts words in place of every value of a body that may be of a text, be it where none belongs. What is no JSON object cannot be told apart: then it returns the
// words alone, and false.
func Mask(body []byte, words string) ([]byte, bool) {
	var fields map[string]json.RawMessage
	if json.NewDecoder(bytes.NewReader(withoutMark(body))).Decode(&fields) != nil || fields == nil {
		return []byte(words), false
	}
	hidden, err := json.Marshal(words)
	if err != nil {
		return []byte(words), false
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(plainFields, strings.ToLower(strings.ReplaceAll(name, "_", ""))) || !plainJSON(fields[name]) {
			fields[name] = hidden
		}
	}
	masked, err := json.Marshal(fields)
	return masked, err == nil
}

func plainJSON(value json.RawMessage) bool {
	var v any
	dec := json.NewDecoder(bytes.NewReader(value))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return false
	}
	switch v := v.(type) {
	case string:
		return plain(strings.TrimSpace(v))
	case json.Number:
		return plain(v.String())
	case bool, nil:
		return true
	}
	return false
}

// withoutMark is a body without the mark that some write before UTF-8.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }
