package views

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

const (
	unknownDevice = "89000000000000000000"
	unknownOrder  = "ORDER_unknown"
)

// Who looked at what is in the log before the page leaves, also when there was nothing to see.
func TestWhatWasLookedAtIsRecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	for _, tt := range []struct {
		path                           string
		action                         audit.Action
		status                         int
		outcome, device, order, detail string
	}{
		{"/search?q=" + cmpsim.DemoInUse, audit.Search, 303, "ok", "", "", "hits=1 q=" + cmpsim.DemoInUse},
		{"/search?q=" + cmpsim.DemoOrder, audit.Search, 303, "ok", "", "", "hits=1 q=" + cmpsim.DemoOrder},
		{"/search?q=++zz%3Czz++", audit.Search, 200, "ok", "", "", "hits=0 q=zz<zz"},
		{"/search", audit.Search, 200, "ok", "", "", ""},
		{"/devices/" + cmpsim.DemoInUse, audit.DeviceView, 200, "ok", cmpsim.DemoInUse, "", ""},
		{"/devices/" + unknownDevice, audit.DeviceView, 404, "failed", unknownDevice, "", ""},
		{"/devices/1%3C", audit.DeviceView, 422, "failed", "1<", "", ""},
		{"/devices?status=2", audit.DeviceList, 200, "ok", "", "", "filter=status=2"},
		{"/devices?used=x", audit.DeviceList, 422, "failed", "", "", "filter=used=x"},
		{"/orders?status=5", audit.OrderList, 200, "ok", "", "", "filter=status=5"},
		{"/orders?device=8985-2026&order=X", audit.OrderList, 200, "ok", "89852026", "X", "filter=device=8985-2026&order=X"},
		{"/orders/" + cmpsim.DemoOrder, audit.OrderView, 200, "ok", cmpsim.DemoInUse, cmpsim.DemoOrder, ""},
		{"/orders/" + unknownOrder, audit.OrderView, 404, "failed", "", unknownOrder, ""},
		{"/orders/a%20b", audit.OrderView, 422, "failed", "", "a b", ""},
		{"/audit", audit.AuditView, 200, "ok", "", "", "filter="},
		{"/audit?device=8985+2026&order=X&actor=y", audit.AuditView, 200, "ok", "89852026", "X", "filter=device=8985+2026&order=X&actor=y"},
		{"/audit/1", audit.AuditView, 200, "ok", "", "", "seq=1"},
		{"/audit/4711", audit.AuditView, 404, "failed", "", "", "seq=4711"},
		{"/audit/zero", audit.AuditView, 422, "failed", "", "", ""},
	} {
		a := v.get(tt.path, "User-Agent", "x").want(t, tt.status)
		row, ok := st.rowOf(t, a, tt.action)
		if !ok || row.Actor != "auditor" || row.Phase != audit.Event || row.Outcome != tt.outcome || row.Device != tt.device || row.Order != tt.order || row.IP != "127.0.0.1" || row.Session == "" {
			t.Errorf("%s: recorded %v %+v", tt.path, ok, row.Entry)
		}
		if got := joined(row); got != tt.detail {
			t.Errorf("%s: detail %q, want %q", tt.path, got, tt.detail)
		}
	}
}

// joined is the detail of a row as text, in the order of its keys.
func joined(row audit.Row) string {
	var parts []string
	for _, key := range []string{"before", "filter", "hits", "q", "seq"} {
		if value, ok := details(row)[key]; ok {
			parts = append(parts, key+"="+value)
		}
	}
	return strings.Join(parts, " ")
}

// A read that the CMP does not answer is recorded with what it was about, as failed.
func TestReadsThatFailAreRecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t, failing(&cmp.Error{Kind: cmp.Unknown, Err: errors.New("reset")}))
	v := st.visit(t, auth.Support)
	for path, want := range map[string]audit.Entry{
		"/search?q=8985":               {Action: audit.Search},
		"/devices/" + cmpsim.DemoInUse: {Action: audit.DeviceView, Device: cmpsim.DemoInUse},
		"/orders/" + cmpsim.DemoOrder:  {Action: audit.OrderView, Order: cmpsim.DemoOrder},
	} {
		row, ok := st.rowOf(t, v.get(path).want(t, 502), want.Action)
		if !ok || row.Outcome != audit.Failed || row.Device != want.Device || row.Order != want.Order || !strings.HasPrefix(details(row)["why"], "The connection broke") {
			t.Errorf("%s: recorded %v %+v", path, ok, row.Entry)
		}
	}
}

// The row of a failed look says why in words that stand by themselves, with what the CMP said, as its page does.
func TestWhyALookFailed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err                  error
		status               int
		why, code, said, row string
	}{
		{&cmp.Error{Kind: cmp.Rejected, Code: "9999", Message: "busy"}, 502, "The CMP refused it.", "9999", "busy", "The CMP said 9999 busy"},
		{&cmp.Error{Op: cmp.CallDevice, Kind: cmp.Rejected, Code: "2001", Message: "gone"}, 404, "The CMP does not know this device. Check", "2001", "gone", "The CMP said 2001 gone"},
		{&cmp.Error{HTTPStatus: 429}, 502, "The CMP is asked too often and refuses to answer for now (HTTP 429).", "", "", "It failed. The CMP is asked too often"},
		{errors.New(secretCause), 500, "The console could not do this.", "", "", "It failed. The console could not"},
	} {
		st := newSite(t, failing(tt.err))
		v := st.visit(t, auth.Support)
		row, ok := st.rowOf(t, v.get("/devices/"+cmpsim.DemoInUse).want(t, tt.status), audit.DeviceView)
		if !ok || !strings.HasPrefix(details(row)["why"], tt.why) || row.UpstreamCode != tt.code || row.UpstreamMessage != tt.said || strings.Contains(details(row)["why"], "stand below") {
			t.Errorf("%v: recorded %v %+v", tt.err, ok, row.Entry)
		}
		if text := textOf(v.get(auditHref(row.Seq)).want(t, 200).tree(t)); !strings.Contains(text, tt.row) {
			t.Errorf("the row's page does not say %q: %s", tt.row, text)
		}
	}
}

// An order that was acted on shows the action's result also when it cannot be read; the look is a failed one.
func TestAnOrderThatCannotBeReadAfterAnAction(t *testing.T) {
	t.Parallel()
	var broken error
	st := newSite(t, func(d *Deps) {
		inner := d.CMP
		d.CMP = &stub{upstream: inner, order: func(id string) (cmp.Order, error) {
			if broken != nil {
				return cmp.Order{}, broken
			}
			return inner.Order(t.Context(), id)
		}}
	})
	v := st.visit(t, auth.Support)
	v.act("/orders/"+cmpsim.DemoOrder+"/pause", "Customer asked")
	broken = &cmp.Error{Kind: cmp.Unknown, Err: errors.New(secretCause)}
	a := v.get("/orders/"+cmpsim.DemoOrder).want(t, 502)
	hooks := all(a.tree(t), "", "data-outcome")
	if len(hooks) == 0 || attr(hooks[0], "data-outcome") != "ok" || strings.Contains(a.body, "hidden-cause") || len(all(a.tree(t), "", "data-status")) != 0 {
		t.Errorf("%s", textOf(a.tree(t)))
	}
	text := textOf(a.tree(t))
	for _, says := range []string{"Paused. The CMP accepted it.", "The order could not be read since", "The order could not be read just now. The connection broke", "Reference " + a.header.Get("X-Request-Id")} {
		if !strings.Contains(text, says) {
			t.Errorf("the page does not say %q: %s", says, text)
		}
	}
	if strings.Contains(text, "What the page shows has been read") || strings.Contains(strings.ToLower(text[:strings.Index(text, "Reference")]), "nothing was changed") || linked(a.tree(t), "Try again") == "" {
		t.Errorf("the page claims what is not so, or leads nowhere: %s", text)
	}
	if row, ok := st.rowOf(t, a, audit.OrderView); !ok || row.Outcome != audit.Failed || row.Order != cmpsim.DemoOrder || row.Device != cmpsim.DemoInUse {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
}

// A doubt that a look could settle, but for the database, stays; the order is shown and says so.
func TestADoubtThatCannotBeSettledNow(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.sim.Script(cmpsim.Fault{Path: "device/pauseService", Times: 1, Kind: cmpsim.KindResetAfter})
	v.act("/orders/"+cmpsim.DemoOrder+"/pause", "Customer asked")
	st.refuseRows(t)
	a := v.get("/orders/"+cmpsim.DemoOrder).want(t, 200)
	tree := a.tree(t)
	if status, outcome := all(tree, "", "data-status"), all(tree, "", "data-outcome"); len(status) == 0 || attr(status[0], "data-status") != "5" || len(outcome) == 0 || attr(outcome[0], "data-outcome") != audit.Unknown {
		t.Errorf("%s", textOf(tree))
	}
	if text := textOf(tree); !strings.Contains(text, "The last change could not be settled just now.") || strings.Contains(a.body, "/restart") {
		t.Errorf("%s", text)
	}
	for _, section := range all(v.get("/").want(t, 200).tree(t), "section", "id") {
		if attr(section, "id") == "doubts" && strings.Contains(textOf(section), cmpsim.DemoOrder) {
			return
		}
	}
	t.Error("home lists no doubt")
}

// Whose row it is not may not read it, and the try is recorded twice: as a denial and as a look that failed.
func TestRowsOfOthers(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, other, auditor := st.visit(t, auth.Support), st.visit(t, auth.Manager), st.visit(t, auth.Auditor)
	other.get("/devices/"+cmpsim.DemoInUse).want(t, 200) // row 1
	a := v.get("/audit/1").want(t, 403)
	if d := st.denied(t, a); d["why"] != "row of somebody else" || d["path"] != "/audit/1" {
		t.Errorf("recorded %v", d)
	}
	if row, ok := st.rowOf(t, a, audit.AuditView); !ok || row.Outcome != audit.Failed {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	for who, a := range map[string]answer{"whose it is": other.get("/audit/1"), "an auditor": auditor.get("/audit/1")} {
		if a.status != 200 || !strings.Contains(a.body, cmpsim.DemoInUse) {
			t.Errorf("%s: %d", who, a.status)
		}
	}
	for _, query := range []string{"", "?actor=manager", "?device=" + cmpsim.DemoInUse, "?actor=%25"} {
		if list := v.get("/audit"+query).want(t, 200); strings.Contains(textOf(all(list.tree(t), "main", "")[0]), "device.view manager") || strings.Contains(list.body, `href="/audit/1"`) {
			t.Errorf("%q lists rows of others", query)
		}
	}
}

// The page before an action re-reads its order: a look like any other, with the verb it was for.
func TestPreflightsAreRecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for _, verb := range []string{"open", "pause", "restart", "cancel", "end"} {
		row, ok := st.rowOf(t, v.get("/orders/"+cmpsim.DemoOrder+"/"+verb), audit.OrderView)
		if !ok || row.Actor != "support" || row.Order != cmpsim.DemoOrder || row.Outcome != audit.OK || joined(row) != "before="+verb {
			t.Errorf("%s: recorded %v %+v", verb, ok, row.Entry)
		}
	}
	if row, ok := st.rowOf(t, v.get("/orders/"+unknownOrder+"/pause").want(t, 404), audit.OrderView); !ok || row.Order != unknownOrder || row.Outcome != audit.Failed {
		t.Errorf("an unknown order: recorded %v %+v", ok, row.Entry)
	}
}

// From a row the steps and the related rows lead on to rows that the reader may open, and to no other.
func TestStepsFromRowToRow(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	for _, e := range []audit.Entry{
		{Actor: "support", Action: audit.Search, Phase: audit.Event}, {Actor: "manager", Action: audit.Search, Phase: audit.Event},
		{Actor: "support", Action: audit.OrderPause, Phase: audit.Intent}, {Actor: "support", Action: audit.OrderPause, Phase: audit.PhaseOutcome, Of: 3},
		{Actor: "console", Action: audit.OrderSettled, Phase: audit.Event, Of: 3}, {Actor: "support", Action: audit.Search, Phase: audit.Event},
	} {
		if _, err := st.Audit.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	visitors := map[auth.Role]*visitor{auth.Support: st.visit(t, auth.Support), auth.Auditor: st.visit(t, auth.Auditor)}
	for _, tt := range []struct {
		role  auth.Role
		path  string
		leads []string
	}{
		{auth.Support, "/audit/1", []string{"/audit/3"}},
		{auth.Support, "/audit/3", []string{"/audit/4", "/audit/1", "/audit/3", "/audit/4"}},
		{auth.Support, "/audit/4", []string{"/audit/6", "/audit/3", "/audit/3", "/audit/3", "/audit/4"}},
		{auth.Auditor, "/audit/1", []string{"/audit/2"}},
		{auth.Auditor, "/audit/3", []string{"/audit/4", "/audit/2", "/audit/3", "/audit/4", "/audit/5"}},
	} {
		var leads []string
		for _, a := range all(visitors[tt.role].get(tt.path).want(t, 200).tree(t), "a", "href") {
			if href := attr(a, "href"); strings.HasPrefix(href, "/audit/") && !strings.HasPrefix(href, "/audit/checkpoint") {
				leads = append(leads, attr(a, "href"))
			}
		}
		if slices.Sort(leads); !slices.Equal(leads, slices.Sorted(slices.Values(tt.leads))) {
			t.Errorf("%s at %s is led to %v, want %v", tt.role, tt.path, leads, tt.leads)
		}
	}
}

// Refreshing is recorded with the change it makes; the home page leaves no row.
func TestOtherRows(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	a := v.post("/devices/"+cmpsim.DemoInUse+"/refresh", nil).want(t, 303)
	if row, ok := st.rowOf(t, a, audit.DeviceRefresh); !ok || row.Device != cmpsim.DemoInUse || row.Outcome != audit.OK {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	for _, path := range []string{"/", "/livez", "/readyz", "/login", "/nothing", "/static/console.css"} {
		v.get(path)
	}
	if n, err := st.Audit.Count(t.Context()); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// The log is shown, and a list of devices handed out, only when that is recorded. The way to the switches stays open: it is the way out.
func TestTheLogIsNotReadUnrecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.visit(t, auth.Support).act("/orders/"+cmpsim.DemoOrder+"/pause", "canary")
	auditor, admin := st.visit(t, auth.Auditor), st.visit(t, auth.Admin)
	if row, ok := st.rowOf(t, admin.get("/system").want(t, 200), audit.SystemView); !ok || row.Actor != "admin" {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	st.refuseRows(t)
	for _, path := range []string{"/audit", "/audit?q=canary", "/audit?from=nonsense", "/audit/1", "/audit/4711", "/audit/export?format=csv"} {
		a := auditor.get(path).want(t, 503)
		if text := textOf(a.tree(t)); !strings.Contains(text, "could not be recorded, so it ") || strings.Contains(text, "canary") {
			t.Errorf("%s: %s", path, text)
		}
	}
	auditor.get("/devices/export?format=csv").want(t, 503)
	admin.get("/system").want(t, 200)
}

// Reading goes on when the log takes no row, and the program's log says that one is missing.
func TestReadsWithoutALog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.refuseRows(t)
	a := v.get("/devices/"+cmpsim.DemoInUse).want(t, 200)
	if line := st.lineOf(t, "audit row not written", a.header.Get("X-Request-Id")); line["level"] != "ERROR" || line["action"] != "device.view" {
		t.Errorf("log line %v", line)
	}
}
