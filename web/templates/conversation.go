package templates

import "cmpconsole/web/templates/ui"

// Conversation is the messages to and from a device in one stream.
type Conversation struct {
	Head        DeviceHead
	RecordsHref string // what the CMP recorded
	RecordsOff  bool   // it does not offer that
	Bubbles     []Bubble
	OlderHref   string
	NewestHref  string // from an older page
	TextsHref   string // shows the texts; empty without the right, or when they are shown
	HideHref    string // hides them again
	Unread      int    // of this page
	MarkRead    *MarkRead
	Elsewhere   *Notice // there are unread messages on other pages
	Reply       *Reply  // nil without the right, and on older pages
	Href        string  // the same page, read again
	Watch       *Watch
}

// Bubble is one message.
type Bubble struct {
	ID         string
	Ours       bool   // sent through this console
	Day        string // of the first message of a day
	At         ui.Moment
	Who        string // who sent it, or the number that it came from
	To         string // the short code that it was sent to
	Href, Link string // its own page
	Shown      bool   // the text was asked for
	Text       string
	Erased     *Erasure
	Length     string // how much text there is
	TextHref   string // shows the text; empty without the right
	EraseHref  string // where it can be erased; empty without the right
	Sent       ui.Badge
	Report     ui.Badge
	Unverified bool // who sent it is not known for sure
	Unread     bool
}

// MarkRead is the form that marks messages as read.
type MarkRead struct{ Post, CSRF, Messages string }

// Reply is the composer at the foot of a conversation.
type Reply struct {
	CSRF, Device string
	MoreHref     string // the composer with all that it has
	Count        SMSCount
}

// InboundList is one page of the messages from devices, those that came last first.
type InboundList struct {
	Boxes      []Link
	Chips      []Chip
	Off        *Notice // no message can come
	Total      int
	Rows       []InboundRow
	UnreadHref string // only those that nobody has read; empty when they are shown
	NewHref    string // empty without the right to send
	OlderHref  string
	Href       string // the same list, read again
	Read       ui.Moment
	Watch      *Watch
}

// InboundRow is one message from a device in the list.
type InboundRow struct {
	ID                 string
	At, Stamped        ui.Moment // when it came, and the time that it bears
	Device, DeviceHref string
	TalkHref           string
	Phone, To          string
	Length             string
	Push, PushHref     string
	Unread             bool
	ReadBy             string
	ReadAt             ui.Moment
}
