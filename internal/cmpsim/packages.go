package cmpsim

import (
	"slices"
	"strconv"
)

// packagesAnswer is the data node of syncPackages.
type packagesAnswer struct {
	Page       pageNode      `json:"page"`
	Sign       string        `json:"sign"`
	PackageNum int           `json:"package_num"`
	Package    []packageNode `json:"package"`
}

// packageNode is one package of the catalogue, keys as printed.
type packageNode struct {
	Flow           string `json:"flow"`
	Status         string `json:"status"`
	CycleCount     string `json:"serviceCycleCount"`
	BuyType        string `json:"buy_type"`
	CoverMCC       string `json:"cover_country_mcc"`
	CoverCountries string `json:"cover_countrys"`
	MaxPeriod      string `json:"max_order_period"`
	MinPeriod      string `json:"min_order_period"`
	Code           string `json:"package_code"`
	Desc           string `json:"package_desc"`
	Name           string `json:"package_name"`
	Type           string `json:"package_type"`
	Attribute      string `json:"package_usage_attribute"`
	PriceType      string `json:"price_type"`
	WholePrice     string `json:"whole_price"`
	IMSIType       string `json:"package_imsi_type"`
}

// syncPackages answers section "Synchronized traffic package". As in the
// printed answer, package_num counts all packages, not those of the page.
func (s *Sim) syncPackages(p params) (any, bool, *refusal) {
	no, size, err := p.page(s.opts.PageCap)
	if err != nil {
		return nil, false, err
	}
	page, from, to := pageOf(no, size, len(catalogue))
	rows := make([]packageNode, 0, to-from)
	for _, o := range catalogue[from:to] {
		rows = append(rows, o.node())
	}
	return packagesAnswer{Page: page, Sign: echoSign("packages " + strconv.Itoa(no)), PackageNum: page.TotalCount, Package: rows}, false, nil
}

func (o offer) node() packageNode {
	lowest, highest := o.bounds()
	return packageNode{
		Flow: strconv.FormatInt(o.flowMB, 10), Status: o.state(), CycleCount: "1", BuyType: o.buy, CoverMCC: o.mcc, CoverCountries: o.countries,
		MaxPeriod: highest, MinPeriod: lowest, Code: o.code, Desc: o.desc, Name: o.name, Type: o.kind, Attribute: o.attribute(),
		PriceType: o.priceType(), WholePrice: o.price, IMSIType: "2",
	}
}

func (o offer) state() string {
	if o.obsolete {
		return "2"
	}
	return "1"
}

// attribute tells a package to stay with from a temporary one.
func (o offer) attribute() string {
	if o.kind == "1" {
		return "2"
	}
	return "1"
}

// priceType is given only for packages of type 0.
func (o offer) priceType() string {
	if o.kind == "0" {
		return "1"
	}
	return ""
}

// bounds are the least and the most periods that can be ordered; -1 is no limit.
func (o offer) bounds() (lowest, highest string) {
	if o.unlimited {
		return "1", "-1"
	}
	return strconv.Itoa(slices.Min(o.periods)), strconv.Itoa(slices.Max(o.periods))
}

func (o offer) allows(period int) bool {
	return period >= 1 && (o.unlimited || period >= slices.Min(o.periods) && period <= slices.Max(o.periods))
}

func offerOf(code string) (offer, bool) {
	i := slices.IndexFunc(catalogue, func(o offer) bool { return o.code == code })
	if i < 0 {
		return offer{}, false
	}
	return catalogue[i], true
}
