package templates

import "cmpconsole/web/templates/ui"

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
