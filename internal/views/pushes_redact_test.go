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
	"cmpconsole/internal/webhook"
)

// An admin erases what a device sent for a reason. Wherever the text stood, pages say who did and show it no more.
func TestEraseTheTextOfACallback(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.came(t, webhook.SMSMO, moWith(cmpsim.DemoInUse, "geheim"))
	processor := webhook.NewProcessor(st.Inbox, webhook.Parts{Fleet: st.copy, Timeout: time.Minute, Tell: st.Live.Publish, Logger: st.Logger})
	if n, err := processor.Process(t.Context(), webhook.SMSMO); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	admin, support := st.visit(t, auth.Admin), st.visit(t, auth.Support)
	const erase = "/pushes/1/redact"
	for _, path := range []string{"/pushes/1", talkPath} {
		if linked(admin.get(path).want(t, http.StatusOK).tree(t), "Erase the text") != erase {
			t.Errorf("%s does not lead to where the text can be erased", path)
		}
		if a := support.get(path); strings.Contains(a.body, erase) {
			t.Errorf("%s: support is offered what is refused", path)
		}
	}
	shown := admin.get(erase).want(t, http.StatusOK)
	if row, ok := st.rowOf(t, shown, audit.PushView); !ok || row.Device != cmpsim.DemoInUse || strings.Contains(shown.body, "geheim") || !strings.Contains(textOf(shown.tree(t)), "the text is not stored") {
		t.Errorf("the look is recorded as %+v", row.Entry)
	}
	form := filled(t, shown)
	for reason, want := range map[string]string{"": "Say why", "ok": "at least 3 characters", strings.Repeat("x", 501): "Shorten this"} {
		form.Set("reason", reason)
		if a := admin.post(erase, form).want(t, http.StatusUnprocessableEntity); !strings.Contains(textOf(a.tree(t)), want) {
			t.Errorf("%q: %s", reason, textOf(a.tree(t)))
		}
	}
	form.Set("reason", "Erasure asked for")
	for range 2 {
		admin.post(erase, form).want(t, http.StatusSeeOther)
	}
	for _, path := range []string{"/pushes/1", "/pushes/1/text", "/pushes/1?view=hex", talkPath, talkPath + "/texts", "/pushes", "/sms?box=in"} {
		a := support.get(path).want(t, http.StatusOK)
		if text := textOf(a.tree(t)); !strings.Contains(text, "Text erased") || strings.Contains(text, "geheim") || strings.Contains(a.body, "67 65 68 65 69 6d") || strings.Contains(text, "Show the text ") {
			t.Errorf("%s: %s", path, text)
		}
	}
	if text := textOf(admin.get(erase).tree(t)); !strings.Contains(text, "reason: Erasure asked for") || !strings.Contains(text, "yet to be freed") || strings.Contains(text, "Erase for good") {
		t.Error(text)
	}
	told, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.AuditRedact)})
	if err != nil || len(told) != 1 || told[0].RequestID == "" || told[0].Device != cmpsim.DemoInUse || told[0].Get("push") != "1" {
		t.Errorf("%+v, %v", told, err)
	}
}

// Others cannot erase, and what is not recorded is not done.
func TestTextsOfCallbacksThatAreNotErased(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.came(t, webhook.SMSMO, moWith(cmpsim.DemoInUse, "geheim"))
	st.came(t, webhook.SMSMT, mtPush)
	form := func() url.Values { return url.Values{"reason": {"Erasure asked for"}} }
	for _, role := range []auth.Role{auth.Auditor, auth.Support, auth.Manager} {
		v := st.visit(t, role)
		v.get("/pushes/1/redact").want(t, http.StatusForbidden)
		v.post("/pushes/1/redact", form()).want(t, http.StatusForbidden)
	}
	admin := st.visit(t, auth.Admin)
	st.came(t, webhook.SMSMO, `{"phone":"61482271041","sms_content":"geheim"}`)
	if text := textOf(admin.get("/pushes/3/redact").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "it is stored anew") {
		t.Errorf("one without a time: %s", text)
	}
	for _, path := range []string{"/pushes/2/redact", "/pushes/9/redact"} {
		admin.get(path).want(t, http.StatusNotFound)
		admin.post(path, form()).want(t, http.StatusNotFound)
	}
	st.refuseRows(t)
	if a := admin.post("/pushes/1/redact", form()).want(t, http.StatusServiceUnavailable); !strings.Contains(textOf(a.tree(t)), "so nothing was erased") || !strings.Contains(a.body, "Erasure asked for") {
		t.Error(textOf(a.tree(t)))
	}
	if p, err := st.Inbox.Get(t.Context(), 1); err != nil || p.Erased != 0 || !strings.Contains(string(p.Body), "geheim") {
		t.Error("the text is gone", err)
	}
}
