package views

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// An administrator stops all changes and lets them go on; every page says so meanwhile, and nothing is sent.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	admin, v := st.visit(t, auth.Admin), st.visit(t, auth.Support)
	pause := "/orders/" + cmpsim.DemoOrder + "/pause"
	if text := textOf(admin.post("/system/read-only", url.Values{"closed": {"yes"}, "reason": {"x"}}).want(t, http.StatusUnprocessableEntity).tree(t)); !strings.Contains(text, "at least 3 characters") || !strings.Contains(text, "Changes are sent.") {
		t.Error(text)
	}
	closed := admin.post("/system/read-only", url.Values{"closed": {"yes"}, "reason": {"The CMP moves house"}}).want(t, http.StatusSeeOther)
	if row, ok := st.rowOf(t, closed, audit.SystemReadOnly); !ok || row.Actor != "admin" || row.Reason != "The CMP moves house" {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	for _, path := range []string{"/", "/devices", "/orders/" + cmpsim.DemoOrder, "/audit"} {
		if text := textOf(v.get(path).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Read-only. This console was set to read-only by admin: The CMP moves house") {
			t.Errorf("%s: %s", path, text)
		}
	}
	if text := textOf(v.get(pause).want(t, http.StatusConflict).tree(t)); !strings.Contains(text, "This cannot be done now.") {
		t.Error(text)
	}
	v.unchanged()
	admin.post("/system/read-only", url.Values{"closed": {"no"}, "reason": {"It has moved"}}).want(t, http.StatusSeeOther)
	v.act(pause, "Customer asked")
}

// A log that does not verify stops changes until an administrator has taken note, which the log keeps.
func TestBrokenLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	admin, v := st.visit(t, auth.Admin), st.visit(t, auth.Support)
	st.chain.Store(&audit.State{Verdict: audit.Broken, Text: "broken: row 3 was changed", Mark: "3"})
	pause := "/orders/" + cmpsim.DemoOrder + "/pause"
	v.get(pause).want(t, http.StatusConflict)
	if text := textOf(admin.get("/system").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "broken: row 3 was changed") || !strings.Contains(text, "Go on in spite of it") {
		t.Error(text)
	}
	stale := url.Values{"accept_reason": {"Copied, INC-7"}, "mark": {"2"}}
	if text := textOf(admin.post("/system/accept", stale).want(t, http.StatusConflict).tree(t)); !strings.Contains(text, "Something else is wrong") || !strings.Contains(text, "broken: row 3 was changed") {
		t.Error(text)
	}
	if page := admin.get("/system").body; !strings.Contains(page, `name="mark" value="3"`) {
		t.Error("the form does not say which fault it is about")
	}
	taken := admin.post("/system/accept", url.Values{"accept_reason": {"Copied, INC-7"}, "mark": {"3"}}).want(t, http.StatusSeeOther)
	if row, ok := st.rowOf(t, taken, audit.AuditAccept); !ok || details(row)["accepted_break"] != "broken: row 3 was changed" {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	if text := textOf(admin.get("/system").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Changes are sent.") || !strings.Contains(text, "Copied, INC-7") || strings.Contains(text, "Go on in spite of it") {
		t.Error(text)
	}
	v.act(pause, "Customer asked")
}
