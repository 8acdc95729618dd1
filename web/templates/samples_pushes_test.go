package templates_test

import (
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

func pushRows() []templates.PushRow {
	kind := func(icon, word string) ui.Badge { return ui.Badge{Icon: icon, Word: word, Plain: true} }
	order, report, sms := kind("shopping-cart", "Order status"), kind("message-square", "SMS report"), kind("cpu", "SMS from device")
	return []templates.PushRow{
		{ID: "412", Href: "/pushes/412", At: moment("12:06:31"), Ago: "2 min ago", Kind: order, Says: "Order paused", Device: deviceID, DeviceHref: "/devices/" + deviceID, About: orderID, AboutHref: "/orders/" + orderID, Signed: kind("shield-check", "Right"),
			Led: templates.PushLed{Badge: ui.Badge{Icon: "circle-check", Word: "Change confirmed", Tone: "good"}, Text: "The CMP says that it has taken effect: Suspended.", Href: "/audit/812", Link: "Row 812 of the log"}},
		{ID: "411", Href: "/pushes/411", At: moment("12:04:02"), Times: "3 times since 11:58:40", Kind: report, Says: "Delivered DELIVRD", Device: deviceID, DeviceHref: "/devices/" + deviceID, About: "LK20261128120402000017", AboutHref: "/sms/LK20261128120402000017",
			Led: templates.PushLed{Badge: ui.Badge{Icon: "clock", Word: "Waiting", Tone: "warn"}, Text: "The CMP could not be asked, tried 3 times. The next try is at 12:09:10."}},
		{ID: "408", Href: "/pushes/408", At: moment("11:58:40"), Kind: sms, Says: "42 characters to 12345", Device: deviceID, DeviceHref: "/devices/" + deviceID, Led: templates.PushLed{Badge: ui.Badge{Icon: "message-square", Word: "In the inbox", Tone: "info"}, Text: "Its sender is not verified.", Href: "/devices/" + deviceID + "/sms", Link: "Conversation"}},
		{ID: "407", Href: "/pushes/407", At: moment("11:50:12"), Kind: order, Led: templates.PushLed{Badge: ui.Badge{Icon: "circle-alert", Word: "Not readable", Tone: "bad"}, Text: "The body is no JSON object."}, Signed: kind("triangle-alert", "None")},
	}
}

func pushPage() templates.PushPage {
	at := moment("28 Nov 2026, 12:06:31 CST")
	return templates.PushPage{
		EraseHref: "/pushes/412/redact",
		ID:        "412", Kind: ui.Badge{Icon: "shopping-cart", Word: "Order status", Plain: true}, Led: templates.PushLed{Badge: ui.Badge{Icon: "circle-check", Word: "Change confirmed", Tone: "good"}}, CSRF: "form-token", ReplayAction: "/pushes/412/replay",
		Notice: &templates.Notice{Tone: "good", Title: "It was processed again.", Text: "What came of it stands below."}, Newer: &templates.Notice{Title: "The same came again later.", Text: "What it led to stands at the newest delivery.", Href: "/pushes/413", Link: "No. 413"},
		Says: []templates.Fact{{Name: "Device", Value: deviceID, ID: true, Href: "/devices/" + deviceID}, {Name: "Operation", Value: "Order paused", Note: "1003"}, {Name: "Order created", At: &at}},
		Text: &templates.PushText{Length: "42 characters", Href: "/pushes/412/text"},
		Steps: []templates.PushStep{{Title: "Stored", Text: "before it was answered", At: moment("12:06:31")}, {Title: "Read", Text: "about device", Href: "/devices/" + deviceID, Link: deviceID},
			{Title: "The CMP said", Badge: status("5"), At: moment("12:06:41")}, {Title: "Then", Badge: ui.Badge{Icon: "circle-check", Word: "Change confirmed", Tone: "good"}, Href: "/audit/812", Link: "Row 812 of the log"}},
		Raw:     templates.PushRaw{Body: "{\n  \"assetid\": \"" + deviceID + "\"\n}", Size: "134 bytes", Note: "A note.", TextHref: "/pushes/412#raw", HexHref: "/pushes/412?view=hex#raw", IndentedHref: "/pushes/412?view=indented#raw", Indented: true},
		Headers: []templates.Fact{{Name: "Content-Type", Value: "application/json"}}, Facts: []templates.Fact{{Name: "Received", At: &at}, {Name: "From", Value: "192.0.2.7", ID: true}},
		Deliveries: []templates.PushDelivery{{ID: "413", Href: "/pushes/413", Source: "192.0.2.7", At: moment("12:08:00")}, {ID: "412", Href: "/pushes/412", Source: "192.0.2.7", At: moment("12:06:31"), Current: true}}, OlderHidden: "The newest 20 are listed.",
		Watch: &templates.Watch{Topics: "pushes", Href: "/pushes/412", Parts: "push-state push-steps", Every: "5"}, Href: "/pushes/412", Read: moment("12:08:02 CST"),
	}
}

// pushPages are the pages of callbacks.
func pushPages() map[string]page {
	at, quick := frame("Callbacks", "/pushes"), []templates.Link{{Label: "All", Href: "/pushes", Current: true}, {Label: "Waiting", Href: "/pushes?led=waiting"}}
	list := templates.PushList{
		Kinds: []templates.Option{{Label: "Any callback"}}, Led: []templates.Option{{Label: "Anything"}}, Quick: quick, Total: 1204, Rows: pushRows(), OlderHref: "/pushes?before=407", Href: "/pushes", Read: moment("12:06:31 CST"), AddressesHref: "/pushes/addresses",
		Newest: []templates.PushNewest{{Kind: "Order status", At: moment("12:06:31")}, {Kind: "SMS report", At: moment("12:04:02")}, {Kind: "SMS from device"}},
		Quiet:  []templates.Notice{{Tone: "warn", Title: "No callback “Order status” for 26 h.", Text: "An order was changed from here."}},
	}
	filtered := templates.PushList{Quick: quick, Filtered: true, Every: true, Chips: []templates.Chip{{Name: "Led to", Value: "Waiting", Href: "/pushes"}}, NewestHref: "/pushes"}
	revealed := pushPage()
	revealed.Text, revealed.Raw.Hex, revealed.Raw.Body, revealed.Raw.Note, revealed.OlderHidden = &templates.PushText{Shown: true, Content: "门已打开\nDoor is open"}, true, "00000000  7b 22", "", ""
	address := func(token string, whole bool) []templates.PushAddress {
		return []templates.PushAddress{{Kind: ui.Badge{Icon: "shopping-cart", Word: "Order status", Plain: true}, Section: "Order status push", Address: "https://console.example.com/push/" + token + "/order-status", Answer: "1", Whole: whole}, {Kind: ui.Badge{Icon: "message-square", Word: "SMS report", Plain: true}, Section: "SMS MT data push", Address: "https://console.example.com/push/" + token + "/sms-mt", Answer: `{"code":"0","message":"success"}`, Whole: whole}}
	}
	masked := templates.PushAddresses{Tokens: []templates.PushToken{{Title: "Addresses", Addresses: address("••••••••", false)}}, ShowHref: "/pushes/addresses/token", Sources: "10.0.0.0/8", Tests: []templates.Option{{Value: "sms-mo", Label: "SMS from device"}}, CSRF: "form-token"}
	whole := templates.PushAddresses{Off: &templates.Notice{Title: "Callbacks are off."}, Shown: true, Keyed: true, HideHref: "/pushes/addresses", Sources: "anywhere", Tokens: []templates.PushToken{{Title: "Addresses of the new token", Addresses: address("c2VjcmV0LXRva2VuLW9mLTQwLWNoYXJhY3RlcnM", true)}, {Title: "Addresses of the old token", Old: true, Addresses: address("old", true)}}}
	asked := templates.PushErasure{ID: "408", BackHref: "/pushes/408", Known: true, Device: deviceID, DeviceHref: "/devices/" + deviceID, Form: &templates.RedactForm{Title: "Erase the text", Post: "/pushes/408/redact", CSRF: "form-token", Field: "text", ReasonError: "Say why."}}
	gone := templates.PushErasure{ID: "408", BackHref: "/pushes/408", Erased: &templates.Erasure{At: moment("12:04"), By: "admin", Reason: "ticket 4711"}, Freed: &templates.Notice{Tone: "good", Title: "The bytes of what was erased are gone from the database's files."}}
	erased := pushPage()
	erased.Erased, erased.EraseHref = gone.Erased, ""
	return map[string]page{
		"push-erase": {at, templates.PushErasurePage(asked)}, "push-gone": {at, templates.PushErasurePage(gone)}, "push-erased": {at, templates.PushView(erased)},
		"push-addresses": {at, templates.PushAddressesPage(masked)}, "push-addresses-whole": {at, templates.PushAddressesPage(whole)},
		"pushes": {at, templates.PushListPage(list)}, "pushes-none": {at, templates.PushListPage(filtered)}, "pushes-off": {at, templates.PushListPage(templates.PushList{Off: &templates.Notice{Title: "Callbacks are off."}, AddressesHref: "/pushes/addresses"})},
		"pushes-first": {at, templates.PushListPage(templates.PushList{})}, "pushes-past": {at, templates.PushListPage(templates.PushList{NewestHref: "/pushes"})},
		"push": {at, templates.PushView(pushPage())}, "push-text": {at, templates.PushView(revealed)}, "push-unread": {at, templates.PushView(templates.PushPage{ID: "407"})},
	}
}

// hostilePushes are pages of callbacks of which every text is hostile.
func hostilePushes(frame templates.Page, b ui.Badge, m ui.Moment, n *templates.Notice, f templates.Fact) map[string]page {
	const bad = "javascript:alert(1)"
	led := templates.PushLed{Badge: b, Text: hostile, Href: bad, Link: hostile}
	row := templates.PushRow{ID: hostile, Href: bad, At: m, Times: hostile, Kind: b, Says: hostile, Device: hostile, DeviceHref: bad, About: hostile, AboutHref: bad, Led: led, Signed: b}
	one := templates.PushPage{ID: hostile, Kind: b, Led: led, CSRF: hostile, ReplayAction: bad, Notice: n, Newer: n, Says: []templates.Fact{f}, Text: &templates.PushText{Shown: true, Content: hostile}, Steps: []templates.PushStep{{Title: hostile, Text: hostile, Badge: b, At: m, Href: bad, Link: hostile}},
		Raw: templates.PushRaw{Body: hostile, Size: hostile, Note: hostile, TextHref: bad, HexHref: bad, IndentedHref: bad}, Headers: []templates.Fact{f}, Facts: []templates.Fact{f}, Deliveries: []templates.PushDelivery{{ID: hostile, Href: bad, Source: hostile, At: m}}, OlderHidden: hostile, Href: bad, Read: m, Erased: &templates.Erasure{At: m, By: hostile, Reason: hostile}, EraseHref: bad}
	return map[string]page{
		"pushes":         {frame, templates.PushListPage(templates.PushList{Kinds: []templates.Option{{Value: hostile, Label: hostile}}, Device: hostile, About: hostile, Quick: []templates.Link{{Label: hostile, Href: bad}}, Chips: []templates.Chip{{Name: hostile, Value: hostile, Href: bad}}, Newest: []templates.PushNewest{{Kind: hostile, At: m}}, Off: n, Quiet: []templates.Notice{*n}, AddressesHref: bad, Rows: []templates.PushRow{row}, OlderHref: bad, NewestHref: bad, Read: m, Href: bad})},
		"push":           {frame, templates.PushView(one)},
		"push-erase":     {frame, templates.PushErasurePage(templates.PushErasure{ID: hostile, BackHref: bad, Device: hostile, DeviceHref: bad, Erased: one.Erased, Freed: n, Form: &templates.RedactForm{Title: hostile, Post: bad, CSRF: hostile, Field: hostile, Reason: hostile, ReasonError: hostile, Others: hostile, Error: n}})},
		"push-addresses": {frame, templates.PushAddressesPage(templates.PushAddresses{Off: n, Sources: hostile, ShowHref: bad, HideHref: bad, CSRF: hostile, Tests: []templates.Option{{Value: hostile, Label: hostile}}, Tokens: []templates.PushToken{{Title: hostile, Addresses: []templates.PushAddress{{Kind: b, Section: hostile, Address: hostile, Answer: hostile, Whole: true}}}}})},
	}
}
