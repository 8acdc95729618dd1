package templates

import "cmpconsole/web/templates/ui"

// Home is the start page.
type Home struct {
	Watch    *Watch
	Greeting string
	Work     [][]WorkGroup // in columns
	Order    string        // what comes first for whom
	Copy     *Notice       // what is wrong with the copy of the fleet
	Fleet    Fleet
	Doubts   []ActivityRow // actions whose outcome is not known; their list has the id "doubts"
	Mine     []ActivityRow // what the operator did last
	All      bool          // Mine is what everybody did, for those who may read the whole log
	// What the operator did, whole and since midnight.
	MineHref, TodayHref string
	Systems             []Fact
	SystemHref          string // of the console's switches, for those who may set them
}

// WorkGroup is a part of the work list, with the age of its figures.
type WorkGroup struct {
	ID, Title string
	Read      ui.Moment
	Items     []WorkItem
}

// WorkItem is one line of the work list: a number that opens its list. Without an address there is no list to open.
type WorkItem struct{ Icon, Tone, Label, Note, Count, Href string }

// Fleet is all devices by stage and by the status of their order.
type Fleet struct {
	Devices        int
	Read           ui.Moment // when the oldest of the figures was confirmed
	Ages           string
	Table          ui.SplitTable
	Gone, GoneHref string // devices that the CMP no longer knows
}
