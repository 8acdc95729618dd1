package views

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// A filter that the CMP does not have is faulted at its field, and no count is shown of what was not asked.
func TestUnknownStatusFilter(t *testing.T) {
	t.Parallel()
	a := newSite(t).visit(t, auth.Support).get("/orders?status=9").want(t, http.StatusUnprocessableEntity)
	if n := len(all(a.tree(t), "", "data-total")); n > 0 {
		t.Errorf("%d counts of a list that was not asked for", n)
	}
	if text := textOf(a.tree(t)); !strings.Contains(text, "has no such status") || !strings.Contains(text, "The CMP was not asked") {
		t.Error(text)
	}
}

// The panel of a device is about one order; it says that others wait.
func TestOtherOrdersThatWait(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	if text := textOf(v.get("/devices/" + cmpsim.DemoSeveral).tree(t)); !strings.Contains(text, "2 more orders of this device are not enabled yet") {
		t.Error(text)
	}
	if text := textOf(v.get("/devices/" + cmpsim.DemoWaiting).tree(t)); strings.Contains(text, "more order") {
		t.Error(text)
	}
}

// A preflight that refuses does not show a change that will not come, and names the check that failed as it is.
func TestRefusedPreflight(t *testing.T) {
	t.Parallel()
	a := newSite(t).visit(t, auth.Support).get("/orders/"+cmpsim.DemoOrder+"/restart").want(t, http.StatusConflict)
	text := textOf(a.tree(t))
	for want, there := range map[string]bool{"What will change": false, "This cannot be done now": true, "No other change of this order waits": true} {
		if strings.Contains(text, want) != there {
			t.Errorf("%q there: %v in %s", want, !there, text)
		}
	}
}

// Refuelling packages are told with volume, status in words and date; the order's own status stays the first on the page.
func TestRefuelling(t *testing.T) {
	t.Parallel()
	ordered := cmp.Time{At: time.Date(2026, 11, 2, 9, 30, 0, 0, cmp.Zone), Raw: "2026-11-02 09:30:00"}
	st := newSite(t, func(d *Deps) {
		d.CMP = &stub{upstream: d.CMP, order: func(id string) (cmp.Order, error) {
			o := cmp.Order{ID: id, DeviceID: cmpsim.DemoInUse, Status: cmp.StatusInUse, HasTestFlow: "1"}
			for _, status := range []string{"1", "2", "3", "4", "9", ""} {
				o.Refuelling = append(o.Refuelling, cmp.Refuelling{ID: "REF" + status, Status: status, Allowance: cmp.Volume{Bytes: 500 << 20, Known: true}, Ordered: ordered})
			}
			return o, nil
		}}
	})
	tree := st.visit(t, auth.Support).get("/orders/"+cmpsim.DemoOrder).want(t, http.StatusOK).tree(t)
	var rows []string
	for _, row := range all(all(tree, "tbody", "")[0], "tr", "") {
		rows = append(rows, textOf(row))
	}
	const rest = " 2 Nov 2026, 01:30"
	want := []string{"REF1 500 MB Not enabled" + rest, "REF2 500 MB In use" + rest, "REF3 500 MB Used up" + rest, "REF4 500 MB Cancelled" + rest, "REF9 500 MB Status 9" + rest, "REF 500 MB Not stated" + rest}
	if !slices.Equal(rows, want) {
		t.Errorf("%q, want %q", rows, want)
	}
	main := all(tree, "main", "")[0]
	if own := all(main, "", "data-status"); len(own) == 0 || attr(own[0], "data-status") != string(cmp.StatusInUse) {
		t.Errorf("the first status is not the order's: %v", own)
	}
	if text := textOf(main); !strings.Contains(text, "Test traffic Yes") {
		t.Errorf("test traffic is not told: %s", text)
	}
}
