package templates

import "cmpconsole/web/templates/ui"

// DeviceList is one page of the fleet, as the mirror has it.
type DeviceList struct {
	Bar                             DeviceBar
	Chips                           []Chip
	Views                           ViewMenu
	Notice                          *Notice     // what one must know of the copy of the fleet
	Gone, GoneHref                  string      // those that fit and are left out
	Columns                         []ui.Column // the id's first
	Rows                            []ui.Row
	Total                           int // all that match
	Pager                           ui.Pager
	Bulk                            DeviceBulk
	AsOf                            ui.Moment // the oldest confirmation of what is shown
	Filtered, Empty                 bool      // Empty: the mirror has no device yet
	Wrong                           string    // what is wrong with the filters; nothing was looked up
	ColumnsHref, SyncHref           string
	Here                            string // the address of this page
	CSVHref, CSVExcelHref, XLSXHref string // empty: they may not be taken away
	ExportLimit                     string // why not, where a shorter list may be
}

// DeviceBulk is what can be done with the devices of the list: keep them as a selection, and label those of one.
type DeviceBulk struct {
	Action, CSRF          string
	All                   string // how many match
	Wrong                 string // why nothing was kept
	More                  string // goes on ticking on other pages; empty: there are none
	Ticked                string // so many were on other pages; empty: none
	TickedHref            string
	ForgetHref            string
	Kept                  []string // those of them that are shown here
	AnnotateHref, Devices string   // of the selection that is shown; empty: it is none, or they may not
}

// DeviceBar are the fields of the filters.
type DeviceBar struct {
	Part, Label, Selection, Sort, View, ShownColumns, Ticked string
	Gone                                                     bool
	Lifecycles, Statuses, Orders, Packages                   []Option
	Countries, Partners, Expires, StageEnds, Used, OTA       []Option
	Stale                                                    []Option
	Labels                                                   []string
	Wrong                                                    map[string]string // by parameter
	More                                                     bool              // one of the filters that are folded away is set
}

// DeviceColumns is the choice of the columns of the list.
type DeviceColumns struct {
	Columns                []Option
	Action, CSRF, BackHref string
	Here                   bool // the choice is for this address alone, as that of a view
}

// Device is the page of one device.
type Device struct {
	Head       DeviceHead
	Copy       *CopyTrouble // the CMP does not tell of it: what is shown is the copy's
	Meaning    string       // what the stage means, in a sentence
	Next       string       // what comes after it, and when
	Stages     []Stage
	StageFacts []Fact // lengths of the silent and suspended periods
	Current    *CurrentPackage
	Orders     []OrderRow
	OrdersFail *Notice // the orders could not be read
	Actions    ActionPanel
	Identity   []Fact
	Activity   []ActivityRow
	Notes      Notes
}

// CopyTrouble says why a page shows what the copy of the fleet knows.
type CopyTrouble struct {
	Title, Text, Said, Ref string
	Read                   ui.Moment  // how old that is
	Gone                   *ui.Moment // since when the CMP does not know it
	RetryHref              string
}

// DeviceHead stays on top of every tab of a device.
type DeviceHead struct {
	ID, RefreshAction, CSRF string
	Tabs                    []Link
	Lifecycle               ui.Badge
	Status                  *ui.Badge
	Read                    ui.Moment
	Labels                  DeviceLabels
	Watch                   *Watch // of the whole page
}

// Stage is one step of the lifecycle; State is past, now or "", Tag says of dates that are not the CMP's own what they are.
type Stage struct {
	Name, State, Tag string
	Lines            []string
}

// CurrentPackage is the order in use with its quota.
type CurrentPackage struct {
	Name, Used, Of, Left, Total string // Total: over the whole order
	Meter                       ui.Meter
	OrderID, OrderHref          string
	Starts, Ends                ui.Moment
}

// DeviceActivity is all that was done to a device in this console, page by page.
type DeviceActivity struct {
	Head      DeviceHead
	Rows      []ActivityRow
	OlderHref string
}

// ActivityRow is one thing done to a device, from our own log.
type ActivityRow struct {
	Seq                int64
	At                 ui.Moment
	Who, What, Reason  string
	OrderID, OrderHref string
	Href               string // of its row in the log
	SettleHref         string // where a person settles its outcome, for those who may
	Outcome            ui.Badge
}
