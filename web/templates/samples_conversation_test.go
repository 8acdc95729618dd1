package templates_test

import (
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

func conversation() templates.Conversation {
	head := device().Head
	head.Tabs = []templates.Link{{Label: "Overview", Href: "/devices/" + deviceID}, {Label: "SMS", Href: "/devices/" + deviceID + "/sms", Current: true}}
	taken := ui.Badge{Icon: "circle-check", Word: "Taken", Plain: true}
	return templates.Conversation{
		Head: head, RecordsHref: "/devices/" + deviceID + "/sms/records", OlderHref: "/devices/" + deviceID + "/sms?ours=x", TextsHref: "/devices/" + deviceID + "/sms/texts", Href: "/devices/" + deviceID + "/sms", Unread: 1,
		MarkRead:  &templates.MarkRead{Post: "/devices/" + deviceID + "/sms/read", CSRF: "form-token", Messages: "17,18"},
		Elsewhere: &templates.Notice{Title: "1 more message nobody has read.", Text: "They bear an older time than those on this page.", Href: "/sms?box=in&unread=yes", Link: "Show them"},
		Reply:     &templates.Reply{CSRF: "form-token", Device: deviceID, MoreHref: "/sms/new?devices=" + deviceID, Count: templates.SMSCount{Text: "Nothing written yet."}},
		Watch:     &templates.Watch{Topics: "device:" + deviceID, Href: "/devices/" + deviceID + "/sms", Parts: "talk"},
		Bubbles: []templates.Bubble{
			{ID: "LK1", Ours: true, Day: "Friday, 27 November 2026", At: moment("09:12"), Who: "support", Href: "/sms/LK1", Link: "LK20261127091200000123", Length: "2 SMS", TextHref: "/sms/LK1/text", Sent: taken, Report: ui.Badge{Icon: "circle-help", Word: "No report after 24 h", Tone: "warn"}},
			{ID: "LK2", Ours: true, Day: "Saturday, 28 November 2026", At: moment("11:40"), Who: "support", Href: "/sms/LK2", Link: "LK20261128114000000124", Shown: true, Text: "REBOOT; then answer with your battery level, please.", Sent: taken, Report: ui.Badge{Icon: "circle-check", Word: "Delivered", Tone: "good", Plain: true}},
			{ID: "mo-17", At: moment("11:58"), Who: "61482271041", To: "12345", Href: "/pushes/408", Link: "Callback 408", Shown: true, Text: "电量 12%\nDoor is open", Unverified: true, Unread: true},
			{ID: "mo-18", At: moment("11:59"), Who: "61482271041", To: "12345", Href: "/pushes/409", Link: "Callback 409", Length: "42 characters", TextHref: "/pushes/409/text", Unverified: true},
			{ID: "LK3", Ours: true, At: moment("12:02"), Who: "anna.k", Href: "/sms/LK3", Link: "LK20261128120200000125", Length: "1 SMS", Sent: ui.Badge{Icon: "circle-help", Word: "Outcome unknown", Tone: "bad"}, Erased: &templates.Erasure{At: moment("12:04"), By: "admin", Reason: "ticket 4711"}},
		},
	}
}

func inboundList() templates.InboundList {
	return templates.InboundList{
		Boxes: []templates.Link{{Label: "Sent", Href: "/sms"}, {Label: "From devices (1 unread)", Href: "/sms?box=in", Current: true}}, Total: 2, UnreadHref: "/sms?box=in&unread=yes", NewHref: "/sms/new", OlderHref: "/sms?box=in&before=17", Href: "/sms?box=in", Read: moment("12:06:31 CST"),
		Chips: []templates.Chip{{Name: "Device", Value: deviceID, ID: true, Href: "/sms?box=in"}},
		Rows: []templates.InboundRow{
			{ID: "18", At: moment("12:04:02"), Stamped: moment("12:03:58"), Device: deviceID, DeviceHref: "/devices/" + deviceID, TalkHref: "/devices/" + deviceID + "/sms", Phone: "61482271041", To: "12345", Length: "42 characters", Push: "409", PushHref: "/pushes/409", Unread: true},
			{ID: "17", At: moment("11:58:40"), Stamped: moment("11:58:40"), Device: "4711", Phone: "4711", To: "12345", Length: "1 character", Push: "408", PushHref: "/pushes/408", ReadBy: "support", ReadAt: moment("12:01:00")},
		},
	}
}

// conversationPages are the pages of SMS both ways.
func conversationPages() map[string]page {
	devices := templates.Crumb{Label: "Devices", Href: "/devices"}
	at, list := frame("SMS of "+deviceID, "/devices", devices, templates.Crumb{Label: deviceID, ID: true}), frame("SMS from devices", "/sms")
	at.Nav = append(at.Nav, templates.NavItem{Icon: "message-square", Label: "SMS", Href: "/sms", Phone: true, Unread: &templates.Unread{Count: "3", At: "x-1"}})
	older := conversation()
	older.TextsHref, older.HideHref, older.NewestHref, older.MarkRead, older.Elsewhere, older.Reply, older.RecordsOff, older.OlderHref = "", "/devices/"+deviceID+"/sms", "/devices/"+deviceID+"/sms", nil, nil, nil, true, ""
	return map[string]page{
		"conversation": {at, templates.ConversationPage(conversation())}, "conversation-older": {at, templates.ConversationPage(older)}, "conversation-none": {at, templates.ConversationPage(templates.Conversation{Head: device().Head})},
		"sms-in": {list, templates.InboundPage(inboundList())}, "sms-in-none": {list, templates.InboundPage(templates.InboundList{Off: &templates.Notice{Title: "Callbacks are off."}})}, "sms-in-filtered": {list, templates.InboundPage(templates.InboundList{Chips: []templates.Chip{{Name: "Unread", Value: "only", Href: "/sms?box=in"}}})},
	}
}

// hostileConversation are pages of SMS both ways of which every text is hostile.
func hostileConversation(frame templates.Page, b ui.Badge, m ui.Moment, n *templates.Notice) map[string]page {
	const bad = "javascript:alert(1)"
	bubble := templates.Bubble{ID: hostile, Day: hostile, At: m, Who: hostile, To: hostile, Href: bad, Link: hostile, Shown: true, Text: hostile, Length: hostile, TextHref: bad, Sent: b, Report: b}
	hidden, erased := bubble, bubble
	hidden.Shown, hidden.Ours, hidden.EraseHref, erased.Erased = false, true, bad, &templates.Erasure{At: m, By: hostile, Reason: hostile}
	return map[string]page{
		"conversation": {frame, templates.ConversationPage(templates.Conversation{Head: hostileHead(b, m), RecordsHref: bad, Bubbles: []templates.Bubble{bubble, hidden, erased}, OlderHref: bad, NewestHref: bad, TextsHref: bad, HideHref: bad, MarkRead: &templates.MarkRead{Post: bad, CSRF: hostile, Messages: hostile}, Elsewhere: n, Reply: &templates.Reply{CSRF: hostile, Device: hostile, MoreHref: bad, Count: templates.SMSCount{Text: hostile}}, Href: bad})},
		"sms-in":       {frame, templates.InboundPage(templates.InboundList{Boxes: []templates.Link{{Label: hostile, Href: bad}}, Chips: []templates.Chip{{Name: hostile, Value: hostile, Href: bad}}, Off: n, UnreadHref: bad, NewHref: bad, OlderHref: bad, Href: bad, Read: m, Rows: []templates.InboundRow{{ID: hostile, At: m, Stamped: m, Device: hostile, DeviceHref: bad, TalkHref: bad, Phone: hostile, To: hostile, Length: hostile, Push: hostile, PushHref: bad, ReadBy: hostile, ReadAt: m}}})},
	}
}
