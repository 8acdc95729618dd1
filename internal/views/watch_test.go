package views

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// watchOf reads what a page tells its script.
func watchOf(t *testing.T, a answer) templates.Watch {
	t.Helper()
	found := all(a.tree(t), "div", "data-live")
	if len(found) != 1 {
		t.Fatalf("%d parts of the page say what they listen to", len(found))
	}
	n := found[0]
	return templates.Watch{Topics: attr(n, "data-live"), Href: attr(n, "data-href"), Parts: attr(n, "data-parts"), At: attr(n, "data-at"), Every: attr(n, "data-every")}
}

// What keeps itself up to date listens to what there is, reads an address of its own, and finds there all that it takes.
func TestWatches(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for path, topic := range map[string]string{
		"/orders/" + cmpsim.DemoOrder:                        "order:" + cmpsim.DemoOrder,
		"/devices/" + cmpsim.DemoInUse:                       "device:" + cmpsim.DemoInUse,
		"/devices/" + cmpsim.DemoNoOrder:                     "device:" + cmpsim.DemoNoOrder,
		"/devices/" + cmpsim.DemoSeveral + "/orders":         "device:" + cmpsim.DemoSeveral,
		"/devices/" + cmpsim.DemoInUse + "/session":          "device:" + cmpsim.DemoInUse,
		"/devices/" + cmpsim.DemoInUse + "/sms":              "device:" + cmpsim.DemoInUse,
		"/devices/" + cmpsim.DemoInUse + "/imei":             "device:" + cmpsim.DemoInUse,
		"/devices/" + cmpsim.DemoInUse + "/notes":            "device:" + cmpsim.DemoInUse,
		"/devices/" + cmpsim.DemoInUse + "/activity":         "device:" + cmpsim.DemoInUse,
		"/orders?device=&status=2&order=" + cmpsim.DemoOrder: "order:" + cmpsim.DemoOrder,
		"/":                               "work",
		"/sms":                            "messages",
		"/sms?device=" + cmpsim.DemoInUse: "messages",
		"/sms?box=in":                     "unread",
		"/sync":                           "sync",
	} {
		before := st.Live.At()
		whole := v.get(path).want(t, http.StatusOK)
		w := watchOf(t, whole)
		topics := strings.Fields(w.Topics)
		if w.Href != path || w.At != before || topics[0] != topic {
			t.Errorf("%s: %+v", path, w)
		}
		for _, topic := range topics {
			if !isTopic(topic) {
				t.Errorf("%s listens to %q", path, topic)
			}
		}
		read := v.get(w.Href, liveHeader, "1", "HX-Request", "true").want(t, http.StatusOK)
		for _, id := range append(strings.Fields(w.Parts), "watch") {
			for name, a := range map[string]answer{"whole": whole, "read anew": read} {
				if n := strings.Count(a.body, `id="`+id+`"`); n != 1 {
					t.Errorf("%s, %s: %d parts %s", path, name, n, id)
				}
			}
		}
	}
	if w := watchOf(t, v.get("/devices/"+cmpsim.DemoInUse)); !strings.Contains(w.Topics, "order:"+cmpsim.DemoOrder) {
		t.Errorf("a device does not listen to its order: %s", w.Topics)
	}
}

// What colleagues write about a device is told to its pages, also when it is changed or taken away; labels of many devices at once are not.
func TestPagesAreToldOfNotesAndLabels(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	device := "/devices/" + cmpsim.DemoInUse
	s := v.stream([]string{"device:" + cmpsim.DemoInUse, "sync"})
	for path, form := range map[string]url.Values{device + "/notes": {"note": {"in the depot"}}, device + "/labels": {"label": {"depot"}}} {
		v.post(path, form).want(t, http.StatusSeeOther)
		s.wantChanged("device:" + cmpsim.DemoInUse)
	}
	for _, form := range []url.Values{{"note": {"sold"}}, {"do": {"remove"}}} {
		v.post(device+"/notes/1", form).want(t, http.StatusSeeOther)
		s.wantChanged("device:" + cmpsim.DemoInUse)
	}
}

// Reports are asked for often while they are young, seldom later, and not at all when none is to come.
func TestHowOftenReportsAreAskedFor(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	sent := func(ago time.Duration) ops.Message {
		return ops.Message{Sent: now.Add(-ago), Action: ops.Action{State: ops.OK}}
	}
	told := sent(0)
	told.Told.Report = cmp.Delivered
	for _, c := range []struct {
		shown []ops.Message
		want  string
	}{
		{nil, ""}, {[]ops.Message{told}, ""}, {[]ops.Message{told, sent(time.Minute)}, "4"}, {[]ops.Message{sent(2 * time.Minute)}, "15"}, {[]ops.Message{sent(time.Hour)}, "60"},
		{[]ops.Message{sent(time.Hour), sent(3 * time.Minute), sent(48 * time.Hour)}, "15"}, {[]ops.Message{sent(time.Hour), sent(time.Second)}, "4"},
	} {
		if got := lookEvery(c.shown, now); got != c.want {
			t.Errorf("%d messages: every %q s, want %q", len(c.shown), got, c.want)
		}
	}
}

// Every page counts what nobody has read, and reads that count alone when it changes: without the page's row in the log, or any other.
func TestUnreadIsCountedOnEveryPage(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	badge := func(a answer) (words, at string) {
		found := all(a.tree(t), "span", "data-live")
		if len(found) != 1 || attr(found[0], "id") != "unread" || attr(found[0], "data-live") != "unread" || attr(found[0], "data-href") != "/unread" {
			t.Fatalf("%d counts", len(found))
		}
		return textOf(found[0]), attr(found[0], "data-at")
	}
	pages := []string{"/", "/sms", "/sms?box=in", "/devices", "/orders", "/devices/" + cmpsim.DemoInUse, "/pushes"}
	for _, path := range pages {
		if words, at := badge(v.get(path).want(t, http.StatusOK)); words != "" || at != st.Live.At() {
			t.Errorf("%s: %q at %s", path, words, at)
		}
	}
	st.fromDevice(t, cmpsim.DemoInUse, "hello", time.Now())
	rows, err := st.Audit.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if words, at := badge(v.get("/unread", liveHeader, "1", "HX-Request", "true").want(t, http.StatusOK)); words != "1 unread" || at != st.Live.At() {
		t.Errorf("read anew: %q at %s", words, at)
	}
	for range 2 {
		a := v.get("/sms?box=in", liveHeader, "1", "HX-Request", "true").want(t, http.StatusOK)
		if text := textOf(a.tree(t)); !strings.Contains(text, "From devices (1 unread)") || !strings.Contains(text, "1 from devices") {
			t.Errorf("the box: %s", text)
		}
	}
	if now, err := st.Audit.Count(t.Context()); err != nil || now != rows {
		t.Errorf("%d rows more, %v", now-rows, err)
	}
	for _, path := range pages {
		if words, _ := badge(v.get(path)); words != "1 unread" {
			t.Errorf("%s: %q", path, words)
		}
	}
}
