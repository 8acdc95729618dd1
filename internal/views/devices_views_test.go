package views

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
)

// saved saves what a list shows as a view, and returns the address that opens it.
func (v *visitor) saved(t *testing.T, list, name string, shared bool) string {
	t.Helper()
	form := v.get(strings.Replace(list, "/devices", "/devices/views/new", 1)).want(t, http.StatusOK)
	fields := url.Values{"name": {name}, "query": {valueOf(t, form, "query")}}
	if shared {
		fields.Set("shared", "yes")
	}
	return v.post("/devices/views/new", fields).want(t, http.StatusSeeOther).header.Get("Location")
}

func valueOf(t *testing.T, a answer, field string) string {
	t.Helper()
	for _, input := range all(a.tree(t), "input", "name") {
		if attr(input, "name") == field {
			return attr(input, "value")
		}
	}
	t.Fatalf("no field %s: %s", field, textOf(a.tree(t)))
	return ""
}

// A view opens with its filters, sort and columns in the address, says when the list shows something else, and can be made to
// show that.
func TestAViewIsSavedOpenedAndReplaced(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Manager)
	href := v.saved(t, "/devices?status=2&sort=-used", "In use", false)
	list := v.get(href).want(t, http.StatusSeeOther).header.Get("Location")
	for _, part := range []string{"status=2", "sort=-used", "columns=lifecycle", "view="} {
		if !strings.Contains(list, part) {
			t.Fatalf("it opens %s, without %s", list, part)
		}
	}
	if text := textOf(v.get(list).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "View In use yours alone") || strings.Contains(text, "Save changes") {
		t.Errorf("opened: %s", text)
	}
	changed := v.get(strings.Replace(list, "status=2", "status=5", 1)).want(t, http.StatusOK)
	if text := textOf(changed.tree(t)); !strings.Contains(text, "changed") || !strings.Contains(text, "Save changes") || !strings.Contains(text, "Reset") {
		t.Errorf("with another filter: %s", text)
	}
	id := strings.TrimPrefix(href, "/devices?view=")
	if text := textOf(v.get("/devices/views/"+id).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "devices) confirmed by the CMP since") {
		t.Errorf("the view by itself does not say how old its count is: %s", text)
	}
	a := v.post("/devices/views/"+id+"/replace", url.Values{"query": {valueOf(t, changed, "query")}}).want(t, http.StatusSeeOther)
	if list := v.get(href).want(t, http.StatusSeeOther).header.Get("Location"); !strings.Contains(list, "status=5") {
		t.Errorf("after it was replaced it opens %s", list)
	}
	row, ok := st.rowOf(t, a, audit.ViewChange)
	if !ok || !strings.Contains(row.Get("query"), "status=5") || !strings.Contains(row.Get("query_before"), "status=2") {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	if text := textOf(v.get("/devices/views").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "In use") || !strings.Contains(text, "Order status") || !strings.Contains(text, "confirmed by the CMP since") {
		t.Errorf("all views: %s", text)
	}
}

// A private view is nobody else's to see; a shared one is everybody's to open, and its owner's and an administrator's to change.
func TestWhoseAViewIs(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	manager, support, admin, auditor := st.visit(t, auth.Manager), st.visit(t, auth.Support), st.visit(t, auth.Admin), st.visit(t, auth.Auditor)
	private, shared := manager.saved(t, "/devices?status=2", "Mine", false), manager.saved(t, "/devices?status=5", "Ours", true)
	support.get(private).want(t, http.StatusNotFound)
	list := support.get(shared).want(t, http.StatusSeeOther).header.Get("Location")
	if text := textOf(support.get(list).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "shared by manager") || strings.Contains(text, "Mine") {
		t.Errorf("support sees %s", text)
	}
	page := "/devices/views/" + strings.TrimPrefix(shared, "/devices?view=")
	st.denied(t, support.post(page+"/delete", nil).want(t, http.StatusForbidden))
	auditor.post("/devices/views/new", url.Values{"name": {"x"}, "query": {"status=2"}, "shared": {"yes"}}).want(t, http.StatusForbidden)
	admin.post(page, url.Values{"name": {"All of ours"}, "shared": {"yes"}}).want(t, http.StatusSeeOther)
	if text := textOf(support.get("/devices/views").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "All of ours") {
		t.Errorf("renamed: %s", text)
	}
	manager.post(page+"/delete", nil).want(t, http.StatusSeeOther)
	if text := textOf(support.get(list).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "no longer there") {
		t.Errorf("a link to a deleted view: %s", text)
	}
	support.get(shared).want(t, http.StatusNotFound)
}

// What is wrong is said at the form, which keeps what was typed; what a view asks for in vain is said where it is opened.
func TestWrongViews(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	v.saved(t, "/devices?status=2", "In use", false)
	for wrong, typed := range map[string]url.Values{
		"already": {"name": {"in USE"}, "query": {"status=5"}},
		"name":    {"name": {" "}, "query": {"status=5"}},
	} {
		a := v.post("/devices/views/new", typed).want(t, http.StatusUnprocessableEntity)
		if !strings.Contains(textOf(a.tree(t)), wrong) || !strings.HasSuffix(valueOf(t, a, "query"), "&status=5") { // with the columns before it
			t.Errorf("%s: %s", wrong, textOf(a.tree(t)))
		}
	}
	v.post("/devices/views/new", url.Values{"name": {"x"}, "query": {"used=many"}}).want(t, http.StatusUnprocessableEntity)
	v.get("/devices?columns=nonsense").want(t, http.StatusUnprocessableEntity)
	v.get("/devices?view=nonsense").want(t, http.StatusNotFound)
}

// The columns of a view are in its address; to choose others there leaves the operator's own choice as it is.
func TestColumnsOfAView(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Support)
	a := v.post("/devices/columns?status=2&columns=msisdn", url.Values{"column": {"imsi", "partner"}}).want(t, http.StatusSeeOther)
	there := textOf(v.get(a.header.Get("Location")).want(t, http.StatusOK).tree(t))
	if own := textOf(v.get("/devices").want(t, http.StatusOK).tree(t)); !strings.Contains(there, "Partner Straits") && !strings.Contains(there, "IMSI") || !strings.Contains(own, "Expires") {
		t.Errorf("there %s\nown %s", there, own)
	}
}
