package templates

import "cmpconsole/web/templates/ui"

// SMSList is what was sent through this console, newest first.
type SMSList struct {
	Boxes     []Link
	Device    string
	Chips     []Chip
	Notice    *Notice // what became of the batch that was just sent
	Rows      []SMSRow
	Total     *int // of all pages; nil when they were not counted
	OlderHref string
	NewHref   string // empty without the right to send
	Href      string // the same list, read again
	Watch     *Watch
	Read      ui.Moment
}

// SMSRow is one message in the list.
type SMSRow struct {
	MsgID, Href, DeviceID, DeviceHref, Who string
	At                                     ui.Moment
	Sent, Report                           ui.Badge
	Segments                               string
}

// SMSForm is the composer. Preview is what would be sent; only from there it is.
type SMSForm struct {
	CSRF, Devices, Content string
	DevicesError           string
	ContentError           string
	Types                  []Option
	Templates              []Option // by name; the value is the text
	TemplateName           string   // of the one that was taken
	Count                  SMSCount
	Preview                *SMSPreview
	Error                  *Notice
}

// SMSCount is what a text takes, told while it is typed.
type SMSCount struct {
	Segments int
	Text     string // in words
	Runs     []SMSRun
	Forcing  string // the characters that make the text cost more, in words
}

// SMSRun is a piece of the text; Forces marks what is not in GSM-7.
type SMSRun struct {
	Text   string
	Forces bool
}

// SMSPreview is what stands between writing and sending.
type SMSPreview struct {
	Batch, CSRF string
	Devices     []Link
	Count       SMSCount
	Content     string
	Type        string
	Total       string // SMS in all
	Warnings    []Notice
	BackHref    string
}

// Erasure tells who erased a value, and why.
type Erasure struct {
	At         ui.Moment
	By, Reason string
}

// SMSPage is one message.
type SMSPage struct {
	MsgID      string
	Sent       ui.Badge
	Report     ui.Badge
	Result     *ActionResult
	Facts      []Fact
	RevealHref string   // shows the text; empty without the right
	Content    string   // only once it was asked for
	Erased     *Erasure // in place of both
	EraseHref  string   // where it can be erased; empty without the right
	Failed     *Notice  // the CMP did not say how far it is
	Read       ui.Moment
	Href       string
	Watch      *Watch
}
