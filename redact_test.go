package main

import (
	"bytes"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// send sends an SMS to devices through the pages, and returns the addresses of the messages in the order of the devices.
func (in *instance) send(t *testing.T, v *visitor, text string, devices ...string) (messages []string) {
	t.Helper()
	form := v.get(t, "/sms/new")
	preview := v.submit(t, form, "/sms/new", url.Values{"devices": {strings.Join(devices, " ")}, "content": {text}, "type": {"1"}})
	list := v.submit(t, preview.want(t, 200), "/sms/new", nil).want(t, 200)
	for _, row := range list.all("tr", "data-id", "") {
		id, _ := attrOf(row, "data-id")
		messages = append(messages, "/sms/"+id)
	}
	if len(messages) != len(devices) {
		t.Fatalf("%d messages for %d devices:\n%s", len(messages), len(devices), list.text())
	}
	return messages
}

// intents are the rows that say that an SMS leaves, oldest first.
func (in *instance) intents(t *testing.T) (seqs []string) {
	t.Helper()
	for _, r := range rows(t, in.dir) {
		if r.action == "sms.send" && r.phase == "intent" {
			seqs = append(seqs, fmt.Sprint(r.seq))
		}
	}
	return seqs
}

// whereIs names the files of the data directory, and the backup that it makes, in which a text stands.
func (in *instance) whereIs(t *testing.T, text string) (places []string) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.db")
	if code, out, stderr := in.command("", "backup", backup); code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, stderr)
	}
	files, err := filepath.Glob(filepath.Join(in.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, backup) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			places = append(places, filepath.Base(file))
		}
	}
	return places
}

// TestAuditRedact: beside a running console an admin erases the text of an SMS from the shell, for a reason and with
// their password. Nobody else can, the log verifies, and no byte of the text is left.
func TestAuditRedact(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	messages := in.send(t, support, "canary of an SMS", cmpsim.DemoInUse, cmpsim.DemoSuspended)
	in.send(t, support, "harmless", cmpsim.DemoInUse)
	support.get(t, messages[0]+"/text").says(t, "canary of an SMS")
	seqs := in.intents(t)
	if places := in.whereIs(t, "canary of an SMS"); !slices.Contains(places, "backup.db") {
		t.Fatalf("the search finds it in %v", places)
	}
	const input = testPassword + "\n"
	redact := func(seq string, more ...string) []string {
		return append([]string{"audit", "redact", seq, "--reason", "Erasure asked for, ticket 7"}, more...)
	}
	for _, e := range []exampleRun{
		{"by support", input, redact(seqs[0], "--by", "support"), exitFailed, "support is no admin"},
		{"by an auditor", input, redact(seqs[0], "--by", "auditor"), exitFailed, "auditor is no admin"},
		{"by nobody", input, redact(seqs[0], "--by", "nobody"), exitFailed, "The user name or the password is wrong."},
		{"with a wrong password", "another canary password\n", redact(seqs[0], "--by", "admin"), exitFailed, "The user name or the password is wrong."},
		{"without a password", "", redact(seqs[0], "--by", "admin"), exitFailed, "The user name or the password is wrong."},
		{"no such row", input, redact("99999", "--by", "admin"), exitFailed, "no such row"},
		{"a sign-in", input, redact("5", "--by", "admin"), exitFailed, "Row 5 keeps no text that could be erased."},
		{"no such value", input, redact(seqs[0], "--by", "admin", "--field", "to"), exitFailed, "keeps no to that could be erased"},
		{"one", input, redact(seqs[0], "--by", "admin"), exitOK, "The same text still stands beside row " + seqs[1]},
		{"the other", input, redact(seqs[1], "--by", "admin", "--same"), exitOK, "The text beside row " + seqs[1] + " is erased"},
		{"one again", input, redact(seqs[0], "--by", "admin"), exitOK, "was erased before"},
		{"verify", "", []string{"audit", "verify"}, exitOK, "personal values: 1 kept as they were recorded, 2 erased by rows that say so"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, in.env) })
	}
	if places := in.whereIs(t, "canary of an SMS"); len(places) > 0 {
		t.Errorf("bytes are left in %v", places)
	}
	export := in.signIn(t, "auditor").get(t, "/audit/export?format=jsonl").want(t, 200).body
	if strings.Contains(export, "canary of an SMS") || strings.Count(export, `"action":"audit.redact"`) != 2 {
		t.Error("the export is not what it should be")
	}
	for _, path := range []string{messages[0], messages[1] + "/text"} {
		support.get(t, path).says(t, "Text erased on", "by admin, reason: Erasure asked for, ticket 7")
	}
	denied := slices.DeleteFunc(rows(t, in.dir), func(r row) bool { return r.action != "access.denied" || !strings.Contains(r.body, "audit.redact") })
	if len(denied) != 5 || denied[0].actor != "support" || denied[2].actor != "" {
		t.Errorf("%d denials: %+v", len(denied), denied)
	}
}

// TestErasingOnThePage: the page of a row erases at once, the bytes go in the background, and the page says so then.
func TestErasingOnThePage(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	in.send(t, in.signIn(t, "support"), "canary of an SMS", cmpsim.DemoInUse)
	admin, row := in.signIn(t, "admin"), "/audit/"+in.intents(t)[0]
	admin.submit(t, admin.get(t, row), row+"/redact", url.Values{"reason": {"Erasure asked for"}}).says(t, "Text erased on")
	if _, err := in.logs.await(func(line map[string]any) bool { return line["msg"] == "bytes of what was erased are freed" }, nil); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{row, "/system"} {
		admin.get(t, path).says(t, "The bytes of what was erased are gone from the database's files.")
	}
	if places := in.whereIs(t, "canary of an SMS"); len(places) > 0 {
		t.Errorf("bytes are left in %v", places)
	}
}

// erasureSights are a text that can be erased and one that was, at the row and at the message.
func (g *gallery) erasureSights(t *testing.T) []sight {
	t.Helper()
	support, admin := g.signIn(t, "support"), g.signIn(t, "admin")
	messages := g.send(t, support, "Your contract ends", cmpsim.DemoInUse, cmpsim.DemoSuspended, cmpsim.DemoSeveral)
	seqs := g.intents(t)
	kept, erased := "/audit/"+seqs[len(seqs)-2], "/audit/"+seqs[len(seqs)-1]
	admin.submit(t, admin.get(t, erased), erased+"/redact", url.Values{"reason": {"Erasure asked for by the customer, ticket 20418"}}).says(t, "Text erased on")
	g.push(t, galleryToken, "sms-mo", `{"phone":"61482271041","iccid":"`+cmpsim.DemoSeveral+`","dest_address":"12345","sms_content":"Call me, Anna","timestamp":"2026-11-28 17:00:00"}`)
	g.push(t, galleryToken, "sms-mo", `{"phone":"61482271041","iccid":"`+cmpsim.DemoSeveral+`","dest_address":"12345","sms_content":"Ring the bell","timestamp":"2026-11-28 17:00:05"}`)
	came := len(callbacks(t, g.dir))
	one, gone := fmt.Sprintf("/pushes/%d", came-1), fmt.Sprintf("/pushes/%d", came)
	admin.submit(t, admin.get(t, gone+"/redact"), gone+"/redact", url.Values{"reason": {"Erasure asked for by the customer, ticket 20418"}}).says(t, "Text erased on")
	return []sight{
		{name: "push-erase", path: one + "/redact"},
		{name: "push-erase-422", path: one + "/redact", do: func(b *testkit.Tab) {
			b.Expect("answered 422: POST")
			b.Go("main form button[type=submit]", `document.querySelectorAll("[aria-invalid]").length === 1`)
		}},
		{name: "push-kept", path: one},
		{name: "push-erased", path: gone},
		{name: "push-gone", path: gone + "/redact"},
		{name: "conversation-erased", path: "/devices/" + cmpsim.DemoSeveral + "/sms"},
		{name: "erase", path: kept},
		{name: "erase-422", path: kept, do: func(b *testkit.Tab) {
			b.Expect("answered 422: POST")
			b.Go("main form button[type=submit]", `document.querySelectorAll("[aria-invalid]").length === 1`)
		}},
		{name: "erased", path: erased},
		{name: "sms-kept", path: messages[1]},
		{name: "sms-erased", path: messages[2]},
	}
}
