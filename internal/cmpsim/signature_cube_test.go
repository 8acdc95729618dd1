package cmpsim

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// cubeExample is a worked example of Cube's pages.
type cubeExample struct {
	name, profile, method, target, body, text string
}

var cubeExamples = []cubeExample{
	{"v1 get", SigningCubeV1, "GET", "/sims/89852002021102915651/usage?period_type=2&begin_from=2023-01&category_type=data&end_by=2023-01&timestamp=1674197059220&nonce=128", "",
		`{"begin_from":"2023-01","category_type":"data","end_by":"2023-01","nonce":128,"period_type":2,"sim_id":"89852002021102915651","timestamp":"1674197059220"}`},
	{"v1 post", SigningCubeV1, "POST", "/sims/89000100010003125832/bundle", `{"timestamp":"1674197059220","nonce":128,"bundle_id":"LP09823222320","cycles":3,"note":""}`,
		`{"bundle_id":"LP09823222320","cycles":3,"nonce":128,"sim_id":"89000100010003125832","timestamp":"1674197059220"}`},
	{"v2 get", SigningCubeV2, "GET", "/cube/v4/sims/89852002021102915651/usage?period_type=2&begin_from=2023-01&category_type=data&end_by=2023-01", "",
		`{"begin_from":"2023-01","category_type":"data","end_by":"2023-01","nonce":"1","period_type":"2","timestamp":"1674197059220","x-sign-uri":"/cube/v4/sims/89852002021102915651/usage"}`},
	{"v2 post", SigningCubeV2, "POST", "/cube/v4/sims/89000100010003125832/bundle", `{"cycles":3,"bundle_type":10,"bundle_id":"LP09823222320"}`,
		`{"bundle_id":"LP09823222320","bundle_type":10,"cycles":3,"nonce":"1","timestamp":"1674197059220","x-sign-uri":"/cube/v4/sims/89000100010003125832/bundle"}`},
}

// request is the example with a signature of its text.
func (e cubeExample) request(t *testing.T, key *rsa.PrivateKey) *http.Request {
	t.Helper()
	digest := sha1.Sum([]byte(e.text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA1, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(e.method, e.target, nil)
	r.Header.Set("Authorization", "LF key-17/"+base64.StdEncoding.EncodeToString(signature))
	if e.profile == SigningCubeV2 {
		r.Header.Set("timestamp", "1674197059220")
		r.Header.Set("nonce", "1")
	}
	return r
}

func cubeKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// cubeOptions have a clock that is this far ahead of the examples' timestamp.
func cubeOptions(profile string, key *rsa.PrivateKey, ahead time.Duration) Options {
	return Options{AccessKey: "key-17", PublicKey: &key.PublicKey, Signing: profile, Now: fixed(time.UnixMilli(1674197059220).Add(ahead))}
}

func TestCubeExamples(t *testing.T) {
	t.Parallel()
	key := cubeKey(t)
	for _, e := range cubeExamples {
		r := e.request(t, key)
		if text, at, ok := cubeText(r, []byte(e.body), e.profile); text != e.text || at.UnixMilli() != 1674197059220 || !ok {
			t.Errorf("%s: the signed text is\n%s, want\n%s", e.name, text, e.text)
		}
		if status := cubeOptions(e.profile, key, 0).unauthorisedCube(r, []byte(e.body)); status != 0 {
			t.Errorf("%s: status %d", e.name, status)
		}
	}
}

// One thing changed at a time: without the header 401, else 403.
func TestCubeRefuses(t *testing.T) {
	t.Parallel()
	key := cubeKey(t)
	for _, e := range cubeExamples {
		for name, c := range map[string]struct {
			edit func(h http.Header, r *http.Request)
			want int
		}{
			"no signature": {func(h http.Header, _ *http.Request) { h.Del("Authorization") }, 401},
			"another scheme": {func(h http.Header, _ *http.Request) {
				h.Set("Authorization", strings.Replace(h.Get("Authorization"), "LF", "Bearer", 1))
			}, 403},
			"another key's id": {func(h http.Header, _ *http.Request) {
				h.Set("Authorization", strings.Replace(h.Get("Authorization"), "17", "18", 1))
			}, 403},
			"half a signature": {func(h http.Header, _ *http.Request) { h.Set("Authorization", h.Get("Authorization")[:60]) }, 403},
			"another's": {func(h http.Header, _ *http.Request) {
				h.Set("Authorization", e.request(t, cubeKey(t)).Header.Get("Authorization"))
			}, 403},
			"another card": {func(_ http.Header, r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "/89", "/88", 1) }, 403},
			"without its times": {func(h http.Header, r *http.Request) {
				h.Del("timestamp")
				r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "timestamp", "time", 1)
			}, 403},
			"without its nonce": {func(h http.Header, r *http.Request) {
				h.Del("nonce")
				r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "nonce", "once", 1)
			}, 403},
		} {
			if strings.HasPrefix(name, "without") && e.name == "v1 post" {
				continue // there they stand in the body
			}
			r := e.request(t, key)
			c.edit(r.Header, r)
			if status := cubeOptions(e.profile, key, 0).unauthorisedCube(r, []byte(e.body)); status != c.want {
				t.Errorf("%s, %s: status %d, want %d", e.name, name, status, c.want)
			}
		}
		if e.method == "GET" {
			continue
		}
		for _, body := range []string{strings.Replace(e.body, "3", "4", 1), strings.Replace(e.body, "}", `,"x":1}`, 1), e.body[:20], "", `[]`} {
			if status := cubeOptions(e.profile, key, 0).unauthorisedCube(e.request(t, key), []byte(body)); status != 403 {
				t.Errorf("%s with the body %s: status %d", e.name, body, status)
			}
		}
	}
}

func TestCubeTimestampsHoldTenMinutes(t *testing.T) {
	t.Parallel()
	key := cubeKey(t)
	for ahead, want := range map[time.Duration]int{
		cubeSkew: 0, -cubeSkew: 0, cubeSkew + time.Millisecond: 403, -cubeSkew - time.Millisecond: 403,
	} {
		for _, e := range cubeExamples {
			if status := cubeOptions(e.profile, key, ahead).unauthorisedCube(e.request(t, key), []byte(e.body)); status != want {
				t.Errorf("%s, clock ahead by %v: status %d, want %d", e.name, ahead, status, want)
			}
		}
	}
}

// A body's own timestamp must be the header's.
func TestCubeV2TakesOneTimestamp(t *testing.T) {
	t.Parallel()
	key := cubeKey(t)
	e := cubeExample{"", SigningCubeV2, "POST", "/x", "", `{"nonce":"1","timestamp":"1674197059220","x-sign-uri":"/x"}`}
	for body, want := range map[string]int{`{"timestamp":"1674197059220"}`: 0, `{"timestamp":"1674197059221"}`: 403, `{"timestamp":1674197059220}`: 403, `{}`: 0} {
		if status := cubeOptions(e.profile, key, 0).unauthorisedCube(e.request(t, key), []byte(body)); status != want {
			t.Errorf("%s: status %d, want %d", body, status, want)
		}
	}
}

func TestKeysOfProfiles(t *testing.T) {
	t.Parallel()
	public := &cubeKey(t).PublicKey
	for _, o := range []Options{
		{Signing: "rot13"}, {Signing: SigningCSSS}, {Signing: SigningCSSS, AccessKey: "a", SecretKey: "s", PublicKey: public}, {AccessKey: "a", PublicKey: public},
		{Signing: SigningCubeV1}, {Signing: SigningCubeV1, PublicKey: public}, {Signing: SigningCubeV2, AccessKey: "a"}, {Signing: SigningCubeV2, AccessKey: "a", SecretKey: "s", PublicKey: public},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("New(%+v) accepted", o)
		}
	}
	for _, o := range []Options{
		{Signing: SigningHMAC}, {Signing: SigningHMAC, AccessKey: "a", SecretKey: "s"}, {Signing: SigningCSSS, AccessKey: "a", SecretKey: "s"}, {Signing: SigningCubeV2, AccessKey: "a", PublicKey: public},
	} {
		newSim(t, o)
	}
}
