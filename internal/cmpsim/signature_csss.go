package cmpsim

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the API asks for SHA-1
	"encoding/base64"
	"net/http"
)

// validCSSS checks a request as the older generation of the API does: the
// parameter sign is the HMAC-SHA1 over all others that are not empty. How old a
// timestamp may be is not documented, so only its presence counts.
func validCSSS(r *http.Request, body []byte, accessCode, secret string) bool {
	o, err := parametersOf(r, body)
	if err != nil || o.textOf("access_code") != accessCode || o.textOf("timestamp") == "" || o.textOf("version") == "" {
		return false
	}
	return hmac.Equal([]byte(o.textOf("sign")), []byte(signCSSS(secret, csssText(r, o))))
}

func csssText(r *http.Request, o object) string {
	return signedParameters(append(o.without("sign"), pathParameters(r)...), false)
}

func signCSSS(secret, text string) string {
	m := hmac.New(sha1.New, []byte(secret))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}
