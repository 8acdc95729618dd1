package views

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// hexContent takes spaces out of bytes in hexadecimal and says what is wrong with them.
func hexContent(text string) (digits, wrong string) {
	const how = "Write bytes as pairs of hexadecimal digits, such as 00 1F A0"
	digits = strings.Join(strings.Fields(text), "")
	if i := strings.IndexFunc(digits, func(r rune) bool { return !unicode.Is(unicode.ASCII_Hex_Digit, r) }); i >= 0 {
		r := []rune(digits[i:])[0]
		return digits, how + ": " + charName(r) + " is no such digit."
	}
	if _, err := hex.DecodeString(digits); err != nil {
		return digits, how + ": the last of them lacks its second digit."
	}
	return strings.ToUpper(digits), ""
}

// smsCount words what a message takes.
func smsCount(m ops.Measure) templates.SMSCount {
	unit := map[ops.Encoding]string{ops.GSM7: "character", ops.UCS2: "character", ops.Binary: "byte"}[m.Encoding]
	n := templates.SMSCount{Segments: m.Segments, Text: number(m.Segments) + " SMS a device, " + string(m.Encoding) + ": " + plural(m.Units, unit) + ", " + number(m.Left) + " left in the last one"}
	if m.Segments == 0 {
		n.Text = "Nothing written yet."
	}
	if m.Forcing != "" {
		var names []string
		for _, r := range m.Forcing {
			names = append(names, charName(r))
		}
		n.Forcing = "Sent as UCS-2, where an SMS holds 70 characters in place of 160, because of: " + strings.Join(names, " ")
		for _, r := range m.Runs {
			n.Runs = append(n.Runs, templates.SMSRun{Text: r.Text, Forces: r.Forces})
		}
	}
	return n
}

// charName shows a character, or, when there is nothing to see of it, its number and what it is called.
func charName(r rune) string {
	if unicode.IsPrint(r) && !unicode.Is(unicode.M, r) {
		return string(r)
	}
	return strings.TrimSpace(fmt.Sprintf("U+%04X %s", r, unseenNames[r]))
}

// unseenNames are the characters without a look of their own that copying from documents and chats brings along.
var unseenNames = map[rune]string{
	'\t': "tab", 0xA0: "no-break space", 0xAD: "soft hyphen", 0x2002: "en space", 0x2003: "em space", 0x2007: "figure space", 0x2009: "thin space", 0x200A: "hair space",
	0x200B: "zero width space", 0x200C: "zero width non-joiner", 0x200D: "zero width joiner", 0x200E: "left-to-right mark", 0x200F: "right-to-left mark",
	0x2028: "line separator", 0x2029: "paragraph separator", 0x202A: "left-to-right embedding", 0x202B: "right-to-left embedding", 0x202C: "pop directional formatting",
	0x202F: "narrow no-break space", 0x2060: "word joiner", 0x2066: "left-to-right isolate", 0x2067: "right-to-left isolate", 0x2068: "first strong isolate",
	0x2069: "pop directional isolate", 0x3000: "ideographic space", 0xFE0F: "variation selector-16", 0xFEFF: "byte order mark",
}
