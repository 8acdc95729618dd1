package views

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// Every tab of a device that the CMP does not know says so as a page that is not there.
func TestTabsOfAnUnknownDevice(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for _, tab := range deviceTabs {
		want := http.StatusNotFound
		if tab.path == "/activity" || tab.path == "/notes" {
			want = http.StatusOK // the log and the notebook are ours
		}
		v.get("/devices/89000000000000000000"+tab.path).want(t, want)
		v.get("/devices/short"+tab.path).want(t, http.StatusUnprocessableEntity)
	}
}

// What was done to a device is paged from the newest back, and readable when the CMP is not.
func TestActivityOfADevice(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	verbs := []string{"/pause", "/restart"}
	for i := range listSize + 3 {
		v.act("/orders/"+cmpsim.DemoOrder+verbs[i%2], "Ticket 4711")
	}
	page := "/devices/" + cmpsim.DemoInUse + "/activity"
	first := v.get(page).want(t, http.StatusOK)
	count := func(a answer) int { return strings.Count(a.body, "Ticket 4711") }
	older := ""
	for _, a := range all(first.tree(t), "a", "rel") {
		older = attr(a, "href")
	}
	if count(first) != listSize || older == "" || count(v.get(older).want(t, http.StatusOK)) != 3 {
		t.Errorf("%d on the first page, older at %q", count(first), older)
	}
	v.get(page+"?before=x").want(t, http.StatusUnprocessableEntity)
	down := newSite(t, failing(&cmp.Error{Kind: cmp.NotSent, Err: errors.New("refused")}))
	down.visit(t, auth.Support).get(page).want(t, http.StatusOK)
}

// All that was done to a device is told there, whatever it was and however it ended, each with what it was about. Who
// may open the row is led to it, and who may not is not.
func TestActivityOfEveryKind(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	kinds := []struct {
		action                  audit.Action
		key, thing, says, leads string
	}{
		{audit.OrderOpen, "", "", "Open ORDER_1 Done", "/orders/ORDER_1"}, {audit.OrderPause, "", "", "Pause ORDER_1 Done", "/orders/ORDER_1"}, {audit.OrderRestart, "", "", "Restart ORDER_1 Done", "/orders/ORDER_1"},
		{audit.OrderCancel, "", "", "Cancel ORDER_1 Done", "/orders/ORDER_1"}, {audit.OrderEnd, "", "", "End early ORDER_1 Done", "/orders/ORDER_1"},
		{audit.OrderCreate, "package", "LP1", "Order a package LP1 Done", "/packages/LP1"}, {audit.SMSSend, "msg_id", "LK1", "Send an SMS LK1 Done", "/sms/LK1"},
		{audit.IMEIBind, "bound_wanted", "IMEI_1", "Bind an IMEI IMEI_1 Done", ""}, {audit.IMEIUnbind, "bound_before", "IMEI_2", "Unbind the IMEI IMEI_2 Done", ""},
	}
	var rows []int64
	for i, kind := range kinds {
		e := audit.Entry{Actor: []string{"anna", "support"}[i%2], Action: kind.action, Device: cmpsim.DemoInUse}
		if kind.key == "" {
			e.Order = "ORDER_1"
		} else {
			e.Detail = []audit.Field{{Key: kind.key, Value: kind.thing}}
		}
		rows = append(rows, st.action(t, e, audit.OK, "", "")[1])
	}
	st.append(t, audit.Entry{Actor: "anna", Action: audit.OrderPause, Phase: audit.Event, Outcome: audit.Refused, Device: cmpsim.DemoInUse, Order: "ORDER_1"})
	st.append(t, audit.Entry{Actor: "anna", Action: audit.OrderPause, Phase: audit.PhaseOutcome, Outcome: audit.OK, Device: cmpsim.DemoSuspended, Order: "ORDER_2"})
	for _, role := range []auth.Role{auth.Support, auth.Auditor} {
		body := st.visit(t, role).get("/devices/"+cmpsim.DemoInUse+"/activity").want(t, http.StatusOK)
		text := textOf(all(body.tree(t), "ol", "class")[0])
		if !strings.Contains(text, "Pause ORDER_1 Refused here") || strings.Contains(text, "ORDER_2") {
			t.Errorf("%s: %s", role, text)
		}
		for i, kind := range kinds {
			if !strings.Contains(text, kind.says) || !strings.Contains(body.body, kind.leads) {
				t.Errorf("%s: want %q in %s", role, kind.says, text)
			}
			if led := strings.Contains(body.body, fmt.Sprintf(`href="/audit/%d"`, rows[i])); led != (role == auth.Auditor || i%2 == 1) {
				t.Errorf("%s is led to the row of %s: %v", role, kind.action, led)
			}
		}
	}
}
