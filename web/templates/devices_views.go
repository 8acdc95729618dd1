package templates

import "cmpconsole/web/templates/ui"

// ViewMenu offers the saved views of the devices list, and says which one is open.
type ViewMenu struct {
	Own, Shared       []Link
	SaveHref, AllHref string
	Open              *OpenView
	Lost              string // the view of the address is not there
}

// OpenView is the view that the list began with.
type OpenView struct {
	Name, Owner         string
	Broken              string // which of its filters no longer works
	Changed             bool   // the list shows something else by now
	ResetHref, EditHref string
	Replace             string // where the view is made to show what the list shows; empty: they may not
	CSRF, Query         string
}

// ViewRow is one view of the list of all.
type ViewRow struct {
	ID, Name, Href   string
	Filters, Devices string
	Wrong            string // why it shows nothing any more
	Owner            string
	Changed          ui.Moment
	EditHref         string // empty: it is somebody else's
}

// ViewForm saves a view, or changes one.
type ViewForm struct {
	Title, CSRF, Post, BackHref string
	DeleteHref                  string // empty: it is new
	Name, Query, Error          string
	Filters, Devices, Wrong     string
	Shared, MayShare            bool
}

// ViewDelete asks whether a view is to be deleted.
type ViewDelete struct {
	Name, Owner, Post, CSRF, BackHref string
	Filters, Devices, Wrong           string
	Shared                            bool
}
