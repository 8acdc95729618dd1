package cmpsim

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const csssSecret = "my-secret-key"

func TestCSSSVector(t *testing.T) {
	t.Parallel()
	const globals, signature = `"version":"2.0","access_code":"P012345","timestamp":"1498723232"`, "6UIBmddXHKWQTMlNthQau/uER8s="
	query := "version=2.0&access_code=P012345&timestamp=1498723232&sign=" + url.QueryEscape(signature)
	for name, valid := range map[string]bool{
		"POST " + globals + `,"sign":"` + signature + `"`:                                true,
		"POST " + globals + `,"sign":"` + signature + `","device_id":"","order_id":null`: true,
		"POST " + globals + `,"sign":"` + signature + `","page_no":1`:                    false,
		"POST " + globals + `,"sign":"` + strings.ToLower(signature) + `"`:               false,
		"POST " + globals: false,
		"POST " + `"version":"2.0","access_code":"P012345","sign":"` + signature + `"`: false,
		"GET " + query:              true,
		"GET " + query + "&apn=":    true,
		"GET " + query + "&apn=net": false,
	} {
		method, rest, _ := strings.Cut(name, " ")
		r, body := httptest.NewRequest(method, "/cmp-api/x", nil), "{"+rest+"}"
		if method == "GET" {
			r.URL.RawQuery, body = rest, ""
		}
		if got := validCSSS(r, []byte(body), "P012345", csssSecret); got != valid {
			t.Errorf("%s: valid %v, want %v", name, got, valid)
		}
		if validCSSS(r, []byte(body), "P012346", csssSecret) || validCSSS(r, []byte(body), "P012345", "another") {
			t.Errorf("%s: valid with other keys", name)
		}
	}
}

func TestSignedParameters(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		``:                         `{}`,
		"{ \"b\":1,\n\"a\":0.10 }": `{"a":0.10,"b":1}`,
		`{"b":"","a":null,"c":0,"d":false,"e":[],"f":" "}`:      `{"c":0,"d":false,"e":[],"f":" "}`,
		`{"m":{"type":1,"content":"x"},"l":[{"b":1,"a":2}, 3]}`: `{"l":[{"b":1,"a":2},3],"m":{"type":1,"content":"x"}}`,
		`{"t":"\u4f60 <&> \u2028 \/ \"\\\n\u0001"}`:             "{\"t\":\"你 <&> \u2028 / \\\"\\\\\\n\\u0001\"}",
	} {
		o, err := parseObject([]byte(body))
		if got := signedParameters(o, false); err != nil || got != want {
			t.Errorf("%s is signed as\n%s, want\n%s, %v", body, got, want, err)
		}
	}
	o, _ := parseObject([]byte(`{"m":{"type":1,"content":[{"b":1,"a":2}]}}`))
	if got := signedParameters(o, true); got != `{"m":{"content":[{"a":2,"b":1}],"type":1}}` {
		t.Errorf("sorted through: %s", got)
	}
	for _, body := range []string{`[]`, `"a"`, `{"a":1`, `{"a":[1`, `{"a":}`, `{}{}`, `{"a"`} {
		if o, err := parseObject([]byte(body)); err == nil {
			t.Errorf("%s was read as %v", body, o)
		}
	}
}
