package templates

import "cmpconsole/web/templates/ui"

// DeviceList is one page of the CMP's device list.
type DeviceList struct {
	Rows  []DeviceRow
	Total int // of all pages, as the CMP counts
	Pager ui.Pager
	Read  ui.Moment // when the CMP gave this page
}

// DeviceRow is a device in a list.
type DeviceRow struct {
	ID, Href, MSISDN, Package, Partner string
	Lifecycle                          ui.Badge
	Status                             *ui.Badge // of its current order; nil when it has none
	Used                               ui.Meter
	Expires                            ui.Moment
}

// Device is the page of one device.
type Device struct {
	Head       DeviceHead
	Meaning    string // what the stage means, in a sentence
	Next       string // what comes after it, and when
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

// DeviceHead stays on top of every tab of a device.
type DeviceHead struct {
	ID, RefreshAction, CSRF string
	Tabs                    []Link
	Lifecycle               ui.Badge
	Status                  *ui.Badge
	Read                    ui.Moment
	Labels                  DeviceLabels
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
