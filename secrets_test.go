package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// TestSecretsStayWhereTheyAre goes through the console with secrets that stand out, well and badly, and then
// looks for them in everything that it wrote.
func TestSecretsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	const wrong = "a mistyped canary password"
	v := in.visitor(t)
	door := v.get(t, "/login")
	pages := []page{door, v.submit(t, door, "/login", url.Values{"username": {"support"}, "password": {wrong}})}
	pages = append(pages, v.signIn(t, "support", testPassword))
	tr := in.prepareDeed(t, v, "pause")
	in.sim.Script(cmpsim.Fault{Path: "queryBatchDevice", Times: 1, Kind: cmpsim.KindUnauthorised}, cmpsim.Fault{Path: "queryDevice", Times: 1, Kind: cmpsim.KindHTML},
		cmpsim.Fault{Path: tr.call, Times: 1, Kind: cmpsim.KindCut})
	for _, path := range []string{"/devices", "/devices/" + tr.order.DeviceID, "/orders", tr.action, "/audit", "/nowhere"} {
		pages = append(pages, v.get(t, path))
	}
	pages = append(pages, v.post(t, tr.action, tr.form), v.post(t, tr.action, url.Values{"csrf": {"wrong"}}), in.signIn(t, "auditor").get(t, "/audit"))

	base, err := url.Parse(in.url)
	if err != nil {
		t.Fatal(err)
	}
	cookies := v.http.Jar.Cookies(base)
	if len(cookies) != 1 || len(cookies[0].Value) < 32 {
		t.Fatalf("the session's cookies are %v", cookies)
	}
	token := tr.form.Get("csrf")
	if token == "" || token == cookies[0].Value {
		t.Fatal("the form token is missing, or is the session's own")
	}
	secrets := map[string]string{"secret key": testSecretKey, "password": testPassword, "mistyped password": wrong, "session cookie": cookies[0].Value}
	for name, secret := range secrets {
		for _, p := range pages {
			if strings.Contains(p.body, secret) {
				t.Errorf("the %s is on %s", name, p.url)
			}
		}
	}
	secrets["form token"], secrets["access key"] = token, testAccessKey
	in.stop()
	lookFor(t, in, secrets)
}

// lookFor searches the log lines and every file of the data directory.
func lookFor(t *testing.T, in *instance, secrets map[string]string) {
	t.Helper()
	written := map[string][]byte{"the log lines": []byte(in.logs.String())}
	files, err := filepath.Glob(filepath.Join(in.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if written[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if len(written) < 3 || !bytes.Contains(written[filepath.Join(in.dir, "console.db")], []byte("ticket 4711")) {
		t.Fatalf("the search looks in the wrong places: %v", files)
	}
	for place, content := range written {
		for name, secret := range secrets {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("the %s stands in %s", name, place)
			}
		}
	}
}

// TestSignOutEndsTheSession: after signing out the cookie opens nothing, even where it was copied to.
func TestSignOutEndsTheSession(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	v, thief := in.signIn(t, "support"), in.visitor(t)
	base, err := url.Parse(in.url)
	if err != nil {
		t.Fatal(err)
	}
	thief.http.Jar.SetCookies(base, v.http.Jar.Cookies(base))
	if p := thief.get(t, "/devices"); p.url.Path != "/devices" {
		t.Fatalf("the copied cookie opens %s", p.url)
	}
	home := v.get(t, "/")
	if p := v.submit(t, home, "/logout", nil); p.url.Path != "/login" || p.status != http.StatusOK {
		t.Errorf("signing out led to %s (%d)", p.url, p.status)
	}
	for who, w := range map[string]*visitor{"the operator": v, "the thief": thief} {
		if p := w.get(t, "/devices"); p.url.Path != "/login" {
			t.Errorf("after signing out %s still opens %s", who, p.url)
		}
	}
}
