package cmp

import (
	"net/http"
	"strings"
	"testing"
)

// requestWith is a request with this body, or with the query of its address.
func requestWith(t *testing.T, method, address, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func mustParams(t *testing.T, req *http.Request) params {
	t.Helper()
	p, err := paramsOf(req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSignedParameters(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:                          `{}`,
		"{ \"b\" : 1,\n\t\"a\" : 2 }": `{"a":2,"b":1}`,
		`{"a":"","b":null,"c":0,"d":false,"e":" "}`:       `{"c":0,"d":false,"e":" "}`,
		`{"n":[12345678901234567890, 1.10, -2e3, "7"]}`:   `{"n":[12345678901234567890,1.10,-2e3,"7"]}`,
		`{"message":{"type":1,"content":"x","a":null}}`:   `{"message":{"a":null,"content":"x","type":1}}`,
		`{"list":[{"b":1,"a":2},{"d":[],"c":{}}]}`:        `{"list":[{"a":2,"b":1},{"c":{},"d":[]}]}`,
		`{"t":"\u4f60\u597d <&> \u2028 \/ \ud83d\ude00"}`: "{\"t\":\"你好 <&> \u2028 / 😀\"}",
		`{"t":"\"\\\b\f\n\r\t\u0001\u007f"}`:              "{\"t\":\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u007f\"}",
		`{"\u00e9":1,"z":2,"A":3}`:                        `{"A":3,"z":2,"é":1}`,
	} {
		if got := mustParams(t, requestWith(t, http.MethodPost, "/cmp-api/x", body)).signed(nil); got != want {
			t.Errorf("%s is signed as\n%s, want\n%s", body, got, want)
		}
	}
}

func TestAQueryIsSignedAsTexts(t *testing.T) {
	t.Parallel()
	req := requestWith(t, http.MethodGet, "/cmp-api/sims/8910/cdr/apn?page_no=1&apn=a%26b,%20c&list=x&list=y&none=", "")
	const want = `{"apn":"a&b, c","list":"x,y","page_no":"1","sim_id":"8910"}`
	if got := mustParams(t, req).signed(inPath(req)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestABodyThatIsNoObjectCannotBeSigned(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`[1]`, `"x"`, `{`, ``} {
		if _, err := paramsOf(requestWith(t, http.MethodPost, "/cmp-api/x", body)); err == nil {
			t.Errorf("%q was taken", body)
		}
	}
}
