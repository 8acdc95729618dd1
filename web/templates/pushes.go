package templates

import "cmpconsole/web/templates/ui"

// PushList is one page of the callbacks, newest first.
type PushList struct {
	Kinds, Led    []Option
	Device, About string // the filters as typed
	Every         bool   // repetitions stand apart
	Filtered      bool
	Quick         []Link // lists that are asked for often
	Chips         []Chip
	Newest        []PushNewest
	Off           *Notice  // no callback can come
	Quiet         []Notice // none has come for long
	AddressesHref string   // where the operator of the CMP is told to send them
	Rows          []PushRow
	Total         int
	NewestHref    string // from an older page
	OlderHref     string
	Read          ui.Moment
	Href          string // the same list, read again
	Watch         *Watch
}

// PushNewest tells when the last callback of a kind came; never, when the moment is empty.
type PushNewest struct {
	Kind string
	At   ui.Moment
	Ago  string // when the page was read
}

// PushRow is a callback in the list.
type PushRow struct {
	ID, Href   string
	At         ui.Moment
	Ago        string // when the page was read
	Times      string // how often it came, since when; empty for once
	Kind       ui.Badge
	Says       string // what it says, which is not what is so
	Device     string
	DeviceHref string
	About      string // the order or message
	AboutHref  string
	Led        PushLed
	Signed     ui.Badge
}

// PushLed is what a callback led to.
type PushLed struct {
	Badge ui.Badge
	Text  string
	Href  string // where it can be seen
	Link  string
}

// PushPage is one callback: what it says, what it led to, and how it came.
type PushPage struct {
	ID           string
	Kind         ui.Badge
	Led          PushLed
	CSRF         string
	ReplayAction string  // has it processed again; empty without the right, or where a later one stands for it
	Notice       *Notice // what came of asking for that
	Newer        *Notice // the same came again later
	Says         []Fact
	Text         *PushText // of an SMS from a device
	Erased       *Erasure  // in its place
	EraseHref    string    // where the text can be erased; empty without the right
	Steps        []PushStep
	Raw          PushRaw
	Headers      []Fact
	Facts        []Fact
	Deliveries   []PushDelivery
	OlderHidden  string // that there are more deliveries, in words
	Watch        *Watch
	Href         string
	Read         ui.Moment
}

// PushErasure is the text that a callback brought, which is to be erased or was. The page never shows it.
type PushErasure struct {
	ID, BackHref       string
	Device, DeviceHref string
	Known              bool // whether it is known when the CMP tells of it again
	Form               *RedactForm
	Erased             *Erasure
	Freed              *Notice
}

// PushText is the text of an SMS from a device.
type PushText struct {
	Shown   bool
	Content string
	Length  string // in words, while it is not shown
	Href    string // shows it; empty without the right
}

// PushStep is one thing that happened to a callback.
type PushStep struct {
	Title      string
	Text       string
	Badge      ui.Badge
	At         ui.Moment
	Href, Link string
}

// PushRaw is the body as it came, or byte by byte, or indented.
type PushRaw struct {
	Body              string
	Size              string
	Note              string // what is not shown as it came
	Hex, Indented     bool
	TextHref, HexHref string
	IndentedHref      string // empty where it is no JSON
}

// PushDelivery is one of the times that the same callback came.
type PushDelivery struct {
	ID, Href, Source string
	At               ui.Moment
	Current          bool
}

// PushAddresses is what the operator of the CMP has to know to send callbacks.
type PushAddresses struct {
	Off      *Notice // no callback can come
	Tokens   []PushToken
	Shown    bool   // with their secret part
	ShowHref string // shows it; empty without the right
	HideHref string
	Sources  string
	Keyed    bool     // signatures are checked
	Tests    []Option // callbacks that the sandbox can send
	CSRF     string
}

// PushToken is a set of addresses with one secret part.
type PushToken struct {
	Title     string
	Old       bool // still counts, while the operator changes
	Addresses []PushAddress
}

// PushAddress is where one kind of callback goes, and what it is answered.
type PushAddress struct {
	Kind            ui.Badge
	Section         string
	Address, Answer string
	Whole           bool // with the secret part
}
