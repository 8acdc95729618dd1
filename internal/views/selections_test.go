package views

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/notebook"
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
	st.visit(t, auth.Support).post(href+"/pick", url.Values{"line": {"6"}, "device": {twins[0].ID}}).want(t, http.StatusForbidden)
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
