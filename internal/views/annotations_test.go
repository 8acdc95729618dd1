package views

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/annotate"
	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/notebook"
)

// The page of many devices tells live how far they are, stops, names those that had no turn, and lets them have it. So does the form for the selection.
func TestManyDevicesAreLabelledBehindThePage(t *testing.T) {
	t.Parallel()
	here, let := make(chan bool), make(chan bool)
	waits := true
	st := newSite(t, func(d *Deps) {
		relabel := func(ctx context.Context, ids []string) error {
			if waits {
				here <- true
				<-let
			}
			return d.Mirror.Relabel(ctx, ids)
		}
		d.Annotations = annotate.New(d.Book, d.Selections, d.Audit, annotate.Options{Relabel: relabel, Publish: d.Live.Publish, Patience: time.Nanosecond, Logger: d.Logger})
	})
	st.mirrored(t)
	v := st.visit(t, auth.Manager)
	ids := make([]string, 2*notebook.StepSize)
	for i := range ids {
		ids[i] = oneDevice.ID + number(i)
	}
	sel, err := st.Selections.Make(t.Context(), notebook.Selection{Title: "Many", Source: notebook.Chosen}, notebook.LinesOf(ids), nil)
	if err != nil {
		t.Fatal(err)
	}
	form := withQuery("/devices/annotate", "in", sel.ID)
	href := v.post(form, url.Values{"label": {"pilot"}, "confirm": {"yes"}}).want(t, http.StatusSeeOther).header.Get("Location")
	<-here
	a := v.get(href).want(t, http.StatusOK)
	if w := watchOf(t, a); w.Topics != "labels:"+path.Base(href) || w.Href != href || !strings.Contains(textOf(a.tree(t)), "500 of 1,000 done") {
		t.Errorf("under way: %+v, %s", w, textOf(a.tree(t)))
	}
	stream := v.stream([]string{"labels:" + path.Base(href)})
	v.post(href+"/stop", nil).want(t, http.StatusSeeOther)
	stream.wantChanged("labels:" + path.Base(href))
	waits = false
	let <- true
	st.Annotations.Wait()
	left := "/selections/" + sel.ID + "?page=11&state=found"
	a = v.get(href).want(t, http.StatusOK)
	if text := textOf(a.tree(t)); !strings.Contains(text, "500 of 1,000 devices had their turn. manager stopped it. 500 devices had none: those behind line 500") || !slices.Contains(linksOf(t, a), left) {
		t.Errorf("stopped: %s, %v", text, linksOf(t, a))
	}
	if first := linksOf(t, v.get(left)); !slices.Contains(first, deviceHref(ids[500])) || slices.Contains(first, deviceHref(ids[499])) {
		t.Errorf("the devices that had no turn: %v", first)
	}
	if !slices.Contains(linksOf(t, v.get(form)), href) {
		t.Error("the form of the selection does not lead to what is not done")
	}
	v.post(href+"/resume", nil).want(t, http.StatusSeeOther)
	st.Annotations.Wait()
	if text := textOf(v.get(href).tree(t)); !strings.Contains(text, "Done: 1,000 devices.") {
		t.Errorf("gone on: %s", text)
	}
	if rows, _, err := st.Audit.Matching(t.Context(), audit.Filter{Action: string(audit.DeviceLabel)}); err != nil || rows != int64(len(ids)) {
		t.Errorf("%d rows for %d devices, %v", rows, len(ids), err)
	}
}

// linksOf are the addresses that a page leads to.
func linksOf(t *testing.T, a answer) (hrefs []string) {
	t.Helper()
	for _, link := range all(a.want(t, http.StatusOK).tree(t), "a", "href") {
		hrefs = append(hrefs, attr(link, "href"))
	}
	return hrefs
}
