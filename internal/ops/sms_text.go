package ops

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Encoding is how the text of an SMS is sent.
type Encoding string

// The encodings. A single character outside GSM-7 makes the whole text UCS-2.
const (
	GSM7   Encoding = "GSM-7"
	UCS2   Encoding = "UCS-2"
	Binary Encoding = "binary"
)

// room is how many units fit into an SMS, alone and as a part of several: a part gives six bytes away to its
// header (3GPP TS 23.040, 9.2.3.24.1).
var room = map[Encoding]struct{ alone, part int }{GSM7: {160, 153}, UCS2: {70, 67}, Binary: {140, 134}}

// The characters of GSM-7 (3GPP TS 23.038, 6.2.1), and those of its extension, which take two septets.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtra = "\f^{}\\[~]|€"
)

// Measure is what sending a text takes.
type Measure struct {
	Encoding Encoding
	Units    int    // septets, UTF-16 units or bytes
	Segments int    // SMS that are sent and paid for; 0 for an empty text
	Left     int    // units still free in the last one
	Runs     []Run  // the text, cut where characters begin or cease to force UCS-2
	Forcing  string // those characters, each once
}

// Run is a piece of a text.
type Run struct {
	Text   string
	Forces bool // its characters are not in GSM-7
}

// MeasureText counts the segments of a text SMS. A character of two units is never split between two of them,
// so a segment may end one unit short.
func MeasureText(text string) Measure {
	m := Measure{Encoding: GSM7, Runs: runsOf(text)}
	width := septets
	for _, r := range m.Runs {
		if r.Forces {
			m.Encoding, width = UCS2, utf16.RuneLen
			m.Forcing = addNew(m.Forcing, r.Text)
		}
	}
	widths := make([]int, 0, utf8.RuneCountInString(text))
	for _, r := range text {
		w := max(width(r), 1) // a broken character is sent as one unit
		widths, m.Units = append(widths, w), m.Units+w
	}
	m.divide(widths)
	return m
}

// MeasureBinary counts the segments of a binary SMS of so many bytes.
func MeasureBinary(bytes int) Measure {
	m := Measure{Encoding: Binary, Units: bytes}
	widths := make([]int, bytes)
	for i := range widths {
		widths[i] = 1
	}
	m.divide(widths)
	return m
}

// divide lays characters of these widths into segments.
func (m *Measure) divide(widths []int) {
	size := room[m.Encoding]
	switch {
	case m.Units == 0:
		m.Left = size.alone
		return
	case m.Units <= size.alone:
		m.Segments, m.Left = 1, size.alone-m.Units
		return
	}
	m.Segments, m.Left = 1, size.part
	for _, w := range widths {
		if w > m.Left {
			m.Segments, m.Left = m.Segments+1, size.part
		}
		m.Left -= w
	}
}

// septets is the width of a character in GSM-7, 0 when it is not in it.
func septets(r rune) int {
	switch {
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtra, r):
		return 2
	}
	return 0
}

// runsOf cuts a text where its characters begin or cease to be outside GSM-7.
func runsOf(text string) []Run {
	var runs []Run
	start, was := 0, false
	for i, r := range text {
		forces := septets(r) == 0
		if i > start && forces != was {
			runs, start = append(runs, Run{text[start:i], was}), i
		}
		was = forces
	}
	if text == "" {
		return nil
	}
	return append(runs, Run{text[start:], was})
}

// addNew appends the characters that are not there yet.
func addNew(to, from string) string {
	for _, r := range from {
		if !strings.ContainsRune(to, r) {
			to += string(r)
		}
	}
	return to
}
