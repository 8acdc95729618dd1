package cmp

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// The vector was computed from the rules with the access code P012345 and the secret my-secret-key.
func TestCSSSVector(t *testing.T) {
	t.Parallel()
	const text, want = `{"access_code":"P012345","timestamp":"1498723232","version":"2.0"}`, "6UIBmddXHKWQTMlNthQau/uER8s="
	s := newCSSSSigner("P012345", "my-secret-key")
	if got := s.mac(text); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		req := requestWith(t, method, "/cmp-api/package/syncPackages", `{}`)
		if err := s.sign(req, time.UnixMilli(1498723232)); err != nil {
			t.Fatal(err)
		}
		p := mustParams(t, req)
		same(t, map[string]any(p), map[string]any{"access_code": "P012345", "timestamp": "1498723232", "version": "2.0", "sign": want})
	}
}

// What was asked for stays in the body as it was, empty or not, beside the four parameters of the profile.
func TestCSSSAddsToTheBody(t *testing.T) {
	t.Parallel()
	req := requestWith(t, http.MethodPost, "/cmp-api/package/queryOrder", `{"page_no":1,"device_id":"","order_id":null,"text":"<&>"}`)
	s := newCSSSSigner(testAccessKey, testSecret)
	if err := s.sign(req, time.UnixMilli(1640917845984)); err != nil {
		t.Fatal(err)
	}
	sign := s.mac(`{"access_code":"` + testAccessKey + `","page_no":1,"text":"<&>","timestamp":"1640917845984","version":"2.0"}`)
	want := `{"access_code":"` + testAccessKey + `","device_id":"","order_id":null,"page_no":1,"sign":"` + sign +
		`","text":"<&>","timestamp":"1640917845984","version":"2.0"}`
	content, err := io.ReadAll(req.Body)
	if err != nil || string(content) != want || req.ContentLength != int64(len(want)) || !json.Valid(content) {
		t.Errorf("%d bytes %s, want\n%s, %v", req.ContentLength, content, want, err)
	}
}
