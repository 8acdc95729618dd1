package cmp

import (
	"context"
	"strings"
)

const opSyncPackages = "package/syncPackages"

// Package is a product of the catalogue.
type Package struct {
	Code, Name, Desc     string
	Type                 string   // 0 unlimited by the day, 1 day, 2 month, 3 quarter, 4 half year, 5 year
	BuyType              string   // 1 prepaid, 2 post-paid
	Status               string   // 1 available, 2 obsolete
	Attribute            string   // 1 resident, 2 temporary
	PriceType, Price     string   // the price as stated, in yuan; empty when it is not
	Countries, MCCs      []string // where it works
	Allowance            Volume   // of one period
	MinPeriod, MaxPeriod string   // how many periods can be ordered
	CycleCount, IMSIType string   // not explained by the document
}

// Available tells that the package can be ordered (status 1).
func (p Package) Available() bool { return p.Status == "1" }

// Unbounded tells that there is no highest number of periods (-1).
func (p Package) Unbounded() bool { return p.MaxPeriod == "-1" }

// PackagePage is one page of the catalogue. Total and Pages are what the CMP claims.
type PackagePage struct {
	Packages                 []Package
	Page, Size, Total, Pages int
}

// Packages reads one page of the catalogue, counted from 1 (API document, "Synchronized traffic package").
// Allowances come in bytes.
func (c *Client) Packages(ctx context.Context, page, size int) (PackagePage, error) {
	n, err := c.read(ctx, opSyncPackages, paging{page, size})
	if err != nil {
		return PackagePage{}, err
	}
	rows, err := n.children("package")
	if err != nil {
		return PackagePage{}, unusable(opSyncPackages, err)
	}
	p := PackagePage{Page: page}
	for _, row := range rows {
		p.Packages = append(p.Packages, packageFrom(row))
	}
	p.Size, p.Total, p.Pages = n.totals(size, len(rows))
	return p, nil
}

func packageFrom(n *node) Package {
	return Package{
		Code: n.text("package_code"), Name: n.text("package_name"), Desc: n.text("package_desc"), Type: n.text("package_type"), BuyType: n.text("buy_type"),
		Status: n.text("status"), Attribute: n.text("package_usage_attribute"), PriceType: n.text("price_type"), Price: n.text("whole_price"),
		Countries: listed(n.text("cover_countrys", "cover_countries")), MCCs: listed(n.text("cover_country_mcc")), Allowance: parseVolume(n.text("flow"), megabyte),
		MinPeriod: n.text("min_order_period"), MaxPeriod: n.text("max_order_period"), CycleCount: n.text("service_cycle_count"), IMSIType: n.text("package_imsi_type"),
	}
}

// listed splits a list at its separators, of which the Chinese ones have forms of their own.
func listed(text string) []string {
	var parts []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";；,，、", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// The catalogue is read whole, by pages.
const (
	packagesPageSize = 200
	packagesMaxPages = 50
)

// AllPackages reads the whole catalogue in the CMP's order, each package once.
func (c *Client) AllPackages(ctx context.Context) ([]Package, error) {
	var all []Package
	known := map[string]bool{}
	for page := 1; page <= packagesMaxPages; page++ {
		p, err := c.Packages(ctx, page, packagesPageSize)
		if err != nil {
			return nil, err
		}
		fresh := false
		for _, one := range p.Packages {
			if !known[one.Code] {
				known[one.Code], fresh = true, true
				all = append(all, one)
			}
		}
		if !fresh || page >= p.Pages && len(p.Packages) < p.Size {
			return all, nil
		}
	}
	return all, nil
}
