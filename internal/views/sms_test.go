package views

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
)

// segmentsOf reads the stable hook of a count.
func segmentsOf(t *testing.T, a answer) string {
	t.Helper()
	if counts := all(a.tree(t), "", "data-segments"); len(counts) == 1 {
		return attr(counts[0], "data-segments")
	}
	t.Error("the page has no count of segments")
	return ""
}

// A message is written, previewed with what it takes, sent once to each device, and reported. Its text is shown to
// those who ask for it, and that they asked is recorded.
func TestSendAnSMS(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	form := url.Values{"devices": {cmpsim.DemoInUse + ",\n" + cmpsim.DemoSuspended + " " + cmpsim.DemoInUse}, "content": {strings.Repeat("a", 161)}, "type": {"1"}}
	preview := v.post("/sms/new", form).want(t, http.StatusOK)
	if segmentsOf(t, preview) != "2" || !strings.Contains(preview.body, "2 devices, 4 SMS in all") || len(st.sim.Journal()) != 0 {
		t.Errorf("%d calls, %s", len(st.sim.Journal()), textOf(preview.tree(t)))
	}
	send := filled(t, preview)
	list := v.post("/sms/new", send).want(t, http.StatusSeeOther).header.Get("Location")
	v.post("/sms/new", send).want(t, http.StatusSeeOther) // sent again by an impatient finger
	if n := len(st.sim.Journal()); n != 2 {
		t.Errorf("%d calls for 2 devices", n)
	}
	page := v.get(list).want(t, http.StatusOK)
	rows := all(page.tree(t), "tr", "data-id")
	if len(rows) != 2 || !strings.Contains(page.body, "The CMP took 2 messages.") {
		t.Fatalf("%d messages: %s", len(rows), textOf(page.tree(t)))
	}
	one := "/sms/" + attr(rows[0], "data-id")
	if a := v.get(one).want(t, http.StatusOK); !strings.Contains(a.body, "Waiting") || strings.Contains(a.body, "aaaa") {
		t.Error("the message does not wait, or shows its text unasked")
	}
	a := v.get(one+"/text").want(t, http.StatusOK)
	if _, recorded := st.rowOf(t, a, audit.SMSReveal); !strings.Contains(a.body, strings.Repeat("a", 161)) || !recorded {
		t.Errorf("the text is not shown, or that is not recorded: %v", recorded)
	}
	for _, path := range []string{one, one + "/text"} { // which never reads the text again
		w := watchOf(t, v.get(path).want(t, http.StatusOK))
		if w.Topics != "message:"+attr(rows[0], "data-id") || w.Href != one || w.Every != "4" {
			t.Errorf("%s is kept up to date by %+v", path, w)
		}
	}
	st.visit(t, auth.Manager).get(one+"/text").want(t, http.StatusForbidden)
}

// While one types the segments are counted, and what costs more is marked; nothing is prepared by that.
func TestCountSegments(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for content, want := range map[string][2]string{"": {"0", ""}, "plain": {"1", ""}, strings.Repeat("a", 160): {"1", ""}, strings.Repeat("a", 160) + "’": {"3", "<mark>’</mark>"}} {
		a := v.post("/sms/new?do=count", url.Values{"content": {content}, "type": {"1"}}).want(t, http.StatusOK)
		if got := segmentsOf(t, a); got != want[0] || !strings.Contains(a.body, want[1]) {
			t.Errorf("%d characters: %s segments, want %v", len(content), got, want)
		}
	}
	if a := v.post("/sms/new?do=count", url.Values{"content": {"00 1f"}, "type": {"2"}}); segmentsOf(t, a) != "1" || !strings.Contains(a.body, "2 bytes") {
		t.Errorf("binary: %s", textOf(a.tree(t)))
	}
}

// What is wrong is named at its field, and what was typed stays.
func TestSMSThatCannotBePreviewed(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for said, form := range map[string]url.Values{
		"Name at least one device.":                           {"content": {"typed text"}},
		"These are no device ids: short, x-1.":                {"devices": {"short x-1 " + cmpsim.DemoInUse}, "content": {"typed text"}},
		"Write what is to be sent.":                           {"devices": {cmpsim.DemoInUse}, "content": {" \n"}},
		"Write bytes as pairs of hexadecimal digits":          {"devices": {cmpsim.DemoInUse}, "content": {"0g"}, "type": {"2"}},
		"This takes 262 SMS a device. A message can have 255": {"devices": {cmpsim.DemoInUse}, "content": {strings.Repeat("long ", 8000)}},
		": the last of them lacks its second digit.":          {"devices": {cmpsim.DemoInUse}, "content": {"00 1F A"}, "type": {"2"}},
		"These are 21 devices. At once it can be 20 at most.": {"devices": {manyIDs(21)}, "content": {"typed text"}},
	} {
		a := v.post("/sms/new", form).want(t, http.StatusUnprocessableEntity)
		if !strings.Contains(a.body, said) || !strings.Contains(a.body, strings.TrimSpace(form.Get("content"))) {
			t.Errorf("the page does not say %q: %s", said, textOf(a.tree(t)))
		}
	}
	v.post("/sms/new", url.Values{"batch": {"none"}}).want(t, http.StatusConflict)
	if n := len(st.sim.Journal()); n != 0 {
		t.Errorf("%d calls", n)
	}
}

func manyIDs(n int) string {
	var ids []string
	for i := range n {
		ids = append(ids, "8985202600000000"+string(rune('a'+i)))
	}
	return strings.Join(ids, " ")
}

// The count is that of what will be sent, or says why there is none.
func TestCountOfWhatWillBeSent(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for _, tt := range []struct{ content, kind, says string }{
		{"Reboot {device_id} now", "1", "31 characters"},
		{"00 1F A", "2", "the last of them lacks its second digit"},
		{"hello", "2", "h is no such digit"},
		{"a\u00a0b", "1", "U+00A0 no-break space"},
	} {
		a := v.post("/sms/new?do=count", url.Values{"content": {tt.content}, "type": {tt.kind}}).want(t, http.StatusOK)
		if text := textOf(a.tree(t)); !strings.Contains(text, tt.says) {
			t.Errorf("%q: want %q in %s", tt.content, tt.says, text)
		}
	}
}

// A preview warns of what is dear, of what is not filled, and of what was pasted twice.
func TestWarningsBeforeSending(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	for want, form := range map[string]url.Values{
		"This is much. Up to 7 SMS a device, 7 in all":                    {"devices": {cmpsim.DemoInUse}, "content": {strings.Repeat("a", 1000)}},
		"Not filled: {imei}.":                                             {"devices": {cmpsim.DemoInUse}, "content": {"{imei} of {device_id}"}},
		"Pasted more than once and taken once: " + cmpsim.DemoInUse + ".": {"devices": {cmpsim.DemoInUse + " " + cmpsim.DemoInUse}, "content": {"Hello"}},
	} {
		if text := textOf(v.post("/sms/new", form).want(t, http.StatusOK).tree(t)); !strings.Contains(text, want) {
			t.Errorf("want %q in %s", want, text)
		}
	}
}

// A kept text is taken into the composer, with the devices that stand there.
func TestTakeATemplate(t *testing.T) {
	t.Parallel()
	v := newSite(t).visit(t, auth.Support)
	form := url.Values{"name": {"Reboot"}, "content": {"Card {last4}: reboot"}, "devices": {cmpsim.DemoInUse}}
	to := v.post("/sms/templates", form).want(t, http.StatusSeeOther).header.Get("Location")
	a := v.get(to).want(t, http.StatusOK)
	if !strings.Contains(a.body, "Card {last4}: reboot</textarea>") || !strings.Contains(a.body, cmpsim.DemoInUse+"</textarea>") {
		t.Errorf("%s: %s", to, textOf(a.tree(t)))
	}
	preview := v.post("/sms/new", url.Values{"devices": {cmpsim.DemoInUse}, "content": {"Card {last4}: reboot"}, "type": {"1"}}).want(t, http.StatusOK)
	if !strings.Contains(preview.body, "Card 0016: reboot") {
		t.Errorf("the field is not filled: %s", textOf(preview.tree(t)))
	}
}

// filled is the form of a preview.
func filled(t *testing.T, preview answer) url.Values {
	t.Helper()
	form := url.Values{}
	for _, input := range all(preview.tree(t), "input", "value") {
		form.Set(attr(input, "name"), attr(input, "value"))
	}
	return form
}

// sendTo previews and sends a text, and returns the address of the list that shows what became of it.
func sendTo(t *testing.T, v *visitor, devices, content string) string {
	t.Helper()
	preview := v.post("/sms/new", url.Values{"devices": {devices}, "content": {content}, "type": {"1"}}).want(t, http.StatusOK)
	return v.post("/sms/new", filled(t, preview)).want(t, http.StatusSeeOther).header.Get("Location")
}

// Every message stands on one page of the list, though pages end inside a batch.
func TestOlderMessages(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for range 3 {
		sendTo(t, v, manyIDs(20), "text")
	}
	seen := map[string]bool{}
	pages := 0
	for href := "/sms"; href != "" && pages < 5; pages++ {
		tree := v.get(href).want(t, http.StatusOK).tree(t)
		for _, row := range all(tree, "tr", "data-id") {
			seen[attr(row, "data-id")] = true
		}
		href = ""
		for _, a := range all(tree, "a", "rel") {
			href = attr(a, "href")
		}
	}
	if len(seen) != 60 || pages != 2 {
		t.Errorf("%d messages on %d pages", len(seen), pages)
	}
	for _, wrong := range []string{"x", "5", "5-", "-LK1", "5-XX1"} {
		v.get("/sms?before="+wrong).want(t, http.StatusUnprocessableEntity)
	}
}

// garbleReports has the CMP tell of every message what is wanted.
func (st *site) garbleReports(sent, report string) {
	st.garble = func(body []byte) []byte {
		body = bytes.ReplaceAll(body, []byte(`"sendStatus":"1","statusReport":""`), []byte(`"sendStatus":"`+sent+`","statusReport":"`+report+`"`))
		return bytes.ReplaceAll(body, []byte(`"sendEndTime":null`), []byte(`"sendEndTime":"2026-01-31 10:00:00"`))
	}
}

// The list of a batch tells by itself what became of its messages, and stops looking when nothing more will come.
func TestListLearnsOfReports(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ sent, report, said string }{{"1", "", "Waiting"}, {"1", "1", "Delivered"}, {"1", "2", "Failed"}, {"2", "", "Not sent by the CMP"}} {
		st := newSite(t)
		v := st.visit(t, auth.Support)
		list := sendTo(t, v, cmpsim.DemoInUse+" "+cmpsim.DemoSuspended, "text")
		st.garbleReports(tt.sent, tt.report)
		a := v.get(list).want(t, http.StatusOK)
		if n := strings.Count(a.body, tt.said); n != 2 {
			t.Errorf("%+v: said %d times: %s", tt, n, textOf(a.tree(t)))
		}
		if w := watchOf(t, a); w.Topics != "messages unread" || w.Href != list || (w.Every == "4") != (tt.said == "Waiting") || (w.Every == "") == (tt.said == "Waiting") {
			t.Errorf("%+v: kept up to date by %+v", tt, w)
		}
		if !strings.Contains(a.body, `href="`+strings.ReplaceAll(list, "&", "&amp;")+`"`) {
			t.Errorf("no link reads the list again: %s", list)
		}
	}
}

// A message's page shows all that the CMP tells of it, also after the last answer was kept.
func TestMessageTellsWhatTheCMPSays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		sent, report string
		said         []string
	}{
		{"1", "1", []string{"At the CMP Sent", "Sending began", "Sending ended", "31 Jan 2026", "Delivered", "Report read"}},
		{"2", "", []string{"At the CMP Not sent", "Not sent by the CMP", "did not pass it on"}},
		{"7", "", []string{"At the CMP Send status 7", "Waiting"}},
	} {
		st := newSite(t)
		v := st.visit(t, auth.Support)
		list := v.get(sendTo(t, v, cmpsim.DemoInUse, "text")).want(t, http.StatusOK)
		st.garbleReports(tt.sent, tt.report)
		page := smsHref(attr(all(list.tree(t), "tr", "data-id")[0], "data-id"))
		d, _ := st.sim.Device(cmpsim.DemoInUse)
		for range 2 {
			text := textOf(v.get(page).want(t, http.StatusOK).tree(t))
			if bare := strings.ReplaceAll(text, " ", ""); !strings.Contains(bare, d.Profiles[0].MSISDN) {
				t.Errorf("%+v: no MSISDN: %s", tt, text)
			}
			for _, said := range tt.said {
				if !strings.Contains(text, said) {
					t.Errorf("%+v: the page does not say %q: %s", tt, said, text)
				}
			}
			if tt.sent == "2" && strings.Contains(text, "Failed") {
				t.Errorf("what was not sent is called failed: %s", text)
			}
		}
	}
}
