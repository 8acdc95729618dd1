package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func get(t *testing.T, address, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHashedAddressIsCachedForEver(t *testing.T) {
	t.Parallel()
	for name := range assets {
		res := get(t, URL(name), "")
		if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", name, res.StatusCode, res.Header)
		}
		for _, other := range []string{Prefix + name, Prefix + name + "?v=of-yesterday"} {
			if got := get(t, other, "").Header.Get("Cache-Control"); got != "no-cache" {
				t.Errorf("%s is cached: %s", other, got)
			}
		}
	}
}

func TestContentTypes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"console.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "icons.svg": "image/svg+xml", "inter.woff2": "font/woff2"} {
		if got := get(t, URL(name), "").Header.Get("Content-Type"); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestGzipOnlyForThoseWhoTakeIt(t *testing.T) {
	t.Parallel()
	for header, packed := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "*": true, "": false, "br": false, "gzip;q=0": false, "identity": false} {
		res := get(t, URL("console.css"), header)
		if got := res.Header.Get("Content-Encoding") == "gzip"; got != packed {
			t.Errorf("%q: packed %v", header, got)
		}
		if !slices.Contains(res.Header.Values("Vary"), "Accept-Encoding") {
			t.Errorf("%q: caches are not told", header)
		}
		body := io.Reader(res.Body)
		if packed {
			z, err := gzip.NewReader(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			body = z
		}
		got, err := io.ReadAll(body)
		if err != nil || !bytes.Equal(got, assets["console.css"].body) {
			t.Errorf("%q: another content (%v)", header, err)
		}
	}
	if res := get(t, URL("inter.woff2"), "gzip"); res.Header.Get("Content-Encoding") != "" {
		t.Error("the font is packed twice")
	}
}

func TestNotModified(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, URL("app.js"), nil)
	r.Header.Set("If-None-Match", get(t, URL("app.js"), "").Header.Get("ETag"))
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("%d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"/static/", "/static/static.go", "/static/css/base.css", "/static/../static.go", "/static/none.js", "/"} {
		if res := get(t, address, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", address, res.StatusCode)
		}
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/static/app.js", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestUnknownNamePanics(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("an address for a file that is not there")
		}
	}()
	URL("nothing.css")
}

// TestVendored: htmx is the file that its makers published.
func TestVendored(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(assets["htmx-4.0.1.min.js"].body)
	if got := hex.EncodeToString(sum[:]); got != "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130" {
		t.Errorf("htmx has changed: %s", got)
	}
}

// TestBudget holds what a first visit loads beside the page and the font, compressed.
func TestBudget(t *testing.T) {
	t.Parallel()
	script := len(assets["htmx-4.0.1.min.js"].packed()) + len(assets["app.js"].packed()) + len(assets["live.js"].packed())
	rest := len(assets["console.css"].packed()) + len(assets["icons.svg"].packed())
	t.Logf("script %d, style and icons %d bytes", script, rest)
	if script > 20<<10 {
		t.Errorf("%d bytes of script", script)
	}
	if script+rest > 36<<10 {
		t.Errorf("%d bytes before the page itself", script+rest)
	}
}

// TestStyle: each custom property is defined, no rule reaches outside, and the font has its hashed address.
func TestStyle(t *testing.T) {
	t.Parallel()
	css := string(assets["console.css"].body)
	defined := map[string]bool{}
	for _, m := range regexp.MustCompile(`(--[a-z0-9-]+)\s*:`).FindAllStringSubmatch(css, -1) {
		defined[m[1]] = true
	}
	used := regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllStringSubmatch(css, -1)
	if len(used) < 100 {
		t.Fatalf("only %d uses seen", len(used))
	}
	for _, m := range used {
		if !defined[m[1]] {
			t.Errorf("%s is not defined", m[1])
		}
	}
	if strings.Contains(css, "http:") || strings.Contains(css, "https:") || strings.Contains(css, "@import") || strings.Contains(css, "!important") {
		t.Error("a rule reaches outside, or shouts")
	}
	if !strings.Contains(css, `url("inter.woff2?v=`+assets["inter.woff2"].hash+`")`) {
		t.Error("the font has no hashed address")
	}
	if strings.Index(css, "@layer reset") > strings.Index(css, "@layer tokens {") {
		t.Error("the order of the layers does not come first")
	}
}

// TestScript: our own script needs no eval and writes no markup.
func TestScript(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"app.js", "live.js"} {
		if found := regexp.MustCompile(`\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\.style\b|setTimeout\(\s*["'\x60]`).Find(assets[name].body); found != nil {
			t.Errorf("%s has %q", name, found)
		}
	}
}

func TestIcons(t *testing.T) {
	t.Parallel()
	names := Icons()
	slices.Sort(names)
	if len(names) < 30 || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("%d icons: %v", len(names), names)
	}
}
