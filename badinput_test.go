package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// TestAddressesThatLeadNowhere: unknown and malformed ids get a page that says what is wrong with them.
func TestAddressesThatLeadNowhere(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	known := in.mine.order(t, deedOf("pause"))
	for _, c := range []struct {
		path   string
		status int
		says   string
	}{
		{"/devices/89000000000000000000", http.StatusNotFound, "The CMP does not know this device"},
		{"/devices/short", http.StatusUnprocessableEntity, "10 to 32 letters or digits"},
		{"/devices/" + strings.Repeat("8", 33), http.StatusUnprocessableEntity, "10 to 32 letters or digits"},
		{"/devices/8985202600000000%200016", http.StatusUnprocessableEntity, "10 to 32 letters or digits"},
		{"/devices/%3Cscript%3Ealert(1)", http.StatusUnprocessableEntity, "10 to 32 letters or digits"},
		{"/orders/ORDER_0", http.StatusNotFound, "The CMP does not know this id."},
		{"/orders/ORDER_0/pause", http.StatusNotFound, "The CMP does not know this id."},
		{"/orders/" + known.ID[:len(known.ID)-1], http.StatusNotFound, "The CMP does not know this id."}, // the CMP's own search is fuzzy
		{"/orders/no%20such", http.StatusUnprocessableEntity, "An order id has up to 64 letters"},
		{"/orders/no%20such/end", http.StatusUnprocessableEntity, "An order id has up to 64 letters"},
		{"/orders/" + known.ID + "/dance", http.StatusNotFound, "There is no page at this address."},
		{"/orders/" + known.ID + "/restart", http.StatusConflict, "Only a suspended order can be restarted."},
		{"/orders?device=a%2Fb", http.StatusUnprocessableEntity, "Up to 32 letters or digits."},
		{"/orders?page=0", http.StatusUnprocessableEntity, ""},
		{"/devices?used=many", http.StatusUnprocessableEntity, "Write a percentage"},
		{"/audit/0", http.StatusUnprocessableEntity, "whole numbers"},
		{"/audit/999999", http.StatusNotFound, "no such row"},
		{"/nowhere", http.StatusNotFound, "There is no page at this address."},
	} {
		p := support.get(t, c.path).want(t, c.status).says(t, c.says)
		if len(p.all("nav", "id", "nav")) != 1 || len(p.all("h1")) != 1 {
			t.Errorf("%s is not a whole page", c.path)
		}
	}
	if sent := changes(in.sim, ""); len(sent) != 0 {
		t.Errorf("changes were sent: %+v", sent)
	}
}

// formFault is a field set wrongly, and what the page must say of it.
type formFault struct {
	name string
	set  url.Values
	says string
}

func formFaults(tr trial) []formFault {
	digits := tr.form.Get("confirm")
	return []formFault{
		{"no reason", url.Values{"reason": {""}}, "Say why, in a few words."},
		{"blank reason", url.Values{"reason": {" \t\r\n "}}, "Say why, in a few words."},
		{"short reason", url.Values{"reason": {"no"}}, "Say why in at least 3 characters."},
		{"long reason", url.Values{"reason": {strings.Repeat("长", 501)}}, "Shorten this to 500 characters; it has 501."},
		{"no digits", url.Values{"confirm": {""}}, "Type the last four characters of the device id"},
		{"wrong digits", url.Values{"confirm": {"x" + digits[1:]}}, "is this the right device?"},
		{"all digits", url.Values{"confirm": {tr.order.DeviceID}}, "is this the right device?"},
		{"wrong type", url.Values{"device_type": {"9"}}, "Choose one of the device types"},
		{"both", url.Values{"reason": {""}, "confirm": {""}}, "Type the last four characters of the device id"},
	}
}

// TestFormFaults: a wrong field is named, what was typed stays, and nothing is sent.
func TestFormFaults(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "end")
	for _, c := range formFaults(tr) {
		t.Run(c.name, func(t *testing.T) {
			ask := support.get(t, tr.action).want(t, http.StatusOK)
			form := tr.fillIn(t, ask, "a <b>bold</b> reason")
			for name, v := range c.set {
				form[name] = v
			}
			p := support.post(t, tr.action, form).want(t, http.StatusUnprocessableEntity).says(t, c.says)
			kept, ok := p.fields(tr.action)
			if !ok || kept.Get("reason") != strings.TrimSpace(form.Get("reason")) || kept.Get("confirm") != form.Get("confirm") {
				t.Errorf("of %v the form keeps %v", form, kept)
			}
			if len(changes(in.sim, "")) != 0 {
				t.Fatal("a change was sent")
			}
		})
	}
	longest := strings.Repeat("长", 499) + "!"
	ask := support.get(t, tr.action).want(t, http.StatusOK)
	done := support.post(t, tr.action, tr.fillIn(t, ask, "  "+longest+"\n")).want(t, http.StatusOK)
	if intent, _ := wantPair(t, in.dir, tr.order.ID, "end", "ok"); intent.reason != longest || done.hook("data-outcome") != "ok" {
		t.Errorf("the longest reason is kept as %q", intent.reason)
	}
}

// TestStalePage: somebody else changed the order between page and post. Nothing is sent, the page says what
// the order is now, and what was typed is not lost.
func TestStalePage(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	for _, verb := range []string{"pause", "end"} {
		tr := in.prepareDeed(t, support, verb)
		if err := in.elsewhere(t).PauseService(t.Context(), serviceOf(tr.order)); err != nil {
			t.Fatal(err)
		}
		before := len(changes(in.sim, ""))
		p := support.post(t, tr.action, tr.form).want(t, http.StatusConflict)
		p.says(t, "The order has changed since this page was shown, so nothing was sent.", tr.form.Get("reason"))
		if p.hook("data-status") != cmpsim.StatusSuspended {
			t.Errorf("the page shows status %q, not what the order is now", p.hook("data-status"))
		}
		if len(changes(in.sim, "")) != before {
			t.Fatalf("%s was sent on a stale page", verb)
		}
		wantRefusal(t, in, tr)
		support.post(t, tr.action, tr.form).want(t, http.StatusConflict) // the same post again does not pass either
		if len(changes(in.sim, "")) != before {
			t.Fatalf("%s was sent by the second post of a stale page", verb)
		}
	}
}

// wantRefusal fails the test unless the log has the refusal of the action, and no intent.
func wantRefusal(t testing.TB, in *instance, tr trial) {
	t.Helper()
	found := actionRows(rows(t, in.dir), tr.order.ID, tr.verb)
	if len(found) != 1 || found[0].phase != "event" || found[0].outcome != "refused" || found[0].reason != tr.form.Get("reason") {
		t.Errorf("the refusal left these rows: %+v", found)
	}
}

// TestSessionEndsDuringPost: the door opens with what was typed, nothing is sent, and after signing in the form
// has it again.
func TestSessionEndsDuringPost(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	tr.form.Set("reason", `ticket "4711" & <more>`)
	const changed = "other words altogether 9"
	if code, _, stderr := in.command(changed+"\n", "user", "passwd", "support"); code != exitOK {
		t.Fatal(stderr)
	}
	door := support.post(t, tr.action, tr.form).want(t, http.StatusUnauthorized)
	door.says(t, "Your session has ended.", tr.form.Get("reason"))
	again := support.submit(t, door, "/login", url.Values{"username": {"support"}, "password": {"mistyped words here"}}).want(t, http.StatusUnauthorized)
	back := support.submit(t, again, "/login", url.Values{"username": {"support"}, "password": {changed}}).want(t, http.StatusOK)
	fields, ok := back.fields(tr.action)
	if !ok || fields.Get("reason") != tr.form.Get("reason") {
		t.Fatalf("after signing in %s has the form %v", back.url, fields)
	}
	if len(changes(in.sim, "")) != 0 {
		t.Fatal("a change was sent without a session")
	}
	if p := support.post(t, tr.action, fields).want(t, http.StatusOK); p.hook("data-outcome") != "ok" {
		t.Errorf("the form after signing in ends as %q", p.hook("data-outcome"))
	}
}

// foreignPosts are changes to an honest post that make it one that must do nothing.
func foreignPosts(tr trial) map[string]func(*http.Request) {
	return map[string]func(*http.Request){
		"other origin": func(r *http.Request) { r.Header.Set("Origin", "https://evil.example"); r.Header.Del("Sec-Fetch-Site") },
		"cross-site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"same-site":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"no form token": func(r *http.Request) {
			setBody(r, url.Values{"action": tr.form["action"], "reason": tr.form["reason"]})
		},
		"wrong token": func(r *http.Request) {
			setBody(r, url.Values{"csrf": {"AAAA"}, "action": tr.form["action"], "reason": tr.form["reason"]})
		},
		"token in query": func(r *http.Request) {
			setBody(r, url.Values{"reason": tr.form["reason"]})
			r.URL.RawQuery = tr.form.Encode()
		},
		"far too large":   func(r *http.Request) { setBody(r, url.Values{"reason": {strings.Repeat("a", 1<<17)}}) },
		"not a form":      func(r *http.Request) { r.Header.Set("Content-Type", "application/json") },
		"without session": func(r *http.Request) { r.Header.Del("Cookie") },
	}
}

// TestForeignPosts: a form that another site sends, or one without the session's token, does nothing.
func TestForeignPosts(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	for name, change := range foreignPosts(tr) {
		req, err := support.request(t.Context(), http.MethodPost, tr.action, tr.form)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range support.http.Jar.Cookies(req.URL) {
			req.AddCookie(c)
		}
		change(req)
		res, err := (&http.Client{Transport: support.http.Transport}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		p, err := readPage(res)
		if err != nil || p.status < 400 || p.status >= 500 || res.Body.Close() != nil {
			t.Errorf("%s: %d, %v", name, p.status, err)
		}
	}
	if sent := changes(in.sim, ""); len(sent) != 0 {
		t.Fatalf("changes were sent: %+v", sent)
	}
}
