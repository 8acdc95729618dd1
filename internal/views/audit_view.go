package views

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// auditDetail is one row of the log for its page. related are the rows of the same action, the row among them.
func (k clock) auditDetail(r audit.Row, related []audit.Row) templates.AuditDetail {
	st := storyOf(r, related)
	v := templates.AuditDetail{
		Seq: strconv.FormatInt(r.Seq, 10), Action: string(r.Action), Phase: string(r.Phase), Outcome: auditOutcome(r.Entry), At: k.stamp(r.Time),
		Sentence: auditSentence(r, st), Text: auditText(r, st), Reason: r.Reason, Code: r.UpstreamCode, Message: r.UpstreamMessage, Change: k.change(st),
		Chain: []templates.Fact{{Name: "Hash", Value: hex.EncodeToString(r.Hash), ID: true}, {Name: "Previous", Value: hex.EncodeToString(r.PrevHash), ID: true}},
	}
	if v.Outcome.Plain && r.Outcome == audit.OK {
		v.Outcome.Tone = "" // a look is no success
	}
	v.Tone = v.Outcome.Tone
	if r.Phase == audit.PhaseOutcome {
		v.Took = took(ops.Action{State: ops.State(r.Outcome), LatencyMS: r.LatencyMS})
		k.closeDoubt(st, &v)
	}
	if r.Outcome == audit.OK {
		v.Code, v.Message = "", ""
	}
	k.auditFacts(r, st, &v)
	return v
}

// closeDoubt says how reads have settled an outcome that was unknown. It alarms no more then.
func (k clock) closeDoubt(st story, v *templates.AuditDetail) {
	if st.self.Outcome != audit.Unknown || st.settled.Seq == 0 {
		return
	}
	v.Outcome, v.Tone = settledBadge(st.settled.Outcome), outcomeBadge(st.settled.Outcome).Tone
	v.Text, v.Settled = st.self.Get("why"), settledText(st.settled)+" "+k.stamp(st.settled.Time).Text+", row "+strconv.FormatInt(st.settled.Seq, 10)+"."
}

// auditFacts tells who, when and from where, and then all else that the row holds.
func (k clock) auditFacts(r audit.Row, st story, v *templates.AuditDetail) {
	at := k.stamp(r.Time)
	add := func(f templates.Fact) {
		if f.Value != "" || f.At != nil {
			v.Facts = append(v.Facts, f)
		}
	}
	add(templates.Fact{Name: "Who", Value: r.Actor, Note: roleWords(r.Roles)})
	add(templates.Fact{Name: "When", At: &at})
	add(templates.Fact{Name: "Device", Value: r.Device, ID: true, Href: linkTo(deviceHref, r.Device)})
	add(templates.Fact{Name: "Order", Value: r.Order, ID: true, Href: linkTo(orderHref, r.Order)})
	add(templates.Fact{Name: "From", Value: r.IP})
	add(templates.Fact{Name: "Session", Value: r.Session})
	add(templates.Fact{Name: "Request", Value: r.RequestID, ID: true})
	if r.Outcome == audit.OK {
		add(templates.Fact{Name: "Answer", Value: r.UpstreamCode, Note: r.UpstreamMessage})
	}
	if r.Of > 0 && r.Action != audit.AuditRedact {
		add(templates.Fact{Name: "Intent", Value: "Row " + strconv.FormatInt(r.Of, 10), Href: auditHref(r.Of)})
	}
	for _, d := range r.Detail {
		if f, told := detailFact(d, st); !told {
			v.Detail = append(v.Detail, f)
		}
	}
}

func roleWords(names string) string {
	if names == "" {
		return ""
	}
	var titles []string
	for name := range strings.SplitSeq(names, ",") {
		titles = append(titles, auth.Role(name).Title())
	}
	return strings.Join(titles, ", ")
}

// detailNames are the details that a row may hold, in the words of pages. One that is not here keeps its own name.
var detailNames = map[string]string{
	"action_id": "Action", "batch": "Ordered together", "before": "The page before", "by": "By", "device_type": "Device type", "starts": "Starts", "ends": "Ends", "field": "Value", "filter": "Filter", "first": "First row", "last": "Last row", "whole": "The whole log", "format": "Format", "hits": "Found", "key_before": "Key before", "key_now": "Key now", "last_run": "The run before",
	"kind": "Kind", "labels": "Labels", "labels_before": "Labels before", "labels_now": "Labels after", "labels_taken": "Labels taken off", "step": "Step", "note": "Note", "note_before": "Note before", "note_now": "Note after", "note_2": "Note, part 2", "number": "Number of the note", "author": "Author",
	"view": "View", "view_before": "Name before", "query": "Filters", "query_before": "Filters before", "query_2": "Filters, part 2", "query_before_2": "Filters before, part 2", "shared": "Shared", "shared_before": "Shared before", "columns": "Columns", "selection": "Selection", "line": "Line", "asks": "Asked of the CMP",
	"messages": "Messages", "method": "Method", "missing_accepted": "Missing devices accepted", "msg_id": "Message", "open": "Started at once", "package": "Package", "part": "File", "path": "Address", "periods": "Periods", "amount": "Amount", "paid": "Counts as paid", "test_flow": "Test traffic in MB",
	"ota": "OTA card", "auto_bind": "Bound at its first use of the network", "binary": "Binary", "segments": "Parts of the SMS",
	"push": "Callback", "report": "Report", "joined": "Joined by", "q": "Looked for", "rows": "Rows", "seq": "Row", "sessions": "Sessions ended", "status_read": "Read last", "size": "Up to row", "tab": "Tab", "throttled": "Wait", "user": "User", "roles": "Roles",
	"username": "User name", "verb": "Verb", "wanted": "Asked for", "why": "Why", "asked_by": "Asked by",
}

// detailFact words a detail, and says whether the page tells it already.
func detailFact(d audit.Field, st story) (f templates.Fact, told bool) {
	f = templates.Fact{Name: d.Key, Value: d.Value}
	if name, ok := detailNames[d.Key]; ok {
		f.Name = name
	}
	switch d.Key {
	case "before_status", "wanted_status", "bound_before", "bound_wanted", "orders_before":
		return f, true
	case "status_read": // a person's word does not rest on it alone
		return f, isSettlement(st.self.Action) && byItself(st.self)
	case "why":
		return f, strings.Contains(auditText(st.self, st), d.Value)
	case "batch":
		f.Href = batchHref(d.Value)
	case "msg_id":
		f.ID, f.Href = true, smsHref(d.Value)
	case "action_id":
		f.ID = true
	case "ota", "auto_bind", "binary", "open", "paid":
		f.Value = strings.NewReplacer("true", "Yes", "false", "No").Replace(d.Value)
	}
	return f, false
}

// stepWord names a row of an action.
func stepWord(r audit.Row) string {
	switch {
	case r.Phase == audit.Intent:
		return "Intent"
	case r.Phase == audit.PhaseOutcome:
		return "Outcome"
	case isSettlement(r.Action):
		return "Settled"
	case r.Action == audit.DoubtTask:
		return "Handed to a person"
	}
	return actionWord(r.Action)
}

// auditStep is one row of an action beside the others, with how long after the first it was written.
func (k clock) auditStep(r, first audit.Row, shown int64) templates.AuditStep {
	step := templates.AuditStep{Seq: strconv.FormatInt(r.Seq, 10), What: stepWord(r), Who: r.Actor, At: k.stamp(r.Time), Outcome: auditOutcome(r.Entry), Current: r.Seq == shown}
	if r.Phase == audit.Intent {
		step.Outcome.Word = ""
	}
	if byItself(r) {
		step.Who = "the console"
	}
	if r.Seq != first.Seq {
		step.Later = "+ " + span(r.Time.Sub(first.Time))
	}
	return step
}

// span writes a length of time in the unit that fits it, in seconds up to three minutes.
func span(d time.Duration) string {
	switch {
	case d < time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s"
	case d < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	case d < 3*time.Minute:
		return number(int(d.Seconds()+0.5)) + " s"
	case d < 3*time.Hour:
		return number(int(d.Minutes()+0.5)) + " min"
	}
	return number(int(d.Hours()+0.5)) + " h"
}

func linkTo(href func(string) string, id string) string {
	if id == "" {
		return ""
	}
	return href(id)
}
