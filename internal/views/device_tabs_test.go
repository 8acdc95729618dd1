package views

import (
	"errors"
	"net/http"
	"strings"
	"testing"

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
		if tab.path == "/activity" {
			want = http.StatusOK // the log is ours
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
