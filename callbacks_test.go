package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/store"
)

// callback is one that a console has stored.
type callback struct {
	kind, state, device, subject string
	body                         []byte
}

// callbacks reads those of a data directory, oldest first, past the console.
func callbacks(t testing.TB, dir string) (found []callback) {
	t.Helper()
	db, err := store.OpenReadOnly(filepath.Join(dir, "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	list, err := db.QueryContext(t.Context(), `SELECT kind, state, device, subject, body FROM push ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	for list.Next() {
		var c callback
		if err := list.Scan(&c.kind, &c.state, &c.device, &c.subject, &c.body); err != nil {
			t.Fatal(err)
		}
		found = append(found, c)
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// runDemo runs the demo, with somebody of support at it.
func runDemo(t *testing.T) (*instance, *visitor) {
	t.Helper()
	in := &instance{logs: newLogs(), dir: t.TempDir(), args: []string{"--demo"}}
	in.env = map[string]string{"CONSOLE_ADDR": "127.0.0.1:0", "CONSOLE_DATA_DIR": in.dir, "CMP_RATE": "1000"}
	in.run(t)
	support := in.visitor(t)
	support.signIn(t, "support", demoPassword)
	return in, support
}

// awaitCallback waits until the console has taken a callback of a kind.
func (in *instance) awaitCallback(t *testing.T, kind cmpsim.PushKind) {
	t.Helper()
	line, err := in.logs.await(func(line map[string]any) bool { return line["path"] == "/push/[token]/"+string(kind) }, nil)
	if err != nil || line["status"] != 200.0 {
		t.Fatalf("the console heard %v, %v", line, err)
	}
}

// TestDemoTellsItself: the demo's sandbox calls the console back, by a token that nobody had to set.
func TestDemoTellsItself(t *testing.T) {
	t.Parallel()
	in, support := runDemo(t)
	order := orderPage(cmpsim.DemoOrder)
	pause := support.get(t, order+"/pause").want(t, http.StatusOK)
	support.submit(t, pause, order+"/pause", map[string][]string{"reason": {"ticket 4711"}}).want(t, http.StatusOK)

	in.awaitCallback(t, cmpsim.PushOrder)
	stored := callbacks(t, in.dir)
	if len(stored) != 1 || stored[0].kind != "order-status" || stored[0].device != cmpsim.DemoInUse || stored[0].subject != cmpsim.DemoOrder {
		t.Fatalf("stored: %+v", stored)
	}
	var says struct{ Operation string }
	if err := json.Unmarshal(stored[0].body, &says); err != nil || says.Operation != "1003" {
		t.Errorf("it says %s", stored[0].body)
	}
}

// TestDemoTriesItsCallbacks: a press of a button has the sandbox send a callback, and where that leads it is listed.
func TestDemoTriesItsCallbacks(t *testing.T) {
	t.Parallel()
	in, support := runDemo(t)
	for _, kind := range cmpsim.PushKinds() {
		support.submit(t, support.get(t, "/pushes/addresses"), "/pushes/test", url.Values{"kind": {string(kind)}}).want(t, http.StatusOK)
		in.awaitCallback(t, kind)
		if rows := support.get(t, "/pushes?kind="+string(kind)).want(t, http.StatusOK).all("tr", "data-id", ""); len(rows) != 1 {
			t.Errorf("%d callbacks %s are listed", len(rows), kind)
		}
	}
}

// TestSandboxCallsBack: the sandbox alone calls the address that it was given, with the token that it shares with a console.
func TestSandboxCallsBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ token, path string }{{"", "/sms-mo"}, {"token-of-the-callbacks", "/push/token-of-the-callbacks/sms-mo"}} {
		heard := make(chan string, 1)
		srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			heard <- r.URL.Path + " " + string(body)
		}))
		t.Cleanup(srv.Close)
		address := sandboxWith(t, map[string]string{"CMP_PUSH_TOKEN": tt.token}, "--push-to", srv.URL)
		res, err := http.Post(address+"/sandbox/mo", "application/json", strings.NewReader(`{"device_id":"`+cmpsim.DemoInUse+`","dest_address":"12345","sms_content":"hello"}`))
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != http.StatusOK {
			t.Fatalf("asked for a message: %s", res.Status)
		}
		if got := <-heard; !strings.HasPrefix(got, tt.path+` {"supplier_code":`) {
			t.Errorf("called %s, want %s", got, tt.path)
		}
	}
	exampleRun{"", "", []string{"sandbox", "--push-to", "https://console.example.com"}, exitFailed, "is not loopback"}.run(t, nil)
}
