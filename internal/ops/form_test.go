package ops

import (
	"errors"
	"strings"
	"testing"

	"cmpconsole/internal/fault"
)

func TestFormBounds(t *testing.T) {
	t.Parallel()
	pause, end := Action{Verb: Pause, DeviceID: device}, Action{Verb: End, DeviceID: device}
	for name, tt := range map[string]struct {
		action                      Action
		form                        Form
		reason, confirm, deviceType bool // which fields are wrong
	}{
		"no reason":                  {action: pause, reason: true},
		"two characters":             {action: pause, form: Form{Reason: "ab"}, reason: true},
		"three characters":           {action: pause, form: Form{Reason: "abc"}},
		"two characters, six bytes":  {action: pause, form: Form{Reason: "退订"}, reason: true},
		"500 characters, 1500 bytes": {action: pause, form: Form{Reason: strings.Repeat("退", 500)}},
		"501 characters":             {action: pause, form: Form{Reason: strings.Repeat("a", 501)}, reason: true},
		"no digits":                  {action: end, form: Form{Reason: why}, confirm: true},
		"other digits":               {action: end, form: Form{Reason: why, Confirm: "0061"}, confirm: true},
		"three digits":               {action: end, form: Form{Reason: why, Confirm: "016"}, confirm: true},
		"five digits":                {action: end, form: Form{Reason: why, Confirm: "00016"}, confirm: true},
		"the whole id":               {action: end, form: Form{Reason: why, Confirm: device}, confirm: true},
		"the last four":              {action: end, form: Form{Reason: why, Confirm: "0016"}},
		"nothing to confirm":         {action: pause, form: Form{Reason: why, Confirm: "9999"}},
		"both wrong":                 {action: end, form: Form{Confirm: "1"}, reason: true, confirm: true},
		"an order without a device":  {action: Action{Verb: Cancel}, form: Form{Reason: why}, confirm: true},
		"a short device id":          {action: Action{Verb: Cancel, DeviceID: "AB"}, form: Form{Reason: why, Confirm: "AB"}},
		"another case":               {action: Action{Verb: Cancel, DeviceID: "XXXXABCD"}, form: Form{Reason: why, Confirm: "abcd"}, confirm: true},
		"a device type":              {action: end, form: Form{Reason: why, Confirm: "0016", DeviceType: "5"}},
		"device type zero":           {action: end, form: Form{Reason: why, Confirm: "0016", DeviceType: "0"}, deviceType: true},
		"device type six":            {action: end, form: Form{Reason: why, Confirm: "0016", DeviceType: "6"}, deviceType: true},
		"two device types":           {action: end, form: Form{Reason: why, Confirm: "0016", DeviceType: "12"}, deviceType: true},
	} {
		err := tt.form.check(tt.action)
		e, wrong := errors.AsType[*FormError](err)
		if !wrong {
			e = &FormError{}
		}
		if wrong != (tt.reason || tt.confirm || tt.deviceType) || (e.Reason != "") != tt.reason || (e.Confirm != "") != tt.confirm || (e.DeviceType != "") != tt.deviceType {
			t.Errorf("%s: %+v", name, err)
		}
		if wrong && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: kind %v", name, fault.KindOf(err))
		}
	}
}

// A wrong field sends nothing and spends nothing: the same form, mended, is sent.
func TestAWrongFieldDoesNotSpendTheForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, End)
	for _, wrong := range []Form{{Reason: " \t\n ", Confirm: "0016"}, {Reason: why, Confirm: "1600"}, {Reason: why, Confirm: "0016", DeviceType: "9"}} {
		wrong.OrderID, wrong.Verb, wrong.ActionID = form.OrderID, form.Verb, form.ActionID
		_, err := b.Do(t.Context(), anna, wrong)
		wantKind(t, err, fault.Invalid)
	}
	if sent := b.cmp.sent(); len(sent) != 0 || b.count(t, `SELECT count(*) FROM action WHERE claimed_at IS NOT NULL`) != 0 {
		t.Fatalf("sent %+v, or claimed", sent)
	}
	form.Reason, form.Confirm, form.DeviceType = "  "+why+"\n", " 0016 ", "3"
	a := b.do(t, form, OK)
	want := call{verb: End, order: order1, cause: why, deviceType: "3"}
	if sent := b.cmp.sent(); len(sent) != 1 || sent[0] != want || a.Reason != why {
		t.Errorf("sent %+v, reason %q", sent, a.Reason)
	}
}
