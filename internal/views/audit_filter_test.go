package views

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
)

// A filter may name days, minutes or seconds, in the reader's zone; the last one named belongs to it.
func TestTimesOfTheLog(t *testing.T) {
	t.Parallel()
	k := clock{zone: time.FixedZone("+08:00", 8*3600)}
	for typed, want := range map[string]string{
		"2026-11-27": "2026-11-26T16:00:00Z 2026-11-27T16:00:00Z", "2026-11-27T23:48": "2026-11-27T15:48:00Z 2026-11-27T15:49:00Z", "2026-11-27T23:48:09": "2026-11-27T15:48:09Z 2026-11-27T15:48:10Z",
		"yesterday": "", "2026-11-31": "", "2026-11-27T24:00": "", "2026-11-27 23:48": "",
	} {
		begins, ends, ok := k.typedMoment(typed)
		if got := begins.UTC().Format(time.RFC3339) + " " + ends.UTC().Format(time.RFC3339); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %v %s, want %s", typed, ok, got, want)
		}
	}
}

// Minutes narrow the list, stand in the form and in the way to the files, and a day is shown by its bounds.
func TestMinutesOfTheLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.DeviceList)})
	if err != nil || len(rows) != 1 {
		t.Fatal(rows, err)
	}
	minute, before := rows[0].Time.Format("2006-01-02T15:04"), rows[0].Time.Add(-time.Minute).Format("2006-01-02T15:04")
	for span, want := range map[[2]string]string{{minute, minute}: "1", {before, before}: "0", {before, minute}: "1", {before, ""}: "1", {"", before}: "0"} {
		tree := v.get(withQuery("/audit", "action", "device.list", "from", span[0], "until", span[1])).want(t, http.StatusOK).tree(t)
		if got := attr(all(tree, "span", "data-total")[0], "data-total"); got != want {
			t.Errorf("%v: %s rows, want %s", span, got, want)
		}
	}
	a := v.get("/audit?from=2026-11-27&until=2026-11-28T10:05").want(t, http.StatusOK)
	if form := filled(t, a); form.Get("from") != "2026-11-27T00:00" || form.Get("until") != "2026-11-28T10:05" {
		t.Errorf("the form holds %v", form)
	}
	if !strings.Contains(a.body, "until=2026-11-28T10%3A05&amp;format=csv") && !strings.Contains(a.body, "format=csv&amp;from=2026-11-27&amp;until=2026-11-28T10%3A05") {
		t.Error("the file is of another time")
	}
	if text := textOf(a.tree(t)); !strings.Contains(text, "Until 2026-11-28 10:05") {
		t.Error(text)
	}
}

// A filter with which something is wrong is shown again as it was typed, with what is wrong at its field, and no rows.
func TestWrongFiltersOfTheLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	for query, want := range map[string]struct{ field, says string }{
		"from=yesterday":                   {"f-from", "“yesterday” is no time. Write 2026-01-31 or 2026-01-31T23:59."},
		"until=2026-13-01":                 {"f-until", "“2026-13-01” is no time."},
		"from=2026-11-28&until=2026-11-27": {"f-until", "before the time in “From”"},
		"action=order.explode":             {"f-action", "no action “order.explode”"},
		"outcome=fine":                     {"f-outcome", "no outcome “fine”"},
		"q=or":                             {"f-text", "at least three letters or digits"},
	} {
		a := v.get("/audit?device=8985&"+query).want(t, http.StatusUnprocessableEntity)
		tree := a.tree(t)
		typed, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		for name := range typed {
			if form := filled(t, a); name != "action" && name != "outcome" && !strings.HasPrefix(form.Get(name), typed.Get(name)) {
				t.Errorf("%s: the form lost %s: %v", query, name, form)
			}
		}
		found := false
		for _, p := range all(tree, "p", "id") {
			found = found || attr(p, "id") == want.field+"-error" && strings.Contains(textOf(p), want.says)
		}
		if !found || filled(t, a).Get("device") != "8985" || len(all(tree, "tr", "data-id")) > 0 {
			t.Errorf("%s: %s", query, textOf(tree))
		}
		if row, ok := st.rowOf(t, a, audit.AuditView); !ok || row.Outcome != audit.Failed {
			t.Errorf("%s: recorded %v %+v", query, ok, row.Entry)
		}
		v.get("/audit/export?format=csv&"+query).want(t, http.StatusUnprocessableEntity)
	}
}

// Who is found whatever the case of its letters, and settlements are offered among the outcomes, in words.
func TestNamesAndOutcomesOfTheLog(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	v.get("/devices").want(t, http.StatusOK)
	tree := v.get("/audit?actor=AUDITOR&action=device.list").want(t, http.StatusOK).tree(t)
	if got := attr(all(tree, "span", "data-total")[0], "data-total"); got != "1" {
		t.Errorf("%s rows", got)
	}
	for outcome, word := range map[string]string{"effect_present": "Effect seen", "effect_absent": "No effect", "undetermined": "Undetermined", "not_sent": "Not sent"} {
		tree := v.get("/audit?outcome="+outcome).want(t, http.StatusOK).tree(t)
		if text := textOf(tree); !strings.Contains(text, "Outcome "+word) || strings.Contains(text, outcome) {
			t.Errorf("%s: %s", outcome, text)
		}
	}
}
