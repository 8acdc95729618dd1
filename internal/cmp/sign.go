package cmp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The gateway's headers whose values stay out of messages and logs.
const (
	headerAccessKey = "X-HMAC-ACCESS-KEY"
	headerSignature = "X-HMAC-SIGNATURE"
)

// signedHeaders are the headers that go into the signature, spelled and ordered as the gateway lists them.
var signedHeaders = []string{"Accept-Language", "Content-Type"}

// signer adds to a request what proves whose it is: headers, and in some profiles parameters of the body or query.
type signer interface {
	sign(req *http.Request, now time.Time) error
}

// newSigner returns the signer of a profile. It fails when the profile is unknown or its keys cannot work.
func newSigner(o Options) (signer, error) {
	switch o.Signing {
	case SigningNone:
		return noSigner{}, nil
	case SigningHMAC, SigningCSSS, SigningCubeV1, SigningCubeV2:
	default:
		return nil, fmt.Errorf("cmp: signing profile %q is not one of cmp-hmac, csss, cube-v1, cube-v2, none", o.Signing)
	}
	if o.AccessKey == "" || o.SecretKey == "" {
		return nil, fmt.Errorf("cmp: signing with %s needs an access key and a secret key", o.Signing)
	}
	switch o.Signing {
	case SigningHMAC:
		return newHMACSigner(o.AccessKey, o.SecretKey), nil
	case SigningCSSS:
		return newCSSSSigner(o.AccessKey, o.SecretKey), nil
	}
	return newCubeSigner(o)
}

type noSigner struct{}

func (noSigner) sign(*http.Request, time.Time) error { return nil }

// hmacSigner is the profile cmp-hmac: the X-HMAC headers of the CMP's gateway.
type hmacSigner struct {
	accessKey string
	mac       func(text string) string // holds the secret, so that printing a signer cannot show it
	encode    bool                     // the query enters percent-encoded, as the gateway does by default
}

func newHMACSigner(accessKey, secret string) hmacSigner {
	return hmacSigner{accessKey: accessKey, encode: true, mac: macWith(sha256.New, secret)}
}

func macWith(hash func() hash.Hash, secret string) func(text string) string {
	return func(text string) string {
		m := hmac.New(hash, []byte(secret))
		m.Write([]byte(text))
		return base64.StdEncoding.EncodeToString(m.Sum(nil))
	}
}

func (s hmacSigner) sign(req *http.Request, _ time.Time) error {
	h := req.Header
	h.Set(headerAccessKey, s.accessKey)
	h.Set("X-HMAC-ALGORITHM", "hmac-sha256")
	h.Set("X-HMAC-SIGNED-HEADERS", strings.Join(signedHeaders, ";"))
	h.Set(headerSignature, s.mac(s.signingString(req, signedHeaders)))
	return nil
}

// signingString joins what is signed, a line a part. A part that is missing leaves its line empty. The
// gateway knows the path decoded.
func (s hmacSigner) signingString(req *http.Request, headers []string) string {
	path := req.URL.Path
	if path == "" {
		path = "/"
	}
	var b strings.Builder
	for _, part := range []string{req.Method, path, canonicalQuery(req.URL.RawQuery, s.encode), s.accessKey, req.Header.Get("Date")} {
		b.WriteString(part + "\n")
	}
	for _, name := range headers {
		b.WriteString(name + ":" + req.Header.Get(name) + "\n")
	}
	return b.String()
}

// canonicalQuery sorts the parameters by key and then by value. A key without a value keeps its "=".
func canonicalQuery(raw string, encode bool) string {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return raw // what cannot be parsed is not ours; the gateway will refuse it
	}
	escape := func(s string) string { return s }
	if encode {
		escape = percentEncode
	}
	var pairs []string
	for _, key := range sortedKeys(values) {
		for _, v := range slices.Sorted(slices.Values(values[key])) {
			pairs = append(pairs, escape(key)+"="+escape(v))
		}
	}
	return strings.Join(pairs, "&")
}

func sortedKeys(v url.Values) []string {
	keys := make([]string, 0, len(v))
	for k := range v {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// percentEncode escapes everything but letters, digits and -._~. Neither function of net/url does just that.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
