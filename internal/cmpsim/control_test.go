package cmpsim

import (
	"net/http"
	"strings"
	"testing"
)

func (d door) control(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	res, raw := d.send(t, d.request(t, method, "/sandbox/"+path, body))
	return res.StatusCode, string(raw)
}

func TestControlJournal(t *testing.T) {
	t.Parallel()
	type list struct{ Requests []Request }
	d := openDoor(t, Options{})
	d.post(t, "device/pauseService", orderBody(DemoOrder))
	d.post(t, "package/queryOrder", `{}`)
	_, body := d.control(t, "GET", "journal", "")
	got := decode[list](t, []byte(body)).Requests
	if len(got) != 2 || got[0].OrderID != DemoOrder || !got[0].Applied || got[1].Path != "/cmp-api/package/queryOrder" {
		t.Errorf("journal: %s", body)
	}
	if _, body = d.control(t, "GET", "journal?after=1", ""); len(decode[list](t, []byte(body)).Requests) != 1 {
		t.Errorf("after 1: %s", body)
	}
	if status, _ := d.control(t, "GET", "journal?after=x", ""); status != 400 {
		t.Errorf("after=x: %d", status)
	}
	if status, _ := d.control(t, "DELETE", "journal", ""); status != 204 || len(d.Journal()) != 0 {
		t.Errorf("DELETE: %d, %d left", status, len(d.Journal()))
	}
}

func TestControlFaults(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	status, body := d.control(t, "POST", "faults", `{"path":"pauseService","times":1,"kind":"reset_after"}`)
	if status != 200 || body != `[{"path":"pauseService","times":1,"kind":"reset_after"}]`+"\n" {
		t.Errorf("one fault: %d %s", status, body)
	}
	if o := d.pause(t, t.Context()); !looks[KindResetAfter](o) {
		t.Errorf("the scripted fault was not played: %+v", o)
	}
	status, body = d.control(t, "POST", "faults", `[{"kind":"delay","delay":"1500ms","apply":true},{"kind":"business","code":"7","message":"余额不足"}]`)
	if status != 200 || body != `[{"kind":"delay","delay":"1.5s","apply":true},{"kind":"business","code":"7","message":"余额不足"}]`+"\n" {
		t.Errorf("a list: %d %s", status, body)
	}
	if _, again := d.control(t, "GET", "faults", ""); again != body {
		t.Errorf("GET: %s", again)
	}
	if status, _ = d.control(t, "DELETE", "faults", ""); status != 204 || len(d.Faults()) != 0 {
		t.Errorf("DELETE: %d", status)
	}
}

func TestControlRefusesNonsense(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	for body, want := range map[string]string{
		`{"kind":"explode"}`:                     `fault kind \"explode\" is unknown, use one of: 401, 429`,
		`{}`:                                     `fault kind \"\" is unknown`,
		`{"kind":"html","tmes":1}`:               `unknown field \"tmes\"`,
		`{"kind":"delay","delay":"soon"}`:        `delay \"soon\" is no duration`,
		`{"kind":"reset_before","apply":true}`:   `apply contradicts the kind`,
		`[{"kind":"html"},{"kind":"explode"}]`:   `is unknown`,
		`{"kind":"html","times":-1}`:             `must not be negative`,
		`{"kind":"html"`:                         `no JSON object`,
		`[{"kind":"html"}] {"kind":"explode"}`:   `does not belong there`,
		`{"kind":"html"}, {"kind":"reset_mild"}`: `is unknown`,
		``:                                       ``,
	} {
		status, answer := d.control(t, "POST", "faults", body)
		if body == "" {
			// An empty list scripts nothing.
			if status != 200 || len(d.Faults()) != 0 {
				t.Errorf("empty body: %d %s", status, answer)
			}
			continue
		}
		if status != 400 || !strings.Contains(answer, want) || !strings.HasPrefix(answer, `{"error":`) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	req := d.request(t, http.MethodPost, "/sandbox/faults", `{"kind":"html"}`)
	req.Header.Set("Content-Type", "text/plain")
	if res, _ := d.send(t, req); res.StatusCode != 415 {
		t.Errorf("a form of another site may script faults: %d", res.StatusCode)
	}
	if len(d.Faults()) != 0 {
		t.Errorf("refused faults were taken: %+v", d.Faults())
	}
}

func TestControlHelpNamesEverything(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	_, text := d.control(t, "GET", "", "")
	for _, k := range Kinds() {
		if !strings.Contains(text, "\n  "+string(k)+" ") {
			t.Errorf("the help does not name %s", k)
		}
	}
	for path := range calls {
		if !strings.Contains(text, path) {
			t.Errorf("the help does not name %s", path)
		}
	}
	for k := range stepKinds {
		if !strings.Contains(text, "\n  "+string(k)+" ") {
			t.Errorf("the help does not name %s", k)
		}
	}
	for _, want := range []string{"/sandbox/journal", "/sandbox/faults", "/sandbox/fleet", "/sandbox/churn", "/sandbox/pushes/script", "/sandbox/mo", "lose_percent", "window", DemoInUse, codeNoOrder} {
		if !strings.Contains(text, want) {
			t.Errorf("the help does not name %s", want)
		}
	}
}
