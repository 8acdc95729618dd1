package templates

import "cmpconsole/web/templates/ui"

// OrderList is one page of orders with the filters that the CMP really has.
type OrderList struct {
	Watch                 *Watch
	Device, Order, Status string // the filters as typed
	Statuses              []Option
	DeviceError           string // the device id is malformed
	OrderError            string
	StatusError           string
	Filtered              bool
	Rows                  []OrderRow
	Total                 int
	Pager                 ui.Pager
	Read                  ui.Moment
	Note                  string // such as "the CMP matches device ids in part"
	Chips                 []Chip // the filters that are on
	NewHref               string // orders a package; empty without the right
}

// Unasked tells whether the filters were too malformed to ask the CMP with them.
func (l OrderList) Unasked() bool { return l.DeviceError+l.OrderError+l.StatusError != "" }

// Option is one choice of a select.
type Option struct {
	Value, Label string
	Selected     bool
}

// OrderRow is an order in a list.
type OrderRow struct {
	ID, Href, Package, DeviceID, DeviceHref, Period string
	Status                                          ui.Badge
	Used                                            ui.Meter
	Ordered                                         ui.Moment
}

// Order is the page of one order.
type Order struct {
	ID, Package, DeviceID, DeviceHref, Meaning string
	Status                                     ui.Badge
	Current                                    *CurrentPackage
	Facts                                      []Fact
	Refuelling                                 []Refuelling // extra allowances bought for it
	Actions                                    ActionPanel
	Result                                     *ActionResult // of the newest action on this order
	History                                    []ActivityRow
	Read                                       ui.Moment
	Watch                                      *Watch
}

// UnreadOrder is what we know of our own last change of an order that the CMP does not give just now.
type UnreadOrder struct {
	ID      string
	Result  ActionResult
	Trouble ErrorPage
}

// Refuelling is an extra allowance of an order.
type Refuelling struct {
	ID, Volume string
	Status     ui.Badge
	Ordered    ui.Moment
}

// ActionPanel lists all five actions, always and in one order.
type ActionPanel struct {
	OrderID, OrderHref string // which order they are about; empty when there is none
	Package            string
	Note               string // why nothing can be done, when nothing can
	Others             string // which other orders something could be done to
	Items              []Action
}

// Action is one line of the panel. Without Href it is off and Why says why.
type Action struct{ Icon, Label, Href, Why string }

// ActionResult tells how the newest action on an order ended.
type ActionResult struct {
	Badge         ui.Badge // carries data-outcome
	Title, Text   string   // what happened, what to do
	Settled       string   // a doubt that reads have settled, in words
	Reached       []Reached
	Who, Reason   string
	At            ui.Moment
	Code, Message string // what the CMP said
	Took          string
	AuditHref     string
	LookHref      string // re-read the order: only while in doubt
	SettleHref    string // where a person settles it, for those who may
	Tone          string // good, warn or bad
}

// Reached is a stage on the way of a change: asked for, accepted by the CMP, seen to have happened.
type Reached struct {
	Icon, Word string
	At         *ui.Moment // nil while it is not reached
	Note       string     // why it is not
}

// Preflight is the page before an action: what is final, what changes, what was checked, what we need.
type Preflight struct {
	Verb, Title          string
	OrderID, OrderHref   string
	DeviceID, DeviceHref string
	Status               ui.Badge
	Final                *Notice
	Refused              *Notice // why it cannot be done now; then there is no form
	Error                *Notice // the last try was not sent, and why
	Now, After           ui.Badge
	NowText, AfterText   string
	Read                 ui.Moment
	Checks               []Check
	Form                 *ActionForm
}

// IMEIFields are what binding and unbinding ask for. Fixed is the IMEI that stands there already. AskAll asks for
// a tick, because the check digit of what was typed is wrong.
type IMEIFields struct {
	Value, Error string
	Fixed        bool
	AskAll       bool
	OTA, Auto    []Option
}

// Check is one thing looked at before sending; State is yes, no or hmm.
type Check struct{ State, Text, Note string }

// ActionForm is the one form of an action page.
type ActionForm struct {
	Post, CSRF, ActionID              string
	Reason, ReasonError               string
	AskConfirm                        bool
	Confirm, ConfirmError, LastDigits string
	DeviceTypes                       []Option // end early only
	IMEI                              *IMEIFields
	Button, Icon, Keep, KeepHref      string
	Danger                            bool
}
