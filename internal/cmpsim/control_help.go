package cmpsim

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

const helpHead = `CMP sandbox

GET    /sandbox/          this text
GET    /sandbox/journal   every request, oldest first; ?after=SEQ for the later ones
DELETE /sandbox/journal   forget them
GET    /sandbox/faults    the faults still to be played
POST   /sandbox/faults    add one fault or a list of them, as application/json
DELETE /sandbox/faults    forget them

A fault is an object. The first in the list that matches a request is played.
  path     end of the address, such as "openPackage"; left out: every call
  times    how often; 0 or left out: always
  kind     one of the kinds below
  delay    wait before anything else, such as "2s"
  apply    true or false: whether the change happens although the answer is broken
  code, message   for business and contradiction

Example: lose the answer of the next pause, after the order was suspended
  curl -H 'Content-Type: application/json' \
    -d '{"path":"pauseService","times":1,"kind":"reset_after"}' ADDRESS/sandbox/faults

Kinds
`

// showHelp tells an integrator all that the sandbox offers, as plain text.
func (s *Sim) showHelp(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	b.WriteString(helpHead)
	for _, k := range Kinds() {
		fmt.Fprintf(&b, "  %-14s %s\n", k, kinds[k])
	}
	b.WriteString("\nCalls (POST, JSON)\n")
	for _, path := range slices.Sorted(maps.Keys(calls)) {
		b.WriteString("  " + path + "\n")
	}
	b.WriteString("\nCodes of refusals (the sandbox's own numbering)\n")
	for _, code := range slices.Sorted(maps.Keys(refusalTexts)) {
		fmt.Fprintf(&b, "  %s  %s\n", code, strings.ReplaceAll(refusalTexts[code].en, "%s", "…"))
	}
	b.WriteString("\nDemo devices\n")
	for _, d := range demos {
		fmt.Fprintf(&b, "  %s  %s\n", d.id, d.what)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	// A caller that left is no fault of the sandbox.
	_, _ = w.Write([]byte(b.String()))
}
