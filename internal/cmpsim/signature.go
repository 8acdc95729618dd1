package cmpsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The profiles of signatures that the sandbox can ask for.
const (
	SigningHMAC   = "cmp-hmac"
	SigningCSSS   = "csss"
	SigningCubeV1 = "cube-v1"
	SigningCubeV2 = "cube-v2"
)

// checkKeys tells what is missing for the check of signatures, or there without one.
func (o Options) checkKeys() error {
	switch o.Signing {
	case "", SigningHMAC, SigningCSSS:
		if o.PublicKey != nil || (o.AccessKey == "") != (o.SecretKey == "") || o.Signing == SigningCSSS && o.SecretKey == "" {
			return errors.New("sandbox keys: set the access key and the secret key together, or neither")
		}
	case SigningCubeV1, SigningCubeV2:
		if o.AccessKey == "" || o.SecretKey != "" || o.PublicKey == nil {
			return fmt.Errorf("sandbox keys: %s takes the access key and the public key, and no secret key", o.Signing)
		}
	default:
		return fmt.Errorf("sandbox keys: signing %q is not one of cmp-hmac, csss, cube-v1, cube-v2", o.Signing)
	}
	return nil
}

// unauthorised returns the HTTP status for a request whose signature is missing or
// wrong, and 0 for one that may pass.
func (s *Sim) unauthorised(r *http.Request, body []byte) int {
	o, valid := s.opts, true
	switch {
	case o.PublicKey != nil:
		return o.unauthorisedCube(r, body)
	case o.SecretKey == "":
	case o.Signing == SigningCSSS:
		valid = validCSSS(r, body, o.AccessKey, o.SecretKey)
	default:
		valid = validSignature(r, body, o.AccessKey, o.SecretKey)
	}
	if !valid {
		return http.StatusUnauthorized
	}
	return 0
}

// validSignature checks a request as the gateway before the CMP does: HMAC-SHA256
// over method, path, sorted query, access key, Date and the named headers.
// The body counts only when the caller sent a digest of it.
func validSignature(r *http.Request, body []byte, accessKey, secret string) bool {
	h := r.Header
	if h.Get("X-Hmac-Algorithm") != "hmac-sha256" || h.Get("X-Hmac-Access-Key") != accessKey {
		return false
	}
	if d := h.Get("X-Hmac-Digest"); d != "" && !hmac.Equal([]byte(d), []byte(sign(secret, string(body)))) {
		return false
	}
	want := sign(secret, signedText(r, accessKey))
	return hmac.Equal([]byte(h.Get("X-Hmac-Signature")), []byte(want))
}

// signedText is the text under the signature: five lines, then one for each
// named header with its own line end.
func signedText(r *http.Request, accessKey string) string {
	var b strings.Builder
	for _, term := range []string{r.Method, r.URL.Path, canonicalQuery(r.URL.Query()), accessKey, r.Header.Get("Date")} {
		b.WriteString(term + "\n")
	}
	for name := range strings.SplitSeq(r.Header.Get("X-Hmac-Signed-Headers"), ";") {
		if name != "" {
			b.WriteString(name + ":" + r.Header.Get(name) + "\n")
		}
	}
	return b.String()
}

// canonicalQuery sorts by key, then by value; a key without a value keeps its
// equals sign.
func canonicalQuery(q url.Values) string {
	var pairs []string
	for key, values := range q {
		for _, v := range values {
			pairs = append(pairs, percent(key)+"="+percent(v))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// percent encodes all but the unreserved characters; no function of net/url does.
func percent(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func sign(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}
