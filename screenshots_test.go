package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// TestScreenshots draws the pictures of the README into SCREENSHOT_DIR; `make screenshots` runs it.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SCREENSHOT_DIR")
	if dir == "" {
		t.Skip("SCREENSHOT_DIR is not set")
	}
	in := startProgram(t, withDevices(3000), withEnv("CMP_SYNC_EVERY", "6h"), withEnv("CMP_PUSH_TOKEN", galleryToken))
	in.awaitRun(t)
	support := in.signIn(t, "support")
	g := &gallery{instance: in}
	g.act(t, support, cmpsim.DemoOrder, "pause", "Bill overdue, ticket 48213")
	g.act(t, support, cmpsim.DemoOrder, "restart", "Customer paid, ticket 48213")
	g.callbacks(t)
	preview := support.submit(t, support.get(t, "/sms/new").want(t, http.StatusOK), "/sms/new", url.Values{"devices": {cmpsim.DemoInUse}, "content": {"Reboot, please"}, "type": {"1"}}).want(t, http.StatusOK)
	support.post(t, "/sms/new", preview.fill(t, "/sms/new", nil))
	g.push(t, galleryToken, "sms-mo", `{"supplier_code":"SP000040","phone":"61482271041","iccid":"`+cmpsim.DemoInUse+`","dest_address":"12345","sms_content":"Back online","timestamp":"2026-11-28 18:05:00"}`)
	order, device := "/orders/"+cmpsim.DemoOrder, "/devices/"+cmpsim.DemoInUse
	for theme, dark := range map[string]bool{"light": false, "dark": true} {
		b := testkit.OpenTab(t, in.url)
		signInAt(b, "support")
		for name, path := range map[string]string{"home": "/", "devices": "/devices", "device": device, "preflight": order + "/end", "order": order, "usage": device + "/usage", "packages": "/packages", "conversation": device + "/sms/texts", "callbacks": "/pushes"} {
			draw(t, b, path, filepath.Join(dir, name+"-"+theme+".png"), 1440, 900, dark)
		}
		draw(t, b, device+"/sms/texts", filepath.Join(dir, "conversation-phone-"+theme+".png"), 390, 844, dark)
		draw(t, b, "/pushes", filepath.Join(dir, "callbacks-phone-"+theme+".png"), 390, 844, dark)
		draw(t, b, device, filepath.Join(dir, "device-phone-"+theme+".png"), 390, 844, dark)
		auditor := testkit.OpenTab(t, in.url)
		signInAt(auditor, "auditor")
		draw(t, auditor, "/audit", filepath.Join(dir, "audit-"+theme+".png"), 1440, 900, dark)
	}
}

func draw(t *testing.T, b *testkit.Tab, path, file string, width, height int64, dark bool) {
	t.Helper()
	b.Screen(width, height, dark)
	b.Open(path)
	if err := os.WriteFile(file, b.Picture(false), 0o600); err != nil {
		t.Fatal(err)
	}
}
