package views

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/mirror"
)

// Whoever may starts and stops the reading of the fleet, which is recorded; the others see how it does.
func TestSyncIsStartedAndStopped(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	manager, support := st.visit(t, auth.Manager), st.visit(t, auth.Support)
	stopped := manager.post("/sync/stop", nil).want(t, http.StatusSeeOther)
	if row, ok := st.rowOf(t, stopped, audit.SyncStop); !ok || row.Actor != "manager" || row.Outcome != audit.OK {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	text := textOf(support.get("/sync").want(t, http.StatusOK).tree(t))
	for _, want := range []string{"Stopped by manager", "The copy grows old.", "None yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	if strings.Contains(text, "Read the fleet now") {
		t.Error("support is offered what it may not do")
	}
	if text := textOf(support.get("/").tree(t)); !strings.Contains(text, "reading is stopped") {
		t.Error("home does not say that the copy grows old")
	}
	started := manager.post("/sync/start", url.Values{"accept": {"yes"}}).want(t, http.StatusSeeOther)
	if row, ok := st.rowOf(t, started, audit.SyncStart); !ok || row.Get("missing_accepted") != "yes" {
		t.Errorf("recorded %v %+v", ok, row.Entry)
	}
	if w := st.Sync.Status().Wish; w.Stopped || !w.Accept || w.By != "manager" {
		t.Errorf("asked for: %+v", w)
	}
}

// What is read for a page is in the copy of the fleet at once.
func TestPagesFeedTheMirror(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	v.get("/devices/"+cmpsim.DemoInUse).want(t, http.StatusOK)
	if d, known, err := st.Mirror.Device(t.Context(), cmpsim.DemoInUse); err != nil || !known || time.Since(d.Read) > time.Minute || len(d.Profiles) == 0 {
		t.Errorf("the mirror knows %t: %+v, %v", known, d, err)
	}
	if err := st.copy.Close(); err != nil {
		t.Fatal(err)
	}
	v.get("/devices/"+cmpsim.DemoSuspended).want(t, http.StatusOK)
	if !strings.Contains(st.logs.String(), "the mirror did not take what was read") {
		t.Error("that the mirror takes nothing is not in the log")
	}
}

// The page tells each state of the sync in words, with what to do.
func TestWhatTheSyncPageTells(t *testing.T) {
	t.Parallel()
	k := clock{zone: time.UTC, now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	ago := func(d time.Duration) time.Time { return k.now.Add(-d) }
	reading := &mirror.Run{Started: ago(time.Hour), Passes: 2, First: true, New: 95, Pass: mirror.Pass{Next: 3, Rows: 20, Total: 95, Size: 10, Served: 10}}
	ended := func(r mirror.Run) mirror.Status {
		r.Started, r.Ended = ago(time.Hour), ago(time.Hour-90*time.Second)
		return mirror.Status{Past: []mirror.Run{r}, Every: 6 * time.Hour, Next: k.now.Add(5 * time.Hour)}
	}
	for name, c := range map[string]struct {
		status mirror.Status
		badge  string
		says   []string
		accept bool
	}{
		"at rest":   {ended(mirror.Run{Result: mirror.Whole}), "At rest", []string{"next 17:00:00, every 6 h"}, false},
		"by hand":   {mirror.Status{}, "At rest", []string{"CMP_SYNC_EVERY is 0"}, false},
		"reading":   {mirror.Status{Run: reading, Pages: 10, Rows: 12.4, Calls: 1.24, Left: 75 * time.Second}, "Reading", []string{"since 11:00:00", "page 3 of 10", "21 %", "12 devices a second", "1.2 calls a second", "75 s", "looked at twice"}, false},
		"asking":    {mirror.Status{Run: &mirror.Run{Asking: k.now, Missing: 500, Asked: 50, Gone: 7}}, "Reading", []string{"50 of 200", "25 %"}, false},
		"failing":   {mirror.Status{Run: reading, Trouble: &mirror.Trouble{Err: &cmp.Error{Kind: cmp.Unknown, HTTPStatus: 502}, Tries: 3, Since: ago(time.Minute), Next: k.now.Add(time.Minute)}}, "Does not get on", []string{"has failed (HTTP 502)", "Tried 3 times since 11:59:00; the next try is at 12:01:00."}, false},
		"refused":   {mirror.Status{Trouble: &mirror.Trouble{Err: &cmp.Error{Kind: cmp.Rejected, Code: "77", Message: "not you"}, Tries: 1}}, "Does not get on", []string{"It says: “not you” (77)."}, false},
		"lacking":   {mirror.Status{Trouble: &mirror.Trouble{Err: &cmp.Error{HTTPStatus: 404}, Tries: 1}}, "Does not get on", []string{"CMP_MISSING or CMP_PATHS"}, false},
		"no disk":   {mirror.Status{Trouble: &mirror.Trouble{Err: errors.New("disk full"), Tries: 1}}, "Does not get on", []string{"could not be written", "delete mirror.db"}, false},
		"moving":    {ended(mirror.Run{Result: mirror.Moving, Passes: 5}), "At rest", []string{"It was read 5 times", "CMP_PAGE_SIZE"}, false},
		"odd":       {ended(mirror.Run{Result: mirror.Odd, Pass: mirror.Pass{Total: 120, Rows: 95}}), "At rest", []string{"announces 120 devices and lists 95"}, false},
		"too short": {ended(mirror.Run{Result: mirror.Shrunk, Missing: 3000}), "At rest", []string{"listed 0 devices, and 3,000 more are known here"}, true},
		"stopped":   {mirror.Status{Run: reading, Wish: mirror.Wish{Stopped: true, By: "anna", At: ago(time.Hour)}}, "Stopped", []string{"by anna, 11:00:00"}, false},
	} {
		view := k.syncView(c.status, mirror.Totals{Devices: 95, Gone: 2, Oldest: ago(26 * time.Hour), Newest: ago(time.Second)})
		text := view.Since
		for _, n := range view.Notices {
			text += " " + n.Title + " " + n.Text
		}
		if r := view.Reading; r != nil {
			text += " " + r.Step + " " + r.Meter.Text
			for _, f := range r.Facts {
				text += " " + f.Value + " " + f.Note
			}
		}
		if view.State.Word != c.badge || view.CanAccept != c.accept {
			t.Errorf("%s: %q, to be accepted %t", name, view.State.Word, view.CanAccept)
		}
		for _, want := range c.says {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q: %s", name, want, text)
			}
		}
		if oldest := view.Fleet[2].At.Text; oldest != "27 Nov 2026, 10:00" || view.Fleet[2].Note != "confirmed 26 h ago" || view.Fleet[3].Note != "confirmed 1.0 s ago" {
			t.Errorf("%s: the ages are %+v", name, view.Fleet)
		}
	}
}
