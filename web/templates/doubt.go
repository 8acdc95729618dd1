package templates

import "cmpconsole/web/templates/ui"

// Doubt is an action whose answer was lost: what is known of it and, when reads cannot settle it, the form for a person.
type Doubt struct {
	Title                string
	OrderID, OrderHref   string
	DeviceID, DeviceHref string
	Result               ActionResult
	Known                []Fact
	Error                *Notice // the last try was not taken, and why
	Waiting              *Notice // why a person need not, or cannot, settle it now; then there is no form
	Form                 *DoubtForm
}

// DoubtForm asks what became of the action, and what that rests on.
type DoubtForm struct {
	Post, CSRF          string
	Verdicts            []Option
	VerdictError        string
	Reason, ReasonError string
	AskedAt             ui.Moment // when reads gave up
}
