package cmp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// sampleCMP answers every call with the document's printed answer and keeps the last request's body.
func sampleCMP(t *testing.T, call string) (*Client, *[]byte) {
	t.Helper()
	answer, err := os.ReadFile("testdata/" + call + ".response.json")
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		if !strings.HasSuffix(r.URL.Path, "/"+call) || !strings.HasPrefix(r.URL.Path, "/cmp-api/") || r.Method != http.MethodPost {
			t.Errorf("%s %s", r.Method, r.URL.Path)
		}
		_, _ = w.Write(answer)
	}))
	t.Cleanup(srv.Close)
	c, err := New(Options{BaseURL: srv.URL, Signing: SigningNone, Timeout: 5 * time.Second, Rate: 1000, MaxConns: 3})
	if err != nil {
		t.Fatal(err)
	}
	return c, &body
}

func TestSampleDevice(t *testing.T) {
	t.Parallel()
	c, _ := sampleCMP(t, "queryDevice")
	d, err := c.Device(t.Context(), "89852202310161621656")
	if err != nil {
		t.Fatal(err)
	}
	if d.ID != "89852202310161621656" || d.Lifecycle != LifecycleUsage || !d.OTA.No() || !d.BIP.No() || !d.MultiIMSI.No() || d.SilentMonths != "6" || d.ShutdownMonths != "2" {
		t.Errorf("device %+v", d)
	}
	o, ok := d.Current()
	if !ok || o.ID != "ORDER_1727992973356523520" || o.PackageName != "C_K_D_000016_P_S_日本30GB不限速月套餐(UR)" || o.Status != StatusInUse || o.DeviceID != d.ID {
		t.Errorf("order %+v", o)
	}
	if o.Allowance.Bytes != 30720<<20 || o.Used != (Volume{0, true}) || o.OrderUsed.Bytes != 19397607<<10 {
		t.Errorf("volumes %+v %+v %+v", o.Allowance, o.Used, o.OrderUsed)
	}
	if !o.Expire.DateOnly || !o.Expire.At.Equal(time.Date(2024, 5, 31, 0, 0, 0, 0, Zone)) || !o.Ordered.At.Equal(time.Date(2023, 11, 24, 18, 10, 4, 0, Zone)) {
		t.Errorf("times %+v %+v", o.Expire, o.Ordered)
	}
	if want := []Profile{{ICCID: "89852202310161621656", IMSI: "440039980621656"}}; !reflect.DeepEqual(o.Profiles, want) {
		t.Errorf("profiles %+v: the filler FFFFFFFFFF is no number", o.Profiles)
	}
	if p, ok := o.UsedPercent(); p != 0 || !ok {
		t.Errorf("used %d %% %v", p, ok)
	}
}

func TestSampleDevices(t *testing.T) {
	t.Parallel()
	c, body := sampleCMP(t, "queryBatchDevice")
	p, err := c.Devices(t.Context(), 91, 2)
	if err != nil {
		t.Fatal(err)
	}
	if p.Total != 183 || p.Pages != 92 || len(p.Devices) != 2 || p.Devices[1].ID != "8961026924500530395" || p.Devices[0].PartnerCode != "CN00000581" {
		t.Errorf("page %+v", p)
	}
	o, _ := p.Devices[0].Current()
	if o.IMSI != "505026900144514" || o.MSISDN != "61482271037" || o.SupplierCode != "SP000040" || o.Period != "360" || o.Expire.At.Year() != 2054 {
		t.Errorf("order %+v", o)
	}
	if _, ok := o.UsedPercent(); ok {
		t.Error("an allowance of 0 has no percentage")
	}
	sameShape(t, "queryBatchDevice", *body)
}

func TestSampleOrders(t *testing.T) {
	t.Parallel()
	c, body := sampleCMP(t, "queryOrder")
	p, err := c.Orders(t.Context(), OrderQuery{Page: 1, Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	if p.Total != 191 || p.Pages != 64 || len(p.Orders) != 3 {
		t.Errorf("page %+v", p)
	}
	o := p.Orders[2]
	if o.ID != "ORDER_1595323285963292672" || o.DeviceID != "89852202110293091394" || o.Status != StatusNotEnabled || !o.Expire.IsZero() || !o.Active.IsZero() || o.PackageType != "" || o.HasTestFlow != "0" {
		t.Errorf("order %+v", o)
	}
	if !o.Ordered.At.Equal(time.Date(2022, 11, 23, 15, 48, 5, 0, Zone)) || o.Ordered.DateOnly {
		t.Errorf("ordered %+v", o.Ordered)
	}
	sameShape(t, "queryOrder", *body)
}

func TestSampleChanges(t *testing.T) {
	t.Parallel()
	const id = "202107061625560742397"
	calls := map[string]func(c *Client) error{
		"openPackage": func(c *Client) error {
			opened, err := c.OpenPackage(t.Context(), id)
			if !opened.Expire.At.Equal(time.Date(2023, 11, 27, 23, 59, 59, 0, Zone)) {
				t.Errorf("opened %+v", opened)
			}
			return err
		},
		"cancelPackage": func(c *Client) error { return c.CancelPackage(t.Context(), id) },
		"aheadFinishDeviceOrder": func(c *Client) error {
			return c.EndOrder(t.Context(), EndOrder{OrderID: id, Cause: "test", DeviceType: "4"})
		},
		"pauseService":   func(c *Client) error { return c.PauseService(t.Context(), ServiceOrder{OrderID: id, DeviceID: "d"}) },
		"restartService": func(c *Client) error { return c.RestartService(t.Context(), ServiceOrder{OrderID: id, DeviceID: "d"}) },
	}
	for call, do := range calls {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			c, body := sampleCMP(t, call)
			if err := do(c); err != nil {
				t.Fatal(err)
			}
			sameShape(t, call, *body)
		})
	}
}

// sameShape holds a request to the members of the document's printed request.
func sameShape(t *testing.T, call string, body []byte) {
	t.Helper()
	printed, err := os.ReadFile("testdata/" + call + ".request.json")
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := errors.Join(json.Unmarshal(printed, &want), json.Unmarshal(body, &got)); err != nil {
		t.Fatal(err)
	}
	for key, v := range want {
		if g, ok := got[key]; !ok || (v != nil && g != nil && reflect.TypeOf(v) != reflect.TypeOf(g)) {
			t.Errorf("%s: member %q is %#v, printed as %#v", call, key, g, v)
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok {
			t.Errorf("%s: member %q is not in the printed request", call, key)
		}
	}
}
