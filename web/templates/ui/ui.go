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

// Pager leads through the pages of a list. An empty address means there is no such page.
type Pager struct {
	From, To, Total        string
	PreviousHref, NextHref string
}
