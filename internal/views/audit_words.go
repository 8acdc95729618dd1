package views

import (
	"strings"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// phrase is what a change is called in a sentence: "paused", "asked to pause", "what became of pausing".
type phrase struct{ did, todo, doing, tail string }

var phrases = map[audit.Action]phrase{
	audit.OrderOpen:    {did: "opened", todo: "open", doing: "opening"},
	audit.OrderPause:   {did: "paused", todo: "pause", doing: "pausing"},
	audit.OrderRestart: {did: "restarted", todo: "restart", doing: "restarting"},
	audit.OrderCancel:  {did: "cancelled", todo: "cancel", doing: "cancelling"},
	audit.OrderEnd:     {did: "ended", todo: "end", doing: "ending", tail: "early"},
	audit.OrderCreate:  {did: "ordered", todo: "order", doing: "ordering"},
	audit.SMSSend:      {did: "sent", todo: "send", doing: "sending"},
	audit.IMEIBind:     {did: "bound", todo: "bind", doing: "binding"},
	audit.IMEIUnbind:   {did: "unbound", todo: "unbind", doing: "unbinding"},
}

// sentence is built up from words and identifiers.
type sentence []templates.Piece

func (s sentence) say(words string) sentence {
	if words == "" {
		return s
	}
	return append(s, templates.Piece{Text: words})
}

// id adds an identifier with what it is called, and nothing when there is none.
func (s sentence) id(name, id, href string) sentence {
	if id == "" {
		return s
	}
	return append(s.say(name), templates.Piece{Text: id, Href: href, ID: true})
}

// quoted adds what somebody typed or chose, and nothing when that is empty.
func (s sentence) quoted(name, text string) sentence {
	if text == "" {
		return s
	}
	return s.say(name + " “" + text + "”")
}

// auditSentence says who did what to which thing. The intent of a row, when it has one, knows more of the thing.
func auditSentence(r audit.Row, st story) []templates.Piece {
	who := sentence{}.say(actorWords(r))
	about := st.about()
	p, isChange := phrases[about.Action]
	switch {
	case r.Damaged:
		return sentence{}.say("This row cannot be read: only its copies for searching are shown")
	case r.Action == audit.DoubtTask:
		return who.say("could not find out by reading what became of").thing(p.doing, about).say(p.tail)
	case isSettlement(r.Action) && byItself(r):
		return who.say("read what became of").thing(p.doing, about).say(p.tail)
	case isSettlement(r.Action):
		return who.say("settled what became of").thing(p.doing, about).say(p.tail)
	case !isChange, r.Action == audit.AuditRedact:
		return who.event(r)
	case r.Outcome == audit.OK:
		return who.thing(p.did, about).say(p.tail)
	case r.Outcome == audit.Unknown && byItself(r):
		return who.say("found no answer to").thing(p.doing, about).say(p.tail)
	}
	return who.say("asked to").thing(p.todo, about).say(p.tail)
}

// byItself tells a row that the console wrote without being asked.
func byItself(r audit.Row) bool { return r.Actor == audit.Console }

func actorWords(r audit.Row) string {
	switch r.Actor {
	case "":
		return "Somebody who was not signed in"
	case audit.Console:
		return "The console"
	case audit.CMP:
		return "The CMP"
	case audit.Shell:
		return "Somebody at the shell of the server"
	}
	return r.Actor
}

func isSettlement(a audit.Action) bool { return strings.HasSuffix(string(a), ".settled") }

// thing adds the verb and what the change was about.
func (s sentence) thing(verb string, r audit.Row) sentence {
	device := deviceLink(r.Device)
	switch r.Action {
	case audit.OrderCreate:
		code := r.Get("package")
		return s.say(verb).id("package", code, linkTo(packageHref, code)).id("for device", r.Device, device)
	case audit.SMSSend:
		return s.say(verb+" an SMS").id("to device", r.Device, device)
	case audit.IMEIBind:
		return s.say(verb).id("device", r.Device, device).id("to IMEI", r.Get("bound_wanted"), "")
	case audit.IMEIUnbind:
		return s.say(verb).id("device", r.Device, device).id("from IMEI", r.Get("bound_before"), "")
	}
	if verb == "" {
		verb = "a change of" // of a settlement that stands alone
	}
	return s.say(verb).id("order", r.Order, linkTo(orderHref, r.Order)).id("of device", r.Device, device)
}

func deviceLink(id string) string { return linkTo(deviceHref, id) }

// auditText says how it ended, or what the row is.
func auditText(r audit.Row, st story) string {
	why := r.Get("why")
	switch {
	case r.Damaged:
		return "What stands in the log was changed past the console. Verify the log, and compare with a backup."
	case isSettlement(r.Action):
		return settledText(r)
	case r.Action == audit.DoubtTask:
		return "A person has to settle it. Nothing is sent again by itself."
	case r.Phase == audit.Intent && st.outcome.Seq == 0:
		return "Recorded before the request may leave. How it ended is not recorded yet."
	case r.Phase == audit.Intent:
		return "Recorded before the request left. How it ended stands in a row of its own."
	case r.Phase == audit.PhaseOutcome:
		return outcomeText(r, why)
	case r.Outcome == audit.Refused:
		return joinWords("The console refused it, and nothing was sent.", why)
	case r.Outcome == audit.Failed:
		return joinWords("It failed.", why)
	case r.Outcome == audit.Denied:
		return deniedText(r, why)
	}
	return ""
}

func outcomeText(r audit.Row, why string) string {
	switch r.Outcome {
	case audit.OK:
		return "The CMP accepted it."
	case audit.Rejected:
		if r.UpstreamCode == "" { // the CMP's own refusals have one
			return joinWords("The gateway refused it, so nothing was changed.", why)
		}
		return joinWords("The CMP rejected it: by its answer nothing was changed.", why)
	case audit.NotSent:
		return joinWords("It was not sent, so nothing was changed.", why)
	case audit.Unknown:
		return joinWords(why, "It may or may not have taken effect, and is never sent again by itself.")
	}
	return why
}

func settledText(r audit.Row) string {
	how := "By reading: "
	if !byItself(r) {
		how = "By a person: "
	}
	switch ops.State(r.Outcome) {
	case ops.EffectPresent:
		return how + "it is as was asked for. Something else may have caused it, so it is not called done."
	case ops.EffectAbsent:
		return how + "it did not take effect."
	case ops.Undetermined:
		return how + "it cannot be told whether it took effect."
	}
	return ""
}

func deniedText(r audit.Row, why string) string {
	if r.Action == audit.SessionLoginFailed {
		if wait := r.Get("throttled"); wait != "" {
			return "Too many wrong tries: the password was not even looked at, and there is a wait of " + wait + "."
		}
		return "The name or the password was wrong."
	}
	return joinWords("Nothing was done:", why) + "."
}

// joinWords puts two sentences together of which either may be missing.
func joinWords(a, b string) string { return strings.TrimSpace(a + " " + b) }
