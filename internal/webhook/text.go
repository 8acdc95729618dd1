package webhook

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
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

// Mask puts words in place of every value of a body that may be of a text. What is no JSON object cannot be told apart: then it returns the
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
		plain := slices.Contains(plainFields, strings.ToLower(strings.ReplaceAll(name, "_", "")))
		if value := bytes.TrimSpace(fields[name]); !plain || len(value) > 0 && (value[0] == '{' || value[0] == '[') {
			fields[name] = hidden
		}
	}
	masked, err := json.Marshal(fields)
	return masked, err == nil
}

// withoutMark is a body without the mark that some write before UTF-8.
func withoutMark(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) }
