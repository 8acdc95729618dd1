package cmpsim

import (
	"strings"
	"testing"
)

// An integrator says where pushes go and how, asks for a message, and reads what was answered.
func TestControlPushes(t *testing.T) {
	t.Parallel()
	type list struct{ Pushes []Push }
	rc := newReceiver(t)
	d := openDoor(t, Options{})
	if status, answer := d.control(t, "POST", "pushes/addresses", `{"base":"`+rc.URL+`/push/T","sms-mo":"`+rc.URL+`/mo"}`); status != 204 {
		t.Fatalf("addresses: %d %s", status, answer)
	}
	rules := `[{"kind":"sms-mo","repeat":1,"seed":3,"delay":"1m0s","window":"2s"},{"lose_every":2,"lose_percent":5,"msg_id":"caller","event_time":true,"numbers":true}]` + "\n"
	if status, answer := d.control(t, "POST", "pushes/script", rules); status != 200 || answer != rules {
		t.Errorf("script: %d %s", status, answer)
	}
	if status, answer := d.control(t, "POST", "mo", `[{"device_id":"`+DemoInUse+`","dest_address":"12345","sms_content":"hello"}]`); status != 200 || answer != `{"sent":1}`+"\n" {
		t.Errorf("mo: %d %s", status, answer)
	}
	if _, body := d.control(t, "GET", "pushes", ""); strings.Count(body, `"waiting"`) != 2 {
		t.Errorf("before: %s", body)
	}
	_, body := d.control(t, "POST", "pushes/settle", "")
	got := decode[list](t, []byte(body)).Pushes
	if len(got) != 2 || got[0].Fate != FateAccepted || !strings.HasPrefix(rc.got()[1], "/mo {") {
		t.Errorf("after: %s %q", body, rc.got())
	}
	if _, body := d.control(t, "GET", "pushes?after=1", ""); len(decode[list](t, []byte(body)).Pushes) != 1 {
		t.Errorf("after=1: %s", body)
	}
	for _, path := range []string{"pushes", "pushes/script"} {
		if status, _ := d.control(t, "DELETE", path, ""); status != 204 {
			t.Errorf("DELETE %s: %d", path, status)
		}
	}
	if len(d.Pushes())+len(d.PushScript()) != 0 {
		t.Errorf("left are %+v, %+v", d.Pushes(), d.PushScript())
	}
}

func TestControlRefusesPushNonsense(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	for _, tt := range []struct{ path, body, want string }{
		{"pushes/addresses", `{"base":"http://cmp.example.com/"}`, "is not loopback"},
		{"pushes/addresses", `{"sms":"http://127.0.0.1/"}`, `push kind \"sms\" is unknown`},
		{"pushes/addresses", `[{},{}]`, "not one object"},
		{"pushes/script", `{"kind":"sms"}`, `push kind \"sms\" is unknown`},
		{"pushes/script", `{"delay":"soon"}`, `\"soon\" is no duration`},
		{"pushes/script", `{"repet":1}`, `unknown field \"repet\"`},
		{"pushes/script", `[{"repeat":1},{"repeat":-1}]`, "nothing below 0"},
		{"mo", `{"device_id":"1","dest_address":"12345"}`, `no such device \"1\"`},
		{"mo", `{"device_id":"` + DemoInUse + `"}`, "dest_address is missing"},
	} {
		if status, answer := d.control(t, "POST", tt.path, tt.body); status != 400 || !strings.Contains(answer, tt.want) {
			t.Errorf("%s %s: %d %s", tt.path, tt.body, status, answer)
		}
	}
	if status, _ := d.control(t, "GET", "pushes?after=x", ""); status != 400 {
		t.Errorf("after=x: %d", status)
	}
	for _, path := range []string{"pushes/addresses", "pushes/script", "pushes/settle", "mo"} {
		req := d.request(t, "POST", "/sandbox/"+path, `{}`)
		req.Header.Set("Content-Type", "text/plain")
		if res, _ := d.send(t, req); res.StatusCode != 415 {
			t.Errorf("a form of another site may post to %s: %d", path, res.StatusCode)
		}
	}
	if len(d.Pushes())+len(d.PushScript())+len(d.pushes.addresses) != 0 {
		t.Errorf("refused things were taken: %+v", d.Pushes())
	}
}
