package views

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
)

// figure is a number on a page that opens a list.
type figure struct{ number, href string }

// figuresOf are the numbers of a page's work list and tables.
func figuresOf(t *testing.T, a answer) (list []figure) {
	t.Helper()
	for _, item := range workOf(t, a) {
		if strings.HasPrefix(item[1], "/") {
			list = append(list, figure{item[0], item[1]})
		}
	}
	for _, table := range all(a.tree(t), "table", "class") {
		for _, link := range all(table, "a", "href") {
			list = append(list, figure{textOf(link), attr(link, "href")})
		}
	}
	return list
}

// totalOf is the total that a list states.
func totalOf(t *testing.T, tree *html.Node) string {
	t.Helper()
	totals := all(tree, "", "data-total")
	if len(totals) != 1 {
		t.Errorf("a list with %d totals: %s", len(totals), textOf(tree))
		return ""
	}
	return attr(totals[0], "data-total")
}

// Every number of home and of the fleet's lifecycle opens a list that has that very total.
func TestEveryNumberOpensItsList(t *testing.T) {
	t.Parallel()
	strange := member(99, "8", 3, "7", 3, 90)
	st := fleetSite(t, map[time.Duration][]cmp.Device{time.Hour: append(lifecycleFleet(), strange), 30 * time.Hour: {member(50, cmp.LifecycleSilent, 10, "", 0, 0)}})
	v := st.visit(t, auth.Manager)
	for path, least := range map[string]int{"/": 15, "/lifecycle": 30, "/lifecycle?partner=P2": 5, "/lifecycle?package=LP1&months=24": 20} {
		figures := figuresOf(t, v.get(path).want(t, http.StatusOK))
		if len(figures) < least {
			t.Errorf("%s has %d numbers, want %d at least", path, len(figures), least)
		}
		for _, f := range figures {
			if total := totalOf(t, v.get(f.href).want(t, http.StatusOK).tree(t)); total != strings.ReplaceAll(f.number, ",", "") {
				t.Errorf("%s: %s says %s, and its list has %s", path, f.href, f.number, total)
			}
		}
	}
}
