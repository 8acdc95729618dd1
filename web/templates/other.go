package templates

import "cmpconsole/web/templates/ui"

// Home is the start page.
type Home struct {
	Greeting string
	Work     []WorkItem
	Doubts   []ActivityRow // actions whose outcome is not known; their list has the id "doubts"
	Mine     []ActivityRow // what the operator did last
	All      bool          // Mine is what everybody did, for those who may read the whole log
	// What the operator did, whole and since midnight.
	MineHref, TodayHref string
	Systems             []Fact
	SystemHref          string // of the console's switches, for those who may set them
}

// WorkItem is one line of the work list: a number that opens its list.
type WorkItem struct{ Icon, Tone, Label, Note, Count, Href string }

// Search is the answer of the one box.
type Search struct {
	Query, ReadAs string // what the input was recognised as
	Explain       string // what was looked at and what was not
	Unasked       string // why the CMP was not asked, and what to type instead
	Error         *Notice
	Devices       []DeviceHit
	Orders        []OrderRow
}

// DeviceHit is a device found by search.
type DeviceHit struct {
	ID, Before, Match, After, Href, Note string
	Status                               *ui.Badge // of the order that matters most
	Ends                                 ui.Moment
}

// Login is the door. Next and Kept keep what an expired session interrupted; Typed is the text that one would miss.
type Login struct {
	Username, Error, Next, Kept, Typed, CSRF string
	Note                                     *Notice
	Demo                                     []string // names of the demo users
	DemoPassword                             string
}

// ErrorPage tells what went wrong and what to do; Ref is the request id that the log also has.
type ErrorPage struct {
	Status             int
	Title, Message     string
	Code, Said         string // what the CMP said
	Ref                string
	BackHref, BackText string
	RetryHref          string
}
