package templates

import "cmpconsole/web/templates/ui"

// System is the page of the switches for the whole console.
type System struct {
	CSRF                      string
	State                     Notice
	Fixed                     bool // closed by a setting, which no switch here opens
	Closed                    bool // closed by a person
	LastSet                   *SetBy
	Broken                    string // what is wrong with the audit log
	Mark                      string // which goes back with the form, so that nothing else is accepted
	Accepted                  *SetBy // who let changes through in spite of it
	Reason, ReasonError       string
	AcceptReason, AcceptError string
	Freed                     *Notice // whether bytes of what was erased are left; nil when nothing ever was
}

// SetBy tells who set a switch, when and why.
type SetBy struct {
	Who, Reason string
	At          ui.Moment
}
