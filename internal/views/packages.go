package views

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

var errNoPackage = fault.New(fault.NotFound, "The CMP's catalogue has no package of this code. Look for it in the list of packages.")

// listPackages shows the catalogue. The CMP cannot search it, so that it is read whole and searched here.
func (s *Server) listPackages(c *gin.Context) (response, error) {
	number, err := pageNumber(c)
	if err != nil {
		return nil, err
	}
	found, err := s.catalogue.read(c.Request.Context(), s.CMP, s.Now())
	if err != nil {
		return nil, err
	}
	q := packageQueryOf(c)
	kept := q.keep(found.packages)
	k := s.clock(c)
	view := templates.PackageList{
		Query: q.text, Filtered: q != packageQuery{}, Total: len(kept), AsOf: k.read(found.at), CSRF: operator(c).CSRF, RefreshAction: q.at("/packages/refresh"),
		Types: options("Any type", packageTypes, q.kind), Statuses: options("Any status", packageStatuses, q.status),
		Chips: chips("/packages", []filter{{"q", "Text", q.text, false}, {"type", "Type", worded(packageTypes, q.kind), false}, {"status", "Status", worded(packageStatuses, q.status), false}}),
	}
	from := min((number-1)*listSize, len(kept))
	rows := kept[from:min(from+listSize, len(kept))]
	view.Pager = pager("/packages", number, len(kept), len(rows), "q", q.text, "type", q.kind, "status", q.status)
	for _, p := range rows {
		view.Rows = append(view.Rows, packageRow(p))
	}
	return page(http.StatusOK, s.frame(c, "Packages"), templates.Packages(view)), nil
}

// packageQuery is what the list is narrowed to.
type packageQuery struct{ text, kind, status string }

func packageQueryOf(c *gin.Context) packageQuery {
	return packageQuery{text: strings.TrimSpace(c.Query("q")), kind: c.Query("type"), status: c.Query("status")}
}

// at is an address that keeps the query.
func (q packageQuery) at(path string) string {
	return withQuery(path, "q", q.text, "type", q.kind, "status", q.status)
}

func (q packageQuery) keep(all []cmp.Package) []cmp.Package {
	words := strings.Fields(strings.ToLower(q.text))
	return slices.DeleteFunc(slices.Clone(all), func(p cmp.Package) bool {
		text := strings.ToLower(strings.Join(slices.Concat([]string{p.Name, p.Code, p.Desc}, p.Countries, p.MCCs, countryNames(p)), " "))
		misses := func(word string) bool { return !strings.Contains(text, word) }
		return q.kind != "" && p.Type != q.kind || q.status != "" && p.Status != q.status || slices.ContainsFunc(words, misses)
	})
}

func packageRow(p cmp.Package) templates.PackageRow {
	row := templates.PackageRow{
		Code: p.Code, Href: packageHref(p.Code), Name: p.Name, Type: worded(packageTypes, p.Type), Allowance: allowance(p), Price: price(p), Periods: periods(p),
		AllCountries: strings.Join(p.Countries, ", "), Status: packageBadge(p),
	}
	const shown = 3
	names := countryNames(p)
	row.Countries = strings.Join(names[:min(shown, len(names))], ", ")
	if n := len(names); n > shown {
		row.Countries += " and " + number(n-shown) + " more"
	}
	return row
}

// countryNames are the countries of a package in our words, by their network codes; the CMP gives the names in a
// language that it chooses. A package without codes is described by the CMP's names.
func countryNames(p cmp.Package) []string {
	var names []string
	for _, c := range coverage(p) {
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		return p.Countries
	}
	return names
}

// showPackage shows one package of the catalogue.
func (s *Server) showPackage(c *gin.Context) (response, error) {
	found, err := s.catalogue.read(c.Request.Context(), s.CMP, s.Now())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(found.packages, func(p cmp.Package) bool { return p.Code == c.Param("code") })
	if i < 0 {
		return nil, errNoPackage
	}
	p := found.packages[i]
	view := templates.Package{Code: p.Code, Name: p.Name, Desc: p.Desc, Status: packageBadge(p), Facts: packageFacts(p), Coverage: coverage(p), AsOf: s.clock(c).read(found.at)}
	switch {
	case !p.Available():
		view.Why = "This package is obsolete: no new order of it can be placed."
	case operator(c).Can(auth.OrdersCreate):
		view.OrderHref = withQuery("/orders/new", "package", p.Code)
	}
	frame := s.frame(c, p.Name, templates.Crumb{Label: "Packages", Href: "/packages"}, templates.Crumb{Label: p.Code, ID: true})
	return page(http.StatusOK, frame, templates.PackagePage(view)), nil
}

var packageStatuses = map[string]string{"1": "Available", "2": "Obsolete"}

func packageBadge(p cmp.Package) ui.Badge {
	switch p.Status {
	case "1":
		return ui.Badge{Icon: "circle-check", Word: "Available", Tone: "good"}
	case "2":
		return ui.Badge{Icon: "archive", Word: "Obsolete"}
	}
	return ui.Badge{Icon: "circle-help", Word: "Status " + p.Status, Tone: "warn"}
}

func packageFacts(p cmp.Package) []templates.Fact {
	facts := []templates.Fact{{Name: "Code", Value: p.Code, ID: true}}
	for _, f := range []templates.Fact{
		{Name: "Type", Value: worded(packageTypes, p.Type)}, {Name: "Bought", Value: worded(buyTypes, p.BuyType)}, {Name: "Allowance", Value: allowance(p), Note: "of one period"},
		{Name: "Price", Value: price(p)}, {Name: "Periods", Value: periods(p), Note: "that can be ordered"}, {Name: "Kept", Value: worded(attributes, p.Attribute)},
		{Name: "Priced", Value: worded(priceTypes, p.PriceType)}, {Name: "Works in", Value: strings.Join(p.Countries, ", "), Note: "in the CMP's words"},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

var (
	attributes = map[string]string{"1": "Resident", "2": "Temporary"}
	priceTypes = map[string]string{"1": "By the day", "2": "As a whole"}
)

// allowance is the volume of one period; 0 is no limit with packages of type 0, and not explained with others.
func allowance(p cmp.Package) string {
	if p.Allowance.Known && p.Allowance.Bytes == 0 {
		return "No limit stated"
	}
	return volume(p.Allowance)
}

// price is in yuan, as the document has it. None stated is not the same as free.
func price(p cmp.Package) string {
	if p.Price == "" {
		return "not stated"
	}
	return "CN¥ " + p.Price
}

func periods(p cmp.Package) string {
	switch {
	case p.Unbounded():
		return "from " + p.MinPeriod + ", no limit"
	case p.MinPeriod == p.MaxPeriod:
		return p.MinPeriod
	}
	return p.MinPeriod + " to " + p.MaxPeriod
}

// coverage lists the countries of a package's network codes, each once with all its codes.
func coverage(p cmp.Package) []templates.Country {
	var list []templates.Country
	for _, code := range p.MCCs {
		name, ok := countries[code]
		if !ok {
			name = "Code " + code
		}
		i := slices.IndexFunc(list, func(c templates.Country) bool { return c.Name == name })
		if i < 0 {
			list = append(list, templates.Country{Name: name, MCC: code})
			continue
		}
		list[i].MCC += " " + code
	}
	return list
}

// options lists the words of a table in the order of its keys, after the one that chooses nothing.
func options(none string, words map[string]string, selected string) []templates.Option {
	list := []templates.Option{{Label: none, Selected: selected == ""}}
	for i := range 10 {
		key := strconv.Itoa(i)
		if word, ok := words[key]; ok {
			list = append(list, templates.Option{Value: key, Label: word, Selected: key == selected})
		}
	}
	return list
}
