package views

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/ops"
)

// A pasted list keeps every line with what it was read as: found by any number, twice, several, unknown or damaged.
func TestAPastedListIsRecognised(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	twins := []cmp.Device{{ID: "89852026900000000011", MSISDN: "4915112345678"}, {ID: "89852026900000000022", MSISDN: "4915112345678"}}
	if _, err := st.copy.Put(t.Context(), twins, st.Now()); err != nil {
		t.Fatal(err)
	}
	v := st.visit(t, auth.Manager)
	list := "8985 2026 0000 0000 0016\n454120260000002; +85251000005\t" + cmpsim.DemoInUse + ",8.9E+18\n49 151 12345678\n89852026999999999999"
	a := v.post("/search", url.Values{"q": {list}}).want(t, http.StatusSeeOther)
	href := a.header.Get("Location")
	tree := v.get(href).want(t, http.StatusOK).tree(t)
	rows := all(tree, "tr", "data-id")
	for i, want := range []string{"Found", "Found", "Found", "Twice", "Not readable", "Several devices", "Not found"} {
		if i >= len(rows) || !strings.Contains(textOf(rows[i]), want) {
			t.Fatalf("line %d is not %s: %s", i+1, want, textOf(tree))
		}
	}
	v.post(href+"/pick", url.Values{"line": {"6"}, "device": {twins[1].ID}}).want(t, http.StatusSeeOther)
	id := strings.TrimPrefix(href, "/selections/")
	if ids, err := st.Selections.Members(t.Context(), id); err != nil || len(ids) != 4 {
		t.Errorf("found %v, %v", ids, err)
	}
	if ids := listed(t, v.get("/devices?in="+id)); len(ids) != 4 {
		t.Errorf("listed %v", ids)
	}
	if text := v.get("/orders/new?selection="+id).want(t, http.StatusOK).body; !strings.Contains(text, cmpsim.DemoInUse) || !strings.Contains(text, twins[1].ID) {
		t.Error("the devices are not in the form")
	}
	if body := v.get(href+"/export?format=csv").want(t, http.StatusOK).body; strings.Count(body, "\r\n") != 8 || !strings.Contains(body, "Not found") {
		t.Errorf("the export: %s", body)
	}
	v.post(href+"/pick", url.Values{"line": {"6"}, "device": {twins[0].ID}}).want(t, http.StatusConflict)
	st.visit(t, auth.Support).post(href+"/pick", url.Values{"line": {"6"}, "device": {twins[0].ID}}).want(t, http.StatusForbidden)
	denied, err := st.Audit.List(t.Context(), audit.Filter{Limit: 2})
	if err != nil || denied[0].Action != audit.AccessDenied || details(denied[0])["wanted"] != string(audit.SelectionPick) {
		t.Errorf("the refusal is recorded as %+v, %v", denied, err)
	}
}

// A message leads to its device, and the digits of an order code to that of the order.
func TestAPastedMessageAndOrder(t *testing.T) {
	t.Parallel()
	st := newSite(t).mirrored(t)
	v := st.visit(t, auth.Support)
	message, _ := st.sent(t, "text", cmpsim.DemoSuspended)
	id := message[strings.LastIndex(message, "/")+1:]
	a := v.post("/search", url.Values{"q": {id + "\n" + strings.TrimPrefix(cmpsim.DemoOrder, "ORDER_")}}).want(t, http.StatusSeeOther)
	rows := all(v.get(a.header.Get("Location")).want(t, http.StatusOK).tree(t), "tr", "data-id")
	for i, device := range []string{cmpsim.DemoSuspended, cmpsim.DemoInUse} {
		if i >= len(rows) || !strings.Contains(strings.ReplaceAll(textOf(rows[i]), " ", ""), device) || !strings.Contains(textOf(rows[i]), "Found") {
			t.Errorf("line %d does not lead to %s", i+1, device)
		}
	}
}

// What is too much or nothing is told at the field, which keeps what was pasted.
func TestAPastedListThatIsNone(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	many := strings.Repeat("89852026000000000016\n", notebook.MostPasted+1)
	a := v.post("/search", url.Values{"q": {many}}).want(t, http.StatusUnprocessableEntity)
	if !strings.Contains(textOf(a.tree(t)), "10,001 numbers; up to 10,000") || strings.Count(a.body, "89852026000000000016") <= notebook.MostPasted {
		t.Errorf("%.300s", textOf(a.tree(t)))
	}
	v.post("/search", url.Values{"q": {" , "}}).want(t, http.StatusUnprocessableEntity)
	v.post("/search", url.Values{"q": {strings.Repeat("x", maxPasted)}}).want(t, http.StatusRequestEntityTooLarge)
}

// A selection is no way around the right to take away whole fleets.
func TestALargeSelectionIsNotTakenAway(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	many := make([]cmp.Device, exportFew+1)
	for i := range many {
		many[i].ID = fmt.Sprintf("8985202690%010d", i)
	}
	if _, err := st.copy.Put(t.Context(), many, st.Now()); err != nil {
		t.Fatal(err)
	}
	support := st.visit(t, auth.Support)
	href := support.post("/devices/select", url.Values{"which": {"all"}}).want(t, http.StatusSeeOther).header.Get("Location")
	id := strings.TrimPrefix(href, "/devices?in=")
	for _, path := range []string{"/selections/" + id, href} {
		if a := support.get(path).want(t, http.StatusOK); strings.Contains(a.body, "/export?") || !strings.Contains(textOf(a.tree(t)), "CSV and Excel take up to 1,000 devices.") {
			t.Errorf("%s offers a file that is refused, or does not say why there is none", path)
		}
		if a := st.visit(t, auth.Manager).get(path).want(t, http.StatusOK); !strings.Contains(a.body, "export?") {
			t.Errorf("%s offers the manager no file", path)
		}
	}
	for _, path := range []string{"/selections/" + id + "/export?format=csv", href + "&format=csv"} {
		a := support.get(strings.Replace(path, "/devices?", "/devices/export?", 1)).want(t, http.StatusForbidden)
		if text := textOf(a.tree(t)); !strings.Contains(text, "1,001 devices. Up to 1,000") {
			t.Errorf("%s: %s", path, text)
		}
	}
	if body := st.visit(t, auth.Manager).get("/selections/"+id+"/export?format=csv").want(t, http.StatusOK).body; strings.Count(body, "\r\n") != len(many)+1 {
		t.Errorf("the manager gets %d lines", strings.Count(body, "\r\n"))
	}
}

// pasteList posts a list and returns the address of what is kept of it.
func (v *visitor) pasteList(t *testing.T, pieces ...string) string {
	t.Helper()
	return v.post("/search", url.Values{"q": {strings.Join(pieces, "\n")}}).want(t, http.StatusSeeOther).header.Get("Location")
}

// asked are the devices that the sandbox was asked for, in their order.
func (st *site) asked() (ids []string) {
	for _, r := range st.sim.Journal() {
		if strings.HasSuffix(r.Path, "device/queryDevice") {
			ids = append(ids, r.DeviceID)
		}
	}
	return ids
}

// says fails the test when a page does not say what the CMP was asked for.
func (a answer) says(t *testing.T, want ...string) {
	t.Helper()
	for _, one := range want {
		if text := textOf(a.tree(t)); !strings.Contains(text, one) {
			t.Errorf("not said %q: %.1500s", one, text)
		}
	}
}

// What the copy of the fleet does not have is asked of the CMP by device id: a few at once, the rest by a press. What is
// found joins the selection, and no id is asked for twice, whoever presses how often.
func TestPastedIDsAreAskedOfTheCMP(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	pieces := []string{cmpsim.DemoInUse, cmpsim.DemoInUse, "454120260000002", "8.9E+18"}
	for i := range askedAtOnce + 5 {
		pieces = append(pieces, fmt.Sprintf("898520269999999%05d", i))
	}
	href := v.pasteList(t, pieces...)
	v.get(href).says(t, "Asking the CMP for 50 more.", "0 asked, 0 found, 0 not known to the CMP.", "Ask the CMP for 7 more", "Look again")
	st.Asker.Work(t.Context())
	if ids := st.asked(); len(ids) != askedAtOnce || ids[0] != cmpsim.DemoInUse {
		t.Errorf("%d ids were asked for at once: %q", len(ids), ids)
	}
	v.get(href).says(t, "50 asked, 1 found, 49 not known to the CMP.", "Ask the CMP for 7 more", "Found 1", "Twice 1", "Not found 56")
	if ids := listed(t, v.get("/devices?in="+strings.TrimPrefix(href, "/selections/"))); len(ids) != 1 || ids[0] != cmpsim.DemoInUse {
		t.Errorf("the list of devices has %q", ids)
	}
	for range 2 { // two presses, as of two tabs
		v.post(href+"/ask", nil).want(t, http.StatusSeeOther)
	}
	st.Asker.Work(t.Context())
	v.post(href+"/ask", nil).want(t, http.StatusSeeOther)
	st.Asker.Work(t.Context())
	ids := st.asked()
	slices.Sort(ids)
	if once := slices.Compact(slices.Clone(ids)); len(ids) != askedAtOnce+7 || len(once) != len(ids) {
		t.Errorf("%d ids were asked for, %d of them different", len(ids), len(once))
	}
	v.get(href).says(t, "57 asked, 1 found, 56 not known to the CMP.")
	rows, err := st.Audit.List(t.Context(), audit.Filter{Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	var recorded []string
	for _, row := range rows {
		if row.Action == audit.SelectionAsk || row.Action == audit.SelectionCreate {
			recorded = append(recorded, string(row.Action)+" rows "+details(row)["rows"]+" asks "+details(row)["asks"])
		}
	}
	if want := []string{"selection.ask rows 7 asks ", "selection.create rows 0 asks 50"}; !slices.Equal(recorded, want) {
		t.Errorf("recorded %q, want %q", recorded, want)
	}
}

// A CMP that fails leaves ids unasked, and says nothing of them.
func TestAFailingCMPLeavesIDsUnasked(t *testing.T) {
	t.Parallel()
	for _, fault := range []cmpsim.Fault{{Kind: cmpsim.KindBadGateway}, {Kind: cmpsim.KindResetBefore}, {Kind: cmpsim.KindBusiness, Code: "9999", Message: "busy"}} {
		st := newSite(t)
		v := st.visit(t, auth.Support)
		fault.Path = "device/queryDevice"
		st.sim.Script(fault)
		href := v.pasteList(t, cmpsim.DemoInUse, "89852026999999999991", "89852026999999999992", "89852026999999999993")
		st.Asker.Work(t.Context())
		v.get(href).says(t, "0 asked, 0 found, 0 not known to the CMP, 4 could not be asked: The ", "Ask the CMP for 4 more")
		st.sim.ClearFaults()
		v.post(href+"/ask", nil).want(t, http.StatusSeeOther)
		st.Asker.Work(t.Context())
		if text := textOf(v.get(href).tree(t)); fault.Kind == cmpsim.KindBusiness && !strings.Contains(text, "4 asked, 1 found, 3 not known to the CMP.") {
			t.Error(text) // after the others the breaker may rest for a while
		}
	}
}

// A page looks again by itself while the CMP is asked, at figures alone, and shows everything anew at the end.
func TestAskingIsFollowed(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	href := v.pasteList(t, cmpsim.DemoInUse)
	follow := []string{"HX-Request", "true", "HX-Current-URL", st.url + href + "?state=missing"}
	a := v.get(href+"/asked", follow...).want(t, http.StatusOK)
	if a.says(t, "Asking the CMP for 1 more."); strings.Contains(a.body, cmpsim.DemoInUse) || !strings.Contains(a.body, `hx-get="`+href+`/asked"`) {
		t.Errorf("while it goes on: %s", a.body)
	}
	st.Asker.Work(t.Context())
	a = v.get(href+"/asked", follow...).want(t, http.StatusOK)
	if a.says(t, "1 asked, 1 found"); !strings.Contains(a.body, `hx-get="`+href+`?state=missing"`) {
		t.Errorf("at the end: %s", a.body)
	}
	if a := v.get(href+"/asked").want(t, http.StatusSeeOther); a.header.Get("Location") != href {
		t.Errorf("without scripts it leads to %q", a.header.Get("Location"))
	}
	other := st.visit(t, auth.Manager)
	other.post(href+"/ask", nil).want(t, http.StatusForbidden)
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.AccessDenied), Limit: 5})
	if err != nil || len(rows) != 1 || details(rows[0])["wanted"] != string(audit.SelectionAsk) {
		t.Errorf("the refusal is recorded as %+v, %v", rows, err)
	}
}

// A form is offered for as many devices as it takes; the page says why it is not offered for more.
func TestFormsAreOfferedWithinTheirLimits(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visitAs(t, "both", auth.Support, auth.Manager)
	for _, tt := range []struct {
		devices     int
		orders, sms bool
	}{{0, false, false}, {1, true, true}, {ops.MaxSMSDevices, true, true}, {ops.MaxSMSDevices + 1, true, false}, {ops.MaxPurchases, true, false}, {ops.MaxPurchases + 1, false, false}} {
		ids := make([]string, tt.devices)
		for i := range ids {
			ids[i] = fmt.Sprintf("8985202690%010d", i)
		}
		made, err := st.Selections.Make(t.Context(), notebook.Selection{Source: notebook.Chosen}, notebook.LinesOf(ids), nil)
		if err != nil {
			t.Fatal(err)
		}
		a := v.get(selectionHref(made.ID)).want(t, http.StatusOK)
		if got := strings.Contains(a.body, "/orders/new?selection="); got != tt.orders || strings.Contains(a.body, "An order takes up to 50 devices.") != (tt.devices > ops.MaxPurchases) {
			t.Errorf("%d devices: order offered %t", tt.devices, got)
		}
		if got := strings.Contains(a.body, "/sms/new?selection="); got != tt.sms || strings.Contains(a.body, "An SMS takes up to 20 devices.") != (tt.devices > ops.MaxSMSDevices) {
			t.Errorf("%d devices: SMS offered %t", tt.devices, got)
		}
	}
}
