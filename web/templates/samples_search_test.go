package templates_test

import (
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// search is an answer with hits by several numbers, something to know, and more than is shown.
func search() templates.Search {
	inUse := ui.Badge{Icon: "play", Word: "In use", Tone: "good", Hook: "status", Value: "2"}
	return templates.Search{
		Query: "0001 23", ReadAs: "part of a number", Summary: "More than 3 found", AsOf: moment("11:58:02"), Here: "/search?q=0001+23", CSRF: "x",
		Remarks: []templates.Notice{{Title: "Left out:", Text: "an apostrophe."}},
		Groups: []templates.HitGroup{
			{ID: "device", Title: "Devices", Hits: []templates.Hit{
				{ID: deviceID, Href: "/devices/" + deviceID, Icon: "cpu", Before: "89852024031900", Match: "000123", After: "45", Mono: true, Note: "全球流量包 50GB / 365天", Tags: []string{"VIP"}, Badges: []ui.Badge{inUse}, Ends: moment("1 Aug 2027"), Renew: ui.Renew{Anchor: "device-" + deviceID, Href: "/devices/" + deviceID + "/refresh", Of: deviceID, In: "device"}, Said: ui.Said{Text: "Confirmed 12:06:31", Tone: "good"}},
			}},
			{ID: "imsi", Title: "IMSIs", Hits: []templates.Hit{{ID: deviceID, Href: "/devices/" + deviceID, Icon: "cpu", Before: "45400", Match: "000123", After: "4567", Mono: true, Kind: "IMSI", On: deviceID, Badges: []ui.Badge{inUse}, Renew: ui.Renew{Anchor: "imsi-" + deviceID, Href: "/devices/" + deviceID + "/refresh", Of: deviceID, In: "imsi"}}}},
			{ID: "packages", Title: "Packages", Hits: []templates.Hit{{ID: "4711", Href: "/packages/4711", Icon: "package", Before: "Europe ", Match: "10 GB", After: " monthly", Code: templates.Mark{Before: "4711"}, MoreHref: "/devices?package=4711", More: "12 devices"}}},
		},
		More: "The first 50 devices are shown. Type more of it, or see", MoreHref: "/devices?q=000123", MoreLink: "all 1,204 in the devices list",
	}
}

func searchPages() map[string]page {
	none := templates.Search{Query: "4711", Summary: "Nothing found", Nothing: &templates.Nothing{Icon: "search", Title: "Nothing found", Text: "Check the number for a missing or doubled digit.", Said: "No", Ref: "X", RetryHref: "/search?q=4711", Advice: "Type it anew."},
		State: &templates.Notice{Tone: "warn", Title: "The copy of the fleet is empty.", Text: "Until it is filled, devices are found by their id at the CMP only.", Href: "/sync", Link: "See how far it is"}}
	return map[string]page{
		"search":       {frame("Search", "/"), templates.SearchPage(search())},
		"search-empty": {frame("Search", "/"), templates.SearchPage(none)},
	}
}

// hostileSearch has markup in every text.
func hostileSearch(b ui.Badge, m ui.Moment, n *templates.Notice) templates.Search {
	return templates.Search{
		Query: hostile, ReadAs: hostile, Remarks: []templates.Notice{*n}, State: n, Explain: hostile, Summary: hostile, AsOf: m, More: hostile, MoreHref: "javascript:alert(1)", MoreLink: hostile, Here: hostile, CSRF: hostile, Nothing: &templates.Nothing{Icon: "search", Title: hostile, Text: hostile, Said: hostile, Ref: hostile, RetryHref: "javascript:alert(1)", Advice: hostile},
		Groups: []templates.HitGroup{{ID: "device", Title: hostile, Hits: []templates.Hit{{ID: hostile, Href: "javascript:alert(1)", Icon: "cpu", Before: hostile, Match: hostile, After: hostile, Kind: hostile, On: hostile, Note: hostile, Code: templates.Mark{Before: hostile, Match: hostile, After: hostile}, Tags: []string{hostile}, Badges: []ui.Badge{b}, Ends: m, MoreHref: "javascript:alert(1)", More: hostile, Renew: ui.Renew{Anchor: hostile, Href: "javascript:alert(1)", Of: hostile, In: hostile}, Said: ui.Said{Text: hostile, Tone: "bad"}}}}},
	}
}

func selection() templates.Selection {
	return templates.Selection{ID: "x", Title: "500 pasted numbers", By: "anna", Made: moment("11:58:02"), Devices: 2, CSRF: "x", PickAction: "/selections/x/pick", MayPick: true,
		DevicesHref: "/devices?in=x", OrderHref: "/orders/new?selection=x", SMSHref: "/sms/new?selection=x", CSVHref: "/selections/x/export?format=csv", XLSXHref: "/selections/x/export?format=xlsx",
		States: []templates.Link{{Label: "All 3", Href: "/selections/x", Current: true}, {Label: "Found 2", Href: "/selections/x?state=found"}},
		Rows: []templates.SelectionLine{{Place: "1", Typed: "8985 2026 0000 0000 0016", ReadAs: "ICCID", State: ui.Badge{Icon: "circle-check", Word: "Found", Tone: "good"}, Device: "89852026000000000016", Href: "/devices/89852026000000000016"},
			{Place: "2", Typed: "+85251000001", ReadAs: "MSISDN", State: ui.Badge{Icon: "circle-help", Word: "Several devices", Tone: "warn"}, Choices: []string{"89852026000000000016", "89852026000000000024"}, Note: "Several devices have this number."},
			{Place: "3", Typed: "8.9E+18", ReadAs: "a number cut by a spreadsheet", State: ui.Badge{Icon: "ban", Word: "Not readable", Tone: "bad"}, Note: "Spreadsheets keep 15 digits."}},
		Asked: &templates.Asked{Text: "37 asked, 30 found, 7 not known to the CMP.", Going: "Asking the CMP for 13 more", LookHref: "/selections/x/asked", ShowHref: "/selections/x", MoreLabel: "Ask the CMP for 450 more", MoreAction: "/selections/x/ask", CSRF: "x"},
	}
}

func many() templates.Many {
	return templates.Many{CSRF: "x", Typed: "1, 2", Error: "Too many.", Recent: []templates.SelectionRow{{Title: "500 pasted numbers", Href: "/selections/x", Made: moment("11:58:02")}}}
}
