package views

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
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
	client, ok := st.CMP.(*cmp.Client)
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
	if hooks := all(a.tree(t), "", "data-outcome"); len(hooks) != 1 || attr(hooks[0], "data-outcome") != "ok" || !strings.Contains(a.body, "Bound. The CMP confirmed it.") {
		t.Errorf("%d outcomes: %s", len(hooks), textOf(a.tree(t)))
	}
	if row := all(a.tree(t), "tbody", ""); len(row) != 1 || !strings.Contains(textOf(row[0]), "support") {
		t.Error("the history does not say who of us bound it")
	}
	v.get(page+"/bind").want(t, http.StatusConflict)
	v.post(page+"/unbind", v.filled(page+"/unbind", map[string]string{"reason": "Ticket 4712", "confirm": "9999"})).want(t, http.StatusUnprocessableEntity)
	v.post(page+"/unbind", v.filled(page+"/unbind", map[string]string{"reason": "Ticket 4712", "confirm": "0016"})).want(t, http.StatusSeeOther)
	if a := v.get(page); !strings.Contains(a.body, "bound to no IMEI") || !strings.Contains(a.body, "Unbound. The CMP confirmed it.") {
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
