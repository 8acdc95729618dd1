package views

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
)

const talkPath = "/devices/" + cmpsim.DemoInUse + "/sms"

// fromDevice has a message of a device in the inbox, as its callback's processing leaves it there.
func (st *site) fromDevice(t *testing.T, device, text string, at time.Time) {
	t.Helper()
	st.write(t, `INSERT INTO mo_message (push, digest, device, known, phone, dest, content, stamped, at, received) VALUES (7, randomblob(32), ?, 1, '61482271041', '12345', ?, '', ?, ?)`, device, text, at.UnixMicro(), time.Now().UnixMicro())
}

// toDevice sends a message to a device at a moment, and returns its id.
func (st *site) toDevice(t *testing.T, device, text string, at time.Time) string {
	t.Helper()
	who := ops.Operator{Identity: auth.Identity{UserID: 1, Name: "support", Roles: []auth.Role{auth.Support}}}
	batch, err := st.Actions.PrepareSMS(t.Context(), who, ops.Draft{Devices: []string{device}, Content: text})
	if err != nil {
		t.Fatal(err)
	}
	sent, err := st.Actions.SendBatch(t.Context(), who, batch)
	if err != nil || len(sent) != 1 {
		t.Fatal(sent, err)
	}
	st.write(t, `UPDATE message SET sent_at = ? WHERE msg_id = ?`, at.UnixMicro(), sent[0].MsgID)
	return sent[0].MsgID
}

// bubbles are the messages of a page in the order in which they stand.
func bubbles(tree *html.Node) (ids []string, texts map[string]string) {
	texts = map[string]string{}
	for _, li := range all(tree, "li", "data-id") {
		ids = append(ids, attr(li, "data-id"))
		texts[attr(li, "data-id")] = textOf(li)
	}
	return ids, texts
}

// Messages of both sides stand in one stream, the newest at its foot, with what became of them, and without their texts.
func TestConversation(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	now := time.Now()
	old := st.toDevice(t, cmpsim.DemoInUse, "unser alter Text", now.Add(-25*time.Hour))
	st.fromDevice(t, cmpsim.DemoInUse, "deren Text", now.Add(-time.Hour))
	young := st.toDevice(t, cmpsim.DemoInUse, "unser Text", now.Add(-time.Minute))
	st.fromDevice(t, cmpsim.DemoSuspended, "eines anderen", now)
	st.write(t, `UPDATE message SET asked_at = ?`, now.Add(time.Hour).UnixMicro()) // nobody asks the CMP meanwhile
	v := st.visit(t, auth.Support)
	a := v.get(talkPath).want(t, http.StatusOK)
	ids, texts := bubbles(a.tree(t))
	if !slices.Equal(ids, []string{old, "mo-1", young}) {
		t.Fatalf("in the order %v", ids)
	}
	for id, said := range map[string][]string{old: {"No report after 24 h", "support", "1 SMS, text not shown"}, "mo-1": {"Unverified sender", "Unread", "10 characters, text not shown", "Callback 7"}, young: {"Waiting", young}} {
		for _, words := range said {
			if !strings.Contains(texts[id], words) {
				t.Errorf("%s does not say %q: %s", id, words, texts[id])
			}
		}
	}
	if strings.Contains(a.body, "Text\"") || strings.Contains(a.body, "unser") || strings.Contains(a.body, "deren Text") {
		t.Error("a text is shown unasked")
	}
	form := filled(t, v.get(talkPath))
	if form.Get("devices") != cmpsim.DemoInUse || form.Get("type") != "1" {
		t.Errorf("the composer sends %v", form)
	}
	form.Set("content", "Hello")
	if preview := v.post("/sms/new", form).want(t, http.StatusOK); !strings.Contains(preview.body, "What will be sent") {
		t.Error("the composer leads to no preview")
	}
}

// The texts are shown to who asks for them and may, with one row that tells of how many; one that was erased says so.
func TestTextsOfAConversation(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.toDevice(t, cmpsim.DemoInUse, "unser Text", time.Now().Add(-time.Minute))
	st.fromDevice(t, cmpsim.DemoInUse, "deren Text", time.Now())
	for _, role := range everyone {
		v := st.visit(t, role)
		if may := role == auth.Support || role == auth.Auditor; !may {
			if linked(v.get(talkPath).tree(t), "Show the texts") != "" {
				t.Errorf("%s is offered what is refused", role)
			}
			v.get(talkPath+"/texts").want(t, http.StatusForbidden)
			continue
		}
		a := v.get(linked(v.get(talkPath).tree(t), "Show the texts")).want(t, http.StatusOK)
		row, ok := st.rowOf(t, a, audit.SMSReveal)
		if !strings.Contains(a.body, "unser Text") || !strings.Contains(a.body, "deren Text") || !ok || row.Device != cmpsim.DemoInUse || row.Get("messages") != "2" {
			t.Errorf("%s: recorded %+v", role, row.Entry)
		}
		if len(all(a.tree(t), "div", "data-live")) != 0 {
			t.Error("texts would come by themselves, without a record")
		}
	}
	st.refuseRows(t)
	if a := st.visit(t, auth.Support).get(talkPath+"/texts").want(t, http.StatusServiceUnavailable); strings.Contains(a.body, "deren Text") {
		t.Error("the texts are shown without a record")
	}
}

// Each message of a long conversation is on one page, however the two sides mingle and many bear one moment.
func TestPagesOfAConversation(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	now := time.Now().Truncate(time.Second)
	for i := range talkSize {
		at := now.Add(-time.Duration(i/4) * time.Second)
		st.fromDevice(t, cmpsim.DemoInUse, strconv.Itoa(i), at)
		st.toDevice(t, cmpsim.DemoInUse, strconv.Itoa(i), at.Add(time.Duration(i%4)*time.Microsecond))
	}
	for range 5 {
		st.fromDevice(t, cmpsim.DemoInUse, "old", now.Add(-time.Hour))
	}
	st.write(t, `UPDATE message SET asked_at = ?`, now.Add(time.Hour).UnixMicro())
	v := st.visit(t, auth.Support)
	seen, pages := map[string]int{}, 0
	for href := talkPath; href != "" && pages < 9; pages++ {
		tree := v.get(href).want(t, http.StatusOK).tree(t)
		ids, _ := bubbles(tree)
		for _, id := range ids {
			seen[id]++
		}
		href = linked(tree, "Older")
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s is on %d pages", id, n)
		}
	}
	if len(seen) != 2*talkSize+5 || pages != 3 {
		t.Errorf("%d messages on %d pages", len(seen), pages)
	}
	for _, query := range []string{"?ours=x", "?theirs=x", "?theirs=5-0"} {
		v.get(talkPath+query).want(t, http.StatusUnprocessableEntity)
	}
}

// What is ours stands without the CMP. A device that neither the CMP nor the console knows is none.
func TestConversationWithoutTheCMP(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.fromDevice(t, cmpsim.DemoInUse, "x", time.Now())
	v := st.visit(t, auth.Support)
	v.get("/devices/89000000000000000000/sms").want(t, http.StatusNotFound)
	st.fromDevice(t, "89000000000000000000", "x", time.Now())
	v.get("/devices/89000000000000000000/sms").want(t, http.StatusOK)
	st.sim.Script(cmpsim.Fault{Path: "device/queryDevice", Kind: cmpsim.KindBadGateway})
	if ids, _ := bubbles(v.get(talkPath).want(t, http.StatusOK).tree(t)); len(ids) != 1 {
		t.Errorf("%v", ids)
	}
	lost := newSiteWith(t, lacking(cmp.CallSMSRecords, cmp.CallSendSMS)).visit(t, auth.Support)
	if a := lost.get(talkPath).want(t, http.StatusOK); strings.Contains(a.body, "<textarea") || linked(a.tree(t), "As the CMP recorded them") != "" {
		t.Error("what the CMP does not offer is offered")
	}
}

// Looking marks nothing as read. Who says so marks what was on the page, once, and the count in the navigation follows.
func TestMarkAsRead(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Support)
	st.fromDevice(t, cmpsim.DemoInUse, "x", time.Now())
	st.fromDevice(t, cmpsim.DemoInUse, "y", time.Now())
	st.fromDevice(t, cmpsim.DemoSuspended, "z", time.Now())
	if text := textOf(v.get(talkPath).want(t, http.StatusOK).tree(t)); !strings.Contains(text, "3 unread") {
		t.Errorf("the navigation does not count: %s", text)
	}
	form := url.Values{}
	for _, f := range all(v.get(talkPath).tree(t), "form", "action") {
		if attr(f, "action") == talkPath+"/read" {
			for _, input := range all(f, "input", "name") {
				form.Set(attr(input, "name"), attr(input, "value"))
			}
		}
	}
	for range 2 {
		v.post(talkPath+"/read", form).want(t, http.StatusSeeOther)
	}
	a := v.get(talkPath).want(t, http.StatusOK)
	if text := textOf(a.tree(t)); !strings.Contains(text, "1 unread") || strings.Contains(a.body, "/read\"") {
		t.Errorf("after marking: %s", text)
	}
	rows, err := st.Audit.List(t.Context(), audit.Filter{Action: string(audit.SMSRead), Limit: 9})
	if err != nil || len(rows) != 1 || rows[0].Actor != "support" || rows[0].Device != cmpsim.DemoInUse || rows[0].Get("messages") != "2" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if body := st.visit(t, auth.Auditor).get("/devices/" + cmpsim.DemoSuspended + "/sms").body; strings.Contains(body, "/read\"") {
		t.Error("an auditor is offered what is refused")
	}
}

// The inbox lists messages of all devices, those that came last first, without their texts, and leads to their conversations.
func TestInboxOfMessages(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	v := st.visit(t, auth.Manager)
	if text := textOf(v.get("/sms?box=in").want(t, http.StatusOK).tree(t)); !strings.Contains(text, "No SMS from a device yet") {
		t.Errorf("empty: %s", text)
	}
	for i := range listSize + 1 {
		st.fromDevice(t, cmpsim.DemoInUse, "geheim", time.Now().Add(-time.Duration(i)*time.Hour))
	}
	st.fromDevice(t, "4711", "kurz", time.Now())
	st.write(t, `UPDATE mo_message SET read_at = 1, read_by = 'anna' WHERE id <= 50`)
	for query, want := range map[string]string{"": "52", "&unread=yes": "2", "&device=4711": "1", "&unread=yes&device=" + cmpsim.DemoInUse: "1"} {
		if a := v.get("/sms?box=in"+query).want(t, http.StatusOK); listTotal(t, a) != want {
			t.Errorf("%q: %s, want %s", query, listTotal(t, a), want)
		}
	}
	a := v.get("/sms?box=in").want(t, http.StatusOK)
	rows := pushRows(t, a)
	if len(rows) != listSize || !strings.Contains(rows["52"], "4711") || !strings.Contains(rows["52"], "Unverified sender") || !strings.Contains(rows["51"], "Unread") || !strings.Contains(rows["50"], "anna") || strings.Contains(a.body, "geheim") {
		t.Errorf("%d rows: %s | %s | %s", len(rows), rows["52"], rows["51"], rows["50"])
	}
	if linked(a.tree(t), "Conversation") != talkPath || linked(a.tree(t), "Sent") != "/sms" {
		t.Error("it does not lead to the conversation, or back to what was sent")
	}
	next := ""
	for _, n := range all(a.tree(t), "a", "rel") {
		next = attr(n, "href")
	}
	if rows := pushRows(t, v.get(next).want(t, http.StatusOK)); len(rows) != 2 || rows["1"] == "" {
		t.Errorf("%s has %d rows", next, len(rows))
	}
	v.get("/sms?box=in&before=x").want(t, http.StatusUnprocessableEntity)
}

// What stands in a message is text on every page, whatever it is.
func TestHostileConversation(t *testing.T) {
	t.Parallel()
	st := newSite(t)
	st.write(t, `INSERT INTO mo_message (push, digest, device, known, phone, dest, content, stamped, at, received) VALUES (7, randomblob(32), ?, 1, ?, ?, ?, ?, 5, 5)`, cmpsim.DemoInUse, hostile, hostile, hostile, hostile)
	st.write(t, `INSERT INTO mo_message (push, digest, device, known, phone, dest, content, stamped, at, received) VALUES (7, randomblob(32), ?, 0, ?, ?, ?, ?, 5, 5)`, hostile, hostile, hostile, hostile, hostile)
	v := st.visit(t, auth.Support)
	for _, path := range []string{talkPath, talkPath + "/texts", "/sms?box=in", "/sms?box=in&device=" + url.QueryEscape("HOSTILE<b>")} {
		checkHarmless(t, path, v.get(path).want(t, http.StatusOK))
	}
}
