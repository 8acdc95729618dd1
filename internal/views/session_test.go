package views

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

func (v *visitor) knock(name, password string, pairs ...string) answer {
	v.t.Helper()
	form := url.Values{"username": {name}, "password": {password}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return v.do(http.MethodPost, "/login", form)
}

func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.user(t, "support", auth.Support)
	v := st.visit(t, "")
	v.get("/login").want(t, 200)
	in := v.knock("support", testPassword).want(t, http.StatusSeeOther)
	if c := in.header.Get("Set-Cookie"); !strings.HasPrefix(c, "session=") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") || !strings.Contains(c, "Path=/") {
		t.Errorf("cookie %q", c)
	}
	row, ok := st.rowOf(t, in, audit.SessionLogin)
	if !ok || row.Actor != "support" || row.Roles != "support" || row.Outcome != audit.OK || row.IP != "127.0.0.1" || row.Session == "" || strings.Contains(v.cookie("session"), row.Session) {
		t.Errorf("recorded %+v", row.Entry)
	}
	token := v.cookie("session")
	page := v.get("/").want(t, 200)
	form := all(page.tree(t), "input", "value")
	if len(form) == 0 || attr(form[0], "name") != "csrf" {
		t.Fatalf("no token on the page: %v", form)
	}
	out := v.post("/logout", url.Values{"csrf": {attr(form[0], "value")}}).want(t, http.StatusSeeOther)
	if row, ok := st.rowOf(t, out, audit.SessionLogout); !ok || row.Actor != "support" || out.header.Get("Clear-Site-Data") != `"cache"` || out.header.Get("Location") != "/login" {
		t.Errorf("recorded %+v, %v", row.Entry, out.header)
	}
	if v.cookie("session") != "" {
		t.Error("the browser keeps the cookie")
	}
	v.setCookies(&http.Cookie{Name: "session", Value: token})
	v.get("/").want(t, http.StatusSeeOther) // the cookie's session is gone
}

// A wrong password leads back to the door with what was typed, but the password, which is kept nowhere.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.user(t, "support", auth.Support)
	v := st.visit(t, "")
	// What is no user's name may be a password in the wrong field: it stays out of a log that cannot forget.
	for name, recorded := range map[string]string{"support": "support", " Support ": "support", "my secret password": "(no such user)", `<script>"`: "(no such user)"} {
		a := v.knock(name, "wrong-horse-canary", "next", "/orders/X/end", "kept", "reason=why+<b>").want(t, http.StatusUnauthorized)
		tree := a.tree(t)
		for field, value := range map[string]string{"username": name, "password": "", "next": "/orders/X/end", "kept": "reason=why+<b>"} {
			for _, input := range all(tree, "input", "name") {
				if attr(input, "name") == field && attr(input, "value") != value {
					t.Errorf("%s holds %q", field, attr(input, "value"))
				}
			}
		}
		row, ok := st.rowOf(t, a, audit.SessionLoginFailed)
		if !ok || row.Actor != "" || row.Outcome != audit.Denied || details(row)["username"] != recorded || len(row.Detail) != 1 {
			t.Errorf("%q: recorded %+v", name, row.Entry)
		}
		if text := textOf(tree); !strings.Contains(text, "The user name or the password is wrong.") || strings.Contains(a.body+st.logs.String(), "canary") || strings.Contains(st.logs.String(), "secret password") || a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// Guessing is slowed down: at some point the answer is 429 and says how long to wait, and the right password
// does not help either.
func TestGuessing(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.user(t, "support", auth.Support)
	v := st.visit(t, "")
	for range 40 {
		a := v.knock("support", "a wrong one")
		if a.status == http.StatusUnauthorized {
			continue
		}
		a.want(t, http.StatusTooManyRequests)
		if row, ok := st.rowOf(t, a, audit.SessionLoginFailed); !ok || details(row)["throttled"] == "" || !strings.Contains(a.body, "again in "+a.header.Get("Retry-After")+" seconds") {
			t.Errorf("Retry-After %q, recorded %+v, told %s", a.header.Get("Retry-After"), row.Entry, textOf(a.tree(t)))
		}
		v.knock("support", testPassword).want(t, http.StatusTooManyRequests)
		return
	}
	t.Error("forty guesses went through")
}

// After signing in the browser goes on to where it was heading, and never to another site.
func TestWhereTheDoorLeads(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	home := v.home()
	for next, want := range map[string]string{
		"/orders?status=5": "/orders?status=5", "/audit/1": "/audit/1", "": "/",
		"https://evil.example": "/", "//evil.example": "/", "///evil.example": "/", `/\evil.example`: "/", `\\evil.example`: "/", "/\t/evil.example": "/",
		"javascript:alert(1)": "/", "http:evil.example": "/", "orders": "/", "/\r\nSet-Cookie: x=y": "/", "/login?next=/login": "/", "/logout": "/",
		"/.//evil.example": "/evil.example", "/orders/..//evil.example": "/evil.example", "/%2f/evil.example": "", "/%5cevil.example": "", "/@evil.example": "", "/?next=//evil.example": "",
	} {
		a := v.get("/login?next="+url.QueryEscape(next)).want(t, http.StatusSeeOther)
		location := a.header.Get("Location")
		to, err := home.Parse(location)
		if err != nil || to.Host != home.Host || to.Scheme != home.Scheme || strings.HasPrefix(location, "//") || !strings.HasPrefix(location, "/") {
			t.Errorf("%q leads to %q", next, location)
		}
		if want != "" && location != want {
			t.Errorf("%q leads to %q, want %q", next, location, want)
		}
	}
}

// typedForms are the forms in which people type, each with what they typed.
var typedForms = map[string]url.Values{
	"/orders/" + cmpsim.DemoOrder + "/end":        {"reason": {`Ticket 4711, "urgent" & <b>`}, "confirm": {"0016"}, "device_type": {"3"}},
	"/devices/" + cmpsim.DemoInUse + "/imei/bind": {"reason": {"New truck"}, "imei": {"490154203237518"}},
	"/sms/new":    {"devices": {"a b, " + cmpsim.DemoInUse}, "content": {"Line 1\nLine 2"}, "type": {"2"}},
	"/orders/new": {"devices": {cmpsim.DemoInUse}, "reason": {"New year"}, "periods": {"3"}, "test_flow": {"7"}},
}

// wantTyped fails the test unless the page's form holds what was typed.
func (a answer) wantTyped(t *testing.T, path string) {
	t.Helper()
	held := map[string]string{}
	tree := a.tree(t)
	for _, field := range append(all(tree, "input", "name"), all(tree, "textarea", "name")...) {
		if text := field.FirstChild; text != nil {
			held[attr(field, "name")] = text.Data
		} else {
			held[attr(field, "name")] = attr(field, "value")
		}
	}
	for _, option := range all(tree, "option", "value") {
		for _, a := range option.Attr {
			if a.Key == "selected" {
				held[attr(option.Parent, "name")] = attr(option, "value")
			}
		}
	}
	for name, values := range typedForms[path] {
		if held[name] != values[0] {
			t.Errorf("%s: %s holds %q, want %q", path, name, held[name], values[0])
		}
	}
}

// A session that ends while a form is open: the door keeps what was typed, the form has it again, once, and neither
// an address nor another page does.
func TestSessionEndsDuringAPost(t *testing.T) {
	t.Parallel()
	for path, typed := range typedForms {
		for _, header := range [][]string{nil, {"HX-Request", "true"}} {
			st := newSite(t)
			v := st.visitAs(t, "both", auth.Support, auth.Manager)
			st.late.Store(int64(13 * time.Hour))
			door := v.post(path, maps.Clone(typed), header...).want(t, http.StatusUnauthorized)
			if text := textOf(door.tree(t)); !strings.Contains(text, "Your session has ended.") || !strings.Contains(text, "What you typed is kept") {
				t.Errorf("%s: %s", path, text)
			}
			kept := map[string]string{}
			for _, input := range all(door.tree(t), "input", "name") {
				kept[attr(input, "name")] = attr(input, "value")
			}
			in := v.knock("both", testPassword, "next", kept["next"], "kept", kept["kept"]).want(t, http.StatusSeeOther)
			if to := in.header.Get("Location"); to != path {
				t.Errorf("the door leads to %q, want %q", to, path)
			}
			v.get("/devices").want(t, http.StatusOK)
			v.get(path).wantTyped(t, path)
			if again := v.get(path); strings.Contains(again.body, "4711") || strings.Contains(again.body, "truck") || strings.Contains(again.body, "Line 2") || strings.Contains(again.body, "New year") {
				t.Errorf("%s: what was kept comes back again and again", path)
			}
			v.unchanged()
		}
	}
}

// unchanged checks that the CMP was asked for no change.
func (v *visitor) unchanged() {
	v.t.Helper()
	for _, r := range v.site.sim.Journal() {
		if !strings.Contains(strings.ToLower(r.Path), "query") && !strings.Contains(r.Path, "getBindTrackList") && !strings.Contains(r.Path, "syncPackages") {
			v.t.Errorf("the CMP was asked for %s", r.Path)
		}
	}
}

// Whoever signed in again in another tab finds the form of the first tab again, as it was typed, and nothing was sent.
func TestFormsOlderThanTheSession(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	for path, typed := range typedForms {
		v := st.visitAs(t, "both", auth.Support, auth.Manager)
		old := v.csrf
		v.knock("both", testPassword).want(t, http.StatusSeeOther)
		form := url.Values{"csrf": {old}, "action": {"X"}}
		for name, values := range typed {
			form[name] = values
		}
		again := v.post(path, form).want(t, http.StatusForbidden)
		again.wantTyped(t, path)
		if text := textOf(again.tree(t)); !strings.Contains(text, "This form does not belong to your present session, so nothing was sent.") {
			t.Errorf("%s: %s", path, text)
		}
		v.unchanged()
	}
}

// The eleventh session of a user ends another one, which the log tells.
func TestOneSessionTooMany(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.user(t, "support", auth.Support)
	for i := range 11 {
		a := st.visit(t, "").knock("support", testPassword).want(t, http.StatusSeeOther)
		if row, ok := st.rowOf(t, a, audit.SessionRevoke); ok != (i == 10) || ok && (row.Actor != "support" || details(row)["sessions"] != "1") {
			t.Errorf("sign-in %d: recorded %v %+v", i+1, ok, row.Entry)
		}
	}
}

// What stands nowhere and what is not allowed leads on to what the reader may open.
func TestWaysOn(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	for role, want := range map[auth.Role][3]string{
		"":           {"/nowhere", "Sign in to look for", "/login"},
		auth.Support: {"/nowhere", "in the box above", "/"},
		auth.Auditor: {"/sms/new", "Your role does not allow this", "/audit"},
	} {
		tree := st.visit(t, role).get(want[0]).tree(t)
		ways := all(all(tree, "section", "aria-labelledby")[0], "a", "href")
		if text := textOf(tree); !strings.Contains(text, want[1]) || attr(ways[0], "href") != want[2] {
			t.Errorf("%q: %s leads to %s", role, text, attr(ways[0], "href"))
		}
	}
}

// Who may read the whole log sees on the first page what everybody did last.
func TestHomeOfAnAuditor(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.visit(t, auth.Support).act("/orders/"+cmpsim.DemoOrder+"/pause", "Customer asked")
	if text := textOf(st.visit(t, auth.Auditor).get("/").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Newest changes by everybody") || !strings.Contains(text, "Customer asked") {
		t.Error(text)
	}
	if text := textOf(st.visit(t, auth.Manager).get("/").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Your last actions") || strings.Contains(text, "Customer asked") {
		t.Error(text)
	}
}

// A page that asks for a session leads to the door and back.
func TestSessionEndsOnAPage(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.late.Store(int64(13 * time.Hour))
	if a := v.get("/orders?status=5"); a.header.Get("Location") != "/login?expired=1&next=%2Forders%3Fstatus%3D5" {
		t.Errorf("expired on a page: %d %q", a.status, a.header.Get("Location"))
	}
}

// On a database that takes nothing the door says why nobody gets in, and loses nothing but the password.
func TestSigningInOnAFullDisk(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.user(t, "support", auth.Support)
	st.takeNothing(t)
	a := st.visit(t, "").knock("support", testPassword, "next", "/orders/X/end", "kept", "reason=why").want(t, http.StatusServiceUnavailable)
	if text := textOf(a.tree(t)); !strings.Contains(text, "The database takes no writes just now, so nobody can sign in.") || !strings.Contains(text, "What you typed is kept: “why”") {
		t.Error(text)
	}
	form := filled(t, a)
	if form.Get("username") != "support" || form.Get("next") != "/orders/X/end" || form.Get("kept") != "reason=why" || form.Get("password") != "" || a.header.Get("Set-Cookie") != "" {
		t.Errorf("%v, cookie %q", form, a.header.Get("Set-Cookie"))
	}
}

// Every form says why it did nothing on a database that takes nothing; none fails without a reason.
func TestFormsOnAFullDisk(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	_, row := st.sent(t, "canary", cmpsim.DemoInUse)
	v := st.visitAs(t, "all", auth.Support, auth.Manager, auth.Admin)
	pause := filled(t, v.get("/orders/"+cmpsim.DemoOrder+"/pause"))
	st.takeNothing(t)
	pause.Set("reason", "Customer asked")
	for path, form := range map[string]url.Values{
		"/orders/" + cmpsim.DemoOrder + "/pause": pause,
		"/sms/templates":                         {"name": {"Hello"}, "content": {"Hello you"}},
		"/sms/new":                               {"devices": {cmpsim.DemoInUse}, "content": {"Hello you"}, "type": {"1"}},
		"/system/read-only":                      {"closed": {"yes"}, "reason": {"Customer asked"}},
		row + "/redact":                          {"field": {"text"}, "reason": {"Customer asked"}},
	} {
		form.Set("csrf", v.csrf)
		a := v.post(path, form).want(t, http.StatusServiceUnavailable)
		if text := textOf(a.tree(t)); !strings.Contains(text, "recorded") && !strings.Contains(text, "the database did not take it") && !strings.Contains(text, "could not be written to the audit log") {
			t.Errorf("%s: %s", path, text)
		}
	}
}

// A sign-in that cannot be recorded does not happen. A sign-out does in the browser: who leaves the desk has left.
func TestSessionsThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.refuseRows(t)
	if a := st.visit(t, "").knock("support", testPassword).want(t, http.StatusServiceUnavailable); a.header.Get("Set-Cookie") != "" {
		t.Errorf("cookie %q", a.header.Get("Set-Cookie"))
	}
	out := v.post("/logout", nil).want(t, http.StatusServiceUnavailable)
	if text := textOf(out.tree(t)); v.cookie("session") != "" || !strings.Contains(text, "This browser is signed out") {
		t.Errorf("cookie %q, %s", v.cookie("session"), text)
	}
	v.get("/devices").want(t, http.StatusSeeOther)
}
