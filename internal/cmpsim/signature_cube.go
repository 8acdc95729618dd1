package cmpsim

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the API asks for SHA-1
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// cubeSkew is how far a timestamp may be from Cube's clock, before or behind.
const cubeSkew = 10 * time.Minute

var wholeNumber = regexp.MustCompile(`^-?\d+$`)

// cubeIntegers are the query parameters that the API defines as integers.
var cubeIntegers = map[string]bool{"nonce": true, "page_no": true, "page_size": true, "period_type": true}

// unauthorisedCube checks a request as Cube does: 401 without a header of
// authorisation, 403 for one that does not hold.
func (o Options) unauthorisedCube(r *http.Request, body []byte) int {
	given := r.Header.Get("Authorization")
	if given == "" {
		return http.StatusUnauthorized
	}
	text, at, ok := cubeText(r, body, o.Signing)
	keyID, signature, _ := strings.Cut(strings.TrimPrefix(given, "LF "), "/")
	raw, err := base64.StdEncoding.DecodeString(signature)
	if !ok || err != nil || !strings.HasPrefix(given, "LF ") || keyID != o.AccessKey || o.Now().Sub(at).Abs() > cubeSkew {
		return http.StatusForbidden
	}
	digest := sha1.Sum([]byte(text)) //nolint:gosec // the API asks for SHA-1
	if rsa.VerifyPKCS1v15(o.PublicKey, crypto.SHA1, digest[:], raw) != nil {
		return http.StatusForbidden
	}
	return 0
}

// cubeText is the text that a request must have signed, and when it says that it
// was; ok is false when something that every signature has is missing.
func cubeText(r *http.Request, body []byte, profile string) (text string, at time.Time, ok bool) {
	o, err := parametersOf(r, body)
	if err != nil {
		return "", at, false
	}
	var stamp, nonce string
	if profile == SigningCubeV1 {
		text, stamp, nonce = cubeV1(r, o)
	} else {
		text, stamp, nonce = cubeV2(r, o)
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	return text, time.UnixMilli(ms), err == nil && wholeNumber.MatchString(nonce)
}

// cubeV1 signs the parameters of query, body and path, in the types of the API:
// a query's integers lose their quotes.
func cubeV1(r *http.Request, o object) (text, stamp, nonce string) {
	for i, m := range o {
		if v, ok := m.value.(string); ok && r.Method == http.MethodGet && cubeIntegers[m.name] && wholeNumber.MatchString(v) {
			o[i].value = json.Number(v)
		}
	}
	n, _ := o.get("nonce").(json.Number)
	return signedParameters(append(o, pathParameters(r)...), false), o.textOf("timestamp"), n.String()
}

// cubeV2 signs the parameters of query and body, the path as it was asked for, and
// two headers. Which of two timestamps counts is not documented, so a parameter of
// that name must be the header's.
func cubeV2(r *http.Request, o object) (text, stamp, nonce string) {
	stamp, nonce = r.Header.Get("timestamp"), r.Header.Get("nonce")
	if own := o.get("timestamp"); own != nil && own != stamp {
		return "", "", ""
	}
	o = append(o.without("timestamp"), member{"timestamp", stamp}, member{"nonce", nonce}, member{"x-sign-uri", r.URL.EscapedPath()})
	return signedParameters(o, true), stamp, nonce
}
