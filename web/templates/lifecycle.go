package templates

import "cmpconsole/web/templates/ui"

// Lifecycle is the fleet, or a part of it, by stage and by the month in which stages and orders end.
type Lifecycle struct {
	Partners, Packages []Option
	Chips              []Chip
	Months             string // how far it looks ahead, when that is not the usual
	Spans              []Link // other such lengths
	Copy               *Notice
	Known              bool // there is a fleet at all
	Devices            int
	Read               ui.Moment // when the oldest of the figures was confirmed
	Ages, Zone         string
	Stages             ui.SplitTable
	Endings, Expiries  ui.SplitTable
}
