package views

import (
	"strconv"
	"strings"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/ops"
)

// event says what was done when it is no change of the CMP: a look, a sign-in, a switch.
func (s sentence) event(r audit.Row) sentence {
	if say, ok := events[r.Action]; ok {
		return say(s, r)
	}
	return s.say("did").id("", string(r.Action), "").id("on order", r.Order, linkTo(orderHref, r.Order)).id("on device", r.Device, deviceLink(r.Device))
}

var events = map[audit.Action]func(s sentence, r audit.Row) sentence{
	audit.SessionLogin:  func(s sentence, _ audit.Row) sentence { return s.say("signed in") },
	audit.SessionLogout: func(s sentence, _ audit.Row) sentence { return s.say("signed out") },
	audit.SessionRevoke: func(s sentence, _ audit.Row) sentence {
		return s.say("signed in, and older sessions ended for that")
	},
	audit.SessionLoginFailed: func(s sentence, r audit.Row) sentence {
		return s.quoted("tried to sign in as", r.Get("username"))
	},
	audit.AccessDenied: func(s sentence, r audit.Row) sentence {
		return s.quoted("was denied", joinWords(r.Get("method"), r.Get("path")))
	},
	audit.Search: func(s sentence, r audit.Row) sentence {
		return s.say("searched").quoted("for", r.Get("q"))
	},
	audit.DeviceView: deviceSeen,
	audit.DeviceList: func(s sentence, _ audit.Row) sentence { return s.say("looked at the list of devices") },
	audit.DeviceRefresh: func(s sentence, r audit.Row) sentence {
		return s.say("read").id("device", r.Device, deviceLink(r.Device)).say("anew")
	},
	audit.PackageRefresh: func(s sentence, _ audit.Row) sentence { return s.say("read the catalogue of packages anew") },
	audit.DeviceLabel: func(s sentence, r audit.Row) sentence {
		return s.quoted("put the label", r.Get("labels")).id("on device", r.Device, deviceLink(r.Device))
	},
	audit.DeviceUnlabel: func(s sentence, r audit.Row) sentence {
		return s.quoted("took the label", r.Get("labels")).id("from device", r.Device, deviceLink(r.Device))
	},
	audit.DeviceNote: func(s sentence, r audit.Row) sentence {
		return s.say("wrote a note").id("about device", r.Device, deviceLink(r.Device))
	},
	audit.DeviceNoteEdit: func(s sentence, r audit.Row) sentence {
		return s.say("changed a note").id("about device", r.Device, deviceLink(r.Device))
	},
	audit.DeviceNoteRemove: func(s sentence, r audit.Row) sentence {
		return s.say("removed a note").id("about device", r.Device, deviceLink(r.Device))
	},
	audit.DeviceColumns: func(s sentence, _ audit.Row) sentence { return s.say("chose the columns of the list of devices") },
	audit.DeviceExport:  devicesTaken,
	audit.SelectionCreate: func(s sentence, r audit.Row) sentence {
		return s.say("kept a selection of " + several(r.Get("rows"), "device"))
	},
	audit.SelectionPick: func(s sentence, r audit.Row) sentence {
		return s.say("picked").id("device", r.Device, deviceLink(r.Device)).say("in a selection")
	},
	audit.SelectionAsk: func(s sentence, r audit.Row) sentence {
		return s.say("had the CMP asked for " + several(r.Get("rows"), "id") + " of a selection")
	},
	audit.SelectionAnnotate: func(s sentence, r audit.Row) sentence {
		what := "had labels or a note written for "
		switch r.Get("step") {
		case "stopped":
			what = "stopped labels or a note for "
		case "gone on":
			what = "let labels or a note go on for "
		}
		return s.say(what + several(r.Get("rows"), "device") + " of a selection")
	},
	audit.ViewSave:   func(s sentence, r audit.Row) sentence { return s.quoted("saved the view", r.Get("view")) },
	audit.ViewChange: func(s sentence, r audit.Row) sentence { return s.quoted("changed the view", r.Get("view")) },
	audit.ViewDelete: func(s sentence, r audit.Row) sentence { return s.quoted("deleted the view", r.Get("view")) },
	audit.OrderView: func(s sentence, r audit.Row) sentence {
		return s.say(lookedAt(r)).id("order", r.Order, linkTo(orderHref, r.Order)).id("of device", r.Device, deviceLink(r.Device))
	},
	audit.OrderList: func(s sentence, r audit.Row) sentence {
		if batch := r.Get("batch"); batch != "" {
			return s.say("looked at orders placed together")
		}
		return s.say("looked at the list of orders").id("with order", r.Order, linkTo(orderHref, r.Order)).id("with device", r.Device, deviceLink(r.Device))
	},
	audit.SMSReveal: func(s sentence, r audit.Row) sentence {
		if push := r.Get("push"); push != "" {
			return s.say("read the text of").id("callback", push, "").id("about device", r.Device, deviceLink(r.Device))
		}
		if n := r.Get("messages"); n != "" {
			return s.say("read the texts of "+n+" messages").id("with device", r.Device, deviceLink(r.Device))
		}
		return s.say("read the text of").id("message", r.Get("msg_id"), linkTo(smsHref, r.Get("msg_id"))).id("to device", r.Device, deviceLink(r.Device))
	},
	audit.OrderConfirmed: func(s sentence, r audit.Row) sentence {
		return s.say("confirmed a change").id("of order", r.Order, linkTo(orderHref, r.Order)).id("of device", r.Device, deviceLink(r.Device))
	},
	audit.PushOrder: func(s sentence, r audit.Row) sentence {
		return s.say("said that").id("order", r.Order, linkTo(orderHref, r.Order)).id("of device", r.Device, deviceLink(r.Device)).say("is " + strings.ToLower(statusBadge(cmp.OrderStatus(r.Get("status_read"))).Word) + " now")
	},
	audit.PushReport: func(s sentence, r audit.Row) sentence {
		return s.say("said what became of").id("message", r.Get("msg_id"), linkTo(smsHref, r.Get("msg_id"))).id("to device", r.Device, deviceLink(r.Device))
	},
	audit.PushList: func(s sentence, _ audit.Row) sentence { return s.say("looked at the callbacks") },
	audit.PushView: func(s sentence, r audit.Row) sentence {
		return s.say(lookedAt(r)).id("callback", r.Get("push"), "").id("about device", r.Device, deviceLink(r.Device))
	},
	audit.PushReplay: func(s sentence, r audit.Row) sentence {
		return s.say("had").id("callback", r.Get("push"), "").say("processed again")
	},
	audit.PushToken: func(s sentence, _ audit.Row) sentence {
		return s.say("looked at the addresses of callbacks with their token")
	},
	audit.PushTest: func(s sentence, _ audit.Row) sentence { return s.say("had the sandbox send a callback") },
	audit.SMSRead: func(s sentence, r audit.Row) sentence {
		return s.say("marked "+r.Get("messages")+" messages as read").id("from device", r.Device, deviceLink(r.Device))
	},
	audit.SMSTemplate: func(s sentence, _ audit.Row) sentence { return s.say("changed a template for SMS") },
	audit.DoubtView: func(s sentence, r audit.Row) sentence {
		return s.say("looked at what became of a change").id("of order", r.Order, linkTo(orderHref, r.Order)).id("of device", r.Device, deviceLink(r.Device))
	},
	audit.DoubtTask:   func(s sentence, _ audit.Row) sentence { return s.say("asked a person what became of a change") },
	audit.AuditView:   logSeen,
	audit.AuditExport: logTaken,
	audit.AuditAccept: func(s sentence, _ audit.Row) sentence {
		return s.say("let changes be sent although the log does not verify")
	},
	audit.AuditKey: func(s sentence, _ audit.Row) sentence {
		return s.say("signs checkpoints of the log with another key from now on")
	},
	audit.AuditRedact: func(s sentence, r audit.Row) sentence {
		if push := r.Get("push"); push != "" {
			return s.say("erased the text of an SMS that came with").id("callback", push, "").id("about device", r.Device, deviceLink(r.Device))
		}
		of := strconv.FormatInt(r.Of, 10)
		return s.say("erased the "+valueWord(r.Get("field"))+" that was kept beside").id("row", of, auditHref(r.Of)).id("about device", r.Device, deviceLink(r.Device))
	},
	audit.SystemStart: func(s sentence, r audit.Row) sentence {
		if r.Get("last_run") == audit.EndedUnsaid {
			return s.say("was started, after a run that ended without saying so")
		}
		return s.say("was started")
	},
	audit.SystemStop: func(s sentence, _ audit.Row) sentence { return s.say("was stopped") },
	audit.SystemView: func(s sentence, _ audit.Row) sentence { return s.say("looked at the console's switches") },
	audit.SyncStart: func(s sentence, r audit.Row) sentence {
		if r.Get("missing_accepted") != "" {
			return s.say("had the fleet read, and devices that are missing from the list asked for one by one")
		}
		return s.say("had the fleet read")
	},
	audit.SyncStop:       func(s sentence, _ audit.Row) sentence { return s.say("stopped the reading of the fleet") },
	audit.SystemReadOnly: func(s sentence, _ audit.Row) sentence { return s.say("set the console to read-only") },
	audit.SystemWritable: func(s sentence, _ audit.Row) sentence { return s.say("let changes be sent again") },
	audit.UserCreate: func(s sentence, r audit.Row) sentence {
		return s.quoted("made the user", r.Get("user"))
	},
	audit.UserPassword: func(s sentence, r audit.Row) sentence {
		return s.quoted("set the password of", r.Get("user"))
	},
}

// valueWord names a value that is kept beside a row.
func valueWord(field string) string {
	if field == ops.TextField {
		return "text"
	}
	return "value “" + field + "”"
}

// lookedAt tells a look that failed from one that showed something.
func lookedAt(r audit.Row) string {
	if r.Outcome == audit.Failed {
		return "tried to look at"
	}
	return "looked at"
}

func deviceSeen(s sentence, r audit.Row) sentence {
	id := r.Get("msg_id")
	switch {
	case id != "":
		return s.say(lookedAt(r)).id("message", id, linkTo(smsHref, id)).id("to device", r.Device, deviceLink(r.Device))
	case r.Get("list") == "sms":
		return s.say(lookedAt(r)+" the list of SMS").id("of device", r.Device, deviceLink(r.Device))
	case r.Get("export") != "":
		return s.say("exported the "+r.Get("tab")).id("of device", r.Device, deviceLink(r.Device))
	case r.Get("tab") != "":
		return s.say(lookedAt(r)+" the "+strings.Replace(r.Get("tab"), "sms", "SMS", 1)).id("of device", r.Device, deviceLink(r.Device))
	}
	return s.say(lookedAt(r)).id("device", r.Device, deviceLink(r.Device))
}

func logSeen(s sentence, r audit.Row) sentence {
	switch seq := r.Get("seq"); {
	case seq != "" && r.Outcome == audit.OK:
		return s.say("looked at").id("row", seq, "/audit/"+seq).say("of the log")
	case seq != "":
		return s.say("tried to look at").id("row", seq, "").say("of the log")
	case r.Get("filter") != "":
		return s.quoted("searched the log for", r.Get("filter"))
	}
	return s.say("looked at the log")
}

// several is a count that the log has as text, with what it counts.
func several(count, word string) string {
	if count == "1" {
		return "1 " + word
	}
	return count + " " + word + "s"
}

func devicesTaken(s sentence, r audit.Row) sentence {
	format := strings.NewReplacer(formatCSVExcel, "CSV for Excel", formatCSV, "CSV", formatXLSX, "XLSX").Replace(r.Get("format"))
	if rows := r.Get("rows"); rows != "" && r.Outcome == audit.OK {
		return s.say("exported " + several(rows, "device") + " as " + format)
	}
	return s.say("tried to export devices")
}

func logTaken(s sentence, r audit.Row) sentence {
	format := strings.NewReplacer("jsonl", "JSON Lines", "csv", "CSV").Replace(r.Get("format"))
	switch r.Get("part") {
	case "note":
		return s.say("took the newest checkpoints of the log away")
	case "key":
		return s.say("took the public keys of the log away")
	}
	if rows := r.Get("rows"); rows != "" {
		return s.say("exported " + several(rows, "row") + " of the log as " + format)
	}
	return s.say("tried to export the log")
}
