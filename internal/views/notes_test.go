package views

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// rowsOf are the rows of an action, newest first.
func (st *site) rowsOf(t *testing.T, action audit.Action) []audit.Row {
	t.Helper()
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(action), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// A label is put on a device and taken off again; the log tells from what to what, and the device shows both.
func TestLabelsOfADevice(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, page := st.visit(t, auth.Support), "/devices/"+cmpsim.DemoInUse
	v.post(page+"/labels", url.Values{"label": {" vip, Fleet  A "}}).want(t, http.StatusSeeOther)
	if a := v.get(page).want(t, http.StatusOK); linked(a.tree(t), "vip") != "/devices?label=vip" || linked(a.tree(t), "Fleet A") != "/devices?label=Fleet+A" {
		t.Error(textOf(a.tree(t)))
	}
	v.post(page+"/labels", url.Values{"remove": {"VIP"}}).want(t, http.StatusSeeOther)
	put, taken := st.rowsOf(t, audit.DeviceLabel), st.rowsOf(t, audit.DeviceUnlabel)
	if len(put) != 1 || put[0].Device != cmpsim.DemoInUse || put[0].Get("labels") != "vip, Fleet A" || put[0].Get("labels_before") != "" || put[0].Get("labels_now") != "Fleet A, vip" {
		t.Errorf("put: %+v", put)
	}
	if len(taken) != 1 || taken[0].Get("labels") != "vip" || taken[0].Get("labels_before") != "Fleet A, vip" || taken[0].Get("labels_now") != "Fleet A" {
		t.Errorf("taken: %+v", taken)
	}
	if text := textOf(v.get(page + "/activity").tree(t)); !strings.Contains(text, "Take the label vip") || !strings.Contains(text, "Label vip, Fleet A") {
		t.Errorf("the device does not tell of it: %s", text)
	}
	if a := st.visit(t, auth.Auditor).get(page); len(all(a.tree(t), "form", "action")) != 3 || linked(a.tree(t), "Fleet A") == "" { // search, sign out, refresh
		t.Errorf("an auditor sees labels and no form for them: %s", a.body)
	}
	if text := textOf(v.get("/labels").tree(t)); !strings.Contains(text, "Fleet A 1") || strings.Contains(text, "vip") {
		t.Errorf("the list of labels: %s", text)
	}
}

func TestLabelsThatAreNone(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, page := st.visit(t, auth.Manager), "/devices/"+cmpsim.DemoInUse+"/labels"
	for typed, says := range map[string]string{"": "Write a label", " , ": "Write a label", strings.Repeat("x", 41): "40 characters; it has 41"} {
		a := v.post(page, url.Values{"label": {typed}}).want(t, http.StatusUnprocessableEntity)
		if fields := all(a.tree(t), "input", "aria-invalid"); len(fields) == 0 || attr(fields[0], "value") != typed || !strings.Contains(textOf(a.tree(t)), says) {
			t.Errorf("%q: %s", typed, textOf(a.tree(t)))
		}
	}
	v.post("/devices/89000000000000000000/labels", url.Values{"label": {"vip"}}).want(t, http.StatusNotFound)
	v.post("/devices/short/labels", url.Values{"label": {"vip"}}).want(t, http.StatusUnprocessableEntity)
	st.refuseRows(t)
	v.post(page, url.Values{"label": {"vip"}})
	if labels, err := st.Book.LabelCounts(t.Context()); err != nil || len(labels) != 0 {
		t.Errorf("a label without a record: %v, %v", labels, err)
	}
}

// A note is written, changed and removed by its author; the log keeps every text of it, the longest too.
func TestNotesAboutADevice(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, page := st.visit(t, auth.Support), "/devices/"+cmpsim.DemoInUse
	long := strings.Repeat("重点客户", 500)
	v.post(page+"/notes", url.Values{"note": {"Sits in the lift shaft"}}).want(t, http.StatusSeeOther)
	if text := textOf(v.get(page).tree(t)); !strings.Contains(text, "Sits in the lift shaft") || !strings.Contains(text, "Write a note") {
		t.Errorf("the device: %s", text)
	}
	v.get(page+"/notes/1").want(t, http.StatusOK)
	v.post(page+"/notes/1", url.Values{"note": {long}}).want(t, http.StatusSeeOther)
	if text := textOf(v.get(page + "/notes").tree(t)); !strings.Contains(text, long) || !strings.Contains(text, "changed by support") {
		t.Errorf("the notes: %s", text)
	}
	v.post(page+"/notes/1", url.Values{"do": {"remove"}}).want(t, http.StatusSeeOther)
	v.get(page+"/notes/1").want(t, http.StatusNotFound)
	edited, removed := st.rowsOf(t, audit.DeviceNoteEdit), st.rowsOf(t, audit.DeviceNoteRemove)
	if len(edited) != 1 || len(removed) != 1 || edited[0].Get("note_before") != "Sits in the lift shaft" || whole(edited[0], "note_now") != long || whole(removed[0], "note") != long || removed[0].Device != cmpsim.DemoInUse {
		t.Errorf("%d edited, %d removed, or a text is not as it was", len(edited), len(removed))
	}
}

// whole puts a value together that the log keeps in parts.
func whole(r audit.Row, name string) (text string) {
	for _, d := range r.Detail {
		part, ok := strings.CutPrefix(d.Key, name+"_")
		if _, err := strconv.Atoi(part); d.Key == name || ok && err == nil {
			text += d.Value
		}
	}
	return text
}

func TestNotesOfOthers(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	page := "/devices/" + cmpsim.DemoInUse + "/notes"
	st.visit(t, auth.Support).post(page, url.Values{"note": {"first"}}).want(t, http.StatusSeeOther)
	manager, admin := st.visit(t, auth.Manager), st.visit(t, auth.Admin)
	if a := manager.get(page).want(t, http.StatusOK); strings.Contains(a.body, page+"/1") {
		t.Error("somebody else's note is offered to be changed")
	}
	if d := st.denied(t, manager.post(page+"/1", url.Values{"note": {"mine now"}}).want(t, http.StatusForbidden)); d["why"] != "note of somebody else" {
		t.Errorf("recorded %v", d)
	}
	manager.get("/devices/"+cmpsim.DemoSuspended+"/notes/1").want(t, http.StatusNotFound)
	admin.post(page, url.Values{"note": {"second"}}).want(t, http.StatusForbidden)
	admin.post(page+"/1", url.Values{"note": {""}}).want(t, http.StatusUnprocessableEntity)
	admin.post(page+"/1", url.Values{"note": {"put right"}}).want(t, http.StatusSeeOther)
	if text := textOf(manager.get(page).tree(t)); !strings.Contains(text, "put right") || !strings.Contains(text, "changed by admin") {
		t.Error(text)
	}
	a := manager.post(page, url.Values{"note": {strings.Repeat("x", 2001)}}).want(t, http.StatusUnprocessableEntity)
	if !strings.Contains(a.body, strings.Repeat("x", 2001)) || !strings.Contains(textOf(a.tree(t)), "it has 2001") {
		t.Error("what was typed is lost")
	}
}
