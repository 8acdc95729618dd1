package views

import (
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
		a := v.knock(name, "wrong-horse-canary", "next", "/orders/X/end", "reason", "why <b>").want(t, http.StatusUnauthorized)
		tree := a.tree(t)
		for field, value := range map[string]string{"username": name, "password": "", "next": "/orders/X/end", "reason": "why <b>"} {
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

// A session that ends while a form is open: the door keeps what was typed, and the form has it again.
func TestSessionEndsDuringAPost(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.late.Store(int64(13 * time.Hour))
	path, reason := "/orders/"+cmpsim.DemoOrder+"/pause", `Ticket 4711, "urgent" & <b>`
	door := v.post(path, url.Values{"reason": {reason}}).want(t, http.StatusUnauthorized)
	if text := textOf(door.tree(t)); !strings.Contains(text, "Your session has ended.") || !strings.Contains(text, reason) {
		t.Errorf("%s", text)
	}
	byHTMX := v.post(path, url.Values{"reason": {reason}}, "HX-Request", "true").want(t, http.StatusUnauthorized)
	if want := "/login?expired=1&next=" + url.QueryEscape(path) + "&reason=" + url.QueryEscape(reason); byHTMX.header.Get("HX-Redirect") != want {
		t.Errorf("HX-Redirect %q, want %q", byHTMX.header.Get("HX-Redirect"), want)
	}
	in := v.knock("support", testPassword, "next", path, "reason", reason).want(t, http.StatusSeeOther)
	form := v.get(in.header.Get("Location")).want(t, 200)
	if areas := all(form.tree(t), "textarea", ""); len(areas) != 1 || areas[0].FirstChild.Data != reason {
		t.Errorf("the form has lost the reason: %s", textOf(form.tree(t)))
	}
	v.get("/devices").want(t, 200)
	st.late.Store(int64(26 * time.Hour))
	if a := v.get("/orders?status=5"); a.header.Get("Location") != "/login?expired=1&next=%2Forders%3Fstatus%3D5" {
		t.Errorf("expired on a page: %d %q", a.status, a.header.Get("Location"))
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
