package views

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/mirror"
)

// listed are the ids of the rows of a list of devices.
func listed(t *testing.T, a answer) (ids []string) {
	t.Helper()
	for _, row := range all(a.want(t, http.StatusOK).tree(t), "tr", "data-id") {
		ids = append(ids, attr(row, "data-id"))
	}
	return ids
}

// Whatever the list is filtered and sorted by, following Next shows each device that fits once, and the count is theirs.
func TestDevicesAreListedWhole(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Manager)
	for query, filter := range map[string]mirror.Filter{
		"":                               {},
		"sort=-id":                       {},
		"sort=expires&status=2,5":        {Statuses: []cmp.OrderStatus{"2", "5"}},
		"lifecycle=2&sort=-used&used=50": {Lifecycles: []cmp.Lifecycle{"2"}, UsedFrom: 50},
		"order=none":                     {NoOrder: true},
		"q=8985":                         {Part: "8985"},
		"lifecycle=1&lifecycle=2":        {Lifecycles: []cmp.Lifecycle{"1", "2"}},
	} {
		want, err := st.Mirror.Count(t.Context(), filter)
		if err != nil || want == 0 {
			t.Fatalf("%s: %d, %v", query, want, err)
		}
		seen := map[string]bool{}
		for path := "/devices?" + query; path != ""; {
			a := v.get(path)
			for _, id := range listed(t, a) {
				if seen[id] {
					t.Errorf("%s: %s twice", query, id)
				}
				seen[id] = true
			}
			if total := attr(all(a.tree(t), "", "data-total")[0], "data-total"); total != number(want) {
				t.Errorf("%s: %s in all, want %d", query, total, want)
			}
			path = linked(a.tree(t), "Next")
		}
		if len(seen) != want {
			t.Errorf("%s: %d devices, want %d", query, len(seen), want)
		}
	}
}

// What is wrong with a filter stands at its field, the others stay as they are, and nothing is looked up.
func TestWrongFiltersOfDevices(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Support)
	for query, says := range map[string]string{
		"q=ab": "3 to 32 letters", "lifecycle=9": "no stage “9”", "status=4": "no status “4”", "expires=soon": "Write 7d", "stage_ends=2026-02-01..2026-01-01": "before the first",
		"used=lots": "percentage", "ota=maybe": "yes or no", "stale=1": "24h or 7d", "sort=name": "cannot be sorted by “name”", "in=none": "selection",
	} {
		a := v.get("/devices?partner=P9&"+query).want(t, http.StatusUnprocessableEntity)
		if text := textOf(a.tree(t)); !strings.Contains(text, says) || len(all(a.tree(t), "tr", "data-id")) > 0 || !strings.Contains(text, "P9") {
			t.Errorf("%s: %s", query, text)
		}
	}
}

// The age beside the total is that of the oldest device of the fleet, whichever rows are shown; who has no order has no status; and an order
// code is found as pages show it.
func TestWhatAListRestsOn(t *testing.T) {
	t.Parallel()
	st := newSite(t).mirrored(t)
	list, err := st.CMP.Devices(t.Context(), 1, 1000)
	if err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-5 * time.Hour)
	for _, d := range list.Devices {
		if d.ID != cmpsim.DemoNoOrder {
			_, err = st.copy.Put(t.Context(), []cmp.Device{d}, time.Now().Add(time.Minute))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	stale := slices.DeleteFunc(list.Devices, func(d cmp.Device) bool { return d.ID != cmpsim.DemoNoOrder })
	if _, err := st.copy.Put(t.Context(), stale, old); err != nil {
		t.Fatal(err)
	}
	v := st.visit(t, auth.Manager)
	if a := v.get("/devices?status=2").want(t, http.StatusOK); !strings.Contains(a.body, old.UTC().Format("15:04:05")) {
		t.Errorf("the list does not say how old the fleet is: %s", textOf(a.tree(t)))
	}
	for query, want := range map[string]string{"status=2&order=none": "0", "q=" + cmpsim.DemoOrder: "1"} {
		if got := attr(all(v.get("/devices?"+query).want(t, http.StatusOK).tree(t), "", "data-total")[0], "data-total"); got != want {
			t.Errorf("%s: %s devices, want %s", query, got, want)
		}
	}
}

func TestDaysOfAFilter(t *testing.T) {
	t.Parallel()
	s := &Server{Deps: Deps{Now: func() time.Time { return time.Date(2026, 11, 27, 16, 30, 0, 0, time.UTC) }}} // the 28th at the CMP
	on := func(text string) time.Time {
		day, err := time.ParseInLocation(time.DateOnly, text, cmp.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	for text, want := range map[string]mirror.Days{
		"7d":                     {From: on("2026-11-28"), Until: on("2026-12-05")},
		"past":                   {Until: on("2026-11-27")},
		"2027-02":                {From: on("2027-02-01"), Until: on("2027-02-28")},
		"2027-02-03":             {From: on("2027-02-03"), Until: on("2027-02-03")},
		"2027-02-03..2027-03-01": {From: on("2027-02-03"), Until: on("2027-03-01")},
		"2027-02-03..":           {From: on("2027-02-03")},
		"..2027-02-03":           {Until: on("2027-02-03")},
		"none":                   {None: true},
	} {
		if got, _, wrong := s.days(text); wrong != "" || !got.From.Equal(want.From) || !got.Until.Equal(want.Until) || got.None != want.None {
			t.Errorf("%s: %v, %q", text, got, wrong)
		}
	}
	for _, text := range []string{"", "..", "d", "-1d", "2026-13", "2026-02-30", "tomorrow", "99999999999d", "2010-06", "2010-12-31", "..2100-09-16", "36500d"} {
		if _, _, wrong := s.days(text); wrong == "" {
			t.Errorf("%q is taken", text)
		}
	}
}

// A choice of columns is the operator's own and stays; a filter whose column is hidden still stands among the chips.
func TestColumnsOfDevices(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v, other := st.visit(t, auth.Support), st.visit(t, auth.Manager)
	form := url.Values{"column": {"imsi", "read"}}
	v.post("/devices/columns?status=2", form).want(t, http.StatusSeeOther)
	a := v.get("/devices?status=2").want(t, http.StatusOK)
	heads := ""
	for _, th := range all(a.tree(t), "th", "") {
		heads += textOf(th) + "|"
	}
	if heads != "Device|IMSI|Confirmed|" || !strings.Contains(textOf(a.tree(t)), "Order status In use") {
		t.Errorf("columns %s, page %s", heads, textOf(a.tree(t)))
	}
	if text := textOf(other.get("/devices").tree(t)); strings.Contains(text, "Confirmed") || !strings.Contains(text, "MSISDN") {
		t.Errorf("another operator sees %s", text)
	}
	form["column"] = []string{"password"}
	v.post("/devices/columns", form).want(t, http.StatusUnprocessableEntity)
}

// An empty copy of the fleet leads to where it is filled, and old or gone devices say so in their rows.
func TestStatesOfTheDeviceList(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	if a := v.get("/devices").want(t, http.StatusOK); linked(a.tree(t), "See how far it is") != "/sync" {
		t.Errorf("empty: %s", textOf(a.tree(t)))
	}
	old := cmp.Device{ID: "89852026000000000016", Lifecycle: "2"}
	if _, err := st.copy.Put(t.Context(), []cmp.Device{old}, st.Now().Add(-72*time.Hour)); err != nil {
		t.Fatal(err)
	}
	day := st.Now().Add(-72 * time.Hour).UTC().Format("2 Jan 2006")
	if text := textOf(v.get("/devices?stale=2d").want(t, http.StatusOK).tree(t)); !strings.Contains(text, day) || !strings.Contains(text, "Not confirmed for 2 days") {
		t.Errorf("stale: %s", text)
	}
	if err := st.copy.Drop(t.Context(), []string{old.ID}, st.Now()); err != nil {
		t.Fatal(err)
	}
	if ids := listed(t, v.get("/devices")); len(ids) > 0 {
		t.Errorf("among the others: %v", ids)
	}
	if ids := listed(t, v.get("/devices?gone=yes")); len(ids) != 1 || ids[0] != old.ID {
		t.Errorf("gone: %v", ids)
	}
}

// An export holds all that match and not the page, ids as text, and says in the log how many were taken.
func TestDevicesExport(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Support)
	want, err := st.Mirror.Count(t.Context(), mirror.Filter{})
	if err != nil || want <= listSize {
		t.Fatalf("%d devices, %v", want, err)
	}
	a := v.get("/devices/export?format=csv&sort=id").want(t, http.StatusOK)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, byteOrderMark))).ReadAll()
	if err != nil || len(rows) != want+1 || len(rows[1][0]) < 18 || rows[1][0] > rows[2][0] {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	book, err := excelize.OpenReader(strings.NewReader(v.get("/devices/export?format=xlsx&sort=id").want(t, http.StatusOK).body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	cells, err := book.GetRows("Sheet1")
	if kind, _ := book.GetCellType("Sheet1", "A2"); err != nil || len(cells) != want+1 || cells[1][0] != rows[1][0] || kind != excelize.CellTypeInlineString {
		t.Errorf("%d rows, first %v of type %v, %v", len(cells), cells[1], kind, err)
	}
	if text := textOf(st.visit(t, auth.Auditor).get("/audit/1").tree(t)); !strings.Contains(text, "exported "+strconv.Itoa(want)+" devices as CSV") {
		t.Errorf("the log: %s", text)
	}
	v.get("/devices/export?format=pdf").want(t, http.StatusUnprocessableEntity)
	st.visit(t, auth.Admin).get("/devices/export?format=csv").want(t, http.StatusForbidden)
}

// All that match are taken, not the page: kept under an address of their own, labelled there, and found by the label.
func TestAllThatMatchAreSelected(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Manager)
	want, err := st.Mirror.Count(t.Context(), mirror.Filter{Part: "8985"})
	if err != nil || want == 0 {
		t.Fatalf("%d, %v", want, err)
	}
	a := v.post("/devices/select?q=8985", url.Values{"which": {"all"}}).want(t, http.StatusSeeOther)
	list := a.header.Get("Location")
	if text := textOf(v.get(list).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "All "+number(want)+" that matched: Number 8985") || !strings.Contains(text, "Label or note all "+number(want)+" devices") {
		t.Fatalf("%s: %s", list, text)
	}
	annotate := strings.Replace(list, "/devices", "/devices/annotate", 1)
	v.get(annotate).want(t, http.StatusOK)
	asked := url.Values{"label": {"pilot"}, "note": {"Moved to the new depot"}}
	if text := textOf(v.post(annotate, asked).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "“pilot” is put on "+number(want)+" devices.") || !strings.Contains(text, "written about "+number(want)+" devices") {
		t.Errorf("the preview: %s", text)
	}
	if n, err := st.Mirror.Count(t.Context(), mirror.Filter{Labels: []string{"pilot"}}); err != nil || n != 0 {
		t.Errorf("%d devices have the label before it was confirmed, %v", n, err)
	}
	asked.Set("confirm", "yes")
	done := v.get(v.post(annotate, asked).want(t, http.StatusSeeOther).header.Get("Location")).want(t, http.StatusOK)
	if text := textOf(done.tree(t)); !strings.Contains(text, "Done: "+number(want)+" devices.") || !strings.Contains(text, "Moved to the new depot") {
		t.Errorf("what became of it: %s", text)
	}
	if notes, err := st.Book.NotesWith(t.Context(), "new depot", 1000); err != nil || len(notes) != want {
		t.Errorf("%d notes, want %d, %v", len(notes), want, err)
	}
	if text := textOf(v.post(annotate, url.Values{"remove": {"Pilot"}}).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "taken off "+number(want)+" devices") {
		t.Errorf("the second preview: %s", text)
	}
	for wrong, typed := range map[string]url.Values{"Write a label": {}, "characters": {"label": {strings.Repeat("x", 60)}, "note": {"kept as typed"}}} {
		if a := v.post(annotate, typed).want(t, http.StatusUnprocessableEntity); !strings.Contains(textOf(a.tree(t)), wrong) || !strings.Contains(a.body, typed.Get("note")) {
			t.Errorf("%s: %s", wrong, textOf(a.tree(t)))
		}
	}
	if n, err := st.Mirror.Count(t.Context(), mirror.Filter{Labels: []string{"pilot"}}); err != nil || n != want {
		t.Errorf("%d devices have the label, want %d, %v", n, want, err)
	}
	ticked := listed(t, v.get("/devices"))[:3]
	a = v.post("/devices/select", url.Values{"which": {"ticked"}, "device": ticked}).want(t, http.StatusSeeOther)
	if ids := listed(t, v.get(a.header.Get("Location"))); len(ids) != 3 {
		t.Errorf("of three ticked ones there are %v", ids)
	}
}

// Ticks go on over pages and filters: each page adds its own, shows which of its rows are kept, and takes out those that are ticked no more. They
// are one selection, which is somebody's own.
func TestTicksGoOnOverPages(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Manager)
	post := func(page, which string, ticked, kept []string) string {
		doc := v.get(page).want(t, http.StatusOK).tree(t)
		form := all(doc, "form", "action")
		i := slices.IndexFunc(form, func(n *html.Node) bool { return strings.HasPrefix(attr(n, "action"), "/devices/select") })
		return v.post(attr(form[i], "action"), url.Values{"which": {which}, "device": ticked, "kept": kept}).want(t, http.StatusSeeOther).header.Get("Location")
	}
	first := listed(t, v.get("/devices?sort=id"))
	second := post("/devices?sort=id", "more", first[:2], nil)
	onSecond := listed(t, v.get(second))
	if text := textOf(v.get(second).tree(t)); !strings.Contains(text, "2 devices ticked so far") || slices.Contains(onSecond, first[0]) {
		t.Fatalf("%s: %s", second, text)
	}
	third := post(second, "more", onSecond[:3], nil)
	ticked, _ := url.ParseQuery(strings.TrimPrefix(third, "/devices?"))
	back := "/devices?ticked=" + ticked.Get("ticked")
	var checked, kept []string
	doc := v.get(back+"&sort=id").want(t, http.StatusOK).tree(t)
	for _, box := range all(doc, "input", "name") {
		if _, on := attribute(box, "checked"); on && attr(box, "name") == "device" {
			checked = append(checked, attr(box, "value"))
		}
		if attr(box, "name") == "kept" {
			kept = append(kept, attr(box, "value"))
		}
	}
	if !slices.Equal(checked, first[:2]) || !slices.Equal(kept, first[:2]) {
		t.Errorf("back on the first page %v are ticked, and %v kept", checked, kept)
	}
	whole := post(back+"&sort=id", "ticked", first[1:2], kept)
	want := append(first[1:2:2], onSecond[:3]...)
	if ids := listed(t, v.get(whole+"&sort=id")); !slices.Equal(slices.Sorted(slices.Values(ids)), slices.Sorted(slices.Values(want))) {
		t.Errorf("%s holds %v, want %v", whole, ids, want)
	}
	if text := textOf(st.visit(t, auth.Support).get(back).want(t, http.StatusOK).tree(t)); strings.Contains(text, "ticked so far") {
		t.Error("somebody else goes on with them")
	}
	if rows := st.rowsOf(t, audit.SelectionCreate); len(rows) != 3 || rows[0].Get("rows") != "4" || rows[0].Get("selection") != ticked.Get("ticked") {
		t.Errorf("recorded %+v", rows)
	}
}

// Where none is ticked the list comes back with its filters and its page, says so, and nothing is kept.
func TestNoneTicked(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Manager)
	next := linkWith(t, v.get("/devices?q=8985&sort=-expires"), "a", "href", "after=")
	action := linkWith(t, v.get(next), "form", "action", "/devices/select")
	shown := listed(t, v.get(next))
	back := v.post(action, url.Values{"which": {"ticked"}}).want(t, http.StatusSeeOther).header.Get("Location")
	a := v.get(back)
	if !slices.Equal(listed(t, a), shown) || !strings.Contains(back, "q=8985") || !strings.Contains(textOf(a.tree(t)), "Nothing was ticked, so nothing was kept.") {
		t.Errorf("%s shows %v, want %v", back, listed(t, a), shown)
	}
	if again := linkWith(t, a, "form", "action", "/devices/select"); again != action {
		t.Errorf("the form then goes to %s, not %s", again, action)
	}
}

// linkWith is the first address of a page that has a part.
func linkWith(t *testing.T, a answer, tag, attribute, part string) string {
	t.Helper()
	for _, n := range all(a.want(t, http.StatusOK).tree(t), tag, attribute) {
		if strings.Contains(attr(n, attribute), part) {
			return attr(n, attribute)
		}
	}
	t.Fatalf("no address with %s", part)
	return ""
}

// Several labels mean the devices that have all of them, in whatever letters they are written, and each can be taken away alone.
func TestLabelsOfAFilter(t *testing.T) {
	t.Parallel()
	st := newSite(t).mirrored(t)
	v := st.visit(t, auth.Support)
	ids := listed(t, v.get("/devices"))[:3]
	for i, labels := range []string{"Pilot, Fleet A", "Pilot", "Fleet A"} {
		v.post("/devices/"+ids[i]+"/labels", url.Values{"label": {labels}}).want(t, http.StatusSeeOther)
	}
	for query, want := range map[string]int{"label=pilot": 2, "label=FLEET+a": 2, "label=PILOT&label=fleet+a": 1, "label=pilot,Fleet+A,PILOT": 1, "label=pilot&label=other": 0} {
		if got := listed(t, v.get("/devices?"+query)); len(got) != want {
			t.Errorf("%s: %v", query, got)
		}
	}
	a := v.get("/devices?label=PILOT&label=fleet+a&sort=-id")
	for _, left := range []string{"/devices?label=Fleet+A&sort=-id", "/devices?label=Pilot&sort=-id"} {
		linkWith(t, a, "a", "href", left)
	}
}
