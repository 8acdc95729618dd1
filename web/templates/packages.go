package templates

import "cmpconsole/web/templates/ui"

// PackageList is the catalogue, or the part of it that a search keeps.
type PackageList struct {
	Query    string // words that must stand in the name, code or countries
	Types    []Option
	Statuses []Option
	Filtered bool
	Chips    []Chip
	Rows     []PackageRow
	Total    int
	Pager    ui.Pager
	AsOf     ui.Moment // when the CMP was asked

	CSRF, RefreshAction string
}

// PackageRow is a package in the list.
type PackageRow struct {
	Code, Href, Name, Type, Allowance, Price, Periods string
	Countries                                         string // the first few, and how many more
	AllCountries                                      string
	Status                                            ui.Badge
}

// Package is the page of one package.
type Package struct {
	Code, Name, Desc string
	Status           ui.Badge
	Facts            []Fact
	Coverage         []Country
	OrderHref        string // to order it; empty when that is not possible, and Why says why
	Why              string
	OrdersHref       string
	AsOf             ui.Moment
}

// Country is where a package works.
type Country struct{ Name, MCC string }
