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

// ViewTable lists all views that somebody sees.
type ViewTable struct {
	AsOf ui.Moment // how old the counts are at their oldest
	Rows []ViewRow
}

// ViewShown is what a view shows.
type ViewShown struct {
	Filters, Devices string
	AsOf             ui.Moment // how old the count is at its oldest
	Wrong            string    // why it shows nothing any more
}

// ViewRow is one view of the list of all.
type ViewRow struct {
	ViewShown

	ID, Name, Href string
	Owner          string
	Changed        ui.Moment
	EditHref       string // empty: it is somebody else's
}

// ViewForm saves a view, or changes one.
type ViewForm struct {
	ViewShown

	Title, CSRF, Post, BackHref string
	DeleteHref                  string // empty: it is new
	Name, Query, Error          string
	Shared, MayShare            bool
}

// ViewDelete asks whether a view is to be deleted.
type ViewDelete struct {
	ViewShown

	Name, Owner, Post, CSRF, BackHref string
	Shared                            bool
}
