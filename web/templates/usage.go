package templates

import "cmpconsole/web/templates/ui"

// Usage is a device's data records of some days: a chart, what they add up to, and the records themselves.
type Usage struct {
	Head              DeviceHead
	Action            string // of the form that picks the days
	From, Until       string
	FromError         string
	UntilError        string
	APN               string
	History           string  // how far back can be asked, in words
	Refused           *Notice // the CMP gave no records, and why
	Ranges            []Link  // days that are asked for often
	Title, Summary    string
	Chart             ui.Chart
	Days              []UsageDay // the chart's figures as a table
	Unit              string
	Networks, APNs    []UsageShare
	Notes             []string // what the sums hold or lack
	Records           []UsageRecord
	Total             int
	Pager             ui.Pager
	CSVHref, XLSXHref string
	Read              ui.Moment
}

// Link is a word that leads somewhere; Current marks where one is.
type Link struct {
	Label, Href string
	Current     bool
	Off         bool // it leads to what this CMP does not offer
}

// UsageDay is one line of the chart's table.
type UsageDay struct{ Day, Volume, Records string }

// UsageShare is what went over one network or APN.
type UsageShare struct {
	Name, Volume, Records string
	Meter                 ui.Meter
}

// UsageRecord is one data record.
type UsageRecord struct {
	Start, End                      ui.Moment
	Volume, Lasted, Network, Access string
	APN, Plan, IMSI, MSISDN         string
}
