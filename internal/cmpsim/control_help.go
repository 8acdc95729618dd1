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
GET    /sandbox/fleet     every device as it truly is, in the order of queryBatchDevice, one JSON object a line
POST   /sandbox/fleet     change the fleet: one step or a list of them, as application/json
GET    /sandbox/churn     how the fleet moves while it is paged
POST   /sandbox/churn     set that, as application/json
DELETE /sandbox/churn     let it rest

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

Kinds of faults
`

const helpSteps = `
A step is an object, done at once; with --state it is done again after a restart.
  kind       one of the kinds below
  device_id  the device meant
  count      how many devices are new
  at         "start", "end", "anywhere" or how many devices come before it, such as "17"
  seed       picks what is left to chance

Example: two new devices at the start of the list
  curl -H 'Content-Type: application/json' -d '{"kind":"add","count":2,"at":"start"}' ADDRESS/sandbox/fleet

Kinds of steps
`

const helpChurn = `
Churn performs steps at random places between pages: after every so many answers of queryBatchDevice
so many devices are added, removed, moved and changed; times 0 or left out: always.
  curl -H 'Content-Type: application/json' \
    -d '{"every":1,"add":2,"remove":1,"move":3,"change":5,"seed":7,"times":50}' ADDRESS/sandbox/churn
`

// showHelp tells an integrator all that the sandbox offers, as plain text.
func (s *Sim) showHelp(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	b.WriteString(helpHead)
	for _, k := range Kinds() {
		fmt.Fprintf(&b, "  %-14s %s\n", k, kinds[k])
	}
	b.WriteString(helpSteps)
	for _, k := range slices.Sorted(maps.Keys(stepKinds)) {
		fmt.Fprintf(&b, "  %-14s %s\n", k, stepKinds[k])
	}
	b.WriteString(helpChurn)
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
