package views

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/webhook"
)

// moWith is a callback about an SMS from a device with a text.
func moWith(device, text string) string {
	return `{"supplier_code":"SP000040","phone":"61482271041","iccid":"` + device + `","dest_address":"12345","sms_content":` + strconv.Quote(text) + `,"timestamp":"2026-11-28 17:00:00"}`
}

// orderPushOf is a callback about the operation on an order of a device.
func orderPushOf(device, operation string) string {
	return `{"assetid":"` + device + `","imsi":"204046990912345,204046990912346","operation":"` + operation + `","orderid":"` + cmpsim.DemoOrder + `","time":"2026-11-28 12:34:54"}`
}

// came has a callback come.
func (st *site) came(t *testing.T, kind webhook.Kind, body string) webhook.Push {
	t.Helper()
	p, err := st.Inbox.Receive(t.Context(), kind, "192.0.2.7", http.Header{"User-Agent": {"CMP/1.0"}}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// became changes a callback as its processing would.
func (st *site) became(t *testing.T, p webhook.Push, assignments string, args ...any) {
	t.Helper()
	st.write(t, "UPDATE push SET "+assignments+" WHERE id = "+strconv.FormatInt(p.ID, 10), args...)
}

func (st *site) write(t *testing.T, statement string, args ...any) {
	t.Helper()
	err := st.db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), statement, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// pushRows are the rows of a list by their id, as text.
func pushRows(t *testing.T, a answer) map[string]string {
	t.Helper()
	rows := map[string]string{}
	for _, r := range all(a.tree(t), "tr", "data-id") {
		rows[attr(r, "data-id")] = textOf(r)
	}
	return rows
}

func listTotal(t *testing.T, a answer) string {
	t.Helper()
	for _, n := range all(a.tree(t), "", "data-total") {
		return attr(n, "data-total")
	}
	return ""
}

// A callback in each state tells what it says, as a quotation, and what it led to.
func TestListOfCallbacks(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	due := time.Now().Add(time.Hour).UnixMicro()
	want := map[string][]string{}
	add := func(p webhook.Push, assignments string, args []any, said ...string) {
		if assignments != "" {
			st.became(t, p, assignments, args...)
		}
		want[strconv.FormatInt(p.ID, 10)] = said
	}
	order := func(operation string) webhook.Push {
		return st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, operation))
	}
	add(order("1003"), "", nil, "Order status", "Order paused", "Waiting", "Is looked at next.", cmpsim.DemoOrder)
	add(order("1004"), "due = ?", []any{due}, "Order restarted", "Waits until")
	add(order("1005"), "due = ?, tries = 3, wrong = 'timeout'", []any{due}, "Order enabled", "could not be asked, tried 3 times", "The next try is at")
	add(order("1007"), "due = ?, tries = 3, wrong = ?", []any{due, webhook.NotAsked}, "too many that the copy of the fleet does not have wait for it. Tried 3 times. The next try is at")
	add(order("1001"), "state = 'done', effect = 'confirmed', told = '3', seq = 12", nil, "Order ended early", "Change confirmed", "it has taken effect: Ended or cancelled.", "Row 12 of the log")
	add(order("1008"), "state = 'done', effect = 'changed', told = '5'", nil, "Order expired", "Order changed", "The CMP says: Suspended.")
	add(order("1234"), "state = 'done', effect = 'same', told = '2'", nil, "Operation 1234", "Nothing new", "what was known: In use.")
	add(order("1002"), "state = 'failed', tries = 30", nil, "CMP not asked", "tried 30 times")
	add(order("1006"), "state = 'done', effect = 'stranger'", nil, "not documented", "Unknown here", "a device that neither the copy of the fleet nor the CMP has")
	add(st.came(t, webhook.SMSMT, mtPush), "state = 'done', effect = 'reported', told = '1', message = 'LK20261128000001', joined = 'our id'", nil, "SMS report", "Delivered DELIVRD", "Report read", "The CMP says: Delivered.", "LK20261128000001")
	add(st.came(t, webhook.SMSMO, moWith(cmpsim.DemoInUse, "geheim")), "state = 'done', effect = 'kept', holder = ?", []any{cmpsim.DemoInUse}, "SMS from device", "6 characters to 12345", "In the inbox", "Conversation")
	add(st.came(t, webhook.OrderStatus, "nonsense"), "", nil, "Not readable", "The body is no JSON object.")
	a := st.visit(t, auth.Auditor).get("/pushes").want(t, http.StatusOK)
	rows := pushRows(t, a)
	for id, said := range want {
		for _, words := range said {
			if !strings.Contains(strings.ReplaceAll(rows[id], " ", ""), strings.ReplaceAll(words, " ", "")) {
				t.Errorf("callback %s does not say %q: %s", id, words, rows[id])
			}
		}
	}
	if len(rows) != len(want) || listTotal(t, a) != strconv.Itoa(len(want)) || strings.Contains(a.body, "geheim") || strings.Contains(a.body, pushToken) {
		t.Errorf("%d rows, total %s; the text or the token may be on the page", len(rows), listTotal(t, a))
	}
	for _, q := range all(a.tree(t), "q", "") {
		if q.Parent.Data != "td" {
			t.Errorf("%s is quoted outside the column of claims", textOf(q))
		}
	}
	if support := st.visit(t, auth.Support).get("/pushes"); strings.Contains(support.body, "/audit/12") {
		t.Error("who may not read the log is led there")
	}
}

// Repetitions are folded into the newest, which tells how many there were; they stand apart when that is asked for.
func TestRepeatedCallbacksAreFolded(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for range 3 {
		st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, "1003"))
	}
	st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, "1004"))
	a := v.get("/pushes").want(t, http.StatusOK)
	if rows := pushRows(t, a); len(rows) != 2 || listTotal(t, a) != "2" || !strings.Contains(rows["3"], "3 times since") {
		t.Errorf("total %s, rows %v", listTotal(t, a), rows)
	}
	a = v.get("/pushes?every=yes").want(t, http.StatusOK)
	if rows := pushRows(t, a); len(rows) != 4 || listTotal(t, a) != "4" {
		t.Errorf("every delivery: total %s, rows %v", listTotal(t, a), rows)
	}
	first := v.get("/pushes/1").want(t, http.StatusOK)
	if linked(first.tree(t), "No. 3") != "/pushes/3" || !strings.Contains(first.body, "The same came again later.") || strings.Contains(first.body, "/replay") {
		t.Errorf("the first delivery: %s", textOf(first.tree(t)))
	}
	if n := len(all(v.get("/pushes/3").tree(t), "li", "data-id")); n != 3 {
		t.Errorf("%d deliveries at the newest", n)
	}
}

// The filters narrow the list and its count, stay in the address, and are taken away one by one.
func TestFilterCallbacks(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, "1003"))
	changed := st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoSuspended, "1004"))
	st.became(t, changed, "state = 'done', effect = 'changed', told = '2'")
	moved := st.came(t, webhook.SMSMO, moWith("8943108169998931684", "x"))
	st.became(t, moved, "holder = ?", cmpsim.DemoInUse)
	st.came(t, webhook.OrderStatus, "nonsense")
	for query, want := range map[string]string{
		"": "1 2 3 4", "?kind=order-status": "1 2 4", "?kind=sms-mt": "", "?led=waiting": "1 3", "?led=changed": "2", "?led=unreadable": "4",
		"?device=" + cmpsim.DemoInUse: "1 3", "?device=8943+1081+6999+8931+684": "3", "?about=" + cmpsim.DemoOrder: "1 2", "?kind=order-status&led=waiting&device=" + cmpsim.DemoInUse: "1", "?before=3": "1 2",
	} {
		a := v.get("/pushes"+query).want(t, http.StatusOK)
		var got []string
		for _, id := range []string{"1", "2", "3", "4"} {
			if _, there := pushRows(t, a)[id]; there {
				got = append(got, id)
			}
		}
		if strings.Join(got, " ") != want || query != "?before=3" && listTotal(t, a) != strconv.Itoa(len(got)) {
			t.Errorf("%s: %v of %s, want %s", query, got, listTotal(t, a), want)
		}
	}
	tree := v.get("/pushes?kind=order-status&led=changed").want(t, http.StatusOK).tree(t)
	if n := chipTo(tree, "/pushes?kind=order-status"); n == nil || !strings.Contains(textOf(n.Parent), "Order changed") {
		t.Errorf("no chip leads to the list without what it led to: %s", textOf(tree))
	}
	for _, query := range []string{"?kind=other", "?led=gold", "?before=x", "?before=-1"} {
		v.get("/pushes"+query).want(t, http.StatusUnprocessableEntity)
	}
}

func chipTo(tree *html.Node, href string) *html.Node {
	for _, a := range all(tree, "a", "aria-label") {
		if attr(a, "href") == href {
			return a
		}
	}
	return nil
}

// A long list has pages, each callback on one of them.
func TestPagesOfCallbacks(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	for i := range 2*listSize + 1 {
		st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, strconv.Itoa(1000+i)))
	}
	seen, pages := map[string]bool{}, 0
	for href := "/pushes?kind=order-status"; href != "" && pages < 9; pages++ {
		a := v.get(href).want(t, http.StatusOK)
		for id := range pushRows(t, a) {
			seen[id] = true
		}
		href = ""
		for _, n := range all(a.tree(t), "a", "rel") {
			if attr(n, "rel") == "next" {
				href = attr(n, "href")
			}
		}
	}
	if pages != 3 || len(seen) != 2*listSize+1 {
		t.Errorf("%d callbacks on %d pages", len(seen), pages)
	}
}

// An empty list says what callbacks are for; one that is off says how it is turned on; one that has ceased warns, also at home.
func TestNoCallbacks(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) { d.PushQuiet = 2 * time.Hour })
	v := st.visit(t, auth.Support)
	if text := textOf(v.get("/pushes").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "No callback has come yet") || strings.Contains(text, "Callbacks are off") || strings.Contains(text, "No callback for") {
		t.Errorf("none yet: %s", text)
	}
	p := st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, "1003"))
	for age, quiet := range map[time.Duration]bool{time.Hour: false, 5 * time.Hour: true} {
		st.became(t, p, "received = ?", time.Now().Add(-age).UnixMicro())
		st.wantQuiet(t, v, "No callback for 5 h.", quiet)
	}
	st.PushQuiet = 0
	if text := textOf(v.get("/pushes").tree(t)); strings.Contains(text, "No callback for") {
		t.Errorf("warned although that is switched off: %s", text)
	}
	st.Inbox.Tokens = nil
	if text := textOf(v.get("/pushes").tree(t)); !strings.Contains(text, "Callbacks are off.") || !strings.Contains(text, "CMP_PUSH_TOKEN") {
		t.Errorf("off: %s", text)
	}
}

// wantQuiet looks for a warning on the list of callbacks and at home.
func (st *site) wantQuiet(t *testing.T, v *visitor, words string, want bool) {
	t.Helper()
	for _, path := range []string{"/pushes", "/"} {
		if text := textOf(v.get(path).want(t, http.StatusOK).tree(t)); strings.Contains(text, words) != want {
			t.Errorf("%s warns %q, want %t: %s", path, words, want, text)
		}
	}
}

// None that has ever come is missed too. One kind hides no other: each is missed once the CMP has taken a change that it is to tell of, and
// only then.
func TestKindsOfCallbacksThatAreMissed(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) { d.PushQuiet = 2 * time.Hour })
	v := st.visit(t, auth.Support)
	if err := st.Inbox.Await(t.Context()); err != nil {
		t.Fatal(err)
	}
	st.wantQuiet(t, v, "No callback has come in", false)
	st.write(t, `UPDATE push_awaited SET since = ?`, time.Now().Add(-5*time.Hour).UnixMicro())
	st.wantQuiet(t, v, "No callback has come in 5 h.", true)
	st.came(t, webhook.SMSMO, `{"iccid":"`+cmpsim.DemoInUse+`","sms_content":"x"}`)
	st.wantQuiet(t, v, "No callback", false)
	st.toDevice(t, cmpsim.DemoInUse, "x", time.Now())
	form := filled(t, v.get("/orders/"+cmpsim.DemoOrder+"/pause"))
	form.Set("reason", "Customer asked")
	v.post("/orders/"+cmpsim.DemoOrder+"/pause", form).want(t, http.StatusSeeOther)
	st.wantQuiet(t, v, "No callback", false)
	st.write(t, `UPDATE action SET claimed_at = ?`, time.Now().Add(-3*time.Hour).UnixMicro())
	st.wantQuiet(t, v, "No callback “Order status” for 3 h.", true)
	st.wantQuiet(t, v, "No callback “SMS report” for 3 h.", true)
	st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, "1003"))
	st.wantQuiet(t, v, "No callback “Order status”", false)
	st.wantQuiet(t, v, "No callback “SMS report” for 3 h.", true)
}

// One callback shows its fields in words, its body as it came, and no secret.
func TestOneCallback(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Auditor)
	headers := http.Header{"User-Agent": {"CMP/1.0"}, "X-Original-Uri": {"/push/a-token-of-before/order-status"}, "Referer": {"https://x.example/push/" + pushToken + "/order-status"}, "Authorization": {"Basic c2VjcmV0"}}
	p, err := st.Inbox.Receive(t.Context(), webhook.OrderStatus, "192.0.2.7", headers, []byte(strings.Replace(orderPushOf(cmpsim.DemoInUse, "1003"), "{", `{"note":"`+pushToken+`",`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	st.became(t, p, "state = 'done', effect = 'confirmed', told = '5', seq = 12, holder = ?, signed = 'verified'", cmpsim.DemoInUse)
	a := v.get("/pushes/1").want(t, http.StatusOK)
	text := textOf(a.tree(t))
	for _, said := range []string{"Order paused 1003", "IMSI 2040 4699 0912 345", "Stored", "about device " + cmpsim.DemoInUse, "The CMP said Suspended", "Change confirmed", "Row 12 of the log", "From 192.0.2.7", "Signature Right", "User-Agent CMP/1.0", `"operation":"1003"`, "Authorization (not shown)"} {
		if !strings.Contains(text, said) {
			t.Errorf("it does not say %q: %s", said, text)
		}
	}
	if text := textOf(v.get("/pushes/1?view=indented").want(t, http.StatusOK).tree(t)); !strings.Contains(text, `"operation": "1003"`) {
		t.Errorf("it is not laid out: %s", text)
	}
	for _, secret := range []string{pushToken, "a-token-of-before", "c2VjcmV0"} {
		for _, path := range []string{"/pushes/1", "/pushes/1?view=hex", "/pushes/1?view=indented"} {
			if strings.Contains(v.get(path).body, secret) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
	}
	if body := v.get("/pushes/1?view=hex").want(t, http.StatusOK).body; !strings.Contains(body, "00000000  7b 22 6e 6f 74 65") {
		t.Error("the bytes are not shown")
	}
	if row, ok := st.rowOf(t, a, audit.PushView); !ok || row.Device != cmpsim.DemoInUse || row.Order != cmpsim.DemoOrder || row.Get("push") != "1" {
		t.Errorf("recorded %+v", row.Entry)
	}
	v.get("/pushes/2").want(t, http.StatusNotFound)
	v.get("/pushes/x").want(t, http.StatusUnprocessableEntity)
}

// The text of an SMS from a device is on no page of who did not ask for it, however the body is written; who may ask is recorded.
func TestTextOfACallbackIsHidden(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	const secret = "geheim"
	bodies := []string{
		moWith(cmpsim.DemoInUse, secret), `{"ICCID":"` + cmpsim.DemoInUse + `","SmsContent":"` + secret + `"}`, `{"iccid":"` + cmpsim.DemoInUse + `","text":"` + secret + `","sms_content":"x"}`,
		`{"iccid":{"deep":"` + secret + `"},"phone":"61482271041"}`, `{"iccid":"` + cmpsim.DemoInUse + `","sms_content":"` + secret + `"} trailing`, `sms_content=` + secret, `["` + secret + `"]`,
	}
	for i, body := range bodies {
		st.came(t, webhook.SMSMO, body)
		path := pushHref(int64(i + 1))
		for _, role := range everyone {
			v := st.visit(t, role)
			for _, look := range []string{path, path + "?view=hex", "/pushes"} {
				if a := v.get(look).want(t, http.StatusOK); strings.Contains(a.body, secret) || strings.Contains(a.body, "67 65 68 65 69 6d") {
					t.Errorf("%s shows %s to %s", body, look, role)
				}
			}
			reads := role != auth.Manager && role != auth.Admin
			if strings.Contains(v.get(path).body, "SHA-256") != reads {
				t.Errorf("the hash, by which a short text can be guessed, is shown to %s, or not to who may read the text", role)
			}
			if !reads {
				v.get(path+"/text").want(t, http.StatusForbidden)
				continue
			}
			a := v.get(path+"/text").want(t, http.StatusOK)
			row, ok := st.rowOf(t, a, audit.SMSReveal)
			if !ok || row.Get("push") != strconv.Itoa(i+1) || !strings.Contains(a.body, secret) {
				t.Errorf("%s by %s: recorded %+v", body, role, row.Entry)
			}
		}
	}
	st.refuseRows(t)
	if a := st.visit(t, auth.Support).get("/pushes/1/text").want(t, http.StatusServiceUnavailable); strings.Contains(a.body, secret) {
		t.Error("the text is shown without a record")
	}
}

// The hash of a text that came to another address is hidden as that text is; that of a callback without a text is everybody's.
func TestHashOfATextAtTheWrongAddress(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	astray, plain := st.came(t, webhook.SMSMT, moWith(cmpsim.DemoInUse, "geheim")), st.came(t, webhook.SMSMT, mtPush)
	for _, role := range everyone {
		v := st.visit(t, role)
		reads := role != auth.Manager && role != auth.Admin
		if shown := strings.Contains(v.get(pushHref(astray.ID)).want(t, http.StatusOK).body, "SHA-256"); shown != reads {
			t.Errorf("%s: the hash of a text is shown: %t", role, shown)
		}
		if !strings.Contains(v.get(pushHref(plain.ID)).want(t, http.StatusOK).body, "SHA-256") {
			t.Errorf("%s: the hash of a report is not shown", role)
		}
	}
}

// A callback is processed again once however often that is asked for, by those who may, and each says what came of it.
func TestProcessAgain(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	p := st.came(t, webhook.OrderStatus, orderPushOf(cmpsim.DemoInUse, "1003"))
	st.became(t, p, "state = 'failed', tries = 9")
	v := st.visit(t, auth.Support)
	form := filled(t, v.get("/pushes/1").want(t, http.StatusOK))
	for range 2 {
		to := v.post("/pushes/1/replay", form).want(t, http.StatusSeeOther).header.Get("Location")
		if text := textOf(v.get(to).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "It waits to be processed.") {
			t.Errorf("%s: %s", to, text)
		}
	}
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.PushReplay), Limit: 10})
	if err != nil || len(rows) != 1 || rows[0].Actor != "support" || rows[0].Get("push") != "1" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	st.came(t, webhook.OrderStatus, "nonsense")
	to := v.post("/pushes/2/replay", url.Values{}).want(t, http.StatusSeeOther).header.Get("Location")
	if text := textOf(v.get(to).tree(t)); !strings.Contains(text, "It still cannot be read") {
		t.Errorf("unreadable: %s", text)
	}
	if a := st.visit(t, auth.Manager).get("/pushes/1"); strings.Contains(a.body, "/replay") {
		t.Error("a manager is offered what is refused")
	}
	v.post("/pushes/9/replay", nil).want(t, http.StatusNotFound)
}

// What stands in a callback is text on every page, whatever it is.
func TestHostileCallback(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	text, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	quoted := string(text)
	for kind, body := range map[webhook.Kind]string{
		webhook.OrderStatus: `{"assetid":"` + cmpsim.DemoInUse + `","orderid":"` + cmpsim.DemoOrder + `","operation":` + quoted + `,"imsi":` + quoted + `}`,
		webhook.SMSMT:       `{"msg_id":` + quoted + `,"iccid":"` + cmpsim.DemoInUse + `","status_report":` + quoted + `,"status_report_msg":` + quoted + `,"timestamp":` + quoted + `}`,
		webhook.SMSMO:       `{"iccid":"` + cmpsim.DemoInUse + `","dest_address":` + quoted + `,"phone":` + quoted + `,"sms_content":` + quoted + `}`,
	} {
		if _, err := st.Inbox.Receive(t.Context(), kind, hostile, http.Header{"X-Hostile": {hostile}}, []byte(body)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := st.Inbox.Receive(t.Context(), webhook.OrderStatus, "x", http.Header{}, []byte(hostile+"\xff\xfe")); err != nil {
		t.Fatal(err)
	}
	v := st.visit(t, auth.Auditor)
	for _, path := range []string{"/pushes", "/pushes/1", "/pushes/2", "/pushes/3", "/pushes/4", "/pushes/1/text", "/pushes/2/text", "/pushes/3/text"} {
		checkHarmless(t, path, v.get(path).want(t, http.StatusOK))
	}
	if body := v.get("/pushes/4").body; !strings.Contains(body, `\xFF\xFE`) || !strings.Contains(body, "␀␇␛") || !strings.Contains(body, `\u{202E}`) {
		t.Error("what cannot be seen is not shown by another sign")
	}
}

// A body that is nested thousands of times is shown as it came: laid out it would be thousands of times as long.
func TestDeepBodies(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"a":[1,{"b":2}]}`: true, strings.Repeat("[", 9000) + strings.Repeat("]", 9000): false, `{"a":1`: false, strings.Repeat("[", 16) + strings.Repeat("]", 16): true,
		`{"a":"` + strings.Repeat("[", 100) + `"}`: true, `1 2`: false, "": false,
	} {
		if out, ok := indented([]byte(body)); ok != want || len(out) > 20*len(body)+200 {
			t.Errorf("%.30s: laid out %t, %d bytes of %d", body, ok, len(out), len(body))
		}
	}
}
