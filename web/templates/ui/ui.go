// Package ui holds the building blocks of pages: no word of the domain is in it.
package ui

// Badge is a state as icon, word and colour. Tone is "", good, warn, bad or info.
type Badge struct {
	Icon, Word, Tone string
	Hook, Value      string // the stable hook in the markup: data-{Hook}="{Value}"; Hook is status, lifecycle or outcome
	Plain            bool   // without a coloured ground
}

// Meter is how much of something is used. Known is false when there is no such figure.
type Meter struct {
	Known   bool
	Percent int    // 0 to 100, for the bar
	Text    string // such as "63 %" or "113 %"
	Tone    string // "", warn, bad or done
}

// Moment is a point in time: what is shown, and the exact time with its zone for hover and machines.
// An empty Text shows a dash.
type Moment struct{ Text, Exact, Machine string }

// Renew is the button by which one thing of a list is read anew. It belongs to the form of the page with the id "renew", so that
// a long list has one form and not one a row.
type Renew struct {
	Anchor string // the button's own id, where the reader comes back to
	Href   string // what the form is sent to
	Of     string // what is read anew
	In     string // the part of the list that it stands in, when it may stand in several
}

// RowAnchor is the anchor of a row of a long table.
func RowAnchor(id string) string { return "r" + id }

// Said is what became of something the reader asked of one thing of a list: Tone is good, warn or bad. An empty text shows nothing.
type Said struct{ Text, Tone string }

func (s Said) icon() string {
	if s.Tone == "good" {
		return "circle-check"
	}
	return "circle-alert"
}

// Pager leads through the pages of a list. An empty address means there is no such page.
type Pager struct {
	From, To, Total        string
	PreviousHref, NextHref string
}
