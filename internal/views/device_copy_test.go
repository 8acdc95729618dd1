package views

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// A device that the CMP no longer knows opens with what was known of it last, and how old that is.
func TestAGoneDeviceOpens(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	gone := cmp.Device{ID: "89852026990000000019", Lifecycle: cmp.LifecycleUsage, MSISDN: "85251999999"}
	if _, err := st.copy.Put(t.Context(), []cmp.Device{gone}, st.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	v := st.visit(t, auth.Support)
	text := textOf(v.get("/devices/"+gone.ID).want(t, http.StatusOK).tree(t))
	for _, part := range []string{"no longer knows this device", "copy of the fleet", "MSISDN", "Nothing can be done"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing: %s", part, text)
		}
	}
	v.get("/devices/89852026990000000027").want(t, http.StatusNotFound)
	if list := textOf(v.get("/devices?q=89852026990").want(t, http.StatusOK).tree(t)); !strings.Contains(list, "1 device that the CMP no longer knows") {
		t.Errorf("the list leaves it out and does not say so: %s", list)
	}
}

// While the CMP cannot be read a device is shown from the copy, with the trouble and its reference.
func TestADeviceIsShownWhileTheCMPFails(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	st.sim.Script(cmpsim.Fault{Path: "queryDevice", Kind: cmpsim.KindInternal})
	a := st.visit(t, auth.Support).get("/devices/"+cmpsim.DemoInUse).want(t, http.StatusBadGateway)
	text := textOf(a.tree(t))
	for _, part := range []string{"cannot be read", "copy of the fleet", a.header.Get("X-Request-Id"), "Try again", "In use"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing: %s", part, text)
		}
	}
}

// Parts of codes with letters, package names without their spaces, notes by their digits and messages by a part lead where they should,
// and no kind of number hides another.
func TestWhatWasHardToFind(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	var list []cmp.Device
	for i := range 70 {
		d := member(7_654_300+i, cmp.LifecycleUsage, 0, cmp.StatusInUse, 0, 0)
		d.Orders[0].ID, d.Orders[0].PackageName, d.Orders[0].PackageCode = "ORDER_15793070000000"+d.ID[len(d.ID)-5:], "Europe 10 GB monthly", "EU14230912003377"
		d.Orders[0].IMSI = "45412" + d.ID[len(d.ID)-10:]
		list = append(list, d)
	}
	if _, err := st.copy.Put(t.Context(), list, st.Now()); err != nil {
		t.Fatal(err)
	}
	v := st.visit(t, auth.Support)
	for q, want := range map[string]string{
		"ORDER_1579307": "the first 50", "order1579307": "Orders", "Europe 10GB": "Packages", "Europe-10-GB": "Packages", "europe10": "Packages", "0912": "Packages",
	} {
		a := v.get(withQuery("/search", "q", q))
		if text := textOf(a.tree(t)); a.status != http.StatusOK && a.header.Get("Location") == "" || a.status == http.StatusOK && !strings.Contains(text, want) {
			t.Errorf("%q: %d %s", q, a.status, text)
		}
	}
	const part = "76543"
	if text := textOf(v.get("/search?q="+part).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Devices the first 50") || !strings.Contains(text, "IMSIs the first 50") {
		t.Errorf("%s: %s", part, text)
	}
}

// Several numbers in the one box lead to where many are looked up, with what was typed.
func TestSeveralNumbersInTheBox(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for q, several := range map[string]bool{
		"89852026000000000016 89852026000000000024": true, "89852026000000000016;454120260000002": true, "8985 2026 0000 0000 0016": false, "Europe 10 GB": false,
	} {
		a := v.get(withQuery("/search", "q", q, "panel", "1")).want(t, http.StatusOK)
		if got := strings.Contains(textOf(a.tree(t)), "These are 2 numbers"); got != several {
			t.Errorf("%q: %t: %s", q, got, textOf(a.tree(t)))
		}
	}
	if a := v.get(withQuery("/selections", "q", "89852026000000000016 89852026000000000024")).want(t, http.StatusOK); !strings.Contains(a.body, "89852026000000000016 89852026000000000024") {
		t.Error("what was typed is lost")
	}
}
