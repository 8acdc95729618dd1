package views

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
	"cmpconsole/web/templates"
)

// sent sends an SMS and returns the address of the first message and the row beside which its text stands.
func (st *site) sent(t *testing.T, text string, devices ...string) (message, row string) {
	t.Helper()
	v := st.visit(t, auth.Support)
	preview := v.post("/sms/new", url.Values{"devices": {strings.Join(devices, " ")}, "content": {text}, "type": {"1"}}).want(t, http.StatusOK)
	list := v.get(v.post("/sms/new", filled(t, preview)).want(t, http.StatusSeeOther).header.Get("Location"))
	intents, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.SMSSend), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range intents {
		if r.Phase == audit.Intent && r.Device == devices[0] {
			rows := all(list.tree(t), "tr", "data-id") // the first that was sent is the last of the list
			return "/sms/" + attr(rows[len(rows)-1], "data-id"), auditHref(r.Seq)
		}
	}
	t.Fatal("no intent")
	return "", ""
}

// An admin erases the text of an SMS from the row that it stands beside, for a reason, there and beside the others.
func TestEraseAText(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	message, row := st.sent(t, "canary", cmpsim.DemoInUse, cmpsim.DemoSuspended)
	admin, support := st.visit(t, auth.Admin), st.visit(t, auth.Support)
	if a := admin.get(message).want(t, http.StatusOK); !strings.Contains(a.body, row+"#value-text") {
		t.Error("the message does not lead to where its text can be erased")
	}
	shown := admin.get(row).want(t, http.StatusOK)
	if text := textOf(admin.get("/system").tree(t)); strings.Contains(text, "erased") {
		t.Error(text)
	}
	for _, want := range []string{"Kept beside the row: text", "Commitment", "Erase the same beside row ", "This cannot be taken back."} {
		if text := textOf(shown.tree(t)); !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	form := filled(t, shown)
	for reason, want := range map[string]string{"": "Say why", "ok": "at least 3 characters", strings.Repeat("x", 501): "Shorten this"} {
		form.Set("reason", reason)
		if a := admin.post(row+"/redact", form).want(t, http.StatusUnprocessableEntity); !strings.Contains(textOf(a.tree(t)), want) {
			t.Errorf("%q: %s", reason, textOf(a.tree(t)))
		}
	}
	form.Set("reason", "Erasure asked for")
	form.Set("same", "yes")
	if to := admin.post(row+"/redact", form).want(t, http.StatusSeeOther).header.Get("Location"); to != row {
		t.Errorf("it leads to %s", to)
	}
	if text := textOf(admin.get(row).tree(t)); !strings.Contains(text, "Text erased on") || strings.Contains(text, "Erase for good") || !strings.Contains(text, "Erasure asked for") {
		t.Error(text)
	}
	for _, path := range []string{row, "/system"} {
		if text := textOf(admin.get(path).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "The bytes of what was erased are yet to be freed.") {
			t.Errorf("%s: %s", path, text)
		}
	}
	for _, path := range []string{message, message + "/text"} {
		a := support.get(path).want(t, http.StatusOK)
		if text := textOf(a.tree(t)); !strings.Contains(text, "Text erased on") || !strings.Contains(text, "reason: Erasure asked for") || strings.Contains(text, "canary") || strings.Contains(text, "Show the text") {
			t.Errorf("%s: %s", path, text)
		}
		if _, recorded := st.rowOf(t, a, audit.SMSReveal); recorded != strings.HasSuffix(path, "/text") {
			t.Errorf("%s: asking for the text is recorded: %v", path, recorded)
		}
	}
	told, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.AuditRedact)})
	if err != nil || len(told) != 2 || told[0].RequestID == "" || told[0].Reason != "Erasure asked for" {
		t.Errorf("%+v, %v", told, err)
	}
}

// Others see that there is a value, and neither what it is nor how to erase it. What cannot be erased is said to be so.
func TestTextsThatAreNotErased(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	_, row := st.sent(t, "canary", cmpsim.DemoInUse)
	for _, role := range []auth.Role{auth.Auditor, auth.Support} {
		v := st.visit(t, role)
		if text := textOf(v.get(row).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "Kept beside the row: text") || strings.Contains(text, "Erase") || strings.Contains(text, "canary") {
			t.Errorf("%s: %s", role, text)
		}
		v.post(row+"/redact", url.Values{"field": {"text"}, "reason": {"Erasure asked for"}}).want(t, http.StatusForbidden)
	}
	admin := st.visit(t, auth.Admin)
	form := url.Values{"field": {"text"}, "reason": {"Erasure asked for"}}
	other := auditHref(st.append(t, audit.Entry{Actor: "anna", Action: audit.Search, Phase: audit.Event, Outcome: audit.OK}))
	if text := textOf(admin.get(other).want(t, http.StatusOK).tree(t)); strings.Contains(text, "Kept beside") {
		t.Error(text)
	}
	admin.post(other+"/redact", form).want(t, http.StatusNotFound)
	admin.post("/audit/99999/redact", form).want(t, http.StatusNotFound)
	admin.post("/audit/x/redact", form).want(t, http.StatusUnprocessableEntity)
	admin.post(row+"/redact", url.Values{"field": {"to"}, "reason": {"Erasure asked for"}}).want(t, http.StatusNotFound)
	st.refuseRows(t)
	if a := admin.post(row+"/redact", form).want(t, http.StatusServiceUnavailable); !strings.Contains(textOf(a.tree(t)), "so nothing was erased") || !strings.Contains(a.body, "Erasure asked for") {
		t.Error(textOf(a.tree(t)))
	}
	if _, kept, err := st.Audit.Secret(t.Context(), seqOf(t, row), "text"); !kept || err != nil {
		t.Error("the text is gone", err)
	}
}

// Pages say in words how far the files are rid of what was erased.
func TestFreeingInWords(t *testing.T) {
	t.Parallel()
	k := clock{zone: time.UTC, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	at := k.now.Add(-time.Minute)
	for want, got := range map[string]templates.Notice{
		"gone from the database's files.": k.freeing(ops.Freeing{}, true),
		"yet to be freed.":                k.freeing(ops.Freeing{Owed: true}, false),
		"are being freed.":                k.freeing(ops.Freeing{Owed: true, Begun: at}, false),
		"not freed yet.":                  k.freeing(ops.Freeing{Owed: true, Failed: at}, false),
	} {
		if !strings.HasSuffix(got.Title, want) || got.Text == "" || (got.Tone == "warn") != (want == "not freed yet.") {
			t.Errorf("%q: %+v", want, got)
		}
	}
}

func seqOf(t *testing.T, row string) int64 {
	t.Helper()
	seq, err := strconv.ParseInt(strings.TrimPrefix(row, "/audit/"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}
