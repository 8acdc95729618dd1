package templates

import "cmpconsole/web/templates/ui"

// Many is the field for a pasted list, with the selections that were made last.
type Many struct {
	CSRF, Typed, Error string
	Recent             []SelectionRow
}

// SelectionRow is a selection in a list of them.
type SelectionRow struct {
	Title, Href string
	Made        ui.Moment
}

// Selection is a list of devices under an address of its own.
type Selection struct {
	ID, Title, By                   string
	Made                            ui.Moment
	Devices                         int // that were found, each once
	States                          []Link
	Rows                            []SelectionLine
	Pager                           ui.Pager
	MayPick                         bool
	CSRF, PickAction                string
	DevicesHref                     string
	OrderHref, SMSHref              string
	Limits                          []string // why an order or an SMS is not offered
	CSVHref, CSVExcelHref, XLSXHref string
	Asked                           *Asked // of what was pasted and is not known here
}

// Asked is how far the CMP was asked for what is not known here. While it goes on it looks again by itself.
type Asked struct {
	Text                  string
	Going, LookHref       string
	Ended                 bool   // it has just ended, so that the page is shown anew
	ShowHref              string // what the page shows
	MoreLabel, MoreAction string
	CSRF                  string
}

// SelectionLine is what became of a line.
type SelectionLine struct {
	Place, Typed, ReadAs, Note string
	State                      ui.Badge
	Device, Href               string
	Choices                    []string // of which one is to be picked
}
