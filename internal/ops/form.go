package ops

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// The bounds of a reason, in characters.
const (
	MinReason = 3
	MaxReason = 500
)

// Form is what an operator sends to have a prepared action done.
type Form struct {
	OrderID    string
	Verb       Verb
	ActionID   string
	Reason     string
	Confirm    string // last four of the device id, for final verbs
	DeviceType string // end early only; empty or 1 to 5
	DeviceID   string // IMEI only
	Wants      string // the IMEI to bind or unbind
	OTA        bool   // what the form says of the card: prefilled from what was read
	AutoBind   bool   // bind at the first use of the network

	sms           *cmp.SMS // what was previewed: never from the form that sends it
	purchase      *Purchase
	pressed       time.Time // when the batch was that it belongs to; zero: now
	AnyCheckDigit bool      // the operator has compared an IMEI whose check digit is wrong
}

// binding is what the form asks for of the action's card, nil when it asks for something else.
func (f Form) binding(a Action) *cmp.Binding {
	if f.Verb != Bind && f.Verb != Unbind {
		return nil
	}
	return &cmp.Binding{DeviceID: a.DeviceID, IMEI: f.Wants, Unbind: f.Verb == Unbind, OTA: f.OTA, AutoBind: f.AutoBind}
}

// FormError says which field of a form is wrong, and how to mend it. Nothing was sent.
type FormError struct {
	Reason, Confirm, DeviceType, Wants string
	CheckDigit                         bool // nothing but the check digit is wrong with Wants
}

func (e *FormError) Error() string {
	return strings.TrimSpace(strings.Join([]string{e.Reason, e.Confirm, e.DeviceType, e.Wants}, " "))
}

func (e *FormError) Unwrap() error { return fault.New(fault.Invalid, e.Error()) }

// check returns a *FormError when a field is wrong for the action.
func (f Form) check(a Action) error {
	e := FormError{}
	if a.rule().kind != sms {
		e.Reason = CheckReason(f.Reason)
	}
	if a.rule().Final {
		e.Confirm = checkConfirm(f.Confirm, a.DeviceID)
	}
	if len(f.DeviceType) > 1 || !strings.Contains("12345", f.DeviceType) {
		e.DeviceType = "Choose one of the device types listed, or leave it open."
	}
	if a.rule().kind == imei {
		e.Wants, e.CheckDigit = checkIMEI(f, a)
	}
	if e == (FormError{}) {
		return nil
	}
	return &e
}

// CheckReason says what is wrong with a reason, empty when nothing is.
func CheckReason(reason string) string {
	switch n := utf8.RuneCountInString(reason); {
	case reason == "":
		return "Say why, in a few words. The reason is kept in the audit log."
	case n < MinReason:
		return fmt.Sprintf("Say why in at least %d characters.", MinReason)
	case n > MaxReason:
		return fmt.Sprintf("Shorten this to %d characters; it has %d.", MaxReason, n)
	}
	return ""
}

func checkConfirm(typed, deviceID string) string {
	switch {
	case deviceID == "":
		return "The CMP does not say which device this order is on, so a final change of it is not possible here."
	case typed == "":
		return "Type the last four characters of the device id, because this cannot be taken back."
	case typed != LastFour(deviceID):
		return "Type the last four characters of the device id shown above. These are not them: is this the right device?"
	}
	return ""
}

// LastFour returns the last four characters of a device id, which final actions ask for.
func LastFour(deviceID string) string { return deviceID[max(0, len(deviceID)-4):] }
