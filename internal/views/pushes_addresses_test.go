package views

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/webhook"
)

// All see where callbacks go and what they are answered; the token is shown to an administrator who asks for it, which is recorded.
func TestAddressesOfCallbacks(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) { d.BaseURL = "https://console.example.com" })
	st.Inbox.Sources = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, role := range everyone {
		a := st.visit(t, role).get("/pushes/addresses").want(t, http.StatusOK)
		text := textOf(a.tree(t))
		for _, said := range []string{"https://console.example.com/push/" + masked + "/order-status", "/sms-mt", "/sms-mo", "Addresses of the new token", "counts too", "10.0.0.0/8", "CMP_PUSH_KEY is not set", `{"code":"0","message":"success"}`} {
			if !strings.Contains(text, said) {
				t.Errorf("%s is not told %q: %s", role, said, text)
			}
		}
		if strings.Contains(a.body, pushToken) || (linked(a.tree(t), "Show them whole") != "") != (role == auth.Admin) || strings.Contains(a.body, "/pushes/test") {
			t.Errorf("%s sees the token, or is offered what is refused: %s", role, text)
		}
	}
	v := st.visit(t, auth.Admin)
	a := v.get("/pushes/addresses/token").want(t, http.StatusOK)
	if _, ok := st.rowOf(t, a, audit.PushToken); !ok || !strings.Contains(a.body, "https://console.example.com/push/"+pushToken+"/sms-mo") || !strings.Contains(a.body, "the-new-token-of-the-CMP") {
		t.Errorf("recorded %v: %s", ok, textOf(a.tree(t)))
	}
	st.refuseRows(t)
	if a := v.get("/pushes/addresses/token").want(t, http.StatusServiceUnavailable); strings.Contains(a.body, pushToken) {
		t.Error("the token is shown without a record")
	}
	st.Inbox.Tokens, st.BaseURL = nil, ""
	if text := textOf(v.get("/pushes/addresses").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Callbacks are off.") {
		t.Errorf("off: %s", text)
	}
	st.Inbox.Tokens = []string{pushToken}
	if text := textOf(v.get("/pushes/addresses").tree(t)); !strings.Contains(text, st.url+"/push/"+masked) {
		t.Errorf("without an address of its own: %s", text)
	}
}

// In the demo the sandbox sends a callback of each kind, once that is recorded.
func TestTestCallbacks(t *testing.T) {
	t.Parallel()
	var sent []webhook.Kind
	var fails error
	st := newSite(t, func(d *Deps) {
		d.Demo = &Demo{TestPush: func(kind webhook.Kind) error {
			sent = append(sent, kind)
			return fails
		}}
	})
	v := st.visit(t, auth.Support)
	for _, form := range all(v.get("/pushes/addresses").want(t, http.StatusOK).tree(t), "form", "action") {
		if attr(form, "action") != "/pushes/test" {
			continue
		}
		values := url.Values{}
		for _, input := range all(form, "input", "name") {
			values.Set(attr(input, "name"), attr(input, "value"))
		}
		if to := v.post("/pushes/test", values).want(t, http.StatusSeeOther).header.Get("Location"); to != "/pushes?kind="+values.Get("kind") {
			t.Errorf("it leads to %s", to)
		}
	}
	if !slices.Equal(sent, webhook.Kinds()) {
		t.Errorf("sent %v", sent)
	}
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.PushTest), Limit: 9})
	if err != nil || len(rows) != 3 || rows[2].Get("kind") != "order-status" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	v.post("/pushes/test", url.Values{"kind": {"other"}}).want(t, http.StatusUnprocessableEntity)
	fails = errors.New("closed")
	v.post("/pushes/test", url.Values{"kind": {"sms-mo"}}).want(t, http.StatusServiceUnavailable)
	st.refuseRows(t)
	n := len(sent)
	if v.post("/pushes/test", url.Values{"kind": {"sms-mo"}}).want(t, http.StatusServiceUnavailable); len(sent) != n {
		t.Error("one was sent without a record")
	}
	newSite(t).visit(t, auth.Support).post("/pushes/test", url.Values{"kind": {"sms-mo"}}).want(t, http.StatusNotFound)
}
