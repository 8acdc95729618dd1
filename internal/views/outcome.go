package views

import (
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// subjectHref is the page of what an action was about.
func subjectHref(a ops.Action) string {
	switch {
	case a.Verb == ops.Send:
		return smsHref(a.Wants)
	case a.Verb == ops.Buy:
		return deviceHref(a.DeviceID)
	case a.OrderID == "":
		return deviceHref(a.DeviceID) + "/imei"
	}
	return orderHref(a.OrderID)
}

// subjectID is the id of that: an order's, or a device's.
func subjectID(a ops.Action) string {
	if a.OrderID == "" {
		return a.DeviceID
	}
	return a.OrderID
}

// about names what an action was about, and how it is when the action has taken effect.
func about(a ops.Action) (thing, wanted string) {
	switch a.Verb {
	case ops.Bind:
		return "card's binding", "bound to " + a.Wants
	case ops.Unbind:
		return "card's binding", "gone"
	case ops.Send:
		return "message", "known to the CMP"
	case ops.Buy:
		return "list of the device's orders", "one longer"
	}
	return "order", strings.ToLower(statusWords[ops.Want(a.Verb)].word)
}

// result tells how the newest action ended, and what to do when that is not certain.
func (s *Server) result(c *gin.Context, a ops.Action) *templates.ActionResult {
	k := s.clock(c)
	r := &templates.ActionResult{Who: a.Actor, Reason: a.Reason, At: k.at(a.Dispatched), Code: a.Code, Message: a.Message, Took: took(a)}
	r.Badge = actionBadge(a)
	r.Badge.Hook, r.Badge.Value, r.Badge.Plain = "outcome", a.Outcome(), false
	if who := operator(c); a.Actor == who.Name || who.Can(auth.AuditRead) {
		r.AuditHref = auditHref(a.IntentSeq)
	}
	r.SettleHref, r.Reached = settleHref(operator(c).Identity, a), k.reached(a)
	switch a.Outcome() {
	case audit.OK:
		r.Tone, r.Title, r.Text = "good", verbWords[a.Verb].past+". The CMP accepted it.", "The CMP may take some minutes to carry it out in the network."
		r.Code, r.Message = "", ""
		if a.Verb == ops.Send {
			r.Text = "Whether the message arrives is told here as soon as the CMP knows."
		}
	case audit.Rejected:
		r.Tone, r.Title, r.Text = "bad", "The CMP rejected this.", "By its answer nothing was changed; its own words stand below."
	case audit.NotSent:
		r.Tone, r.Title, r.Text = "warn", "This was not sent. Nothing was changed.", a.Why+" Try again in a moment."
	default:
		doubt(k, a, r)
	}
	return r
}

// reached tells how far a change of an order has come: that the CMP accepts it is not yet that it has happened.
func (k clock) reached(a ops.Action) []templates.Reached {
	if a.OrderID == "" && a.Verb != ops.Buy || a.State != ops.OK && a.State != ops.EffectPresent && !a.InDoubt() {
		return nil
	}
	stage := func(word string, at time.Time, note string) templates.Reached {
		if at.IsZero() {
			return templates.Reached{Icon: "circle-dashed", Word: word, Note: note}
		}
		m := k.at(at)
		return templates.Reached{Icon: "circle-check", Word: word, At: &m}
	}
	accepted, confirmed := time.Time{}, a.Confirmed
	if a.State == ops.OK {
		accepted = a.Finished
	}
	if a.State == ops.EffectPresent {
		confirmed = a.Settled
	}
	return []templates.Reached{stage("Requested", a.Dispatched, ""), stage("Accepted by the CMP", accepted, lostOrAwaited(a)), stage("Confirmed", confirmed, "the order has not been read so yet")}
}

func lostOrAwaited(a ops.Action) string {
	if a.State == ops.Dispatched {
		return "its answer is not here yet"
	}
	return "its answer was lost"
}

// seen adds whether the page shows what the thing is like since; unread is why it does not.
func seen(r *templates.ActionResult, a ops.Action, unread error) *templates.ActionResult {
	thing, _ := about(a)
	switch {
	case unread != nil:
		r.Text += " The " + thing + " could not be read since, so how it is now is not known: try again below."
		r.LookHref = ""
	case a.State == ops.OK || a.State == ops.Rejected:
		r.Text += " What the page shows has been read since."
	}
	return r
}

// took tells how long the call lasted; an answer that was lost was waited for, not given.
func took(a ops.Action) string {
	lasted := number(int(a.LatencyMS)) + " ms"
	if a.LatencyMS >= 10_000 {
		lasted = number(int(a.LatencyMS+500)/1000) + " s"
	}
	switch {
	case a.LatencyMS == 0 || a.State == ops.NotSent:
		return ""
	case a.State == ops.OK || a.State == ops.Rejected:
		return "answered in " + lasted
	}
	return "no clear answer after " + lasted
}

// doubt words an action whose answer was lost, and how far reads have settled it.
func doubt(k clock, a ops.Action, r *templates.ActionResult) {
	thing, wanted := about(a)
	r.Tone, r.Title = "bad", "The outcome is unknown."
	switch {
	case a.SettledBy != "":
		r.Tone, r.Title, r.Text = "warn", "The answer was lost.", "Settled "+k.at(a.Settled).Text+" by a person, because reads could not."
		r.Settled = a.SettledBy + " says: " + strings.ToLower(verdictWords[a.State]) + ". “" + a.SettledWhy + "”"
		return
	case a.InDoubt() && !a.Task.IsZero():
		r.LookHref = subjectHref(a)
		r.Text = a.Why + " The change was sent once and may or may not have taken effect, and what the CMP says since does not tell. An administrator has to " +
			"ask the CMP's operator and record the answer. No other change of this " + thing + " is possible until then."
		return
	}
	switch a.State {
	case ops.EffectPresent:
		r.Tone, r.Settled = "good", "Settled by reading: the "+thing+" is now "+wanted+", as asked. Something else may have caused it."
	case ops.EffectAbsent:
		r.Tone, r.Settled = "warn", "Settled by reading: after "+number(a.Looks)+" looks the "+thing+" has not changed. It did not take effect."
	case ops.Undetermined:
		r.Tone, r.Settled = "warn", "This cannot be told: what the CMP says of the "+thing+" fits neither what was asked nor what was before."
	case ops.Dispatched:
		r.Tone, r.Title, r.Text, r.LookHref = "warn", "Sent. The answer is not here yet.", "Wait a moment and look again. No other change of this "+thing+" is possible until then.", subjectHref(a)
		return
	default:
		r.LookHref = subjectHref(a)
		r.Text = a.Why + " The change was sent once and may or may not have taken effect. There is nothing to send again: the console " +
			"reads the " + thing + " by itself until it knows, for at least 15 minutes while nothing has changed. No other change is possible until then."
		return
	}
	r.Title, r.Text = "The answer was lost.", "Settled "+k.at(a.Settled).Text+"."
}
