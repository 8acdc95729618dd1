package views

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

const smsPath = "/devices/" + cmpsim.DemoInUse + "/sms/records"

// recorded answers like a CMP with so many messages, numbered from the oldest, that shows so many at a time at most.
func recorded(total, most int) func(*Deps) {
	answer := func(q cmp.SMSRecordQuery) cmp.SMSRecordPage {
		size := min(q.Size, most)
		p := cmp.SMSRecordPage{Total: total}
		for i := (q.Page - 1) * size; i < min(q.Page*size, total); i++ {
			p.Records = append(p.Records, cmp.SMSRecord{Type: "MO", FromPhone: "no" + strconv.Itoa(i)})
		}
		return p
	}
	return func(d *Deps) { d.CMP = &stub{upstream: d.CMP, sms: answer} }
}

// The newest messages stand first, each on one page, however many the CMP gives at a time.
func TestDeviceSMSIsNewestFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ total, most, pages int }{{0, 50, 1}, {1, 50, 1}, {50, 50, 1}, {51, 50, 2}, {100, 50, 2}, {112, 50, 3}, {112, 20, 3}, {112, 100, 3}} {
		v := newSite(t, recorded(tt.total, tt.most)).visit(t, auth.Support)
		var want, got []string
		for i := tt.total - 1; i >= 0; i-- {
			want = append(want, "no"+strconv.Itoa(i))
		}
		pages := 0
		for href := smsPath; href != "" && pages < 9; pages++ {
			tree := v.get(href).want(t, http.StatusOK).tree(t)
			for _, e := range all(tree, "span", "class") {
				if text := strings.ReplaceAll(textOf(e), " ", ""); attr(e, "class") == "id" && strings.HasPrefix(text, "no") {
					got = append(got, text)
				}
			}
			href = ""
			for _, a := range all(tree, "a", "rel") {
				if attr(a, "rel") == "next" {
					href = attr(a, "href")
				}
			}
		}
		if pages != tt.pages || !slices.Equal(got, want) {
			t.Errorf("%d messages, %d at a time: %d on %d pages: %v", tt.total, tt.most, len(got), pages, got)
		}
		a := v.get(smsPath+"?page="+strconv.Itoa(tt.pages+1)).want(t, http.StatusOK)
		if !strings.Contains(a.body, "past the last page") || linked(a.tree(t), "Show the newest") != smsPath {
			t.Errorf("%d messages: page %d says %s", tt.total, tt.pages+1, textOf(a.tree(t)))
		}
	}
}

// Days that cannot be are named at their field; then nothing is asked of the CMP, and nothing told of messages.
func TestDeviceSMSOfImpossibleDays(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	now := time.Now().In(cmp.Zone)
	today, tomorrow := now.Format(time.DateOnly), now.AddDate(0, 0, 1).Format(time.DateOnly)
	for query, said := range map[string]string{
		"?from=yesterday":                      "Write the day as 2026-01-31.",
		"?until=2026-13-01":                    "Write the day as 2026-01-31.",
		"?from=" + today + "&until=2026-01-01": "This day lies before the first one.",
		"?from=" + tomorrow:                    "This day is still to come.",
	} {
		text := textOf(v.get(smsPath+query).want(t, http.StatusUnprocessableEntity).tree(t))
		if !strings.Contains(text, said) || strings.Contains(text, "No message") || strings.Contains(text, "Messages") || strings.Contains(text, "read ") {
			t.Errorf("%s: %s", query, text)
		}
	}
	if n := len(st.sim.Journal()); n != 0 {
		t.Errorf("the CMP was asked %d times", n)
	}
	v.get(smsPath+"?from="+today+"&until="+tomorrow).want(t, http.StatusOK)
}

// A refusal of the messages is told in the tab with the CMP's words; only a refusal of the device means that there is none.
func TestDeviceSMSThatTheCMPRefuses(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"9999", "2001"} {
		st := newSite(t)
		v := st.visit(t, auth.Support)
		fault := cmpsim.Fault{Path: "sms/querySmsCDR", Kind: cmpsim.KindBusiness, Code: code, Message: "not today", Times: 1}
		st.sim.Script(fault)
		text := textOf(v.get(smsPath).want(t, http.StatusOK).tree(t))
		for _, said := range []string{"The messages could not be read.", "The CMP said " + code + " not today", "Until"} {
			if !strings.Contains(text, said) {
				t.Errorf("%s: the tab does not say %q: %s", code, said, text)
			}
		}
		if strings.Contains(text, "No message") || strings.Contains(text, "does not know") {
			t.Errorf("%s: the tab claims what nobody said: %s", code, text)
		}
	}
	st := newSite(t)
	st.sim.Script(cmpsim.Fault{Path: "device/queryDevice", Kind: cmpsim.KindBusiness, Code: "2001", Message: "no such device", Times: 1})
	st.visit(t, auth.Support).get(smsPath).want(t, http.StatusNotFound)
}
