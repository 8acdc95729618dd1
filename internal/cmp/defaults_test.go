package cmp

import (
	"net/http"
	"testing"
	"time"
)

// What no server on this machine can show: both transports ignore the environment's proxy, verify certificates and
// give up on a connection in time, and queries enter the signature encoded.
func TestFixedSettings(t *testing.T) {
	t.Parallel()
	c := client(t, "https://cmp.example.com")
	for name, via := range map[string]lane{"reads": c.reads, "changes": c.changes} {
		transport, ok := via.Transport.(*http.Transport)
		if !ok {
			t.Fatalf("%s: %T", name, via.Transport)
		}
		if transport.Proxy != nil || transport.TLSHandshakeTimeout != 5*time.Second {
			t.Errorf("%s: proxy %v, TLS handshake within %v", name, transport.Proxy != nil, transport.TLSHandshakeTimeout)
		}
		if transport.TLSClientConfig != nil && transport.TLSClientConfig.InsecureSkipVerify {
			t.Errorf("%s: certificates are not verified", name)
		}
		if via.Jar != nil || via.Timeout != 0 {
			t.Errorf("%s: jar %v, timeout %v beside the context's", name, via.Jar, via.Timeout)
		}
	}
	s, ok := c.sign.(hmacSigner)
	if !ok || !s.encode {
		t.Errorf("signer %T, encode %v", c.sign, s.encode)
	}
}
