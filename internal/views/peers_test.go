package views

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Off loopback and without TLS only the proxies are answered, whatever a stranger claims in its headers.
func TestOnlyProxiesAreAnswered(t *testing.T) {
	t.Parallel()
	st := newSite(t, func(d *Deps) {
		d.OnlyProxies, d.Proxies = true, []string{"10.0.0.7", "192.168.1.0/24", "2001:db8::/32"}
	})
	handler, err := st.Handler()
	if err != nil {
		t.Fatal(err)
	}
	for peer, want := range map[string]int{
		"10.0.0.7:1": 200, "192.168.1.99:1": 200, "[2001:db8::9]:1": 200, "127.0.0.1:1": 200, "[::ffff:10.0.0.7]:1": 200,
		"10.0.0.8:1": 403, "192.168.2.1:1": 403, "[2001:db9::1]:1": 403, "nonsense": 403,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", nil)
		r.RemoteAddr = peer
		r.Header.Set("X-Forwarded-For", "10.0.0.7")
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		if rec.Code != want || want == 403 && !strings.Contains(rec.Body.String(), "answers its proxy only") {
			t.Errorf("%s: %d, want %d", peer, rec.Code, want)
		}
	}
	d := st.Deps
	d.Proxies = []string{"10.0.0.0/99"}
	if _, err := New(d).Handler(); err == nil {
		t.Error("a network of 99 bits is taken")
	}
}
