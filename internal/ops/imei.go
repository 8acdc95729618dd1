package ops

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// imei is the kind of a card's binding. Its state is the IMEI that the card is bound to, empty when to none.
var imei = &kind{
	settled: audit.IMEISettled,
	fields: func(r Rule, a Action) []audit.Field {
		facts := []audit.Field{{Key: "bound_before", Value: a.Before}, {Key: "bound_wanted", Value: r.wanted(r, a)}}
		if b := a.binding; b != nil {
			facts = append(facts, audit.Field{Key: "ota", Value: strconv.FormatBool(b.OTA)}, audit.Field{Key: "auto_bind", Value: strconv.FormatBool(b.AutoBind)})
		}
		return facts
	},
	subject: func(a Action) string { return IMEISubject(a.DeviceID) },
	read: func(ctx context.Context, c Client, a Action) (string, error) {
		tracks, err := c.Bindings(ctx, a.DeviceID)
		return cmp.BoundIMEI(tracks), err
	},
	wanted: func(r Rule, a Action) string {
		if r.Verb == Unbind {
			return ""
		}
		return a.Wants
	},
	evident: notEvident,
	later: func(_ context.Context, _ Client, a Action) (bool, error) {
		return a.Verb == Bind && a.autoBind, nil // bound when the card first uses the network (API document, auto_bind_flag)
	},
	busy:    "Another change of this card's binding is waiting for its outcome, so nothing was sent.",
	changed: "The card's binding has changed since this page was shown, so nothing was sent. Check it below.",
}

var imeiRules = []Rule{
	{Verb: Bind, Permission: auth.IMEIBind, Audit: audit.IMEIBind, kind: imei, send: sendBinding},
	{Verb: Unbind, Permission: auth.IMEIBind, Audit: audit.IMEIUnbind, kind: imei, Final: true, send: sendBinding},
}

func sendBinding(ctx context.Context, c changer, a Action) (answer, error) {
	return answer{}, c.BindIMEI(ctx, *a.binding)
}

// IMEISubject is what a change of a card's binding locks.
func IMEISubject(deviceID string) string { return "imei:" + deviceID }

// IMEIPreflight is what an operator is shown before a card is bound or unbound. Refused says why there is no form.
type IMEIPreflight struct {
	Rule    Rule
	Device  cmp.Device
	Bound   string // the IMEI at present
	Tracks  []cmp.BindingTrack
	Open    *Action
	ID      string
	Refused string
}

// PreflightIMEI reads the card and its binding and prepares the action that the page's form will ask for. The
// CMP's refusal of a card that takes no part comes back as the error.
func (o *Actions) PreflightIMEI(ctx context.Context, who Operator, deviceID string, verb Verb) (IMEIPreflight, error) {
	rule, ok := RuleOf(verb)
	if !ok || rule.kind != imei {
		return IMEIPreflight{}, fault.New(fault.NotFound, "There is no such action.")
	}
	if err := o.lacks(verb); err != nil {
		return IMEIPreflight{}, err
	}
	p, asked := IMEIPreflight{Rule: rule}, o.now()
	var err error
	if p.Device, err = o.client.Device(ctx, deviceID); err != nil {
		return p, fmt.Errorf("read device before %s: %w", verb, err)
	}
	if p.Tracks, err = o.client.Bindings(ctx, deviceID); err != nil {
		return p, fmt.Errorf("read binding before %s: %w", verb, err)
	}
	p.Bound = cmp.BoundIMEI(p.Tracks)
	if p.Open, err = o.observe(ctx, IMEISubject(deviceID), is(p.Bound), asked); err != nil {
		return p, fault.Wrap(fault.Unavailable, err, "What became of the last change could not be recorded, so no other one is prepared. Try again when the database takes writes.")
	}
	if p.Refused = refuseIMEI(rule, who.Identity, p); p.Refused == "" {
		p.Refused = o.closed(ctx)
	}
	if p.Refused != "" {
		return p, nil
	}
	a := Action{ID: rand.Text(), DeviceID: deviceID, Verb: verb, Actor: who.Name, Before: p.Bound, Prepared: o.now()}
	p.ID = a.ID
	return p, o.prepare(ctx, a)
}

func refuseIMEI(r Rule, who auth.Identity, p IMEIPreflight) string {
	switch {
	case r.Verb == Bind && p.Bound != "":
		return "The card is bound to an IMEI already. Unbind it first."
	case r.Verb == Unbind && p.Bound == "":
		return "The card is bound to no IMEI."
	case !who.Can(r.Permission):
		return "Your role does not allow this. It needs " + holders(r.Permission) + "."
	case p.Open != nil:
		return "The outcome of the last change is not known yet."
	}
	return ""
}

// checkIMEI says what is wrong with the IMEI of a form. A wrong check digit is asked about once and then taken:
// test equipment has such IMEIs, and so the CMP takes them.
func checkIMEI(f Form, a Action) (wrong string, checkDigit bool) {
	switch {
	case !cmp.ValidIMEI(f.Wants):
		return "An IMEI has 15 digits, or 16 with its software version, and nothing else.", false
	case a.Verb == Unbind && f.Wants != a.Before:
		return "This is not the IMEI that the card is bound to. Load the page anew.", false
	case a.Verb == Bind && len(f.Wants) == 15 && !luhn(f.Wants) && !f.AnyCheckDigit:
		return "The last digit does not fit the others, so one of them is probably mistyped.", true
	}
	return "", false
}

// luhn tells whether the last digit of a number is its check digit (ISO/IEC 7812-1, annex B).
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		digit := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}

// LatestIMEI returns the newest change of a card's binding that was sent, nil when there is none.
func (o *Actions) LatestIMEI(ctx context.Context, deviceID string) (*Action, error) {
	return selectAction(ctx, o.db.Read(), `WHERE device_id = ? AND verb IN ('bind', 'unbind') AND intent_seq > 0 ORDER BY intent_seq DESC`, deviceID)
}
