package templates

import "cmpconsole/web/templates/ui"

// Sync is the page of the local copy of the fleet: how old it is, what is being read, and what came of it before.
type Sync struct {
	CSRF    string
	State   ui.Badge // in two words, what goes on
	Since   string   // who said so and when, or when it goes on
	Watch   *Watch
	Notices []Notice // trouble, with what to do about it
	Reading *SyncReading
	Fleet   []Fact // how much there is and how old it is
	Runs    []SyncRun
	// What the visitor may do.
	CanStart, CanStop, CanAccept bool
	StartLabel                   string
}

// SyncReading is the run under way.
type SyncReading struct {
	Title, Step string // such as "Reading the list" and "page 13 of 31"
	Meter       ui.Meter
	Facts       []Fact
}

// SyncRun is a run that has ended.
type SyncRun struct {
	Started                                    ui.Moment
	Took, By                                   string
	Result                                     ui.Badge
	New, Changed, Same, Gone, Passes, Troubles string
}
