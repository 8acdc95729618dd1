package templates

import "cmpconsole/web/templates/ui"

// AuditList is one page of the log, newest first.
type AuditList struct {
	Actor, Action, Device, Order, Outcome string // the filters as typed
	Actions, Outcomes                     []Option
	Text, From, Until                     string
	CSVHref, JSONHref                     string // the same rows as a file
	Filtered                              bool
	Rows                                  []AuditRow
	Total                                 int
	More                                  bool // there are more than Total
	Chain                                 ui.Badge // intact, or where it is broken
	NewerHref, OlderHref                  string
	Mine                                  bool // only own rows may be seen
	Chips                                 []Chip
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

// AuditDetail is one row of the log, whole.
type AuditDetail struct {
	Seq, Action, Phase   string
	Outcome              ui.Badge
	At                   ui.Moment
	Facts                []Fact
	Detail               []Fact // what else the action recorded
	Chain                []Fact // hash, previous hash
	Before, After        []Fact
	AfterTitle           string     // what After is: asked for, or read
	Related              []AuditRow // the other rows of the same action; without Href when they are not the reader's to open
	NewerHref, OlderHref string
}
