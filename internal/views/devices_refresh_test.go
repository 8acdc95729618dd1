package views

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// aged fills the copy of the fleet with what the CMP told two days ago.
func (st *site) aged(t *testing.T) *site {
	t.Helper()
	list, err := st.CMP.Devices(t.Context(), 1, 1000)
	if err == nil {
		_, err = st.copy.Put(t.Context(), list.Devices, time.Now().Add(-48*time.Hour))
	}
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// A row of the list and a hit of the search are read anew: without scripts the reader comes back to their place, with htmx that row alone
// is replaced. Both times the copy is confirmed, and the log has it.
func TestRowIsReadAnew(t *testing.T) {
	t.Parallel()
	id := cmpsim.DemoInUse
	for name, tt := range map[string]struct{ back, in, anchor, target, element string }{
		"list":   {"/devices?columns=used+read&sort=-id", "", "#r" + id, `#main tr[data-id="` + id + `"]`, "tr"},
		"search": {"/search?q=898520260000", "device", "#device-" + id, `#results [aria-labelledby="hits-device"] li[data-id="` + id + `"]`, "li"},
	} {
		st := newSite(t).aged(t)
		v := st.visit(t, auth.Support)
		post := "/devices/" + id + "/refresh"
		shown := v.get(tt.back).want(t, 200)
		if !strings.Contains(shown.body, `formaction="`+post+`" id="`+tt.anchor[1:]+`"`) || !strings.Contains(shown.body, `<input type="hidden" name="back" value="`+strings.ReplaceAll(backOf(t, shown), "&", "&amp;")+`">`) {
			t.Errorf("%s: the page offers no way", name)
		}
		form := func() url.Values { return url.Values{"back": {backOf(t, shown)}, "in": {tt.in}} }
		a := v.post(post, form()).want(t, 303)
		if at := a.header.Get("Location"); at != backOf(t, shown)+tt.anchor {
			t.Errorf("%s: back to %q", name, at)
		}
		st.confirmed(t, id, a, audit.OK)
		a = v.post(post, form(), "HX-Request", "true").want(t, 200)
		if a.header.Get("HX-Retarget") != tt.target || a.header.Get("HX-Reswap") != "outerMorph show:none" {
			t.Errorf("%s: %v", name, a.header)
		}
		st.confirmed(t, id, a, audit.OK)
		if n := strings.Count(a.body, "<"+tt.element+" "); n != 1 || !strings.Contains(a.body, "Confirmed ") || strings.Contains(a.body, "age stale") {
			t.Errorf("%s: %s", name, a.body)
		}
		if name == "list" && strings.Count(a.body, "<td") != 3 { // the id, and the columns of the address
			t.Errorf("other columns: %s", a.body)
		}
	}
}

// backOf is the address that the page says to come back to.
func backOf(t *testing.T, a answer) string {
	t.Helper()
	for _, input := range all(a.tree(t), "input", "value") {
		if attr(input, "name") == "back" {
			return attr(input, "value")
		}
	}
	return ""
}

// confirmed fails the test unless the copy has just taken the device over and the log tells of it.
func (st *site) confirmed(t *testing.T, id string, a answer, outcome string) {
	t.Helper()
	d, ok, err := st.copy.Device(t.Context(), id)
	if err != nil || !ok || time.Since(d.Read) > time.Hour {
		t.Errorf("the copy has it as of %v, %v", d.Read, err)
	}
	if row, ok := st.rowOf(t, a, audit.DeviceRefresh); !ok || row.Device != id || row.Outcome != outcome {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
}

// An address that is not ours is not gone back to, and a page that has no such row is shown anew.
func TestBackToOurOwnPages(t *testing.T) {
	t.Parallel()
	st := newSite(t).aged(t)
	v := st.visit(t, auth.Support)
	post := "/devices/" + cmpsim.DemoInUse + "/refresh"
	for back, want := range map[string]string{"https://evil.example/": "/", "//evil.example": "/", `/\evil.example`: "/", "/login": "/", "/devices?q=1": "/devices?q=1"} {
		if at := v.post(post, url.Values{"back": {back}}).want(t, 303).header.Get("Location"); at != want+"#r"+cmpsim.DemoInUse {
			t.Errorf("%s: back to %q", back, at)
		}
	}
	for _, back := range []string{"/search?q=nothing+such", "/lifecycle"} {
		a := v.post(post, url.Values{"back": {back}, "in": {"imsi"}}, "HX-Request", "true").want(t, 303)
		if a.header.Get("Location") != back || a.header.Get("HX-Retarget") != "" {
			t.Errorf("%s: %v", back, a.header)
		}
	}
}

// A row that cannot be read anew stays, and says why; one that the CMP no longer knows says that.
func TestRowThatIsNotReadAnew(t *testing.T) {
	t.Parallel()
	id := cmpsim.DemoInUse
	for name, tt := range map[string]struct{ code, says string }{
		"refused": {"4711", "Not refreshed. The CMP said no."},
		"gone":    {"2001", "The CMP no longer knows it"},
	} {
		st := newSite(t).aged(t)
		v := st.visit(t, auth.Support)
		st.sim.Script(cmpsim.Fault{Path: "queryDevice", Times: 2, Kind: cmpsim.KindBusiness, Code: tt.code})
		a := v.post("/devices/"+id+"/refresh", url.Values{"back": {"/devices"}}, "HX-Request", "true").want(t, 200)
		if text := textOf(a.tree(t)); !strings.Contains(text, tt.says) || strings.Contains(a.body, "Confirmed ") {
			t.Errorf("%s: %s", name, text)
		}
		if row, ok := st.rowOf(t, a, audit.DeviceRefresh); !ok || row.Outcome != audit.Failed || details(row)["why"] == "" {
			t.Errorf("%s: recorded %v %+v", name, ok, row.Entry)
		}
		want := map[string]int{"refused": 502, "gone": 303}[name]
		v.post("/devices/"+id+"/refresh", url.Values{"back": {"/devices"}}).want(t, want)
	}
}

// A page of fifty rows, each with its button, stays within what a page may weigh.
func TestWeightOfTheDevicesPage(t *testing.T) {
	t.Parallel()
	a := newSite(t).mirrored(t).visit(t, auth.Manager).get("/devices", "Accept-Encoding", "gzip").want(t, 200)
	if n := len(a.body); a.header.Get("Content-Encoding") != "gzip" || n > 12000 {
		t.Errorf("%d bytes, %q", n, a.header.Get("Content-Encoding"))
	} else {
		t.Logf("%d bytes compressed", n)
	}
}
