package templates_test

import (
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// auditDetails are rows of the log of every kind that looks different.
func auditDetails() map[string]templates.AuditDetail {
	device, order := templates.Piece{Text: deviceID, Href: "/devices/" + deviceID, ID: true}, templates.Piece{Text: orderID, Href: "/orders/" + orderID, ID: true}
	words := func(s string) templates.Piece { return templates.Piece{Text: s} }
	denied := ui.Badge{Icon: "ban", Word: "Denied", Tone: "bad"}
	return map[string]templates.AuditDetail{
		"audit-ok":       auditChange("outcome", "ok", "good", "The CMP accepted it."),
		"audit-rejected": auditChange("outcome", "rejected", "bad", "The CMP rejected it: by its answer nothing was changed."),
		"audit-unknown":  auditChange("outcome", "unknown", "bad", "The answer did not come in time. It may or may not have taken effect, and is never sent again by itself."),
		"audit-settled":  auditChange("event", "", "good", "By reading: it is as was asked for. Something else may have caused it, so it is not called done."),
		"audit-refused":  auditChange("event", "not_sent", "warn", "The console refused it, and nothing was sent. The order has changed since this page was shown. Check its state below."),
		"audit-denied":   auditEvent("access.denied", denied, "Nothing was done: no permission orders:pause.", words("support"), words("was denied “GET /orders/"+orderID+"/pause”")),
		"audit-view":     auditEvent("device.view", ui.Badge{Icon: "circle-check", Word: "Done", Plain: true}, "", words("anna.k"), words("looked at device"), device),
		"audit-search":   auditEvent("search", ui.Badge{Icon: "circle-check", Word: "Done", Plain: true}, "", words("anna.k"), words("searched for “8985 2024 0319”")),
		"audit-export":   auditEvent("audit.export", ui.Badge{Icon: "circle-check", Word: "Done", Plain: true}, "", words("auditor"), words("exported 1,204,811 rows of the log as JSON Lines")),
		"audit-door":     auditEvent("session.login_failed", denied, "The name or the password was wrong.", words("Somebody who was not signed in"), words("tried to sign in as “support”")),
		"audit-damaged":  {Seq: "7", Action: "order.end", Tone: "bad", Outcome: ui.Badge{Icon: "triangle-alert", Word: "Damaged", Tone: "bad"}, Sentence: []templates.Piece{words("This row cannot be read"), order}, Covered: templates.Notice{Tone: "bad", Title: "The checkpoints could not be read."}},
	}
}

// auditChange is a row of an order that was ended.
func auditChange(phase, result, tone, text string) templates.AuditDetail {
	d := auditEvent("order.end", outcome(result), text, templates.Piece{Text: "support"}, templates.Piece{Text: "asked to end order"}, templates.Piece{Text: orderID, Href: "/orders/" + orderID, ID: true},
		templates.Piece{Text: "of device"}, templates.Piece{Text: deviceID, Href: "/devices/" + deviceID, ID: true}, templates.Piece{Text: "early"})
	d.Phase, d.Tone, d.Took, d.Reason = phase, tone, "answered in 388 ms", "Customer returned the unit, ticket 48213; 客户已付款，恢复服务"
	d.Change = &templates.AuditChange{
		Before: templates.AuditState{Title: "Before", Badge: status("2"), Source: "Read from the CMP just before sending,", At: d.At},
		Asked:  templates.AuditState{Title: "Asked for:", Badge: status("3")},
		After:  templates.AuditState{Title: "After", Words: "Not known", Source: "The answer was lost, and no read has told since."},
	}
	d.Steps = []templates.AuditStep{
		{Seq: "1204810", Href: "/audit/1204810", What: "Intent", Who: "support", At: d.At},
		{Seq: "1204811", Href: "/audit/1204811", What: "Outcome", Who: "support", At: d.At, Later: "+ 388 ms", Outcome: outcome("unknown"), Current: true},
		{Seq: "1204819", What: "Settled", Who: "The console", At: d.At, Later: "+ 2 s", Outcome: ui.Badge{Icon: "circle-check", Word: "Effect seen", Tone: "good"}},
	}
	if result == "ok" {
		d.Change.After = templates.AuditState{Title: "After, as the CMP confirmed", Badge: status("3"), Source: "By its answer alone,", At: d.At}
	}
	if result == "rejected" {
		d.Change.After = templates.AuditState{Title: "After: unchanged", Badge: status("2"), Source: "By the CMP's answer,", At: d.At}
	}
	if result == "rejected" || result == "unknown" {
		d.Code, d.Message = "1002", "订单状态不允许此操作 (order status does not allow this)"
	}
	return d
}

// auditEvent is a row of something that is no change.
func auditEvent(action string, o ui.Badge, text string, sentence ...templates.Piece) templates.AuditDetail {
	at := moment("23 Nov 2026, 12:07:14 CST")
	return templates.AuditDetail{
		Seq: "1204811", Action: action, Phase: "event", NewerHref: "/audit/1204812", OlderHref: "/audit/1204810", Tone: o.Tone, Sentence: sentence, Outcome: o, Text: text, At: at,
		Facts:    []templates.Fact{{Name: "Who", Value: "support", Note: "Support"}, {Name: "When", At: &at}, {Name: "From", Value: "127.0.0.1"}, {Name: "Session", Value: "6ccf257a03d0"}, {Name: "Request", Value: "01JDC3X7T5ZK9V4M2Q", ID: true}},
		Detail:   []templates.Fact{{Name: "Filter", Value: "device=" + deviceID + "&outcome=unknown&from=2026-11-01&until=2026-11-23"}},
		Chain:    []templates.Fact{{Name: "Hash", Value: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", ID: true}, {Name: "Previous", Value: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", ID: true}},
		Verified: ui.Badge{Icon: "shield-check", Word: "intact: all 1204811 rows there were at 12:00 UTC verified", Tone: "good", Plain: true},
		Covered:  templates.Notice{Tone: "good", Title: "Proven by a signed checkpoint.", Text: "It covers rows 1 to 1,204,992 and was signed 23 Nov 2026, 12:10:02 CST."}, CheckpointHref: "/audit/checkpoint?part=note",
	}
}
