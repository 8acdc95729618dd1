package views

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
)

// rowsOf reads a table with bars: the name of a row → its figures, and their addresses.
func rowsOf(t *testing.T, tree *html.Node, label string) (figures map[string]string, hrefs map[string][]string) {
	t.Helper()
	figures, hrefs = map[string]string{}, map[string][]string{}
	for _, table := range all(tree, "table", "") {
		if textOf(all(table, "caption", "")[0]) != label {
			continue
		}
		for _, row := range all(all(table, "tbody", "")[0], "tr", "") {
			name := textOf(all(row, "th", "")[0])
			figures[name] = strings.TrimSpace(strings.TrimPrefix(textOf(row), name))
			for _, a := range all(row, "a", "href") {
				hrefs[name] = append(hrefs[name], attr(a, "href"))
			}
		}
	}
	return figures, hrefs
}

func lifecycleFleet() []cmp.Device {
	undated := member(9, cmp.LifecycleUsage, 0, cmp.StatusInUse, 0, 0)
	undated.LifecycleEnd, undated.Orders[0].Expire = cmp.Time{}, cmp.Time{}
	other := member(10, cmp.LifecycleUsage, 40, cmp.StatusInUse, 40, 0)
	other.PartnerCode, other.PartnerName, other.Orders[0].PackageCode, other.Orders[0].PackageName = "P2", "", "LP2", "Global 50 MB"
	return []cmp.Device{
		member(1, cmp.LifecycleUsage, -27, cmp.StatusInUse, -1, 0), // on the first of this month; yesterday
		member(2, cmp.LifecycleUsage, 0, cmp.StatusInUse, 0, 0),    // today
		member(3, cmp.LifecycleSilent, 2, "", 0, 0),                // the last of this month
		member(4, cmp.LifecycleSilent, 3, "", 0, 0),                // the first of the next
		member(5, cmp.LifecycleSuspended, 33, "", 0, 0),
		member(6, cmp.LifecycleUsage, 800, cmp.StatusSuspended, 400, 0),
		member(7, cmp.LifecycleDisposal, 5, "", 0, 0), // nothing runs out there
		member(8, cmp.LifecycleUsage, 5, cmp.StatusEnded, 5, 0),
		undated, other,
	}
}

// The fleet is counted by stage and by month in the CMP's zone, nothing twice and nothing lost, each figure with its list.
func TestLifecycleOfTheFleet(t *testing.T) {
	t.Parallel()
	st := fleetSite(t, map[time.Duration][]cmp.Device{time.Hour: lifecycleFleet()})
	v := st.visit(t, auth.Manager)
	tree := v.get("/lifecycle").want(t, http.StatusOK).tree(t)
	for _, tt := range []struct {
		label string
		want  map[string]string
		rows  int
	}{
		{"Devices by stage and by when it ends", map[string]string{"Silent 20 %": "2 0 2 0 0", "Usage 60 %": "6 1 2 2 1", "Suspended service 10 %": "1 0 0 1 0", "Disposal 10 %": "1 0 1 0 0"}, 4},
		{"Devices by the month in which their stage ends", map[string]string{
			"Before today": "1 0 1 0", "Rest of Nov 2026": "2 1 1 0", "Dec 2026": "3 1 1 1", "Jan 2027": "1 0 1 0", "Oct 2027": "0 0 0 0", "Later": "1 0 1 0", "No date told": "1 0 1 0",
		}, 15},
		{"Devices by the month in which their order expires", map[string]string{"Before today": "1 1 0", "Rest of Nov 2026": "1 1 0", "Dec 2026": "0 0 0", "Jan 2027": "1 1 0", "Later": "1 0 1", "No date told": "1 1 0"}, 15},
	} {
		got, _ := rowsOf(t, tree, tt.label)
		for name, want := range tt.want {
			if got[name] != want {
				t.Errorf("%s, %s: %q, want %q", tt.label, name, got[name], want)
			}
		}
		if len(got) != tt.rows {
			t.Errorf("%s: %d rows, want %d", tt.label, len(got), tt.rows)
		}
	}
	_, hrefs := rowsOf(t, tree, "Devices by the month in which their stage ends")
	for name, want := range map[string][]string{
		"Before today":     {"/devices?lifecycle=1%2C2%2C3&stage_ends=past", "/devices?lifecycle=2&stage_ends=past"},
		"Rest of Nov 2026": {"/devices?lifecycle=1%2C2%2C3&stage_ends=2026-11-28..2026-11-30", "/devices?lifecycle=1&stage_ends=2026-11-28..2026-11-30", "/devices?lifecycle=2&stage_ends=2026-11-28..2026-11-30"},
		"Jan 2027":         {"/devices?lifecycle=1%2C2%2C3&stage_ends=2027-01", "/devices?lifecycle=2&stage_ends=2027-01"},
		"Later":            {"/devices?lifecycle=1%2C2%2C3&stage_ends=2027-11-01..", "/devices?lifecycle=2&stage_ends=2027-11-01.."},
		"No date told":     {"/devices?lifecycle=1%2C2%2C3&stage_ends=none", "/devices?lifecycle=2&stage_ends=none"},
	} {
		if !slices.Equal(hrefs[name], want) {
			t.Errorf("%s leads to %v, want %v", name, hrefs[name], want)
		}
	}
	if text := textOf(tree); !strings.Contains(text, "as of 16:30:00") || !strings.Contains(text, "at 16:30:00") {
		t.Errorf("the page does not say how old it is: %s", text)
	}
}

// A partner or a package narrows all figures and their lists; what nobody has is told as such.
func TestLifecycleOfAPart(t *testing.T) {
	t.Parallel()
	st := fleetSite(t, map[time.Duration][]cmp.Device{0: lifecycleFleet()})
	v := st.visit(t, auth.Support)
	for path, total := range map[string]string{"/lifecycle": "10", "/lifecycle?partner=P1": "9", "/lifecycle?partner=P2": "1", "/lifecycle?package=LP2": "1", "/lifecycle?partner=P1&package=LP2": "0", "/lifecycle?partner=none": "0"} {
		tree := v.get(path).want(t, http.StatusOK).tree(t)
		if got := attr(all(tree, "", "data-total")[0], "data-total"); got != total || (total == "0") != strings.Contains(textOf(tree), "No device of this kind") {
			t.Errorf("%s: %s devices, want %s", path, got, total)
		}
	}
	tree := v.get("/lifecycle?partner=P2&months=24").want(t, http.StatusOK).tree(t)
	figures, hrefs := rowsOf(t, tree, "Devices by the month in which their order expires")
	if len(figures) != 27 || !slices.Equal(hrefs["Jan 2027"], []string{"/devices?expires=2027-01&partner=P2&status=2%2C5", "/devices?expires=2027-01&partner=P2&status=2"}) {
		t.Errorf("%d rows, %v", len(figures), hrefs)
	}
	if text := textOf(tree); !strings.Contains(text, "Straits · P1 (9)") || !strings.Contains(text, "Global 50 MB · LP2 (1)") {
		t.Errorf("what can be chosen: %s", text)
	}
	for _, months := range []string{"0", "61", "x"} {
		v.get("/lifecycle?months="+months).want(t, http.StatusUnprocessableEntity)
	}
}

// Without a fleet there is nothing to count, and the page says why.
func TestLifecycleOfNoFleet(t *testing.T) {
	t.Parallel()
	text := textOf(fleetSite(t, nil).visit(t, auth.Manager).get("/lifecycle").want(t, http.StatusOK).tree(t))
	if !strings.Contains(text, "There is no copy of the fleet yet.") || !strings.Contains(text, "No devices yet") {
		t.Errorf("%s", text)
	}
}
