package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// galleryToken is of the addresses that the gallery's callbacks come to.
const galleryToken = "the-gallery-s-push-token"

// push sends a callback as the CMP would.
func (in *instance) push(t testing.TB, token, kind, body string) {
	t.Helper()
	res, err := http.Post(in.url+"/push/"+token+"/"+kind, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("the callback was answered %d", res.StatusCode)
	}
}

// TestCallbackWithLargeHeaders: headers are kept with a callback, so their size is bounded before it is taken.
func TestCallbackWithLargeHeaders(t *testing.T) {
	t.Parallel()
	const token = "a-token-of-callbacks-with-headers"
	in := startProgram(t, withEnv("CMP_PUSH_TOKEN", token))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(in.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	go func() { // the answer comes before all of it has left
		_, _ = fmt.Fprintf(conn, "POST /push/%s/order-status HTTP/1.1\r\nHost: console\r\nContent-Length: 2\r\nX-Large: %s\r\n\r\n{}", token, strings.Repeat("x", 900<<10))
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("answered %d", res.StatusCode)
	}
	if p := in.signIn(t, "support").get(t, "/pushes"); !strings.Contains(p.text(), "No callback has come yet") {
		t.Error("it is stored")
	}
}

// callbacks have some of every kind come: known and unknown devices, one that comes three times, one that cannot be read.
func (g *gallery) callbacks(t testing.TB) {
	t.Helper()
	for _, operation := range []string{"1003", "1003", "1003", "1008", "1234"} {
		g.push(t, galleryToken, "order-status", fmt.Sprintf(`{"assetid":%q,"imsi":"204046990912345","operation":%q,"orderid":%q,"time":"2026-11-28 12:34:54"}`, cmpsim.DemoInUse, operation, cmpsim.DemoOrder))
	}
	g.push(t, galleryToken, "sms-mt", fmt.Sprintf(`{"supplier_code":"SP000040","msg_id":"18fc707863a0000a37157dd34e6ec630","phone":"61482271041","iccid":%q,"status_report":"1","status_report_msg":"DELIVRD","timestamp":"2026-11-28 18:00:00"}`, cmpsim.DemoInUse))
	g.push(t, galleryToken, "sms-mo", fmt.Sprintf(`{"supplier_code":"SP000040","phone":"61482271041","iccid":%q,"dest_address":"12345","sms_content":"Battery 12 %%, 门已打开","timestamp":"2026-11-28 17:00:00"}`, cmpsim.DemoInUse))
	g.push(t, galleryToken, "order-status", "orderid="+strings.Repeat("nonsense ", 40))
}

// pushSights are the pages of callbacks, as support sees them.
func (g *gallery) pushSights() []sight {
	return []sight{
		{name: "pushes", path: "/pushes"},
		{name: "pushes-every", path: "/pushes?every=yes&kind=order-status&device=" + cmpsim.DemoInUse},
		{name: "pushes-none", path: "/pushes?led=failed"},
		{name: "push", path: "/pushes/3"},
		{name: "push-earlier", path: "/pushes/1"},
		{name: "push-indented", path: "/pushes/1?view=indented"},
		{name: "push-mt", path: "/pushes/6"},
		{name: "push-mo", path: "/pushes/7"},
		{name: "push-mo-text", path: "/pushes/7/text"},
		{name: "push-unreadable", path: "/pushes/8?asked=again"},
		{name: "conversation", path: "/devices/" + cmpsim.DemoInUse + "/sms"},
		{name: "conversation-texts", path: "/devices/" + cmpsim.DemoInUse + "/sms/texts"},
		{name: "conversation-none", path: "/devices/" + cmpsim.DemoNoOrder + "/sms"},
		{name: "conversation-typed", path: "/devices/" + cmpsim.DemoInUse + "/sms", do: func(b *testkit.Tab) {
			b.Type("#content", "It’s time")
			b.Until(`document.querySelector("#count mark")`)
		}},
		{name: "sms-in", path: "/sms?box=in"},
		{name: "sms-in-unread", path: "/sms?box=in&unread=yes&device=" + cmpsim.DemoInUse},
		{name: "push-addresses", path: "/pushes/addresses"},
		{name: "push-bytes", path: "/pushes/8?view=hex"},
	}
}
