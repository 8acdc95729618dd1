package cmp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
)

// addresses are where the document has each call.
var addresses = map[string]string{
	"queryDevice": "/cmp-api/device/queryDevice", "queryBatchDevice": "/cmp-api/device/queryBatchDevice", "queryOrder": "/cmp-api/package/queryOrder",
	"openPackage": "/cmp-api/package/openPackage", "cancelPackage": "/cmp-api/package/cancelPackage",
	"aheadFinishDeviceOrder": "/cmp-api/package/aheadFinishDeviceOrder", "pauseService": "/cmp-api/device/pauseService", "restartService": "/cmp-api/device/restartService",
	"syncPackages": "/cmp-api/package/syncPackages", "batchOrderPackages": "/cmp-api/package/batchOrderPackages", "sendSms": "/cmp-api/sms/sendSms",
	"queryMTSmsStatus": "/cmp-api/sms/queryMTSmsStatus", "querySmsCDR": "/cmp-api/sms/querySmsCDR", "queryLatestCDR": "/cmp-api/sms/queryLatestCDR",
	"bind": "/cmp-api/device/bind", "getBindTrackList": "/cmp-api/device/getBindTrackList", "cdr": "/cmp-api/sims/89430101523088119435/cdr",
}

// got is a request as the server saw it.
type got struct {
	*http.Request
	body map[string]any
}

// requestOf makes the call and returns what left.
func requestOf(t *testing.T, d deed, edit ...func(*Options)) got {
	t.Helper()
	seen := make(chan got, 2)
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		g := got{Request: r}
		if err != nil || r.Method == http.MethodPost && json.Unmarshal(content, &g.body) != nil {
			t.Errorf("%s: body %q, %v", d.name, content, err)
		}
		seen <- g
		_, _ = io.WriteString(w, `{"code":"0000","data":{"device_id":"`+testDevice+`"},"success":true}`)
	})
	if err := d.do(t.Context(), client(t, srv.URL, edit...)); err != nil {
		t.Fatal(err)
	}
	g := <-seen
	if len(seen) != 0 {
		t.Errorf("%s: a second request left", d.name)
	}
	return g
}

// Every body has the members of the printed request, of the same types, and no others.
func TestRequestsAreThoseOfTheDocument(t *testing.T) {
	t.Parallel()
	for _, d := range posted() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			var want map[string]any
			if err := json.Unmarshal(sample(t, d.name+".request"), &want); err != nil {
				t.Fatal(err)
			}
			delete(want, "version") // optional, and of unknown meaning
			g := requestOf(t, d)
			if g.Method != http.MethodPost || g.URL.RequestURI() != addresses[d.name] {
				t.Errorf("%s %s", g.Method, g.URL.RequestURI())
			}
			if a, b := shape(g.body), shape(want); !reflect.DeepEqual(a, b) {
				t.Errorf("sent %v, the document prints %v", a, b)
			}
		})
	}
}

func shape(body map[string]any) map[string]string {
	s := map[string]string{}
	for key, v := range body {
		s[key] = fmt.Sprintf("%T", v)
	}
	return s
}

func TestRequestValues(t *testing.T) {
	t.Parallel()
	now := time.Date(2020, 11, 25, 1, 40, 0, 95e6, time.UTC)
	clock := func(o *Options) { o.Now = func() time.Time { return now } }
	reads, changes := enquiries(), deeds(testOrder)
	same(t, requestOf(t, reads[0], clock).body, map[string]any{"device_id": testDevice, "timestamp": strconv.FormatInt(now.UnixMilli(), 10)})
	same(t, requestOf(t, reads[1]).body, map[string]any{"page_no": 91.0, "page_size": 2.0})
	same(t, requestOf(t, reads[2]).body, map[string]any{"device_id": nil, "order_id": nil, "order_status": nil, "page_no": 1.0, "page_size": 3.0})
	same(t, requestOf(t, changes[0]).body, map[string]any{"order_id": testOrder})
	same(t, requestOf(t, changes[2]).body, map[string]any{"order_id": testOrder, "ahead_finish_cause": "test", "device_type": "4"})
	same(t, requestOf(t, changes[3]).body, map[string]any{"order_id": testOrder, "device_id": testDevice})
}

// What is optional and empty is left out.
func TestEmptyOptionalMembersAreLeftOut(t *testing.T) {
	t.Parallel()
	end := deed{"end", nil}
	end.do = func(ctx context.Context, c *Client) error {
		return c.EndOrder(ctx, EndOrder{OrderID: testOrder, Cause: "不再使用 <&>"})
	}
	same(t, requestOf(t, end).body, map[string]any{"order_id": testOrder, "ahead_finish_cause": "不再使用 <&>"})
	pause := deed{"pause", func(ctx context.Context, c *Client) error {
		return c.PauseService(ctx, ServiceOrder{OrderID: testOrder})
	}}
	same(t, requestOf(t, pause).body, map[string]any{"order_id": testOrder})
}

// Records are asked for with a GET that has no body; its query is sorted and encoded as it is signed.
func TestRecordsAreAskedForWithAQuery(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 1, 19, 19, 33, 20, 0, Zone)
	q := CDRQuery{DeviceID: "893107042131441209", From: at(2023, 9, 16, 0, 0, 0), Until: at(2023, 9, 18, 0, 0, 0), Page: 1, Size: 10}
	const days = "page_no=1&page_size=10&received_end_by=2023-09-18&received_start_time=2023-09-16"
	for apn, want := range map[string][2]string{
		"": {"/cmp-api/sims/893107042131441209/cdr?" + days, "24DRFAwzwGmkbcibdLavCu7Jv5VgIjOWHCLeUrlLCd8="},
		"&&&internet&0&&3&3,&&&ca.ntt.com&0&&3&3": {
			"/cmp-api/sims/893107042131441209/cdr/apn?apn=%26%26%26internet%260%26%263%263%2C%26%26%26ca.ntt.com%260%26%263%263&" + days, "TuOQjbfqt/nWcIW9echgLER+3gSUyYYtCl6NoS7Wu5M=",
		},
	} {
		q.APN = apn
		read := deed{"cdr", func(ctx context.Context, c *Client) error { _, err := c.CDRs(ctx, q); return err }}
		g := requestOf(t, read, func(o *Options) {
			o.AccessKey, o.SecretKey, o.Now = "user-key", "my-secret-key", func() time.Time { return now }
		})
		if g.Method != http.MethodGet || g.URL.RequestURI() != want[0] || g.ContentLength != 0 || g.Header.Get(headerSignature) != want[1] {
			t.Errorf("%s %s, %d bytes, signature %s", g.Method, g.URL.RequestURI(), g.ContentLength, g.Header.Get(headerSignature))
		}
	}
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	now := time.Date(2021, 1, 19, 19, 33, 20, 0, Zone)
	for _, d := range posted() {
		g := requestOf(t, d, func(o *Options) { o.Now = func() time.Time { return now } })
		want := map[string]string{
			"Accept-Language": "en-US", "Content-Type": "application/json", "Date": vectorDate, "X-Hmac-Access-Key": testAccessKey,
			"X-Hmac-Algorithm": "hmac-sha256", "X-Hmac-Signed-Headers": "Accept-Language;Content-Type",
			"X-Hmac-Signature": newHMACSigner(testAccessKey, testSecret).mac("POST\n" + addresses[d.name] + "\n\n" + testAccessKey + "\n" + vectorDate +
				"\nAccept-Language:en-US\nContent-Type:application/json\n"),
		}
		for name, v := range want {
			if g.Header.Get(name) != v {
				t.Errorf("%s: %s is %q, want %q", d.name, name, g.Header.Get(name), v)
			}
		}
		// The first three would allow a repetition, by net/http or on the way; the last is off by default.
		for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key", "Expect", "X-Hmac-Digest"} {
			if _, ok := g.Header[name]; ok {
				t.Errorf("%s: header %s is sent", d.name, name)
			}
		}
	}
}

func TestLanguageAndBasePath(t *testing.T) {
	t.Parallel()
	g := requestOf(t, deeds(testOrder)[1], func(o *Options) { o.BaseURL, o.Language = o.BaseURL+"/tenant%20a/", "zh-CN" })
	if g.Header.Get("Accept-Language") != "zh-CN" || g.URL.EscapedPath() != "/tenant%20a/cmp-api/package/cancelPackage" {
		t.Errorf("%s in %q", g.URL.EscapedPath(), g.Header.Get("Accept-Language"))
	}
	text := "POST\n/tenant a/cmp-api/package/cancelPackage\n\n" + testAccessKey + "\n" + g.Header.Get("Date") + "\nAccept-Language:zh-CN\nContent-Type:application/json\n"
	if g.Header.Get("X-Hmac-Signature") != newHMACSigner(testAccessKey, testSecret).mac(text) {
		t.Error("the gateway signs the path decoded")
	}
}

func TestNoneSignsNothing(t *testing.T) {
	t.Parallel()
	g := requestOf(t, deeds(testOrder)[0], func(o *Options) { o.Signing = SigningNone })
	for name := range g.Header {
		if strings.HasPrefix(name, "X-Hmac") {
			t.Errorf("header %s is sent", name)
		}
	}
}
