// Package templates holds the pages: a .templ file a resource, and beside it the structs that are its parameters.
// Every string comes formatted and every right as a boolean: templates compute nothing.
package templates

import "cmpconsole/web/templates/ui"

// Page is the frame around every page.
type Page struct {
	Title  string // of the document, without the product's name
	Demo   bool   // a sandbox stands behind the console: say so on every page
	User   *User  // nil when nobody is signed in: no navigation, no search box
	CSRF   string // the session's form token, in every form that changes anything
	Nav    []NavItem
	Query  string // what stands in the search box
	Crumbs []Crumb
	Closed *Notice // why no change is sent, on every page
	Notice *Notice // told once above the page, such as "your session has expired"
	Health []Signal
	Zone   string // the zone that times are shown in
}

// Signal is a small light in the top bar, with what it says. Tone is good, warn or bad.
type Signal struct{ Tone, Text, Title string }

// Chip is one filter that is on, with the address of the list without it.
type Chip struct {
	Name, Value, Href string
	ID                bool
}

// User is who is signed in, as the frame shows them.
type User struct{ Name, Initials, Roles string }

// NavItem is one line of the navigation. Section starts a group above it.
type NavItem struct {
	Section, Icon, Label, Href string
	Current                    bool
	Unread                     *Unread // how many messages nobody has read; nil where none are counted
	Off                        bool    // this CMP does not offer it
	Phone                      bool    // stays in the bar on a phone
}

// Crumb is one step of the way back up. The last has no address.
type Crumb struct {
	Label, Href string
	ID          bool // an identifier: tabular figures
}

// Notice is a coloured box with an icon: Tone is "", good, warn or bad.
type Notice struct{ Tone, Title, Text, Href, Link string }

// Fact is one line of a definition list.
type Fact struct {
	Name, Value, Note string
	ID                bool       // an identifier: figures line up, with a copy button
	At                *ui.Moment // instead of Value
	Read              *ui.Moment // how old the value is, where that is not as old as the page
	Href              string
}
