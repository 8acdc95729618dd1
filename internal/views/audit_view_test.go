package views

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// rowText is what the page of a row says in main, white space folded.
func (v *visitor) rowText(seq int64) string {
	v.t.Helper()
	return textOf(all(v.get(auditHref(seq)).want(v.t, http.StatusOK).tree(v.t), "main", "")[0])
}

// What came of a change is told as far as the log holds it, with where that is from. What was asked for is told as
// what came of it only when the CMP confirmed it.
func TestBeforeAndAfter(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	auditor := st.visit(t, auth.Auditor)
	pause := audit.Entry{Actor: "support", Action: audit.OrderPause, Order: "ORDER_1", Device: "8985", Detail: []audit.Field{{Key: "before_status", Value: "2"}, {Key: "wanted_status", Value: "5"}}}
	bind := audit.Entry{Actor: "support", Action: audit.IMEIBind, Device: "8985", Detail: []audit.Field{{Key: "bound_before", Value: ""}, {Key: "bound_wanted", Value: "860996043052016"}}}
	sms := audit.Entry{Actor: "support", Action: audit.SMSSend, Device: "8985", Detail: []audit.Field{{Key: "msg_id", Value: "LK1"}}}
	buy := audit.Entry{Actor: "manager", Action: audit.OrderCreate, Device: "8985", Detail: []audit.Field{{Key: "package", Value: "LP1"}, {Key: "orders_before", Value: ""}, {Key: "periods", Value: "2"}}}
	more, old := buy, buy
	more.Detail = []audit.Field{{Key: "package", Value: "LP1"}, {Key: "orders_before", Value: "ORDER_1, ORDER_2"}}
	old.Detail = []audit.Field{{Key: "package", Value: "LP1"}}
	const imei = "8609 9604 3052 016" // grouped by markup, whole when copied
	for _, tt := range []struct {
		name                  string
		e                     audit.Entry
		outcome, settled      string
		read                  string
		asked, before, follow string
	}{
		{"on its way", pause, "", "", "", "Suspended", "In use", "After Not known yet How the request ended is not recorded yet."},
		{"confirmed", pause, audit.OK, "", "", "Suspended", "In use", "After, as the CMP confirmed Suspended By its answer alone, "},
		{"rejected", pause, audit.Rejected, "", "", "Suspended", "In use", "After: unchanged In use By the CMP's answer, "},
		{"not sent", pause, audit.NotSent, "", "", "Suspended", "In use", "After: unchanged In use Nothing left the console, "},
		{"lost", pause, audit.Unknown, "", "", "Suspended", "In use", "After Not known The answer was lost, and no read has told since."},
		{"seen", pause, audit.Unknown, string(ops.EffectPresent), "5", "Suspended", "In use", "After, as it was read Suspended Read from the CMP by the console, "},
		{"absent", pause, audit.Unknown, string(ops.EffectAbsent), "2", "Suspended", "In use", "After, as it was read In use Read from the CMP by the console, "},
		{"gone", pause, audit.Unknown, string(ops.Undetermined), "gone", "Suspended", "In use", "After, as it was read The CMP knows no such order any more Read"},
		{"a status nobody knows", pause, audit.Unknown, string(ops.Undetermined), "9", "Suspended", "In use", "After, as it was read Status 9 Read"},
		{"bound", bind, audit.OK, "", "", imei, "Bound to no IMEI", "After, as the CMP confirmed " + imei + " By its answer"},
		{"not bound", bind, audit.Rejected, "", "", imei, "Bound to no IMEI", "After: unchanged Bound to no IMEI By the CMP's answer, "},
		{"not bound, as read", bind, audit.Unknown, string(ops.EffectAbsent), "", imei, "Bound to no IMEI", "After, as it was read Bound to no IMEI Read"},
		{"message", sms, audit.OK, "", "", "Taken by the CMP", "A new message", "After, as the CMP confirmed Taken by the CMP By its answer"},
		{"message not taken", sms, audit.Rejected, "", "", "Taken by the CMP", "A new message", "After: unchanged As before By the CMP's answer"},
		{"message unknown", sms, audit.Unknown, string(ops.EffectAbsent), "", "Taken by the CMP", "A new message", "After, as it was read Not known to the CMP Read"},
		{"ordered", buy, audit.OK, "", "", "One order more of package LP1", "No order of this package", "After, as the CMP confirmed One order more of package LP1 By its answer"},
		{"ordered, as read", buy, audit.Unknown, string(ops.EffectPresent), "new orders: ORDER_9", "One order more of package LP1", "No order of this package", "After, as it was read New: ORDER_9 Read"},
		{"not ordered, as read", buy, audit.Unknown, string(ops.EffectAbsent), "new orders: ", "One order more of package LP1", "No order of this package", "After, as it was read No new order of this package Read"},
		{"ordered once more", more, audit.OK, "", "", "One order more of package LP1", "Orders of this package: ORDER_1, ORDER_2", "After, as the CMP confirmed One order more of package LP1 By its answer"},
		{"ordered, counted by an earlier version", old, audit.Unknown, string(ops.EffectPresent), "3", "One order more of package LP1", "Not in the log", "After, as it was read 3 orders of this package on the device Read"},
	} {
		seqs := st.action(t, tt.e, tt.outcome, tt.settled, tt.read)
		for _, seq := range seqs { // every row of the action tells the same
			text := auditor.rowText(seq)
			for _, want := range []string{"Asked for: " + tt.asked + " Before " + tt.before, tt.follow} {
				if !strings.Contains(text, want) {
					t.Errorf("%s, row %d: want %q in %s", tt.name, seq, want, text)
				}
			}
		}
	}
}

// action appends the rows of one action: its intent and, unless they are empty, its outcome and settlement.
func (st *site) action(t *testing.T, e audit.Entry, outcome, settled, read string) []int64 {
	t.Helper()
	e.Phase = audit.Intent
	seqs := []int64{st.append(t, e)}
	if outcome != "" {
		e.Phase, e.Outcome, e.Of = audit.PhaseOutcome, outcome, seqs[0]
		seqs = append(seqs, st.append(t, e))
	}
	if settled != "" {
		rule, verb := audit.OrderSettled, strings.TrimPrefix(string(e.Action), "order.")
		seqs = append(seqs, st.append(t, audit.Entry{Actor: "console", Action: rule, Phase: audit.Event, Outcome: settled, Device: e.Device, Order: e.Order, Of: seqs[0],
			Detail: []audit.Field{{Key: "verb", Value: verb}, {Key: "status_read", Value: read}}}))
	}
	return seqs
}

func (st *site) append(t *testing.T, e audit.Entry) int64 {
	t.Helper()
	seq, err := st.Audit.Append(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// What a person has settled rests on their word, and is told so; what was read last stands apart.
func TestSettledByAPerson(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	rows := st.action(t, audit.Entry{Actor: "support", Action: audit.OrderPause, Order: "ORDER_1", Detail: []audit.Field{{Key: "before_status", Value: "2"}, {Key: "wanted_status", Value: "5"}}}, audit.Unknown, "", "")
	task := st.append(t, audit.Entry{Actor: "console", Action: audit.DoubtTask, Phase: audit.Event, Outcome: audit.Unknown, Order: "ORDER_1", Of: rows[0]})
	settled := st.append(t, audit.Entry{Actor: "admin", Action: audit.OrderSettled, Phase: audit.Event, Outcome: string(ops.EffectAbsent), Reason: "Asked the CMP's desk", Order: "ORDER_1", Of: rows[0],
		Detail: []audit.Field{{Key: "verb", Value: "pause"}, {Key: "status_read", Value: "3"}}})
	for seq, says := range map[int64][]string{
		rows[1]: {"Outcome unknown, settled: not in effect", "After, as a person settled it It did not take effect By the word of admin,"},
		task:    {"The console could not find out by reading what became of pausing order ORDER_1", "A person has to settle it.", "Handed to a person"},
		settled: {"admin settled what became of pausing order ORDER_1 No effect By a person: it did not take effect.", "Reason Asked the CMP's desk", "Read last 3"},
	} {
		text := v.rowText(seq)
		for _, want := range says {
			if !strings.Contains(text, want) {
				t.Errorf("row %d: want %q in %s", seq, want, text)
			}
		}
	}
}

// Every kind of row says in a sentence who did what, and how it ended.
func TestRowsInWords(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	auditor := st.visit(t, auth.Auditor)
	about := []audit.Field{{Key: "before_status", Value: "2"}, {Key: "wanted_status", Value: "5"}}
	end := audit.Entry{Actor: "support", Action: audit.OrderEnd, Order: "ORDER_1", Device: "8985", Reason: "Ticket 4711", Detail: about, LatencyMS: 388}
	row := func(phase audit.Phase, outcome string, change func(*audit.Entry)) audit.Entry {
		e := end
		e.Phase, e.Outcome = phase, outcome
		change(&e)
		return e
	}
	as := func(*audit.Entry) {}
	event := func(action audit.Action, outcome string, pairs ...string) audit.Entry {
		e := audit.Entry{Actor: "anna", Action: action, Phase: audit.Event, Outcome: outcome}
		for i := 0; i < len(pairs); i += 2 {
			e.Detail = append(e.Detail, audit.Field{Key: pairs[i], Value: pairs[i+1]})
		}
		return e
	}
	for _, tt := range []struct {
		e    audit.Entry
		says []string
	}{
		{row(audit.Intent, "", as), []string{"support asked to end order ORDER_1 of device 8985 early Intent Recorded before the request may leave.", "Reason Ticket 4711"}},
		{row(audit.PhaseOutcome, audit.OK, as), []string{"support ended order ORDER_1 of device 8985 early Done The CMP accepted it.", "answered in 388 ms"}},
		{row(audit.PhaseOutcome, audit.Rejected, func(e *audit.Entry) { e.UpstreamCode, e.UpstreamMessage = "1002", "不允许" }), []string{"asked to end order ORDER_1 of device 8985 early Rejected The CMP rejected it", "The CMP said 1002 不允许"}},
		{row(audit.PhaseOutcome, audit.Rejected, as), []string{"early Rejected The gateway refused it, so nothing was changed."}},
		{row(audit.PhaseOutcome, audit.NotSent, as), []string{"early Not sent It was not sent, so nothing was changed."}},
		{row(audit.PhaseOutcome, audit.Unknown, func(e *audit.Entry) {
			e.Actor, e.Detail = "console", []audit.Field{{Key: "why", Value: "It was interrupted."}}
		}), []string{"The console found no answer to ending order ORDER_1", "It was interrupted. It may or may not have taken effect"}},
		{row(audit.Event, audit.Refused, func(e *audit.Entry) {
			e.Detail = append([]audit.Field{{Key: "why", Value: "The order has changed."}}, about...)
		}), []string{"asked to end order ORDER_1", "Refused here The console refused it, and nothing was sent. The order has changed.", "Before In use As the page with the form had read it.", "After Not touched by this console Nothing was sent."}},
		{event(audit.AccessDenied, audit.Denied, "method", "GET", "path", "/users", "why", "no permission users:manage"), []string{"anna was denied “GET /users” Denied Nothing was done: no permission users:manage."}},
		{audit.Entry{Action: audit.SessionLoginFailed, Phase: audit.Event, Outcome: audit.Denied, Detail: []audit.Field{{Key: "username", Value: "support"}}}, []string{"Somebody who was not signed in tried to sign in as “support” Denied The name or the password was wrong."}},
		{event(audit.SessionLogin, audit.OK), []string{"anna signed in Done"}},
		{event(audit.Search, audit.OK, "q", "8985", "hits", "2"), []string{"anna searched for “8985” Done", "Found 2"}},
		{audit.Entry{Actor: "anna", Action: audit.DeviceView, Phase: audit.Event, Outcome: audit.OK, Device: "8985", Detail: []audit.Field{{Key: "tab", Value: "sms"}}}, []string{"anna looked at the SMS of device 8985 Done"}},
		{audit.Entry{Actor: "anna", Action: audit.DeviceView, Phase: audit.Event, Outcome: audit.Failed, Device: "8985", Detail: []audit.Field{{Key: "why", Value: "It timed out."}}}, []string{"anna tried to look at device 8985 Failed It failed. It timed out."}},
		{event(audit.AuditView, audit.OK, "filter", "actor=support"), []string{"anna searched the log for “actor=support” Done"}},
		{event(audit.AuditView, audit.OK, "seq", "1"), []string{"anna looked at row 1 of the log Done"}},
		{event(audit.SelectionCreate, audit.OK, "rows", "1"), []string{"anna kept a selection of 1 device Done"}},
		{event(audit.AuditExport, audit.OK, "format", "jsonl", "rows", "12", "filter", ""), []string{"anna exported 12 rows of the log as JSON Lines Done"}},
		{event(audit.AuditExport, audit.OK, "part", "note", "size", "512"), []string{"anna took the newest checkpoints of the log away Done", "Up to row 512"}},
		{audit.Entry{Actor: "root", Action: audit.AuditRedact, Phase: audit.Event, Outcome: audit.OK, Device: "8985", Of: 1, Reason: "Asked for", Detail: []audit.Field{{Key: "field", Value: "text"}}}, []string{"root erased the text that was kept beside row 1 about device 8985 Done Reason Asked for"}},
		{audit.Entry{Actor: "root", Action: audit.AuditRedact, Phase: audit.Event, Outcome: audit.OK, Device: "8985", Reason: "Asked for", Detail: []audit.Field{{Key: "field", Value: "text"}, {Key: "push", Value: "7"}}}, []string{"root erased the text of an SMS that came with callback 7 about device 8985 Done Reason Asked for"}},
		{event(audit.UserCreate, audit.OK, "user", "bert"), []string{"anna made the user “bert” Done"}},
		{event("push.new_kind", audit.OK, "colour", "red"), []string{"anna did push.new_kind", "colour red"}},
	} {
		text := auditor.rowText(st.append(t, tt.e))
		for _, want := range tt.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s, %s: want %q in %s", tt.e.Action, tt.e.Outcome, want, text)
			}
		}
	}
}

// No action of the vocabulary is left without words of its own.
func TestEveryActionHasWords(t *testing.T) {
	t.Parallel()
	for _, a := range audit.Actions() {
		_, event := events[a]
		if _, change := phrases[a]; !change && !event && !isSettlement(a) {
			t.Errorf("%s has no words", a)
		}
	}
}

// The rows of one action stand beside each other, the shown one marked; a doubt that reads have settled says so.
func TestTheSameAction(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.sim.Script(cmpsim.Fault{Path: "device/pauseService", Times: 1, Kind: cmpsim.KindResetAfter})
	v.act("/orders/"+cmpsim.DemoOrder+"/pause", "Customer asked")
	v.get("/orders/"+cmpsim.DemoOrder).want(t, http.StatusOK) // settles it
	outcomes, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.OrderPause), Outcome: audit.Unknown})
	if err != nil || len(outcomes) != 1 {
		t.Fatal(outcomes, err)
	}
	page := st.visit(t, auth.Auditor).get(auditHref(outcomes[0].Seq)).want(t, http.StatusOK)
	steps := all(page.tree(t), "li", "data-id")
	if len(steps) != 3 || attr(steps[1], "aria-current") != "true" || attr(steps[0], "aria-current") != "" || !strings.HasPrefix(textOf(steps[2]), "Settled Effect seen") || !strings.Contains(textOf(steps[2]), "by the console") {
		t.Errorf("%d steps: %s", len(steps), page.body)
	}
	if text := textOf(page.tree(t)); !strings.Contains(text, "Outcome unknown, settled: in effect") || !strings.Contains(text, "By reading: it is as was asked for.") {
		t.Error(text)
	}
}

// A row says whether a signed checkpoint vouches for it.
func TestCoveredRows(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	st.checkpoint(t)
	if text := v.rowText(1); !strings.Contains(text, "Proven by a signed checkpoint. It covers rows 1 to 1 and was signed") {
		t.Error(text)
	}
	if text := v.rowText(2); !strings.Contains(text, "No signed checkpoint covers this row yet.") {
		t.Error(text)
	}
}

// What one did today is one step from every page: in the navigation and on the home page under its name, and for those
// who read the whole log as one of its lists.
func TestMyActions(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.append(t, audit.Entry{Actor: "anna", Action: audit.Search, Phase: audit.Event, Outcome: audit.OK})
	for role, want := range map[auth.Role]struct{ nav, mine, today string }{
		auth.Support: {"My actions", "/audit", "/audit?from="},
		auth.Auditor: {"Audit log", "/audit?actor=auditor", "/audit?actor=auditor&from="},
	} {
		v := st.visit(t, role)
		v.get("/devices").want(t, http.StatusOK)
		home := v.get("/").want(t, http.StatusOK).tree(t)
		if linked(home, "My actions") == "" || linked(home, want.nav) != "/audit" {
			t.Errorf("%s: home leads to %q and %q", role, linked(home, "My actions"), linked(home, want.nav))
		}
		list := v.get(want.mine).want(t, http.StatusOK)
		if text := textOf(all(list.tree(t), "table", "")[0]); strings.Contains(text, "anna") || !strings.Contains(text, "device.list") {
			t.Errorf("%s: %s", role, text)
		}
		if !strings.Contains(list.body, strings.ReplaceAll(want.today, "&", "&amp;")+time.Now().UTC().Format(time.DateOnly)) {
			t.Errorf("%s is not led to what they did today", role)
		}
		if offers := strings.Contains(list.body, "/audit/checkpoint?part="); offers != (role == auth.Auditor) {
			t.Errorf("%s is offered checkpoints: %v", role, offers)
		}
	}
}

// Lengths of time that stand one above the other are in one unit.
func TestSpans(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{8 * time.Millisecond: "0.01 s", 388 * time.Millisecond: "0.39 s", 8311 * time.Millisecond: "8.3 s", 17 * time.Second: "17 s", 179 * time.Second: "179 s", 10 * time.Minute: "10 min", 26 * time.Hour: "26 h"} {
		if got := span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// Every outcome that a row can have can be filtered by.
func TestEveryOutcomeIsOffered(t *testing.T) {
	t.Parallel()
	view := templates.AuditList{Outcome: string(ops.Undetermined)}
	auditOptions(&view)
	offered := map[string]bool{}
	for _, o := range view.Outcomes {
		offered[o.Value] = o.Selected
	}
	for outcome := range outcomeWords {
		if chosen, ok := offered[outcome]; !ok || chosen != (outcome == string(ops.Undetermined)) {
			t.Errorf("%s: offered %t, chosen %t", outcome, ok, chosen)
		}
	}
}
