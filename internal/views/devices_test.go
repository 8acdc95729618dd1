package views

import (
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// Only a code that says so makes a device one that is not there; a CMP that is busy, or says what nobody knows, is
// quoted and can be asked again.
func TestARefusalIsNoAbsence(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	support, manager := st.visit(t, auth.Support), st.visit(t, auth.Manager)
	path := "/devices/" + cmpsim.DemoInUse
	for code, tt := range map[string]struct {
		status, preview int
		says            string
	}{
		"2001":       {http.StatusNotFound, http.StatusOK, "does not know this device"},
		"CB-01-0001": {http.StatusNotFound, http.StatusOK, "does not know this device"},
		"5099":       {http.StatusBadGateway, http.StatusOK, "does not tell of this device"},
		"9999":       {http.StatusBadGateway, http.StatusBadGateway, "refused it"},
	} {
		st.sim.Script(cmpsim.Fault{Path: "device/queryDevice", Kind: cmpsim.KindBusiness, Code: code, Message: "系统繁忙"})
		for _, tab := range []string{"", "/orders", "/usage", "/session", "/sms/records", "/imei"} {
			a := support.get(path+tab).want(t, tt.status)
			if text := textOf(a.tree(t)); !strings.Contains(text, tt.says) || !strings.Contains(text, code+" 系统繁忙") || (linked(a.tree(t), "Try again") == path+tab) != (tt.status >= 500) {
				t.Errorf("%s%s: %s", code, tab, text)
			}
		}
		a := manager.post("/orders/new", orderForm(cmpsim.DemoNoOrder)).want(t, tt.preview)
		if text := textOf(a.tree(t)); !strings.Contains(text, tt.says) {
			t.Errorf("%s, ordering: %s", code, text)
		}
		st.sim.ClearFaults()
	}
}
