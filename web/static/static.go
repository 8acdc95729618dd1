// Package static holds the files that browsers fetch beside the pages: styles, script, icons and the font.
// All of them are in the binary, and each has an address that changes with its content.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// Prefix is where Handler expects to be mounted.
const Prefix = "/static/"

//go:embed css/*.css *.js *.svg *.woff2 LICENSES.md
var embedded embed.FS

// The style sheet is one file for the browser and several for us: its cascade layers, outermost first.
var sheets = []string{"css/base.css", "css/scales.css", "css/layout.css", "css/components.css", "css/pages.css", "css/pushes.css", "css/conversation.css", "css/narrow.css"}

// The content types that we serve. A file of any other sort is a mistake of ours and stops the program's start.
var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".md":    "text/plain; charset=utf-8",
}

// asset is one file, ready to send.
type asset struct {
	body            []byte
	packed          func() []byte // the gzip form, nil where it saves nothing; made when somebody first asks, since the start should be quick
	kind, hash, url string
}

var assets = load(embedded)

// load reads every file once, so that a request costs no reading or hashing, and packs no file a second time.
func load(files fs.FS) map[string]asset {
	all := map[string]asset{}
	entries, err := fs.ReadDir(files, ".")
	must(err)
	for _, e := range entries {
		if !e.IsDir() {
			all[e.Name()] = newAsset(e.Name(), read(files, e.Name()))
		}
	}
	all["console.css"] = newAsset("console.css", bundle(files, all))
	return all
}

// bundle joins the style sheets, and gives the files they name their hashed addresses.
func bundle(files fs.FS, all map[string]asset) []byte {
	var css []byte
	for _, name := range sheets {
		css = append(css, read(files, name)...)
	}
	for name, a := range all {
		css = bytes.ReplaceAll(css, []byte(`url("`+name+`")`), []byte(`url("`+name+"?v="+a.hash+`")`))
	}
	return css
}

func newAsset(name string, body []byte) asset {
	kind, known := types[path.Ext(name)]
	if !known {
		panic("static: no content type for " + name)
	}
	sum := sha256.Sum256(body)
	hash := base64.RawURLEncoding.EncodeToString(sum[:9])
	return asset{body: body, packed: sync.OnceValue(func() []byte { return pack(body) }), kind: kind, hash: hash, url: Prefix + name + "?v=" + hash}
}

func read(files fs.FS, name string) []byte {
	body, err := fs.ReadFile(files, name)
	must(err)
	return body
}

// must stops the program's start: an embedded file that cannot be read is a broken build.
func must(err error) {
	if err != nil {
		panic("static: " + err.Error())
	}
}

// pack returns the gzip form, or nil when it would not be at least a tenth smaller, as with fonts.
func pack(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := w.Write(body); err != nil {
		return nil
	}
	if err := w.Close(); err != nil || out.Len() > len(body)*9/10 {
		return nil
	}
	return out.Bytes()
}

// URL is the address of a file, with the hash of its content so that it may be cached for ever. An unknown
// name panics: it is written in a template, and every template is rendered by a test.
func URL(name string) string {
	a, ok := assets[name]
	if !ok {
		panic("static: no file named " + name)
	}
	return a.url
}

// Handler serves the files under Prefix. Their content is public: no session is asked for.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := assets[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET and HEAD.", http.StatusMethodNotAllowed)
			return
		}
		a.serve(w, r)
	})
}

func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", a.caching(r))
	h.Add("Vary", "Accept-Encoding")
	body, tag := a.body, a.hash
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		if packed := a.packed(); packed != nil {
			h.Set("Content-Encoding", "gzip")
			body, tag = packed, a.hash+"-gz"
		}
	}
	tag = `"` + tag + `"`
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // The browser has gone: there is nobody left to tell.
	}
}

// caching allows for ever only what the address pins by its hash. Any other copy is asked about again,
// so that a style of yesterday never meets a page of today.
func (a asset) caching(r *http.Request) string {
	if r.URL.Query().Get("v") == a.hash {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// acceptsGzip reads Accept-Encoding: a coding with q=0 is refused.
func acceptsGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if c := strings.TrimSpace(coding); !strings.EqualFold(c, "gzip") && c != "*" {
			continue
		}
		q, given := strings.CutPrefix(strings.TrimSpace(weight), "q=")
		if value, err := strconv.ParseFloat(q, 64); !given || err != nil || value > 0 {
			return true
		}
	}
	return false
}
