package views

import (
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/notebook"
)

// viewID is the id of the view that an address opens.
func viewID(address string) string { return strings.TrimPrefix(address, "/devices?view=") }

// Whatever a form claims to be the query of a list, its view opens the list in one step, and shows what it says.
func TestAViewLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Support)
	for name, query := range map[string]string{"nothing": "", "itself": "view=x", "another view": "status=2&view=x", "a page, a fragment": "status=2&after=MTIz&x=%23#y"} {
		open := v.post("/devices/views/new", url.Values{"name": {name}, "query": {query}, "shared": {"yes"}}).want(t, http.StatusSeeOther).header.Get("Location")
		list := v.get(open).want(t, http.StatusSeeOther).header.Get("Location")
		a := v.get(list).want(t, http.StatusOK)
		if text := textOf(a.tree(t)); !strings.Contains(text, "View "+name) || strings.Contains(text, "Save changes") || strings.Contains(list, "after") {
			t.Errorf("%s opens %s: %s", name, list, text)
		}
	}
}

// A view of which a filter no longer works opens with a note and looks nothing up; without that filter it can be saved anew.
func TestAViewThatNoLongerWorks(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Manager)
	old, err := st.Book.SaveView(t.Context(), notebook.View{Name: "Pasted", Owner: "manager", Query: "columns=imsi&in=gone&status=5"}, func(*sql.Tx, notebook.View) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	list := v.get(viewHref(old)).want(t, http.StatusSeeOther).header.Get("Location")
	a := v.get(list).want(t, http.StatusOK)
	if text := textOf(a.tree(t)); !strings.Contains(text, "A filter of this view no longer works. Selection:") || len(all(a.tree(t), "tr", "data-id")) > 0 {
		t.Errorf("opened: %s", text)
	}
	v.get(strings.Replace(list, "status=5", "status=2", 1)).want(t, http.StatusUnprocessableEntity)
	mended := v.get(strings.Replace(list, "in=gone&", "", 1))
	v.post(viewPage(old.ID)+"/replace", url.Values{"query": {valueOf(t, mended, "query")}}).want(t, http.StatusSeeOther)
	if again := v.get(viewHref(old)).header.Get("Location"); len(listed(t, v.get(again))) == 0 {
		t.Errorf("mended, %s finds nothing", again)
	}
}

// Who may not change a view is refused on every way, and that is recorded: a private one is not even there.
func TestRefusedChangesOfViews(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	manager, support, admin := st.visit(t, auth.Manager), st.visit(t, auth.Support), st.visit(t, auth.Admin)
	private, shared := viewID(manager.saved(t, "/devices?status=2", "Mine", false)), viewID(manager.saved(t, "/devices?status=5", "Ours", true))
	before, err := st.Book.Views(t.Context(), "manager")
	if err != nil {
		t.Fatal(err)
	}
	for id, status := range map[string]int{private: http.StatusNotFound, shared: http.StatusForbidden} {
		for _, path := range []string{viewPage(id), viewPage(id) + "/replace", viewPage(id) + "/delete"} {
			row := st.denied(t, support.post(path, url.Values{"name": {"Taken"}, "query": {"status=3"}}).want(t, status))
			if row["wanted"] == "" || !strings.Contains(row["why"], "view") {
				t.Errorf("%s: recorded %v", path, row)
			}
		}
		support.get(viewPage(id)).want(t, status)
		support.get(viewPage(id)+"/delete").want(t, status)
	}
	admin.post(viewPage(private), url.Values{"name": {"Taken"}}).want(t, http.StatusNotFound)
	if after, err := st.Book.Views(t.Context(), "manager"); err != nil || len(after) != 2 || after[0] != before[0] || after[1] != before[1] {
		t.Errorf("%v became %v, %v", before, after, err)
	}
}

// Every change of a view is in the log with what it was and is, long filters whole; one that cannot be recorded is not made.
func TestViewsAreRecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	long := "columns=imsi&label=" + strings.Repeat("x", 1960)
	saved := v.post("/devices/views/new", url.Values{"name": {"Pilot"}, "query": {long}}).want(t, http.StatusSeeOther)
	at := viewPage(viewID(saved.header.Get("Location")))
	for _, tt := range []struct {
		answer answer
		action audit.Action
		want   map[string]string
	}{
		{saved, audit.ViewSave, map[string]string{"view": "Pilot", "shared": "No", "query": long}},
		{v.post(at, url.Values{"name": {"Test"}, "shared": {"yes"}}), audit.ViewChange, map[string]string{"view": "Test", "view_before": "Pilot", "shared": "Yes", "shared_before": "No"}},
		{v.post(at+"/replace", url.Values{"query": {"columns=imsi&status=3"}}), audit.ViewChange, map[string]string{"query": "columns=imsi&status=3", "query_before": long}},
		{v.post(at+"/delete", nil), audit.ViewDelete, map[string]string{"view": "Test", "query": "columns=imsi&status=3"}},
	} {
		row, ok := st.rowOf(t, tt.answer.want(t, http.StatusSeeOther), tt.action)
		if !ok {
			t.Errorf("no row %s", tt.action)
		}
		for key, want := range tt.want {
			if got := whole(row, key); got != want {
				t.Errorf("%s: %s is %q, want %q", tt.action, key, got, want)
			}
		}
	}
	kept := v.saved(t, "/devices?status=2", "Kept", false)
	st.refuseRows(t)
	for _, path := range []string{"/devices/views/new", viewPage(viewID(kept)), viewPage(viewID(kept)) + "/replace", viewPage(viewID(kept)) + "/delete"} {
		if a := v.post(path, url.Values{"name": {"Other"}, "query": {"status=5"}}); a.status < 500 {
			t.Errorf("%s unrecorded: answered %d", path, a.status)
		}
	}
	if list, err := st.Book.Views(t.Context(), "manager"); err != nil || len(list) != 1 || list[0].Name != "Kept" || !strings.Contains(list[0].Query, "status=2") {
		t.Errorf("%v, %v", list, err)
	}
}

// What was typed into the form of an older session is shown again, with the filters that it is about.
func TestAViewIsTypedOnce(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	at := viewPage(viewID(v.saved(t, "/devices?status=2", "Mine", false)))
	for path, query := range map[string]string{"/devices/views/new": "columns=imsi&status=5", at: "status=2"} {
		a := v.post(path, url.Values{"csrf": {"of another session"}, "name": {"Long thought about"}, "query": {"columns=imsi&status=5"}}).want(t, http.StatusForbidden)
		if valueOf(t, a, "name") != "Long thought about" || !strings.Contains(valueOf(t, a, "query"), query) {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

// The page that asks before a view is deleted says what it shows, and deletes nothing.
func TestAskedBeforeAViewIsDeleted(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	at := viewPage(viewID(v.saved(t, "/devices?status=5", "Ours", true)))
	if leads := linked(v.get(at).want(t, http.StatusOK).tree(t), "Delete the view"); leads != at+"/delete" {
		t.Errorf("the form leads to %q", leads)
	}
	text := textOf(v.get(at+"/delete").want(t, http.StatusOK).tree(t))
	if !strings.Contains(text, "Delete the view Ours ?") || !strings.Contains(text, "Order status Suspended") || !strings.Contains(text, "gone for everybody") {
		t.Errorf("asked: %s", text)
	}
	if list, err := st.Book.Views(t.Context(), "manager"); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}
