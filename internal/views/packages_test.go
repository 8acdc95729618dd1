package views

import (
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
)

// The catalogue is searched in the CMP's words and in ours, and read once for many looks.
func TestPackages(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	total := func(query string) string {
		a := v.get("/packages"+query).want(t, http.StatusOK)
		return attr(all(a.tree(t), "", "data-total")[0], "data-total")
	}
	for query, want := range map[string]string{
		"": "33", "?q=japan": "9", "?q=日本": "4", "?q=LP14230912003377": "1", "?q=440": "9", "?q=japan+5gb": "1", "?status=2": "2", "?type=5": "2", "?type=5&q=australia": "2", "?q=nowhere": "0",
	} {
		if got := total(query); got != want {
			t.Errorf("%s: %s packages, want %s", query, got, want)
		}
	}
	if n := len(st.sim.Journal()); n != 1 {
		t.Errorf("the catalogue was read %d times", n)
	}
	a := v.get("/packages/LP14230718003102").want(t, http.StatusOK)
	for _, text := range []string{"France", "208", "from 1, no limit", "CN¥ 65.00", "20 GB"} {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
	if a := v.get("/packages/DP20180611000077").want(t, http.StatusOK); !strings.Contains(a.body, "obsolete") {
		t.Error("an obsolete package does not say so")
	}
	v.get("/packages/none").want(t, http.StatusNotFound)
}
