package views

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// The rows that anyone, or anyone signed in, may pass. Whoever adds one argues for it here.
var openRows = []string{"GET /livez", "GET /readyz", "GET /login", "POST /login", "POST /logout"}

func TestRoutesTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range routes() {
		row := r.method + " " + r.path
		if seen[row] {
			t.Errorf("%s stands twice", row)
		}
		seen[row] = true
		if r.handler == nil || r.permission == "" {
			t.Errorf("%s has no handler or no permission", row)
		}
		if r.method != http.MethodGet && r.action == "" {
			t.Errorf("%s changes something and names no audit action", row)
		}
		if r.action != "" && !slices.Contains(audit.Actions(), r.action) {
			t.Errorf("%s: %q is not in the log's vocabulary", row, r.action)
		}
		if open := r.permission == auth.Public || r.permission == auth.SignedIn; open != slices.Contains(openRows, row) {
			t.Errorf("%s: permission %q", row, r.permission)
		}
	}
}

// allowed is the permission table of the design, by the row's address: who passes.
func allowed(path string) []auth.Role {
	for _, verb := range []string{"/open", "/pause", "/restart", "/cancel", "/end"} {
		if strings.HasSuffix(path, verb) {
			return []auth.Role{auth.Support}
		}
	}
	return auth.Roles()
}

// Every row is reached by every role, and by nobody: who may not pass is refused, and the refusal is recorded.
func TestRoleByRoute(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	fill := strings.NewReplacer("/devices/:id", "/devices/"+cmpsim.DemoInUse, "/orders/:id", "/orders/"+cmpsim.DemoOrder, ":seq", "1")
	for _, role := range append(auth.Roles(), "") {
		v := st.visit(t, role)
		for _, r := range routes() {
			if r.path == "/logout" || r.path == "/login" {
				continue // they end or begin the visit; session_test walks them
			}
			path := fill.Replace(r.path)
			a := v.do(r.method, path, url.Values{"csrf": {v.csrf}})
			checkPassage(t, st, role, r, path, a)
		}
	}
}

func checkPassage(t *testing.T, st *site, role auth.Role, r route, path string, a answer) {
	t.Helper()
	switch {
	case r.permission == auth.Public:
		if a.status != http.StatusOK {
			t.Errorf("%q %s %s: %d", role, r.method, path, a.status)
		}
	case role == "" && r.method == http.MethodGet:
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), "/login?") {
			t.Errorf("nobody at %s: %d %s", path, a.status, a.header.Get("Location"))
		}
	case role == "":
		if a.status != http.StatusUnauthorized {
			t.Errorf("nobody posting to %s: %d", path, a.status)
		}
	case !slices.Contains(allowed(r.path), role):
		row := st.newest(t, audit.AccessDenied)
		if a.status != http.StatusForbidden || row.Actor != string(role) || row.Detail[1].Value != path {
			t.Errorf("%s %s %s: %d, recorded %+v", role, r.method, path, a.status, row.Entry)
		}
	case r.path == "/audit/:seq" && !slices.Contains([]auth.Role{auth.Auditor, auth.Admin}, role):
		// Row 1 is the first visitor's own sign-in: only whose it is may read it.
		if a.status != http.StatusOK && a.status != http.StatusForbidden {
			t.Errorf("%s %s: %d", role, path, a.status)
		}
	case a.status >= 400 && a.status != http.StatusConflict:
		t.Errorf("%s %s %s: %d", role, r.method, path, a.status)
	}
}

func TestFormTokens(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, other := st.visit(t, auth.Support), st.visit(t, auth.Manager)
	path := "/orders/" + cmpsim.DemoOrder + "/pause"
	for name, token := range map[string]string{"none": "", "invented": strings.Repeat("A", 43), "another session's": other.csrf} {
		a := v.post(path, url.Values{"csrf": {token}, "reason": {"Customer asked"}})
		if row := st.newest(t, audit.AccessDenied); a.status != http.StatusForbidden || !strings.Contains(row.Detail[3].Value, "token") {
			t.Errorf("token %s: %d, recorded %+v", name, a.status, row.Detail)
		}
	}
	for name, header := range map[string][]string{"a foreign origin": {"Origin", "https://evil.example"}, "a cross-site fetch": {"Sec-Fetch-Site", "cross-site"}} {
		if a := v.post(path, nil, header...); a.status != http.StatusForbidden {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := v.post("/devices/"+cmpsim.DemoInUse+"/refresh", nil, "Sec-Fetch-Site", "same-origin"); a.status != http.StatusSeeOther {
		t.Errorf("our own form: %d", a.status)
	}
	for _, r := range st.sim.Journal() {
		if strings.HasSuffix(r.Path, "pauseService") {
			t.Error("a refused form reached the CMP")
		}
	}
}

// A password typed into the field for the name must not stand in a log that cannot forget.
func TestOnlyNamesOfUsersAreRecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.visit(t, auth.Support)
	v := st.visit(t, "")
	for typed, recorded := range map[string]string{" Support ": "support", "my secret password": "(no such user)"} {
		a := v.do(http.MethodPost, "/login", url.Values{"username": {typed}, "password": {"wrong"}})
		if row := st.newest(t, audit.SessionLoginFailed); a.status != http.StatusUnauthorized || row.Detail[0].Value != recorded {
			t.Errorf("%q: %d, recorded %+v", typed, a.status, row.Detail)
		}
	}
}
