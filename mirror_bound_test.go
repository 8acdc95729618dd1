package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// TestBoundIMEIOutlivesTheMirror: a card that was bound here is found by its IMEI also after the copy of the fleet was deleted.
func TestBoundIMEIOutlivesTheMirror(t *testing.T) {
	t.Parallel()
	in := &instance{logs: newLogs()}
	in.prepare(t, cmpsim.Options{Devices: 120, AccessKey: testAccessKey, SecretKey: testSecretKey})
	in.env["CMP_SYNC_EVERY"] = "6h"
	child := in.startChild(t)
	in.awaitRun(t)
	v, path := in.signIn(t, "support"), "/devices/"+cmpsim.DemoInUse
	form := v.get(t, path+"/imei/bind").want(t, http.StatusOK).fill(t, path+"/imei/bind", url.Values{"imei": {someIMEI}, "reason": {"New unit, ticket 48213"}})
	v.post(t, path+"/imei/bind", form).want(t, http.StatusOK)
	kill(t, child)
	for _, file := range []string{"mirror.db", "mirror.db-wal", "mirror.db-shm"} {
		if err := os.Remove(filepath.Join(in.dir, file)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	child = in.startChild(t)
	in.awaitRun(t)
	found := in.signIn(t, "support").get(t, "/search?q="+someIMEI).want(t, http.StatusOK)
	kill(t, child)
	if text := found.text(); !strings.Contains(strings.ReplaceAll(text, " ", ""), "BoundIMEI"+someIMEI) {
		t.Errorf("the overview does not tell it: %s", text)
	}
	if !strings.HasPrefix(found.url.Path, path) {
		t.Errorf("the IMEI leads to %s: %s", found.url, found.text())
	}
}
