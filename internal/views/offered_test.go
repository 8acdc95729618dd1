package views

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// lacking has the client know that the CMP is without some calls.
func lacking(missing ...string) func(*cmp.Options) {
	return func(o *cmp.Options) { o.Missing = missing }
}

// What the CMP does not offer is a calm page, marked where one would look for it, and nothing is asked.
func TestPagesWithoutTheirCall(t *testing.T) {
	t.Parallel()
	device := "/devices/" + cmpsim.DemoInUse
	for _, tt := range []struct {
		missing []string
		path    string
		link    string // where the page is marked, empty when it stands in no list
	}{
		{[]string{cmp.CallCDRs, cmp.CallCDRsByAPN}, device + "/usage", device + "/usage"},
		{[]string{cmp.CallLive}, device + "/session", device + "/session"},
		{[]string{cmp.CallSMSRecords}, device + "/sms/records", ""},
		{[]string{cmp.CallBindings}, device + "/imei", device + "/imei"},
		{[]string{cmp.CallBind}, device + "/imei/bind", ""},
		{[]string{cmp.CallPackages}, "/packages", "/packages"},
		{[]string{cmp.CallSendSMS}, "/sms/new", ""},
		{[]string{cmp.CallBuy}, "/orders/new", ""},
	} {
		st := newSiteWith(t, lacking(tt.missing...))
		v := st.visitAs(t, "both", auth.Support, auth.Manager)
		a := v.get(tt.path).want(t, http.StatusOK)
		if text := textOf(a.tree(t)); !strings.Contains(text, "Not offered by this CMP") || !strings.Contains(text, "CMP_MISSING") {
			t.Errorf("%s: %s", tt.path, text)
		}
		marked := func(n string) bool { return n == tt.link }
		if tt.link != "" && !slices.ContainsFunc(hrefsOf(all(v.get(device).tree(t), "a", "class"), "off"), marked) {
			t.Errorf("%s: the link to it is not marked", tt.path)
		}
		for _, r := range st.sim.Journal() {
			if slices.Contains(tt.missing, strings.TrimPrefix(r.Path, "/cmp-api/")) {
				t.Errorf("%s: asked for %s", tt.path, r.Path)
			}
		}
	}
}

func hrefsOf(links []*html.Node, class string) (hrefs []string) {
	for _, a := range links {
		if attr(a, "class") == class {
			hrefs = append(hrefs, attr(a, "href"))
		}
	}
	return hrefs
}

// A change that the CMP does not offer is shown as that, and one that is posted is refused before anything is
// recorded or sent.
func TestChangesWithoutTheirCall(t *testing.T) {
	t.Parallel()
	st := newSiteWith(t, lacking(cmp.CallPause, cmp.CallBind, cmp.CallSendSMS, cmp.CallBuy))
	v := st.visitAs(t, "both", auth.Support, auth.Manager)
	order := "/orders/" + cmpsim.DemoOrder
	if text := textOf(v.get(order).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Pause not possible: Your CMP installation does not offer this.") || !strings.Contains(text, "End early Final") {
		t.Error(text)
	}
	v.get(order+"/pause").want(t, http.StatusConflict)
	for path, form := range map[string]url.Values{
		order + "/pause": {"reason": {"Customer asked"}},
		"/devices/" + cmpsim.DemoInUse + "/imei/bind": {"reason": {"New truck"}, "imei": {"490154203237518"}},
		"/sms/new":    {"devices": {cmpsim.DemoInUse}, "content": {"Hello"}},
		"/orders/new": {"devices": {cmpsim.DemoInUse}, "reason": {"New year"}},
	} {
		if a := v.post(path, form); a.status != http.StatusConflict && a.status != http.StatusNotFound || !strings.Contains(textOf(a.tree(t)), "does not offer this") {
			t.Errorf("%s: %d %s", path, a.status, textOf(a.tree(t)))
		}
	}
	v.unchanged()
	rows, err := st.Audit.List(context.Background(), audit.Filter{Changes: true})
	if err != nil || len(rows) > 0 {
		t.Errorf("recorded %+v, %v", rows, err)
	}
}

// Without the call that tells the APN, usage is read with the other one, and says so.
func TestUsageWithoutAPN(t *testing.T) {
	t.Parallel()
	st := newSiteWith(t, lacking(cmp.CallCDRsByAPN))
	v := st.visit(t, auth.Support)
	text := textOf(v.get("/devices/"+cmpsim.DemoInUse+"/usage?apn=internet").want(t, http.StatusOK).tree(t))
	if !strings.Contains(text, "does not tell the APN") || strings.Contains(text, "No data in these days") {
		t.Error(text)
	}
	for _, r := range st.sim.Journal() {
		if strings.HasSuffix(r.Path, "/apn") {
			t.Errorf("asked for %s", r.Path)
		}
	}
}
