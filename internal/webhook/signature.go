package webhook

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // the sender's choice, of an older generation of the platform
	"crypto/sha1" //nolint:gosec // the sender's choice
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Signed says what the signature of a callback is worth.
type Signed string

// The values of Signed.
const (
	NotChecked Signed = ""         // no key is set
	Unsigned   Signed = "unsigned" // a key is set, and the callback has no signature
	Verified   Signed = "verified"
	Forged     Signed = "forged"
)

// checkSignature checks the headers of the sibling platforms' notifications, where there are any. The API document names none, so
// a callback without them counts too.
func checkSignature(key string, h http.Header, body []byte) Signed {
	if key == "" {
		return NotChecked
	}
	switch {
	case h.Get("x-lf-signature") != "":
		return verdict(signedByHMAC(key, h, body))
	case h.Get("x-lf-md5") != "":
		return verdict(signedByMD5(key, h, body))
	}
	return Unsigned
}

func verdict(right bool) Signed {
	if right {
		return Verified
	}
	return Forged
}

// signedByMD5 checks Base64(MD5("key1=value1&key2=value2&" + secret)), with the keys in the order of the body or sorted.
func signedByMD5(key string, h http.Header, body []byte) bool {
	pairs, err := pairsOf(body)
	if err != nil {
		return false
	}
	given := h.Get("x-lf-md5")
	for range 2 {
		sum := md5.Sum([]byte(strings.Join(pairs, "&") + "&" + key)) //nolint:gosec // as above
		if same(given, base64.StdEncoding.EncodeToString(sum[:])) {
			return true
		}
		slices.Sort(pairs)
	}
	return false
}

// signedByHMAC checks {keyId}/{signature}: HMAC-SHA1 over the body with its top-level keys sorted and version:algo:timestamp. How
// these are joined and written is not documented, so every way that keeps all of them is tried.
func signedByHMAC(key string, h http.Header, body []byte) bool {
	_, given, ok := strings.Cut(h.Get("x-lf-signature"), "/")
	sorted, err := sortedKeys(body)
	if !ok || err != nil || h.Get("x-lf-timestamp") == "" {
		return false
	}
	stamp := h.Get("x-lf-notification-version") + ":" + h.Get("x-lf-algo") + ":" + h.Get("x-lf-timestamp")
	keys := [][]byte{[]byte(key)}
	if raw, err := hex.DecodeString(key); err == nil {
		keys = append(keys, raw)
	}
	right := false
	for _, k := range keys {
		for _, joint := range []string{"", ":", "\n"} {
			for _, text := range []string{sorted + joint + stamp, stamp + joint + sorted} {
				mac := hmac.New(sha1.New, k)
				mac.Write([]byte(text))
				sum := mac.Sum(nil)
				right = right || same(strings.ToLower(given), hex.EncodeToString(sum)) || same(given, base64.StdEncoding.EncodeToString(sum))
			}
		}
	}
	return right
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// sortedKeys is the body with its top-level keys sorted; what they hold stays as it is, byte by byte. An encoder would write the
// values anew, and & < > otherwise than the sender did.
func sortedKeys(body []byte) (string, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return "", err
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		key, err := json.Marshal(name)
		if err != nil {
			return "", err
		}
		pairs = append(pairs, string(key)+":"+string(fields[name]))
	}
	return "{" + strings.Join(pairs, ",") + "}", nil
}

// pairsOf are the top-level fields as key=value, in the order of the body.
func pairsOf(body []byte) (pairs []string, err error) {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		text := string(value)
		var quoted string
		if json.Unmarshal(value, &quoted) == nil {
			text = quoted
		}
		key, ok := name.(string)
		if !ok {
			return nil, errNoObject
		}
		pairs = append(pairs, key+"="+text)
	}
	return pairs, nil
}
