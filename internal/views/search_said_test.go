package views

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/notebook"
)

// Of more notes than a page has room for the first are shown, and the page says that there are more.
func TestMoreNotesThanAreShown(t *testing.T) {
	t.Parallel()
	st := searched(t)
	for i := range searchSize + 10 {
		if _, err := st.Book.AddNote(t.Context(), "anna", oneDevice.ID+number(i), "lent to the workshop", func(*sql.Tx, notebook.Note) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	v := st.visit(t, auth.Support)
	doc := v.get("/search?q=workshop").want(t, http.StatusOK).tree(t)
	if text := textOf(doc); len(all(doc, "mark", "")) != searchSize || !strings.Contains(text, "More than 50 found") || !strings.Contains(text, "Notes the first 50") {
		t.Errorf("%d marks: %s", len(all(doc, "mark", "")), text)
	}
	if text := textOf(v.get("/search?panel=1&q=workshop").tree(t)); !strings.Contains(text, "More than 8 found") || !strings.Contains(text, "Notes 8+") {
		t.Error(text)
	}
}

// The panel says how many of many it shows, and how old their figures are.
func TestPanelSaysThatThereAreMore(t *testing.T) {
	t.Parallel()
	doc := searched(t).visit(t, auth.Support).get("/search?panel=1&q=8985").want(t, http.StatusOK).tree(t)
	if text := textOf(doc); !strings.Contains(text, "Devices 8+") || !strings.Contains(text, "as of ") {
		t.Error(text)
	}
}

// What nothing has is answered with what can be done about it: a beginning of an order code, a word, and an IMEI are each told in their own way.
func TestAdviceOnAMiss(t *testing.T) {
	t.Parallel()
	v := searched(t).visit(t, auth.Support)
	for q, want := range map[string]struct{ says, never string }{
		"L20": {"Type more of it", "doubled digit"}, "ORDER": {tooShort, "the CMP was not asked"}, "ORDER_1": {tooShort, "Nothing found here"},
		"freiburg":        {"Check how it is spelled", "doubled digit"},
		"SUPPORT":         {"read as text", "part of a number"},
		"77777":           {"doubled digit", "Check how it is spelled"},
		"356938035643809": {onlyBound, "Check how it is spelled"},
	} {
		if text := textOf(v.get("/search?q="+url.QueryEscape(q)).want(t, http.StatusOK).tree(t)); !strings.Contains(text, want.says) || strings.Contains(text, want.never) {
			t.Errorf("%s: want %q and not %q: %s", q, want.says, want.never, text)
		}
	}
}

// hurried is a CMP that never answers and tells how long it was waited for.
type hurried struct {
	upstream
	left chan time.Duration
}

func (h hurried) Device(ctx context.Context, _ string) (cmp.Device, error) {
	end, _ := ctx.Deadline()
	h.left <- time.Until(end)
	return cmp.Device{}, &cmp.Error{Kind: cmp.Unknown, Err: context.DeadlineExceeded}
}

// A search waits a few seconds for a CMP that hangs, and then shows what can be said without it.
func TestSearchWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	left := make(chan time.Duration, 1)
	v := newSite(t, func(d *Deps) { d.CMP = hurried{d.CMP, left} }).visit(t, auth.Support)
	a := v.get("/search?q=89860012345678900000").want(t, http.StatusGatewayTimeout)
	text := textOf(a.tree(t))
	for _, says := range []string{"could not be asked", "did not answer in time", "ends in zeros after 15 digits", "Look for what begins with 898600123456789"} {
		if !strings.Contains(text, says) {
			t.Errorf("%q is not said: %s", says, text)
		}
	}
	if wait := <-left; wait <= 0 || wait > askLimit || linked(a.tree(t), "Try again") != "/search?q=89860012345678900000" {
		t.Errorf("waits %v: %s", wait, text)
	}
}

// What was typed is marked whatever stands between its letters and digits, or else its longest word.
func TestMarked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, typed, want string }{
		{"Europe 10 GB monthly", "10gb", "10 GB"}, {"Europe 10 GB monthly", "monthly europe", "monthly"}, {"ＡＢＣ 12", "bc1", "ＢＣ 1"},
		{"DP20190924001683", "0016 0", "0016"}, {"Alpha 全球 GB", "全球", "全球"}, {"Alpha", "beta", ""}, {"Alpha", "-", ""}, {"LP14230912003377", "lp1423", "LP1423"},
	} {
		if h := marked(tt.text, tt.typed); h.Match != tt.want || h.Before+h.Match+h.After != tt.text {
			t.Errorf("%q in %q: %q %q %q", tt.typed, tt.text, h.Before, h.Match, h.After)
		}
	}
	if h := packageHit(packageFound{code: "LP14230912003377", name: "Europe"}, "lp1423"); h.Code.Match != "LP1423" || h.Match != "" {
		t.Errorf("%+v", h)
	}
}

// How many devices have a package rests on the copy of the fleet, so the page says how old that is at its oldest, also where no device is shown.
func TestCountsOfPackagesHaveAnAge(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.mirrored(t)
	v := st.visit(t, auth.Support)
	total, err := st.Mirror.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := v.get("/search?q="+url.QueryEscape("GB monthly")).want(t, http.StatusOK)
	if len(all(a.tree(t), "li", "data-id")) == 0 || !strings.Contains(a.body, total.Oldest.UTC().Format(time.RFC3339)) {
		t.Errorf("no age: %s", textOf(a.tree(t)))
	}
}

// Several numbers in the one box are said to be that, and lead to where all of them are looked up, also while they are typed.
func TestSeveralNumbersLeadToTheList(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	const list = "89852024031900012345, 89852024031900012346"
	for name, a := range map[string]answer{"sent": v.get("/search?q=" + url.QueryEscape(list)), "typed": v.get("/search?panel=1&q="+url.QueryEscape(list), "HX-Request", "true")} {
		text := textOf(a.want(t, http.StatusOK).tree(t))
		if !strings.Contains(text, "These are 2 numbers.") || strings.Contains(text, "too little") || strings.Contains(text, "Nothing found") || !slices.Contains(linksOf(t, a), withQuery("/selections", "q", list)) {
			t.Errorf("%s: %s", name, text)
		}
	}
}
