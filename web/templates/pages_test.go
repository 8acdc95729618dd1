package templates_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// TestOrderHooks: the first status in main is the order's own, and the first outcome that of its newest action.
func TestOrderHooks(t *testing.T) {
	t.Parallel()
	for _, result := range []string{"ok", "rejected", "unknown", "not_sent"} {
		body := mainOf(t, pages()["order"+result])
		if got := value(all(body, has("data-status"))[0], "data-status"); got != "2" {
			t.Errorf("%s: first data-status %q", result, got)
		}
		if got := value(all(body, has("data-outcome"))[0], "data-outcome"); got != result {
			t.Errorf("first data-outcome %q, want %q", got, result)
		}
		look := slices.ContainsFunc(all(body, tag("a")), func(n *html.Node) bool { return strings.Contains(text(n), "Look again") })
		if look != (result == "unknown") {
			t.Errorf("%s: look again is %v", result, look)
		}
	}
	settled := mainOf(t, pages()["ordersettled"])
	if !strings.Contains(text(settled), "Effect seen at 12:07:40") || value(all(settled, has("data-outcome"))[0], "data-outcome") != "unknown" {
		t.Error("a settled doubt keeps its outcome and says how it was settled")
	}
	if n := all(mainOf(t, pages()["order"]), has("data-outcome")); len(n) != 0 {
		t.Error("an outcome without an action")
	}
}

// TestRowHooks: each row of a list carries its id, and the list its count.
func TestRowHooks(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct{ rows, total int }{"devices": {24, 2314}, "orders": {4, 4}, "audit": {6, 1204811}, "audit-partly": {6, 10_000}, "audit-short": {0, 0}} {
		body := mainOf(t, pages()[name])
		rows := all(body, func(n *html.Node) bool { return n.Data == "tr" && has("data-id")(n) })
		if len(rows) != want.rows {
			t.Errorf("%s: %d rows", name, len(rows))
		}
		for _, row := range rows {
			if id := value(row, "data-id"); !strings.Contains(text(row), id) {
				t.Errorf("%s: the id %s does not stand ungrouped in its row: %s", name, id, text(row))
			}
		}
		totals := all(body, has("data-total"))
		if len(totals) != 1 || value(totals[0], "data-total") != strconv.Itoa(want.total) {
			t.Errorf("%s: totals %v", name, totals)
		}
	}
	body := mainOf(t, pages()["device"])
	if got := value(all(body, has("data-lifecycle"))[0], "data-lifecycle"); got != "2" {
		t.Errorf("data-lifecycle %q", got)
	}
}

// TestForms: every form sends the fields that the console reads, and each action page holds one.
func TestForms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		page, action, method string
		fields               []string
	}{
		{"preflight", "/orders/" + orderID + "/end", "post", []string{"action", "confirm", "csrf", "device_type", "reason"}},
		{"device", "/devices/" + deviceID + "/refresh", "post", []string{"csrf"}},
		{"orders", "/orders", "get", []string{"device", "order", "status"}},
		{"audit", "/audit", "get", []string{"action", "actor", "device", "from", "order", "outcome", "q", "until"}},
		{"audit-mine", "/audit", "get", []string{"action", "device", "from", "order", "outcome", "q", "until"}},
		{"search", "", "post", []string{"back", "csrf"}}, // each button of it says where to
		{"login", "/login", "post", []string{"kept", "next", "password", "username"}},
	}
	for _, tt := range tests {
		forms := all(mainOf(t, pages()[tt.page]), tag("form"))
		if len(forms) != 1 {
			t.Errorf("%s: %d forms", tt.page, len(forms))
			continue
		}
		form := forms[0]
		if value(form, "action") != tt.action || value(form, "method") != tt.method {
			t.Errorf("%s: %s %s", tt.page, value(form, "method"), value(form, "action"))
		}
		if got := slices.Sorted(maps.Keys(fields(form))); !slices.Equal(got, tt.fields) {
			t.Errorf("%s: fields %v, want %v", tt.page, got, tt.fields)
		}
	}
	for _, name := range []string{"preflight-refused", "order", "error"} {
		if forms := all(mainOf(t, pages()[name]), tag("form")); len(forms) != 0 {
			t.Errorf("%s has a form", name)
		}
	}
}

// TestFrameForms: the search and the way out stand outside main, and nowhere without a user.
func TestFrameForms(t *testing.T) {
	t.Parallel()
	forms := map[string]map[string]string{}
	for _, form := range all(parse(t, pages()["home"]), tag("form")) {
		forms[value(form, "action")] = fields(form)
	}
	if _, ok := forms["/search"]["q"]; !ok || forms["/logout"]["csrf"] != "form-token" {
		t.Errorf("forms %v", forms)
	}
	for _, n := range all(parse(t, pages()["login"]), func(*html.Node) bool { return true }) {
		if a := value(n, "action"); a == "/search" || a == "/logout" || value(n, "id") == "nav" || has("hx-boost:inherited")(n) {
			t.Errorf("the door has %s %s", n.Data, a)
		}
	}
}

// TestKeepsTyped: a form that comes back has what was typed and the error at its field.
func TestKeepsTyped(t *testing.T) {
	t.Parallel()
	body := mainOf(t, pages()["preflight-error"])
	sent := fields(all(body, tag("form"))[0])
	if sent["reason"] != "Customer returned the unit, ticket 48213" || sent["confirm"] != "2354" || sent["action"] != "action-1" {
		t.Errorf("kept %v", sent)
	}
	wrong := all(body, has("aria-invalid"))
	if len(wrong) != 1 || value(wrong[0], "name") != "confirm" || !strings.Contains(value(wrong[0], "aria-describedby"), "confirm-error") {
		t.Fatalf("marked %v", wrong)
	}
	note := all(body, func(n *html.Node) bool { return value(n, "id") == "confirm-error" })
	if len(note) != 1 || !strings.Contains(text(note[0]), "is this the right device?") {
		t.Error("no words at the field")
	}
}

// TestCurrent: exactly one line of the navigation is marked as the current page.
func TestCurrent(t *testing.T) {
	t.Parallel()
	for _, n := range all(parse(t, pages()["orders"]), has("aria-current")) {
		if value(n, "aria-current") == "page" && n.Data == "a" && value(n, "href") != "/orders" {
			t.Errorf("%s is current", value(n, "href"))
		}
	}
}

// TestHostile puts markup into every text of a page: it must come out as text, and in no address scheme.
func TestHostile(t *testing.T) {
	t.Parallel()
	b := ui.Badge{Icon: "ban", Word: hostile, Tone: hostile, Hook: "outcome", Value: hostile}
	bad := ui.Badge{Icon: "ban", Word: hostile, Hook: `x onclick="alert(1)"`, Value: hostile}
	m := ui.Moment{Text: hostile, Exact: hostile, Machine: hostile}
	n := &templates.Notice{Tone: "bad", Title: hostile, Text: hostile, Href: "javascript:alert(1)", Link: hostile}
	row := templates.OrderRow{ID: hostile, Href: "javascript:alert(1)", Package: hostile, DeviceID: hostile, Period: hostile, Status: b, Ordered: m, Used: ui.Meter{Known: true, Percent: 4000, Text: hostile}}
	fact := templates.Fact{Name: hostile, Value: hostile, Note: hostile, ID: true, Href: "javascript:alert(1)"}
	o := order("rejected")
	o.ID, o.Package, o.Meaning, o.Status, o.Facts = hostile, hostile, hostile, bad, []templates.Fact{fact}
	o.Result.Message, o.Result.Code, o.Result.Reason, o.Result.Badge = hostile, hostile, hostile, b
	p := preflight(true)
	p.Error, p.NowText, p.Form.Reason, p.Form.Confirm, p.Form.ReasonError = n, hostile, hostile, hostile, hostile
	d := doubt(true)
	d.Title, d.OrderID, d.DeviceID, d.Known, d.Error, d.Result.Settled = hostile, hostile, hostile, []templates.Fact{fact}, n, hostile
	d.OrderHref, d.Form.Reason, d.Form.VerdictError, d.Result.SettleHref = "javascript:alert(1)", hostile, hostile, "javascript:alert(1)"
	frame := frame(hostile, "/", templates.Crumb{Label: hostile}, templates.Crumb{Label: hostile, ID: true})
	frame.Query, frame.Notice, frame.User.Name = hostile, n, hostile
	samples := map[string]page{
		"order": {frame, templates.OrderPage(o)}, "preflight": {frame, templates.PreflightPage(p)}, "orders": {frame, templates.Orders(templates.OrderList{Device: hostile, DeviceError: hostile, Rows: []templates.OrderRow{row}, Note: hostile})},
		"search": {frame, templates.SearchPage(hostileSearch(b, m, n))},
		"audit":  {frame, templates.AuditRowPage(hostileRow(b, m, fact))}, "login": {frame, templates.LoginPage(templates.Login{Username: hostile, Error: hostile, Next: hostile, Kept: hostile, Typed: hostile})},
		"doubt": {frame, templates.DoubtPage(d)}, "notes": {frame, templates.DeviceNotesPage(hostileHead(b, m), hostileNotes(m))}, "note": {frame, templates.NotePage(hostileNotes(m).List[0], *hostileNotes(m).Form)},
		"labels": {frame, templates.LabelsPage(templates.LabelList{Rows: []templates.LabelRow{{Name: hostile, Devices: hostile, Href: "javascript:alert(1)"}}})},
		"error":  {frame, templates.ErrorBody(templates.ErrorPage{Status: 500, Title: hostile, Message: hostile, Said: hostile, Code: hostile, Ref: hostile, RetryHref: "javascript:alert(1)"})},
	}
	maps.Copy(samples, hostileViews(frame, m))
	maps.Copy(samples, hostileConversation(frame, b, m, n))
	maps.Copy(samples, hostilePushes(frame, b, m, n, fact))
	for name, sample := range samples {
		doc := parse(t, sample)
		for _, n := range all(doc, func(*html.Node) bool { return true }) {
			_, clicks := attr(n, "onclick")
			_, fails := attr(n, "onerror")
			if n.Data == "img" || clicks || fails || (n.Data == "script" && value(n, "src") == "") {
				t.Errorf("%s: markup came through as <%s>", name, n.Data)
			}
			for _, address := range []string{"href", "action", "src"} {
				if strings.HasPrefix(value(n, address), "javascript:") {
					t.Errorf("%s: %s=%q", name, address, value(n, address))
				}
			}
		}
		if !strings.Contains(text(doc), "<script>alert(1)</script>") {
			t.Errorf("%s: the text itself is missing", name)
		}
	}
}

// hostileRow is a row of the log of which every text is hostile.
func hostileRow(b ui.Badge, m ui.Moment, f templates.Fact) templates.AuditDetail {
	state := templates.AuditState{Title: hostile, ID: hostile, Source: hostile, At: m}
	return templates.AuditDetail{
		Seq: hostile, Action: hostile, Phase: hostile, NewerHref: "javascript:alert(1)", OlderHref: "javascript:alert(1)", Tone: hostile, Sentence: []templates.Piece{{Text: hostile}, {Text: hostile, Href: "javascript:alert(1)", ID: true}},
		Outcome: b, Text: hostile, Settled: hostile, Reason: hostile, At: m, Took: hostile, Code: hostile, Message: hostile, Change: &templates.AuditChange{Before: state, Asked: templates.AuditState{Words: hostile}, After: state},
		Facts: []templates.Fact{f}, Detail: []templates.Fact{f}, Chain: []templates.Fact{f}, Steps: []templates.AuditStep{{Seq: hostile, Href: "javascript:alert(1)", What: hostile, Who: hostile, At: m, Later: hostile, Outcome: b}},
		Verified: b, Covered: templates.Notice{Tone: hostile, Title: hostile, Text: hostile}, CheckpointHref: "javascript:alert(1)",
	}
}

// TestOneIsNotSeveral: a count of one is said as one.
func TestOneIsNotSeveral(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]templ.Component{
		"home": templates.HomePage(templates.Home{Fleet: templates.Fleet{Devices: 1}}), "lifecycle": templates.LifecyclePage(templates.Lifecycle{Known: true, Devices: 1}),
		"selection": templates.SelectionPage(templates.Selection{Devices: 1}), "audit": templates.AuditPage(templates.AuditList{Total: 1}),
	} {
		total := all(mainOf(t, page{frame("One", "/"), body}), has("data-total"))
		if len(total) == 0 || strings.Contains(text(total[0]), "devices") || strings.Contains(text(total[0]), "rows") {
			t.Errorf("%s: %v", name, total)
		}
	}
}
