package templates

import "cmpconsole/web/templates/ui"

// AuditList is one page of the log, newest first.
type AuditList struct {
	Actor, Action, Device, Order, Outcome string // the filters as typed
	Actions, Outcomes                     []Option
	Text, From, Until                     string
	FromShown, UntilShown                 string // the same in their fields, with the bounds of the day when no time was typed
	FromType, UntilType                   string // of their fields
	ActionError, OutcomeError             string // what is wrong with a filter, at its field
	FromError, UntilError, TextError      string
	CSVHref, JSONHref                     string // the same rows as a file
	NotesHref, KeysHref                   string // what such a file is verified with; empty for who may not have it
	Quick                                 []Link // lists that are asked for often
	Filtered                              bool
	Rows                                  []AuditRow
	Total                                 int
	More                                  bool     // there are more than Total
	TextNote                              Notice   // how far back texts are found, while they are still read in
	Chain                                 ui.Badge // intact, or where it is broken
	NewerHref, OlderHref                  string
	Mine                                  bool // only own rows may be seen
	Chips                                 []Chip
}

// Wrong tells a filter with which something is wrong.
func (l AuditList) Wrong() bool {
	return l.ActionError+l.OutcomeError+l.FromError+l.UntilError+l.TextError != ""
}

// AuditRow is a row of the log in a list.
type AuditRow struct {
	Seq                                                       string
	Href                                                      string
	At                                                        ui.Moment
	Who, Action, Device, DeviceHref, Order, OrderHref, Reason string
	Phase                                                     string
	Outcome                                                   ui.Badge
}
