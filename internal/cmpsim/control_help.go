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
GET    /sandbox/pushes    the callbacks: what was sent, what was answered, what waits; ?after=SEQ for the later ones
DELETE /sandbox/pushes    forget those that are over
POST   /sandbox/pushes/addresses  where they go, as application/json
POST   /sandbox/pushes/settle     send at once all that wait, as application/json without a body
GET    /sandbox/pushes/script     the rules by which they are sent
POST   /sandbox/pushes/script     set one rule or a list of them, as application/json
DELETE /sandbox/pushes/script     send them at once and as documented
POST   /sandbox/mo        have devices send SMS: one or a list, as application/json

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
  count      how many devices are new, or how many cycles
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

const helpPushes = `
Pushes tell of every change of an order, of reports on messages, and of messages from devices. They go to
addresses on this machine: three by their kinds, or a base to which "/order-status", "/sms-mt", "/sms-mo" are added.
  curl -H 'Content-Type: application/json' -d '{"base":"http://127.0.0.1:8080/push/TOKEN"}' ADDRESS/sandbox/pushes/addresses

A rule is an object. The first that names a kind of push, or none, counts; without one they leave at once.
  kind          "order-status", "sms-mt" or "sms-mo"; left out: every kind
  delay         before each leaves, such as "2s"
  window        after the delay each leaves at a random moment of this time, so that they change places
  repeat        how many more times each is sent
  lose_every    every so many events nothing is sent
  lose_percent  of the other events, this share is lost
  seed          picks what is left to chance
  msg_id        of reports: "provider", as documented, or "caller", the id given to sendSms
  event_time    true: the time in an order push is that of the event, not of the order's creation
  numbers       true: digits are sent as numbers

Example: what is told of orders comes twice, in disorder, and one in ten is lost
  curl -H 'Content-Type: application/json' \
    -d '{"kind":"order-status","window":"20s","repeat":1,"lose_percent":10,"seed":7}' ADDRESS/sandbox/pushes/script

Example: a message from a device
  curl -H 'Content-Type: application/json' \
    -d '{"device_id":"89852026000000000016","dest_address":"12345","sms_content":"hello"}' ADDRESS/sandbox/mo
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
	b.WriteString(helpPushes)
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
