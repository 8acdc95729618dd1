package views

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/mirror"
)

// Where the CMP does not offer IMEI binding the page says so in its words; elsewhere it reads the history.
func TestIMEIHistory(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	refused := 0
	for _, d := range st.sim.Samples(cmpsim.SortInUse, 30) {
		a := v.get("/devices/"+d.ID+"/imei").want(t, http.StatusOK)
		if strings.Contains(a.body, "Not available for this card.") {
			refused++
		} else if !strings.Contains(a.body, "Never bound") {
			t.Errorf("%s: neither refused nor empty", d.ID)
		}
	}
	if refused == 0 {
		t.Error("no card is refused")
	}
	client, ok := st.CMP.(*mirror.Feed)
	if !ok {
		t.Fatal("no client")
	}
	for _, unbind := range []bool{false, true, false} {
		if err := client.BindIMEI(t.Context(), cmp.Binding{DeviceID: cmpsim.DemoInUse, IMEI: "860996043052016", Unbind: unbind}); err != nil {
			t.Fatal(err)
		}
	}
	a := v.get("/devices/" + cmpsim.DemoInUse + "/imei")
	for _, text := range []string{"works in no other", "Bound to an IMEI", "机卡绑定", "Unbound"} {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}

// The overview tells what a card is bound to and how old that is, from the copy or from what was bound here, and asks the CMP nothing for it.
func TestTheOverviewTellsTheIMEI(t *testing.T) {
	t.Parallel()
	const imei = "860996043052016"
	st := newSite(t)
	v, path := st.visit(t, auth.Support), "/devices/"+cmpsim.DemoInUse
	bound := func() string {
		for _, row := range all(v.get(path).want(t, http.StatusOK).tree(t), "section", "id") {
			if _, told, ok := strings.Cut(strings.ReplaceAll(textOf(row), " ", ""), "BoundIMEI"); ok && attr(row, "id") == "device-identity" {
				return told
			}
		}
		return ""
	}
	if told := bound(); told != "Notknownhere" || !slices.Contains(linksOf(t, v.get(path)), path+"/imei") {
		t.Errorf("before anybody asked: %q", told)
	}
	v.get(path+"/imei").want(t, http.StatusOK)
	if told := bound(); !strings.HasPrefix(told, "Noneread") {
		t.Errorf("bound to none: %q", told)
	}
	v.post(path+"/imei/bind", v.filled(path+"/imei/bind", map[string]string{"imei": imei, "reason": "New unit"})).want(t, http.StatusSeeOther)
	if told := bound(); !strings.HasPrefix(told, imei+"read") {
		t.Errorf("bound: %q", told)
	}
	st.Mirror = openMirror(t, st.db)
	if told := bound(); !strings.HasPrefix(told, imei+"read") {
		t.Errorf("bound, and the copy begun anew: %q", told)
	}
}

// filled is the form of a page as it stands there, with what a visitor types.
func (v *visitor) filled(path string, typed map[string]string) url.Values {
	v.t.Helper()
	form, tree := url.Values{}, v.get(path).want(v.t, http.StatusOK).tree(v.t)
	for _, input := range all(tree, "input", "name") {
		if attr(input, "type") != "checkbox" {
			form.Set(attr(input, "name"), attr(input, "value"))
		}
	}
	for _, choice := range all(tree, "select", "name") {
		for _, o := range all(choice, "option", "") {
			if _, selected := attribute(o, "selected"); selected {
				form.Set(attr(choice, "name"), attr(o, "value"))
			}
		}
	}
	for name, value := range typed {
		form.Set(name, value)
	}
	return form
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// A support agent binds a card to its hardware, sees it confirmed, and unbinds it with the digits of the card.
func TestBindAndUnbind(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	page := "/devices/" + cmpsim.DemoInUse + "/imei"
	form := v.filled(page+"/bind", map[string]string{"imei": "8609 9604 3052 016", "reason": "Ticket 4711"})
	if a := v.post(page+"/bind", form).want(t, http.StatusSeeOther); a.header.Get("Location") != page {
		t.Errorf("leads to %s", a.header.Get("Location"))
	}
	a := v.get(page).want(t, http.StatusOK)
	if hooks := all(a.tree(t), "", "data-outcome"); len(hooks) != 1 || attr(hooks[0], "data-outcome") != "ok" || !strings.Contains(a.body, "Bound. The CMP accepted it.") {
		t.Errorf("%d outcomes: %s", len(hooks), textOf(a.tree(t)))
	}
	if row := all(a.tree(t), "tbody", ""); len(row) != 1 || !strings.Contains(textOf(row[0]), "support") {
		t.Error("the history does not say who of us bound it")
	}
	v.get(page+"/bind").want(t, http.StatusConflict)
	v.post(page+"/unbind", v.filled(page+"/unbind", map[string]string{"reason": "Ticket 4712", "confirm": "9999"})).want(t, http.StatusUnprocessableEntity)
	v.post(page+"/unbind", v.filled(page+"/unbind", map[string]string{"reason": "Ticket 4712", "confirm": "0016"})).want(t, http.StatusSeeOther)
	if a := v.get(page); !strings.Contains(a.body, "bound to no IMEI") || !strings.Contains(a.body, "Unbound. The CMP accepted it.") {
		t.Errorf("not unbound: %s", textOf(a.tree(t)))
	}
}

// A wrong check digit is asked about once; what was typed stays, and a tick sends it.
func TestAWrongCheckDigit(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	path := "/devices/" + cmpsim.DemoInUse + "/imei/bind"
	typed := map[string]string{"imei": "860996043052017", "reason": "Ticket 4711"}
	a := v.post(path, v.filled(path, typed)).want(t, http.StatusUnprocessableEntity)
	for _, text := range []string{"The last digit does not fit the others", "860996043052017", "Ticket 4711", "any_check_digit"} {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page does not hold %q", text)
		}
	}
	typed["any_check_digit"] = "1"
	v.post(path, v.filled(path, typed)).want(t, http.StatusSeeOther)
	sent := 0
	for _, q := range st.sim.Journal() {
		if strings.HasSuffix(q.Path, "/device/bind") {
			sent++
		}
	}
	if sent != 1 {
		t.Errorf("%d requests to bind", sent)
	}
}

// A CMP in trouble is quoted, and nothing is guessed about the card; another refusal means that the card takes no part.
func TestRefusedHistory(t *testing.T) {
	t.Parallel()
	const guess = "for some cards only"
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for _, tt := range []struct {
		path, fault, code string
		status            int
		said              string
		guessed           bool
	}{
		{"/imei", "getBindTrackList", "9999", http.StatusOK, "The CMP refused: “have a break” (9999).", false},
		{"/imei", "getBindTrackList", "3021", http.StatusOK, "It says: “have a break” (3021).", true},
		{"/imei/bind", "getBindTrackList", "9999", http.StatusConflict, "The CMP refused: “have a break” (9999).", false},
		{"/imei/bind", "getBindTrackList", "3021", http.StatusConflict, "It says: “have a break” (3021).", true},
		{"/imei/bind", "queryDevice", "2001", http.StatusNotFound, "does not know this device", false},
	} {
		st.sim.ClearFaults()
		st.sim.Script(cmpsim.Fault{Path: tt.fault, Kind: cmpsim.KindBusiness, Code: tt.code, Message: "have a break"})
		text := textOf(v.get("/devices/"+cmpsim.DemoInUse+tt.path).want(t, tt.status).tree(t))
		if !strings.Contains(text, tt.said) || strings.Contains(text, guess) != tt.guessed {
			t.Errorf("%s, %s: %s", tt.path, tt.code, text)
		}
	}
}

// Who bound a card is told also when the CMP's answer was lost, once reads have seen the effect.
func TestALostBindingKeepsItsAuthor(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	page := "/devices/" + cmpsim.DemoInUse + "/imei"
	author := func() string {
		bodies := all(v.get(page).want(t, http.StatusOK).tree(t), "tbody", "")
		cells := all(bodies[0], "td", "")
		return textOf(cells[len(cells)-1])
	}
	st.sim.Script(cmpsim.Fault{Path: "device/bind", Times: 1, Kind: cmpsim.KindResetAfter})
	v.post(page+"/bind", v.filled(page+"/bind", map[string]string{"imei": "860996043052016", "reason": "Ticket 4711"})).want(t, http.StatusSeeOther)
	if who := author(); who != "–" {
		t.Errorf("before anything was read: %q", who)
	}
	v.get(page + "/bind") // reads the binding and settles the doubt
	if who := author(); who != "support answer lost, seen in effect" {
		t.Errorf("settled: %q", who)
	}
}

// A step is ours when deed, IMEI and time fit; of several the nearest.
func TestDeedOf(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	made := func(actor, imei string, unbind bool, after time.Duration) deed {
		return deed{row: audit.Row{Time: at.Add(after), Entry: audit.Entry{Actor: actor}}, imei: imei, unbind: unbind}
	}
	ours := []deed{made("late", "1", false, 4*time.Minute), made("near", "1", false, time.Minute), made("other imei", "2", false, 0), made("unbound", "1", true, 0), made("yesterday", "3", false, -24*time.Hour)}
	for _, tt := range []struct{ imei, text, want string }{
		{"1", "机卡绑定", "near"}, {"2", "机卡绑定", "other imei"}, {"1", "机卡解绑", "unbound"}, {"", "机卡解绑", "unbound"}, {"3", "机卡绑定", ""}, {"4", "机卡绑定", ""}, {"2", "机卡解绑", ""},
	} {
		d, ok := deedOf(cmp.BindingTrack{IMEI: tt.imei, Text: tt.text, At: cmp.Time{At: at, Raw: "x"}}, ours)
		if d.row.Actor != tt.want || ok != (tt.want != "") {
			t.Errorf("%+v was done by %q", tt, d.row.Actor)
		}
	}
}
