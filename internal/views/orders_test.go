package views

import (
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
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
