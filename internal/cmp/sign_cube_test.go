package cmp

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

const usageExample = "https://api.linksfield.net/cube/v4/sims/89852002021102915651/usage?period_type=2&begin_from=2023-01&category_type=data&end_by=2023-01"

// The worked examples of Cube's pages, byte for byte.
func TestCubeExamples(t *testing.T) {
	t.Parallel()
	const bundle = "https://api.linksfield.net/cube/v4/sims/89000100010003125832/bundle"
	tests := []struct {
		name, method, address, body string
		text                        func(params, *http.Request) string
		want                        string
	}{
		{"v1 get", "GET", usageExample + "&timestamp=1674197059220&nonce=128", "", params.cubeV1,
			`{"begin_from":"2023-01","category_type":"data","end_by":"2023-01","nonce":128,"period_type":2,"sim_id":"89852002021102915651","timestamp":"1674197059220"}`},
		{"v1 post", "POST", bundle, `{"cycles":3,"nonce":128,"bundle_id":"LP09823222320","timestamp":"1674197059220"}`, params.cubeV1,
			`{"bundle_id":"LP09823222320","cycles":3,"nonce":128,"sim_id":"89000100010003125832","timestamp":"1674197059220"}`},
		{"v2 get", "GET", usageExample, "", params.cubeV2,
			`{"begin_from":"2023-01","category_type":"data","end_by":"2023-01","nonce":"1","period_type":"2","timestamp":"1674197059220","x-sign-uri":"/cube/v4/sims/89852002021102915651/usage"}`},
		{"v2 post", "POST", bundle, `{"cycles":3,"bundle_type":10,"bundle_id":"LP09823222320"}`, params.cubeV2,
			`{"bundle_id":"LP09823222320","bundle_type":10,"cycles":3,"nonce":"1","timestamp":"1674197059220","x-sign-uri":"/cube/v4/sims/89000100010003125832/bundle"}`},
		{"v2 nested", "POST", bundle, `{"message":{"type":1,"content":"x"}}`, params.cubeV2,
			`{"message":{"content":"x","type":1},"nonce":"1","timestamp":"1674197059220","x-sign-uri":"/cube/v4/sims/89000100010003125832/bundle"}`},
	}
	for _, tt := range tests {
		req := requestWith(t, tt.method, tt.address, tt.body)
		req.Header.Set("timestamp", "1674197059220")
		req.Header.Set("nonce", "1")
		if got := tt.text(mustParams(t, req), req); got != tt.want {
			t.Errorf("%s: signed\n%s, want\n%s", tt.name, got, tt.want)
		}
	}
}

// What is sent is what was signed: timestamp and nonce stand in the query, in the body or in headers.
func TestCubeSignsWhatItSends(t *testing.T) {
	t.Parallel()
	key := newTestKey(t)
	now := time.UnixMilli(1674197059220)
	for profile, text := range map[string]func(params, *http.Request) string{SigningCubeV1: params.cubeV1, SigningCubeV2: params.cubeV2} {
		s, err := newSigner(Options{Signing: profile, AccessKey: "key-17", SecretKey: key.pkcs8PEM})
		if err != nil {
			t.Fatal(err)
		}
		for _, req := range []*http.Request{requestWith(t, "GET", usageExample, ""), requestWith(t, "POST", "/cmp-api/x", `{"a":1}`)} {
			if err := s.sign(req, now); err != nil {
				t.Fatal(err)
			}
			signed := text(mustParams(t, req), req)
			if !strings.Contains(signed, `"timestamp":"1674197059220"`) {
				t.Errorf("%s %s: signed %s", profile, req.Method, signed)
			}
			verify(t, &key.PublicKey, req, signed)
		}
	}
}

func verify(t *testing.T, key *rsa.PublicKey, req *http.Request, text string) {
	t.Helper()
	encoded, found := strings.CutPrefix(req.Header.Get("Authorization"), "LF key-17/")
	signature, err := base64.StdEncoding.DecodeString(encoded)
	digest := sha1.Sum([]byte(text))
	if !found || err != nil || rsa.VerifyPKCS1v15(key, crypto.SHA1, digest[:], signature) != nil {
		t.Errorf("%q is no signature of %s", req.Header.Get("Authorization"), text)
	}
}

// There is room for one timestamp in a signed text, so both that a request can have are the same.
func TestCubeV2LeavesNoDoubtAboutTheTimestamp(t *testing.T) {
	t.Parallel()
	var clock time.Time
	edit := func(o *Options) {
		o.Signing, o.SecretKey = SigningCubeV2, newTestKey(t).pkcs8PEM
		o.Now = func() time.Time { clock = clock.Add(time.Second); return clock }
	}
	g := requestOf(t, enquiries()[0], edit)
	if at := g.Header.Get("timestamp"); at == "" || at != g.body["timestamp"] {
		t.Errorf("timestamp %q in the head, %v in the body", at, g.body["timestamp"])
	}
	if g.Header.Get("X-LF-Signature-Type") != "2.0" || g.body["nonce"] != nil {
		t.Errorf("head %v, body %v", g.Header, g.body)
	}
}

func TestNoncesAreIntegersThatDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		n := nonce()
		if _, err := strconv.ParseInt(n, 10, 32); err != nil {
			t.Error(err)
		}
		seen[n] = true
	}
	if len(seen) < 99 {
		t.Errorf("%d nonces of 100", len(seen))
	}
}

func TestSignersNeverShowTheirKeys(t *testing.T) {
	t.Parallel()
	key := newTestKey(t)
	d, line := key.D.String(), strings.Split(key.pkcs8PEM, "\n")[2]
	for _, profile := range []string{SigningCubeV1, SigningCubeV2, SigningCSSS} {
		o := Options{BaseURL: "https://cmp.example.com", Signing: profile, AccessKey: testAccessKey, SecretKey: key.pkcs8PEM, Timeout: time.Second, Rate: 1, MaxConns: 1}
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			text := fmt.Sprintf(verb+verb+verb, o, c, c.sign)
			if strings.Contains(text, line) || strings.Contains(text, d) || strings.Contains(text, fmt.Sprintf("%x", line)) {
				t.Errorf("%s: the key stands in %s", profile, text)
			}
		}
	}
}
