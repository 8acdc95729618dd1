package views

import (
	"net/http"
	"strings"
	"testing"

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
