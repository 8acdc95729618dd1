package cmp

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Options){
		"no address":     func(o *Options) { o.BaseURL = "" },
		"no scheme":      func(o *Options) { o.BaseURL = "cmp.example.com" },
		"another scheme": func(o *Options) { o.BaseURL = "ftp://cmp.example.com" },
		"no host":        func(o *Options) { o.BaseURL = "https://" },
		"port only":      func(o *Options) { o.BaseURL = "https://:443" },
		"unreadable":     func(o *Options) { o.BaseURL = "https://a b:hush@%zz" },
		"a user":         func(o *Options) { o.BaseURL = "https://joe:hush@cmp.example.com" },
		"a query":        func(o *Options) { o.BaseURL = "https://cmp.example.com/?a=1" },
		"a bare query":   func(o *Options) { o.BaseURL = "https://cmp.example.com?" },
		"a fragment":     func(o *Options) { o.BaseURL = "https://cmp.example.com/#x" },
		"with /cmp-api":  func(o *Options) { o.BaseURL = "https://cmp.example.com/cmp-api/" },
		"no access key":  func(o *Options) { o.AccessKey = "" },
		"no secret key":  func(o *Options) { o.SecretKey = "" },
		"no signing":     func(o *Options) { o.Signing = "" },
		"other signing":  func(o *Options) { o.Signing = "rot13" },
		"csss, no code":  func(o *Options) { o.Signing, o.AccessKey = SigningCSSS, "" },
		"csss, no key":   func(o *Options) { o.Signing, o.SecretKey = SigningCSSS, "" },
		"cube-v1, a password as its key": func(o *Options) {
			o.Signing = SigningCubeV1
		},
		"cube-v2, a password as its key": func(o *Options) {
			o.Signing = SigningCubeV2
		},
		"no timeout":   func(o *Options) { o.Timeout = 0 },
		"no rate":      func(o *Options) { o.Rate = 0 },
		"rate below 0": func(o *Options) { o.Rate = -1 },
		"rate NaN":     func(o *Options) { o.Rate = math.NaN() },
		"rate without end": func(o *Options) {
			o.Rate = math.Inf(1)
		},
		"no connections": func(o *Options) { o.MaxConns = 0 },
	} {
		o := Options{BaseURL: "https://cmp.example.com", AccessKey: "a", SecretKey: testSecret, Signing: SigningHMAC, Timeout: time.Second, Rate: 1, MaxConns: 1}
		spoil(&o)
		c, err := New(o)
		if err == nil || c != nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		if text := err.Error(); strings.Contains(text, "hush") || strings.Contains(text, testSecret) {
			t.Errorf("%s: %s", name, text)
		}
	}
}

func TestOptionsNeverShowTheSecret(t *testing.T) {
	t.Parallel()
	o := Options{BaseURL: "https://joe:hush@cmp.example.com", AccessKey: testAccessKey, SecretKey: testSecret, Signing: SigningHMAC, Timeout: time.Second}
	var log journal
	log.logger().Info("options", "o", o, "pointer", &o)
	printed, err := json.Marshal(struct{ BaseURL, AccessKey, SecretKey any }{"", "", struct{}{}})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{log.String(), string(printed)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, o), fmt.Sprintf(verb, &o))
	}
	c := client(t, "https://cmp.example.com")
	texts = append(texts, fmt.Sprintf("%v %+v %#v", c, c, c), fmt.Sprintf("%+v", c.sign))
	for _, text := range texts {
		if strings.Contains(text, testSecret) || strings.Contains(text, "hush") || strings.Contains(text, fmt.Sprintf("%x", testSecret)) {
			t.Errorf("the secret stands in %s", text)
		}
	}
	if !strings.Contains(texts[2], testAccessKey) {
		t.Errorf("options say nothing: %s", texts[2])
	}
}

// A CMP that repeats all it was sent, in every place it can, does not bring keys or signatures into errors or logs.
func TestErrorsAndLogsShowNeitherKeysNorSignatures(t *testing.T) {
	t.Parallel()
	forms := []string{
		`{"code":"9999","message":%q}`, `{"message":%q}`, `{"code":%q}`, `<html>%s</html>`, `{"code":"0000","data":%q,"success":false}`,
		`{"code":"0000","data":{"status":{"code":"CB-01-0001","message":%q}}}`, `%s`,
	}
	for i, form := range forms {
		for _, status := range []int{200, 401, 500} {
			var log journal
			var secrets []string
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				secrets = []string{r.Header.Get("X-Hmac-Signature"), r.Header.Get("X-Hmac-Access-Key"), testSecret}
				w.WriteHeader(status)
				_, _ = fmt.Fprintf(w, form, strings.Join(secrets[:2], " and "))
			})
			c := client(t, srv.URL, func(o *Options) { o.Logger = log.logger() })
			e := failure(t, c.CancelPackage(t.Context(), testOrder))
			for _, text := range []string{e.Error(), e.Code, e.Message, e.Excerpt, fmt.Sprintf("%+v %#v", *e, *e), log.String()} {
				for _, s := range secrets {
					if strings.Contains(text, s) {
						t.Errorf("form %d with %d: %q stands in %s", i, status, s, text)
					}
				}
			}
			if !strings.Contains(log.String(), `"path":"package/cancelPackage"`) || !strings.Contains(log.String(), `"level":"WARN"`) {
				t.Errorf("log %q", log.String())
			}
		}
	}
}

// A call that goes well leaves one quiet line: the path and how long it took, nothing of what was said.
func TestLogOfACallThatGoesWell(t *testing.T) {
	t.Parallel()
	var log journal
	c := client(t, serve(t, says(200, string(sample(t, "queryDevice.response")))).URL, func(o *Options) { o.Logger = log.logger() })
	if _, err := c.Device(t.Context(), testDevice); err != nil {
		t.Fatal(err)
	}
	line := log.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, `"level":"DEBUG"`) || !strings.Contains(line, `"path":"device/queryDevice"`) || strings.Contains(line, testDevice) {
		t.Errorf("log %q", line)
	}
}

// A code that the document does not name survives, and is reported once however often it comes.
func TestUnknownCodesAreReportedOnce(t *testing.T) {
	t.Parallel()
	var log journal
	c := client(t, serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"code":"0000","data":{"device_id":"`+testDevice+`","lifecycle":"9","ota_flag":"1","package_order":{"order_status":"4","package_type":0}}}`)
	}).URL, func(o *Options) { o.Logger = log.logger() })
	for range 5 {
		d, err := c.Device(t.Context(), testDevice)
		if err != nil || d.Lifecycle != "9" || d.Orders[0].Status != "4" {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	if n := strings.Count(log.String(), `"level":"WARN"`); n != 2 || !strings.Contains(log.String(), `"field":"lifecycle","code":"9"`) {
		t.Errorf("%d warnings: %s", n, log.String())
	}
	for i := range 2 * maxStrangers {
		c.expect("op", "field", fmt.Sprint(i))
	}
	if n := strings.Count(log.String(), `"level":"WARN"`); n != maxStrangers {
		t.Errorf("%d warnings, bound %d", n, maxStrangers)
	}
}
