package webhook

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"testing"
)

// The signature is of what the sender wrote: signs that an encoder would write otherwise, escapes and spaces stay as they came.
func TestSignatureOfValuesAsTheyCame(t *testing.T) {
	t.Parallel()
	const key = "secret"
	for body, sorted := range map[string]string{
		`{"sms_content": "a < b & c > d", "iccid": "8985"}`:     `{"iccid":"8985","sms_content":"a < b & c > d"}`,
		`{"sms_content":"\u003c é \/","iccid":{"a": 1,"b":[]}}`: `{"iccid":{"a": 1,"b":[]},"sms_content":"\u003c é \/"}`,
		`{}`: `{}`,
	} {
		mac := hmac.New(sha1.New, []byte(key))
		mac.Write([]byte(sorted + "1:HMAC:1764300000"))
		h := http.Header{}
		for name, value := range map[string]string{"x-lf-signature": "id/" + hex.EncodeToString(mac.Sum(nil)), "x-lf-notification-version": "1", "x-lf-algo": "HMAC", "x-lf-timestamp": "1764300000"} {
			h.Set(name, value)
		}
		if got := checkSignature(key, h, []byte(body)); got != Verified {
			t.Errorf("%s: %s", body, got)
		}
		if got := checkSignature(key, h, []byte(`{"more":1,`+body[1:])); got != Forged {
			t.Errorf("another body: %s", got)
		}
	}
}
