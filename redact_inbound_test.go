package main

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
)

const (
	eraseToken   = "the-token-of-what-is-erased"
	deviceCanary = "canary of a device"
)

// fromDevice has a device of the demo send a text, and waits until it is in the inbox.
func (in *instance) fromDevice(t *testing.T, v *visitor, text string) {
	t.Helper()
	live := v.stream(t, "unread")
	in.push(t, eraseToken, "sms-mo", fmt.Sprintf(`{"phone":"61482271041","iccid":%q,"dest_address":"12345","sms_content":%q,"timestamp":"2026-11-28 17:00:00"}`, cmpsim.DemoInUse, text))
	awaitEvent(t, live, "changed")
}

// TestAuditRedactOfACallback: beside a running console an admin erases what a device sent from the shell, as what was sent to it. The CMP sends it again:
// no byte of it comes onto the disk.
func TestAuditRedactOfACallback(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withEnv("CMP_PUSH_TOKEN", eraseToken), withEnv("CMP_SYNC_EVERY", "6h"))
	support := in.signIn(t, "support")
	in.fromDevice(t, support, deviceCanary)
	if places := in.whereIs(t, deviceCanary); !slices.Contains(places, "backup.db") {
		t.Fatalf("the search finds it in %v", places)
	}
	const input = testPassword + "\n"
	redact := func(push, by string, more ...string) []string {
		return append([]string{"audit", "redact", "--callback", push, "--by", by, "--reason", "Erasure asked for, ticket 7"}, more...)
	}
	for _, e := range []exampleRun{
		{"by support", input, redact("1", "support"), exitFailed, "support is no admin"},
		{"with a wrong password", "another canary password\n", redact("1", "admin"), exitFailed, "The user name or the password is wrong."},
		{"no such callback", input, redact("9", "admin"), exitFailed, "There is no callback of this number."},
		{"beside a row too", input, redact("1", "admin", "1"), exitUsage, ""},
		{"the text", input, redact("1", "admin"), exitOK, "The text that callback 1 brought is erased"},
		{"again", input, redact("1", "admin"), exitOK, "was erased before"},
		{"verify", "", []string{"audit", "verify"}, exitOK, ""},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, in.env) })
	}
	in.push(t, eraseToken, "sms-mo", fmt.Sprintf(`{"iccid":%q,"phone":"61482271041","dest_address":"12345","sms_content":%q,"timestamp":"2026-11-28 17:00:00"}`, cmpsim.DemoInUse, deviceCanary))
	if places := in.whereIs(t, deviceCanary); len(places) > 0 {
		t.Errorf("bytes are left in %v", places)
	}
	for _, path := range []string{"/pushes/1", "/pushes/1/text", "/devices/" + cmpsim.DemoInUse + "/sms"} {
		support.get(t, path).says(t, "Text erased on", "by admin, reason: Erasure asked for, ticket 7")
	}
	export := in.signIn(t, "auditor").get(t, "/audit/export?format=jsonl").want(t, 200).body
	if strings.Contains(export, deviceCanary) || strings.Count(export, `"action":"audit.redact"`) != 1 {
		t.Error("the export is not what it should be")
	}
}

// TestErasingACallbackOnThePage: the page erases at once, the bytes go in the background, and it says so then.
func TestErasingACallbackOnThePage(t *testing.T) {
	t.Parallel()
	in := startProgram(t, withEnv("CMP_PUSH_TOKEN", eraseToken), withEnv("CMP_SYNC_EVERY", "6h"))
	in.fromDevice(t, in.signIn(t, "support"), deviceCanary)
	admin := in.signIn(t, "admin")
	admin.submit(t, admin.get(t, "/pushes/1/redact"), "/pushes/1/redact", url.Values{"reason": {"Erasure asked for"}}).says(t, "Text erased on")
	if _, err := in.logs.await(func(line map[string]any) bool { return line["msg"] == "bytes of what was erased are freed" }, nil); err != nil {
		t.Fatal(err)
	}
	admin.get(t, "/pushes/1/redact").says(t, "The bytes of what was erased are gone from the database's files.")
	if places := in.whereIs(t, deviceCanary); len(places) > 0 {
		t.Errorf("bytes are left in %v", places)
	}
}
