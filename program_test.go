package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// TestMainJob is the whole job with scripts off: find a device, act on its order, read it in the log.
func TestMainJob(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	order := in.mine.order(t, deedOf("pause"))
	support := in.signIn(t, "support")

	p := support.get(t, "/search?q="+order.DeviceID).want(t, http.StatusOK)
	if p.url.Path != "/devices/"+order.DeviceID || len(p.via) != 1 {
		t.Fatalf("the search led to %s by %v", p.url, p.via)
	}
	p.says(t, order.DeviceID)
	for _, step := range []struct{ verb, button, status string }{{"pause", "Pause", "5"}, {"restart", "Restart", "2"}, {"end", "End early", "3"}} {
		p = actByLinks(t, support, in.sim, p, order, step.verb, step.button, step.status)
	}
	if n := len(changes(in.sim, order.ID)); n != 3 {
		t.Errorf("%d changes reached the CMP, want 3", n)
	}
	auditorReads(t, in, order)
	supportReadsOwn(t, in, support, order)
}

// actByLinks follows the link of an action, sends its form and looks at what came of it.
func actByLinks(t *testing.T, v *visitor, sim *cmpsim.Sim, p page, order cmpsim.Order, verb, link, status string) page {
	t.Helper()
	tr := trial{deed: deedOf(verb), order: order, action: orderPage(order.ID) + "/" + verb}
	ask := v.get(t, p.link(t, link)).want(t, http.StatusOK)
	if ask.url.Path != tr.action {
		t.Fatalf("the link %q led to %s", link, ask.url)
	}
	p = v.post(t, tr.action, tr.fillIn(t, ask, "ticket 4711, "+verb)).want(t, http.StatusOK)
	if p.url.Path != orderPage(order.ID) || len(p.via) != 1 || p.via[0] != http.StatusSeeOther {
		t.Fatalf("%s led to %s by %v", verb, p.url, p.via)
	}
	if p.hook("data-status") != status || p.hook("data-outcome") != "ok" {
		t.Fatalf("after %s the page shows status %q, outcome %q", verb, p.hook("data-status"), p.hook("data-outcome"))
	}
	wantStatus(t, sim, order.ID, status)
	return p.says(t, "ticket 4711, "+verb)
}

// auditorReads finds the rows of the journey on the pages of the log.
func auditorReads(t *testing.T, in *instance, order cmpsim.Order) {
	t.Helper()
	auditor := in.signIn(t, "auditor")
	list := auditor.get(t, "/audit?order="+order.ID).want(t, http.StatusOK)
	for verb, change := range map[string][2]string{"pause": {"In use", "Suspended"}, "restart": {"Suspended", "In use"}, "end": {"In use", "Ended or cancelled"}} {
		intent, outcome := wantPair(t, in.dir, order.ID, verb, "ok")
		for _, r := range []row{intent, outcome} {
			if r.actor != "support" || r.device != order.DeviceID || r.reason != "ticket 4711, "+verb {
				t.Errorf("row %d is %+v", r.seq, r)
			}
			if len(list.all("a", "href", fmt.Sprintf("/audit/%d", r.seq))) == 0 {
				t.Errorf("the list lacks row %d (%s)", r.seq, r.phase)
			}
			one := auditor.get(t, "/audit/"+strconv.FormatInt(r.seq, 10)).want(t, http.StatusOK)
			one.says(t, "order."+verb, "support", r.reason, order.ID, "Before "+change[0], "Asked for:"+change[1])
			for _, related := range []row{intent, outcome} {
				if len(one.all("a", "href", fmt.Sprintf("/audit/%d", related.seq))) == 0 && related.seq != r.seq {
					t.Errorf("row %d does not lead to row %d of the same action", r.seq, related.seq)
				}
			}
		}
	}
	auditor.get(t, orderPage(order.ID)+"/pause").want(t, http.StatusForbidden)
}

// supportReadsOwn makes sure that a role without the whole log sees its own rows and no others.
func supportReadsOwn(t *testing.T, in *instance, support *visitor, order cmpsim.Order) {
	t.Helper()
	own := support.get(t, "/audit?actor=auditor").want(t, http.StatusOK)
	seen, foreign := map[string]bool{}, int64(0)
	for _, a := range own.all("a") {
		href, _ := attrOf(a, "href")
		seen[href] = true
	}
	shown := 0
	for _, r := range rows(t, in.dir) {
		if !seen[fmt.Sprintf("/audit/%d", r.seq)] {
			continue
		}
		if shown++; r.actor != "support" {
			t.Errorf("support sees row %d of %q", r.seq, r.actor)
		}
	}
	for _, r := range rows(t, in.dir) {
		if r.actor == "auditor" {
			foreign = r.seq
		}
	}
	if shown == 0 || foreign == 0 {
		t.Fatalf("support saw %d rows; the auditor's newest is %d", shown, foreign)
	}
	support.get(t, fmt.Sprintf("/audit/%d", foreign)).want(t, http.StatusForbidden)
	support.get(t, "/audit?order="+url.QueryEscape(order.ID)).want(t, http.StatusOK).says(t, "order.end")
}

// TestSecondStartKeepsData: users, sessions, the log and the history of orders outlive the process.
func TestSecondStartKeepsData(t *testing.T) {
	t.Parallel()
	first := startProgram(t)
	support := first.signIn(t, "support")
	tr := first.prepareDeed(t, support, "pause")
	support.post(t, tr.action, tr.form).want(t, http.StatusOK)
	before := rows(t, first.dir)
	if code := first.stop(); code != exitOK {
		t.Fatalf("the first console ended with %d", code)
	}

	second := startProgram(t, after(first))
	support.base = second.url
	p := support.get(t, orderPage(tr.order.ID)).want(t, http.StatusOK)
	if p.hook("data-outcome") != "ok" || p.hook("data-status") != cmpsim.StatusSuspended {
		t.Errorf("after the restart the order shows status %q, outcome %q", p.hook("data-status"), p.hook("data-outcome"))
	}
	p.says(t, "ticket 4711")
	second.signIn(t, "auditor").get(t, "/audit?order="+tr.order.ID).says(t, "order.pause", "ticket 4711")
	kept := rows(t, first.dir)
	for i, r := range before {
		if kept[i].body != r.body {
			t.Fatalf("row %d was %s and is %s", r.seq, r.body, kept[i].body)
		}
	}
	if len(kept) <= len(before) {
		t.Error("the second console records nothing")
	}
}
