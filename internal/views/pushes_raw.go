package views

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"cmpconsole/internal/webhook"
	"cmpconsole/web/templates"
)

// hiddenText stands where a text is that nobody has asked to see.
const hiddenText = "(text not shown)"

// rawBody is the body of a callback as it came; byte by byte, or indented when it is JSON, where the view asks for that.
func (s *Server) rawBody(p webhook.Push, reveal bool, view, here string) templates.PushRaw {
	bytewise := view == "hex"
	raw := templates.PushRaw{Size: plural(len(p.Body), "byte"), Hex: bytewise, TextHref: here + "#raw", HexHref: withQuery(here, "view", "hex") + "#raw"}
	body := p.Body
	if p.Erased > 0 {
		raw.Note = "Its text was erased, and stands neither here nor anywhere else."
	} else if masked, ok := webhook.Mask(body, hiddenText); !reveal && len(body) > 0 && p.MayHoldText() {
		raw.Note = "Of an SMS from a device only its numbers and its time are shown until the text is asked for."
		if !ok || bytewise {
			raw.Body = hiddenText
			return raw
		}
		body = masked
	}
	body = s.starred(body)
	pretty, ok := indented(body)
	if ok {
		raw.IndentedHref, raw.Indented = withQuery(here, "view", "indented")+"#raw", view == "indented"
	}
	switch {
	case bytewise:
		raw.Body = hex.Dump(body)
	case raw.Indented:
		raw.Body = legible(pretty, false)
	default:
		raw.Body = legible(body, !ok)
	}
	return raw
}

// deepest is how deep a body may be nested to be shown indented: each level makes every line of it longer.
const deepest = 16

// indented lays out a body; false, and the body as it came, when it is no JSON or nested too deeply.
func indented(body []byte) ([]byte, bool) {
	depth := 0
	for reader := json.NewDecoder(bytes.NewReader(body)); ; {
		token, err := reader.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		switch delim, _ := token.(json.Delim); delim {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if err != nil || depth > deepest {
			return body, false
		}
	}
	var out bytes.Buffer
	if json.Indent(&out, body, "", "  ") != nil {
		return body, false
	}
	return out.Bytes(), true
}

// inPath finds the secret part of the callbacks' addresses where something in front of the console has written down the address.
var inPath = regexp.MustCompile(pushPath + `[^/\s"?]+`)

// starred hides the secrets of the callbacks' addresses. Their length stays, so that positions do.
func (s *Server) starred(text []byte) []byte {
	stars := func(secret []byte) []byte { return bytes.Repeat([]byte("*"), len(secret)) }
	for _, token := range s.Inbox.Tokens {
		text = bytes.ReplaceAll(text, []byte(token), stars([]byte(token)))
	}
	return inPath.ReplaceAllFunc(text, func(found []byte) []byte { return append([]byte(pushPath), stars(found[len(pushPath):])...) })
}

// secretHeaders are those whose values let somebody in somewhere.
var secretHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie"}

// headerFacts lists the headers that came with a callback.
func (s *Server) headerFacts(p webhook.Push) (list []templates.Fact) {
	for _, name := range slices.Sorted(maps.Keys(p.Headers)) {
		for _, value := range p.Headers[name] {
			f := templates.Fact{Name: legible([]byte(name), true), Value: legible(s.starred([]byte(value)), true)}
			if slices.Contains(secretHeaders, http.CanonicalHeaderKey(name)) {
				f.Value = "(not shown)"
			}
			list = append(list, f)
		}
	}
	return list
}

// legible makes visible what a browser would obey, hide or not show: controls as their pictures, other formats and broken bytes
// by number. Line ends stay line ends; marked, they are shown too.
func legible(text []byte, marked bool) string {
	var out strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02X`, text[0])
		case r == '\n' && marked:
			out.WriteString("␊\n")
		case r == '\n':
			out.WriteRune(r)
		case r < ' ':
			out.WriteRune('␀' + r)
		case r == 0x7f:
			out.WriteRune('␡')
		case unseen(r):
			fmt.Fprintf(&out, `\u{%04X}`, r)
		default:
			out.Write(text[:size])
		}
		text = text[size:]
	}
	return out.String()
}
