package views

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
)

// posts are the rows that change something and need a session, each with a role that may.
func posts() (paths []string) {
	for _, r := range routes() {
		if r.method == http.MethodPost && r.permission != auth.Public {
			paths = append(paths, passages[r.method+" "+r.path].path)
		}
	}
	return paths
}

// A form without this session's own token does nothing, whichever form it is.
func TestFormTokens(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v, other := st.visitAs(t, "both", auth.Support, auth.Manager, auth.Admin), st.visit(t, auth.Manager)
	again := st.visitAs(t, "both", auth.Support, auth.Manager, auth.Admin) // the same user in another browser
	for _, path := range posts() {
		for name, token := range map[string]string{
			"none": "", "invented": strings.Repeat("A", 43), "another user's": other.csrf, "another session's": again.csrf, "cut": v.csrf[:42], "with more": v.csrf + "A",
		} {
			a := v.post(path, url.Values{"csrf": {token}, "reason": {"Customer asked"}}).want(t, http.StatusForbidden)
			if d := st.denied(t, a); d["path"] != path || d["method"] != "POST" || d["why"] != "form token missing or wrong" {
				t.Errorf("%s, token %s: recorded %v", path, name, d)
			}
		}
		v.do(http.MethodPost, path+"?csrf="+v.csrf, url.Values{}).want(t, http.StatusForbidden) // addresses are logged
		v.do(http.MethodPost, path, nil, "X-Csrf-Token", v.csrf).want(t, http.StatusForbidden)
	}
	v.unchanged()
}

// A form that another site sends does nothing, although the browser adds the session and the site knows the token.
func TestForeignSites(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) { d.Origins = []string{"https://console.example"} })
	v := st.visit(t, auth.Support)
	for name, header := range map[string][]string{
		"a cross-site form":    {"Sec-Fetch-Site", "cross-site"},
		"a neighbour's form":   {"Sec-Fetch-Site", "same-site", "Origin", "https://other.example"},
		"a foreign origin":     {"Origin", "https://evil.example"},
		"an origin like ours":  {"Origin", "https://console.example.evil.example"},
		"ours without TLS":     {"Origin", "http://console.example"},
		"an origin of nowhere": {"Origin", "null"},
	} {
		for _, path := range append(posts(), "/login") {
			a := v.post(path, nil, header...).want(t, http.StatusForbidden)
			row, ok := st.rowOf(t, a, audit.AccessDenied)
			if d := details(row); !ok || row.Actor != "support" || d["path"] != path || d["why"] != "cross-origin request" {
				t.Errorf("%s to %s: recorded %+v", name, path, row.Entry)
			}
		}
		v.get("/", header...).want(t, 200) // a link from elsewhere may be followed
	}
	v.untouched()
	for name, header := range map[string][]string{
		"our own form": {"Sec-Fetch-Site", "same-origin"}, "typed by hand": {"Sec-Fetch-Site", "none"}, "no browser": {},
		"our own origin": {"Origin", st.url}, "a trusted origin": {"Origin", "https://console.example"},
	} {
		if a := v.post(passages["POST /devices/:id/refresh"].path, nil, header...); a.status != http.StatusSeeOther {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}

// A foreign site cannot sign a browser in or out either, nor learn from nobody's refusal who is there.
func TestForeignSitesAtTheDoor(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.user(t, "support", auth.Support)
	nobody := st.visit(t, "")
	a := nobody.do(http.MethodPost, "/login", url.Values{"username": {"support"}, "password": {testPassword}}, "Sec-Fetch-Site", "cross-site").want(t, http.StatusForbidden)
	if row, ok := st.rowOf(t, a, audit.AccessDenied); !ok || row.Actor != "" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("recorded %+v, cookie %q", row.Entry, a.header.Get("Set-Cookie"))
	}
}

// A form that is too large is told so, and nothing is done, also when the browser does not say beforehand how large it is.
func TestFormsTooLarge(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	form := url.Values{"csrf": {v.csrf}, "reason": {strings.Repeat("x", maxBody)}}.Encode()
	parts := "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + v.csrf + "\r\n--x\r\nContent-Disposition: form-data; name=\"reason\"\r\n\r\n" + strings.Repeat("x", maxBody) + "\r\n--x--\r\n"
	for name, tt := range map[string]struct {
		body io.Reader
		kind string
	}{
		"length told":     {strings.NewReader(form), "application/x-www-form-urlencoded"},
		"not told":        {io.MultiReader(strings.NewReader(form)), "application/x-www-form-urlencoded"},
		"in parts":        {strings.NewReader(parts), `multipart/form-data; boundary="x"`},
		"parts, not told": {io.MultiReader(strings.NewReader(parts)), `multipart/form-data; boundary="x"`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, st.url+passages["POST /orders/:id/pause"].path, tt.body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", tt.kind)
		a := v.send(req).want(t, http.StatusRequestEntityTooLarge)
		if text := textOf(a.tree(t)); !strings.Contains(text, "Too large The form is larger than 64 KB. Nothing was done.") || !strings.Contains(text, "Devices") {
			t.Errorf("%s: %s", name, text)
		}
	}
	v.untouched()
}

// untouched checks that nothing was asked of the CMP but reads, and nothing of the log but refusals.
func (v *visitor) untouched() {
	v.t.Helper()
	for _, r := range v.site.sim.Journal() {
		if !strings.Contains(r.Path, "query") {
			v.t.Errorf("the CMP was asked for %s", r.Path)
		}
	}
	rows, err := v.site.Audit.List(v.t.Context(), audit.Filter{Limit: 1000})
	if err != nil {
		v.t.Fatal(err)
	}
	for _, r := range rows {
		if r.Action != audit.AccessDenied {
			v.t.Errorf("row %d: %s", r.Seq, r.Action)
		}
	}
	if v.get("/devices").status != 200 {
		v.t.Error("the session has ended")
	}
}
