package cmpsim

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const (
	vectorKey    = "user-key"
	vectorSecret = "my-secret-key"
	vectorDate   = "Tue, 19 Jan 2021 11:33:20 GMT"
	cdrQuery     = "page_size=10&page_no=1&received_start_time=2023-09-16&received_end_by=2023-09-18"
	apnQuery     = "apn=%26%26%26internet%260%26%263%263%2C%26%26%26ca.ntt.com%260%26%263%263&"
)

// vector is one row of the signature notes; the query is out of order on purpose.
type vector struct {
	name, method, target, date, signed, signature string
}

var vectors = []vector{
	{"vendor's page, no Date", "GET", "/mp-api/api/esim/queryOrderStatus?resellerCode=SG00000010&eid=89049032000001000000128255728753", "",
		"Accept-Language;Content-Type", "M8w5ai017BnWLoUFjbR2zaqapxj1gXK+Unll6twlDmg="},
	{"gateway's page", "GET", "/index.html?name=james&age=36", vectorDate, "User-Agent;x-custom-a", "8XV1GB7Tq23OJcoz6wjqTs4ZLxr9DiLoY4PxzScWGYg="},
	{"two headers", "GET", "/index.html?name=james&age=36", vectorDate, "Accept-Language;Content-Type", "Qmydq6hABk3elnHledSZOUt3fyc6NvuJ3D+XX5nqik0="},
	{"cdr", "GET", "/cmp-api/sims/893107042131441209/cdr?" + cdrQuery, vectorDate, "Accept-Language;Content-Type", "24DRFAwzwGmkbcibdLavCu7Jv5VgIjOWHCLeUrlLCd8="},
	{"apn, encoded", "GET", "/cmp-api/sims/893107042131441209/cdr/apn?" + apnQuery + cdrQuery, vectorDate, "Accept-Language;Content-Type",
		"TuOQjbfqt/nWcIW9echgLER+3gSUyYYtCl6NoS7Wu5M="},
	{"post", "POST", "/cmp-api/package/queryOrder", vectorDate, "Accept-Language;Content-Type", "eeG4wRUPseXHDypSF3jUWTdpohv3IeB8PZTfl+G2+7I="},
}

func (v vector) request() *http.Request {
	r := httptest.NewRequest(v.method, v.target, nil)
	r.Header.Set("Accept-Language", "en-US")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "curl/7.29.0")
	r.Header.Set("x-custom-a", "test")
	if v.date != "" {
		r.Header.Set("Date", v.date)
	}
	r.Header.Set("X-HMAC-ALGORITHM", "hmac-sha256")
	r.Header.Set("X-HMAC-ACCESS-KEY", vectorKey)
	r.Header.Set("X-HMAC-SIGNED-HEADERS", v.signed)
	r.Header.Set("X-HMAC-SIGNATURE", v.signature)
	return r
}

func TestSignatureVectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors {
		if r := v.request(); !validSignature(r, nil, vectorKey, vectorSecret) {
			t.Errorf("%s: refused, over\n%q", v.name, signedText(r, vectorKey))
		}
	}
}

// TestSignatureCoversEveryTerm changes one thing at a time.
func TestSignatureCoversEveryTerm(t *testing.T) {
	t.Parallel()
	changes := map[string]func(*http.Request){
		"method":         func(r *http.Request) { r.Method = "PUT" },
		"path":           func(r *http.Request) { r.URL.Path += "/" },
		"query":          func(r *http.Request) { r.URL.RawQuery += "&x=" },
		"date":           func(r *http.Request) { r.Header.Set("Date", "Wed, 20 Jan 2021 11:33:20 GMT") },
		"access key":     func(r *http.Request) { r.Header.Set("X-HMAC-ACCESS-KEY", "other") },
		"algorithm":      func(r *http.Request) { r.Header.Set("X-HMAC-ALGORITHM", "hmac-sha1") },
		"signed headers": func(r *http.Request) { r.Header.Set("X-HMAC-SIGNED-HEADERS", "Content-Type;Accept-Language") },
		"no signature":   func(r *http.Request) { r.Header.Del("X-HMAC-SIGNATURE") },
		"signature":      func(r *http.Request) { r.Header.Set("X-HMAC-SIGNATURE", strings.Repeat("A", 43)+"=") },
		"a header": func(r *http.Request) {
			r.Header.Set("Accept-Language", "zh-CN")
			r.Header.Set("User-Agent", "curl/8")
		},
		"bad digest": func(r *http.Request) { r.Header.Set("X-HMAC-DIGEST", "crY3Pa+n4GlqJfJVd7+LGpEsN6zcehEnvOcujim9v7g=") },
	}
	for _, v := range vectors {
		for name, change := range changes {
			r := v.request()
			change(r)
			if validSignature(r, []byte(`{}`), vectorKey, vectorSecret) {
				t.Errorf("%s: accepted with another %s", v.name, name)
			}
		}
		if validSignature(v.request(), nil, vectorKey, "another secret") {
			t.Errorf("%s: accepted with another secret", v.name)
		}
	}
}

func TestSignatureRefusesTheTraps(t *testing.T) {
	t.Parallel()
	decoded := vectors[4]
	decoded.signature = "noIPI8ASkz+6XYcLIDBrFTnaqB/oNNLeJgCzVKaCZpA="
	trap := vectors[2]
	trap.signature = vectors[1].signature
	for _, v := range []vector{decoded, trap} {
		if validSignature(v.request(), nil, vectorKey, vectorSecret) {
			t.Errorf("%s: accepted %s", v.name, v.signature)
		}
	}
}

func TestBodyDigest(t *testing.T) {
	t.Parallel()
	r := vectors[5].request()
	r.Header.Set("X-HMAC-DIGEST", "crY3Pa+n4GlqJfJVd7+LGpEsN6zcehEnvOcujim9v7g=")
	if !validSignature(r, []byte(`{"page_no":1,"page_size":3}`), vectorKey, vectorSecret) {
		t.Error("the digest of the notes was refused")
	}
	if validSignature(r, []byte(`{"page_no":1,"page_size":4}`), vectorKey, vectorSecret) {
		t.Error("another body was accepted")
	}
}

func TestSignatureAtTheDoor(t *testing.T) {
	t.Parallel()
	d := openDoor(t, Options{AccessKey: vectorKey, SecretKey: vectorSecret})
	d.Script(Fault{Kind: KindBadGateway, Times: 1})
	send := func(signature string) (*http.Response, []byte) {
		v := vectors[5]
		v.signature = signature
		req := d.request(t, "POST", v.target, `{"page_no":1,"page_size":3}`)
		req.Header = v.request().Header
		return d.send(t, req)
	}
	res, raw := send("wrong")
	if res.StatusCode != 401 || string(raw) != `{"message":"client request can't be validated"}` {
		t.Errorf("a wrong signature: %d %s", res.StatusCode, raw)
	}
	if res, _ = send(vectors[5].signature); res.StatusCode != 502 {
		t.Errorf("status %d: the refused request used the fault up", res.StatusCode)
	}
	if res, raw = send(vectors[5].signature); res.StatusCode != 200 || !decode[answer](t, raw).Success {
		t.Errorf("a right signature: %d %s", res.StatusCode, raw)
	}
	for _, q := range d.Journal() {
		for name, value := range q.Header {
			if strings.Contains(name, "Signature") || value == vectors[5].signature || value == vectorKey {
				t.Errorf("the journal keeps %s: %s", name, value)
			}
		}
	}
}

func TestPercentEncoding(t *testing.T) {
	t.Parallel()
	if got := percent("aZ09-._~ &=+,$:@/%é"); got != "aZ09-._~%20%26%3D%2B%2C%24%3A%40%2F%25%C3%A9" {
		t.Errorf("percent: %s", got)
	}
}
