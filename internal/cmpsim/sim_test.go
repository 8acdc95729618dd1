package cmpsim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// noon is the clock of the tests, a Monday in the CMP's zone.
var noon = time.Date(2025, 11, 24, 12, 0, 0, 0, Zone)

func fixed(t time.Time) func() time.Time { return func() time.Time { return t } }

// newSim builds a sandbox on the tests' clock.
func newSim(t *testing.T, opts Options) *Sim {
	t.Helper()
	if opts.Now == nil {
		opts.Now = fixed(noon)
	}
	if opts.Devices == 0 {
		opts.Devices = 60
	}
	s, err := New(opts)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

// door is a sandbox behind a real socket.
type door struct {
	*Sim
	url    string
	client *http.Client
}

func openDoor(t *testing.T, opts Options) door {
	t.Helper()
	s := newSim(t, opts)
	mux := http.NewServeMux()
	mux.Handle("/", s.Handler())
	mux.Handle("/sandbox/", s.Control())
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return door{s, srv.URL, srv.Client()}
}

// answer is an envelope with its data still undecoded.
type answer struct {
	Status  int             `json:"-"`
	Raw     []byte          `json:"-"`
	Code    string          `json:"code"`
	Data    json.RawMessage `json:"data"`
	Message string          `json:"message"`
	Success bool            `json:"success"`
}

// post sends a call in English and fails the test when no envelope comes back.
func (d door) post(t *testing.T, path, body string) answer {
	t.Helper()
	return d.postIn(t, "en-US", path, body)
}

func (d door) postIn(t *testing.T, language, path, body string) answer {
	t.Helper()
	req := d.request(t, http.MethodPost, "/cmp-api/"+path, body)
	req.Header.Set("Accept-Language", language)
	res, raw := d.send(t, req)
	a := answer{Status: res.StatusCode, Raw: raw}
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatalf("%s answered %d %q: %v", path, res.StatusCode, raw, err)
	}
	return a
}

func (d door) request(t *testing.T, method, path, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

func (d door) send(t *testing.T, req *http.Request) (*http.Response, []byte) {
	t.Helper()
	res, err := d.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	return res, raw
}

func decode[T any](t *testing.T, raw []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatalf("decode %s: %v", raw, err)
	}
	return v
}

func TestGatewayAnswers(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"POST", "/cmp-api/device/nothing", 404},
		{"POST", "/", 404},
		{"GET", "/cmp-api/device/queryDevice", 405},
		{"PUT", "/cmp-api/package/openPackage", 405},
	} {
		res, raw := d.send(t, d.request(t, c.method, c.path, `{}`))
		if res.StatusCode != c.status {
			t.Errorf("%s %s: status %d, want %d", c.method, c.path, res.StatusCode, c.status)
		}
		if m := decode[map[string]any](t, raw); m["code"] != nil {
			t.Errorf("%s %s: the gateway answered with an envelope: %s", c.method, c.path, raw)
		}
		if allow := res.Header.Get("Allow"); c.status == 405 && allow != "POST" {
			t.Errorf("%s %s: Allow %q", c.method, c.path, allow)
		}
	}
	if n := len(d.Journal()); n != 4 {
		t.Errorf("the journal has %d requests, want 4", n)
	}
}

func TestBusinessErrors(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{})
	for _, c := range []struct{ path, body, code, en, zh string }{
		{"device/queryDevice", `{}`, "1001", "Parameter device_id is required", "参数device_id不能为空"},
		{"device/queryDevice", `{"device_id":null}`, "1001", "Parameter device_id is required", "参数device_id不能为空"},
		{"device/queryDevice", `{"device_id":"89990000000000000000"}`, "2001", "Device 89990000000000000000 does not exist", "设备89990000000000000000不存在"},
		{"package/openPackage", ``, "1002", "The request body is not a JSON object", "请求报文格式错误"},
		{"package/openPackage", `[1]`, "1002", "The request body is not a JSON object", "请求报文格式错误"},
		{"package/openPackage", `{"order_id":"  "}`, "1001", "Parameter order_id is required", "参数order_id不能为空"},
		{"package/cancelPackage", `{"order_id":"ORDER_0"}`, "3001", "Order ORDER_0 does not exist", "订单ORDER_0不存在"},
		{"package/queryOrder", `{"page_no":-1}`, "1003", "Parameter page_no has a value that is not allowed", "参数page_no取值不正确"},
		{"package/queryOrder", `{"order_status":"4"}`, "1003", "Parameter order_status has a value that is not allowed", "参数order_status取值不正确"},
		{"device/queryBatchDevice", `{"page_size":"many"}`, "1003", "Parameter page_size has a value that is not allowed", "参数page_size取值不正确"},
		{"package/aheadFinishDeviceOrder", `{"order_id":"` + DemoOrder + `"}`, "1001", "Parameter ahead_finish_cause is required", "参数ahead_finish_cause不能为空"},
		{"package/aheadFinishDeviceOrder", `{"order_id":"` + DemoOrder + `","ahead_finish_cause":"x","device_type":"9"}`, "1003", "Parameter device_type has a value that is not allowed", "参数device_type取值不正确"},
		{"device/pauseService", `{"order_id":"` + DemoOrder + `","device_id":"1"}`, "2002", "Order " + DemoOrder + " does not belong to device 1", "订单" + DemoOrder + "不属于设备1"},
	} {
		for language, want := range map[string]string{"en-US": c.en, "zh-CN": c.zh, "": c.zh} {
			a := d.postIn(t, language, c.path, c.body)
			if a.Status != 200 || a.Success || a.Code != c.code || a.Message != want || string(a.Data) != "null" {
				t.Errorf("%s %s in %q: %d %s", c.path, c.body, language, a.Status, a.Raw)
			}
		}
	}
	for _, q := range d.Journal() {
		if q.Applied {
			t.Errorf("a refused request changed the fleet: %+v", q)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{Devices: -1}, {AccessKey: "a"}, {SecretKey: "s"}} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%+v) accepted", o)
		}
	}
}
