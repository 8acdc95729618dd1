package templates_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/chromedp"

	"cmpconsole/web/static"
	"cmpconsole/web/templates"
)

// policy is as strict as that of the console: what a page cannot do under it, no browser test sees working.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'"

// stage serves sample pages at their own addresses, and remembers what was posted.
type stage struct {
	*httptest.Server
	mu    sync.Mutex
	posts []string
	hold  chan struct{} // when set, a post waits for it
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	all := pages()
	for name, p := range all {
		mux.HandleFunc("GET /sample/"+name, show(p, http.StatusOK))
	}
	for address, name := range map[string]string{"/{$}": "home", "/devices": "devices", "/devices/{id}": "device", "/orders": "orders", "/orders/{id}": "orderok", "/orders/{id}/end": "preflight", "/audit": "audit", "/search": "search"} {
		mux.HandleFunc("GET "+address, show(all[name], http.StatusOK))
	}
	mux.HandleFunc("POST /orders/{id}/end", s.end(all["preflight-error"]))
	mux.HandleFunc("GET /gone", show(all["error-404"], http.StatusNotFound))
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// show answers as the console does: with the fragment when htmx asks, else with the page.
func show(p page, code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		shell := templates.Layout(p.frame)
		if r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-History-Restore-Request") != "true" {
			shell = templates.Fragment(p.frame)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(code)
		_ = shell.Render(templ.WithChildren(r.Context(), p.body), w)
	}
}

// end takes the form of an action: with a reason it leads to the order, without one it asks again.
func (s *stage) end(again page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.posts = append(s.posts, r.PostFormValue("reason"))
		hold := s.hold
		s.mu.Unlock()
		if hold != nil {
			<-hold
		}
		if r.PostFormValue("reason") == "" {
			show(again, http.StatusUnprocessableEntity)(w, r)
			return
		}
		http.Redirect(w, r, "/orders/"+r.PathValue("id"), http.StatusSeeOther)
	}
}

func (s *stage) posted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.posts...)
}

// browser opens a tab in a headless Chromium. Without one the test is skipped, but never in CI.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium in CI")
		}
		t.Skip("NO CHROMIUM: what needs a browser is not tested here")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, stopAllocator := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stopAllocator)
	tab, stopTab := chromedp.NewContext(allocator)
	t.Cleanup(stopTab)
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return tab
}

// eval runs an expression in the page and gives its value.
func eval[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(tab, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("evaluate %s: %v", expression, err)
	}
	return v
}

// until waits for an expression to become true. The page's own frames drive the waiting.
func until(t *testing.T, tab context.Context, condition string) {
	t.Helper()
	limited, cancel := context.WithTimeout(tab, 10*time.Second)
	defer cancel()
	wait := `new Promise(ok => { const look = () => (` + condition + `) ? ok(true) : requestAnimationFrame(look); look(); })`
	if _, err := chromedp.Run(limited, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise)); err != nil {
		t.Fatalf("never true: %s (%v)\n%s", condition, err, eval[string](t, tab, "location.href + ' ' + document.querySelector('main').innerText.slice(0, 400)"))
	}
}

// open loads a page and listens to its console: any message fails the test.
func open(t *testing.T, tab context.Context, address string) {
	t.Helper()
	if err := chromedp.Do(tab, chromedp.Navigate(address)); err != nil {
		t.Fatalf("open %s: %v", address, err)
	}
	until(t, tab, "document.readyState === 'complete' && (!document.querySelector('#nav') || document.querySelector('#nav [data-htmx-powered]') !== null)")
}

// quiet collects what the page complains about; the returned function fails the test if there was anything
// but what is expected.
func quiet(t *testing.T, tab context.Context, expected ...string) func() {
	t.Helper()
	var mu sync.Mutex
	var said []string
	messages := chromedp.Console(tab)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			mu.Lock()
			said = append(said, m.String())
			mu.Unlock()
		}
	}()
	return func() {
		mu.Lock()
		defer mu.Unlock()
	next:
		for _, s := range said {
			for _, e := range expected {
				if strings.Contains(s, e) {
					continue next
				}
			}
			t.Errorf("console: %s", s)
		}
	}
}
