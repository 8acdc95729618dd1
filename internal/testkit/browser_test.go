package testkit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	code := m.Run()
	StopBrowser()
	os.Exit(code)
}

// site serves one page under a strict policy. Its script is a file of its own.
func site(t *testing.T, body, script string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'")
		switch r.URL.Path {
		case "/", "/next":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><title>t</title><link rel="icon" href="/ok.svg"><script src="/script.js"></script></head><body><main><h1>%s</h1>%s</main></body></html>`, r.URL.Path, body)
		case "/script.js":
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, script)
		case "/ok.svg":
			w.Header().Set("Content-Type", "image/svg+xml")
			fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg"/>`)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/cut":
			panic(http.ErrAbortHandler)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// TestComplaints: every sort of fault of a page is a complaint, and nothing else is.
func TestComplaints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, script, want string }{
		{"nothing", `<p>fine</p>`, `console.log("a"); console.info("b"); fetch("/next")`, ""},
		{"console", "", `console.error("oh", 5)`, "console error: "},
		{"warning", "", `console.warn("oh")`, "console warning: "},
		{"assertion", "", `console.assert(1 === 2)`, "console assert: "},
		{"exception", "", `setTimeout(() => null.x)`, "uncaught: Uncaught TypeError"},
		{"rejection", "", `Promise.reject(new Error("nobody cares"))`, "nobody cares"},
		{"inline script", `<script>window.inline = 1</script>`, "", "Content Security Policy"},
		{"inline style", `<p style="color: red">red</p>`, "", "Content Security Policy"},
		{"inline handler", `<button onclick="x()">x</button>`, `addEventListener("load", () => document.querySelector("button").click())`, "Content Security Policy"},
		{"eval", "", `try { eval("1") } catch {}`, "the policy was broken: script-src"},
		{"missing", `<img src="/nowhere.png" alt="">`, "", "answered 404: GET /nowhere.png"},
		{"broken", "", `fetch("/broken")`, "answered 502: GET /broken"},
		{"cut", "", `fetch("/cut").catch(() => {})`, "failed: GET net::ERR_"},
		{"another site", `<a href="http://127.0.0.1:9/x">away</a>`, `addEventListener("load", () => document.querySelector("a").click())`, "a request to another site: http://127.0.0.1:9/x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := OpenTab(t, site(t, c.body, c.script+`;fetch("/ok.svg").then(() => setTimeout(() => window.done = true))`))
			b.do("open", navigate(b.base+"/"))
			if c.name != "another site" {
				b.Until("window.done")
			} else {
				b.Until(`location.href.startsWith("chrome-error")`)
			}
			Eval[int](b, "1")
			if c.want != "" {
				b.Expect(c.want)
				forgive(b)
			}
		})
	}
}

// forgive announces what else comes with a complaint that the test asks for.
func forgive(b *Tab) {
	for _, complaint := range b.watch.all() {
		if strings.Contains(complaint, "Content Security Policy") || strings.HasPrefix(complaint, "the policy was broken") || strings.HasPrefix(complaint, "failed: GET net::ERR_") {
			b.Expect(complaint)
		}
	}
}

// TestAnnounced: what was announced is forgiven, and must come.
func TestAnnounced(t *testing.T) {
	t.Parallel()
	w := newWatch("http://here")
	w.complain("answered 404: GET /a")
	w.complain("answered 502: GET /b")
	if got := w.verdict(); len(got) != 2 {
		t.Errorf("unannounced: %q", got)
	}
	w.expect([]string{"answered 404"})
	if got := w.verdict(); len(got) != 1 || got[0] != "answered 502: GET /b" {
		t.Errorf("the rest: %q", got)
	}
	w.expect([]string{"answered 502", "answered 409"})
	if got := w.verdict(); len(got) != 1 || !strings.Contains(got[0], "answered 409") {
		t.Errorf("what did not come: %q", got)
	}
}

// TestTab: the driver clicks, types, waits over page loads and reads, with scripts and without.
func TestTab(t *testing.T) {
	t.Parallel()
	body := `<form action="/next"><input name="a" value="old"><button>go</button></form><noscript><p id="plain">plain</p></noscript>`
	for _, scripts := range []bool{true, false} {
		b := openTab(t, site(t, body, "window.ran = true"), scripts)
		b.do("open", navigate(b.base+"/"))
		b.Type("input", "näh, 5")
		b.Go("button", `location.pathname === "/next" && new URLSearchParams(location.search).get("a") === "näh, 5"`)
		if ran := Eval[bool](b, "window.ran === true"); ran != scripts {
			t.Errorf("scripts %t: ran %t", scripts, ran)
		}
		b.Type("input", "more")
		b.Submit(`location.search === "?a=more" && document.querySelector("h1").innerText === "/next"`)
		if plain := Eval[bool](b, `document.querySelector("#plain") !== null`); plain == scripts {
			t.Errorf("scripts %t: the words for those without show: %t", scripts, plain)
		}
	}
}

// TestPress: a key that the page keeps for itself types nothing.
func TestPress(t *testing.T) {
	t.Parallel()
	b := OpenTab(t, site(t, `<input>`, `document.addEventListener("keydown", (e) => { if (e.key === "/") { e.preventDefault(); document.querySelector("input").focus(); } });`))
	b.do("open", navigate(b.base+"/"))
	b.Press("/a长")
	b.Until(`document.querySelector("input").value === "a长"`)
}

// TestAxe: the judge of accessibility is the file that was meant, works under the policy, and finds faults.
func TestAxe(t *testing.T) {
	t.Parallel()
	const want = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
	if sum := sha256.Sum256([]byte(axe)); hex.EncodeToString(sum[:]) != want {
		t.Errorf("axe-core is not the file of the release: %x", sum)
	}
	good := OpenTab(t, site(t, `<p>Fine.</p><button>Do it</button>`, ""))
	good.do("open", navigate(good.base+"/"))
	if found := good.Axe(); len(found) != 0 {
		t.Errorf("a good page: %v", found)
	}
	bad := OpenTab(t, site(t, `<img src="/ok.svg"><input name="a">`, ""))
	bad.do("open", navigate(bad.base+"/"))
	ids := ""
	for _, v := range bad.Axe() {
		ids += v.ID + " "
	}
	if !strings.Contains(ids, "image-alt") || !strings.Contains(ids, "label") {
		t.Errorf("a bad page breaks only: %s", ids)
	}
}

// TestScreen: sizes and schemes reach the page.
func TestScreen(t *testing.T) {
	t.Parallel()
	b := OpenTab(t, site(t, "<p>x</p>", ""))
	b.do("open", navigate(b.base+"/"))
	for _, dark := range []bool{false, true} {
		b.Screen(390, 844, dark)
		b.Check(fmt.Sprintf(`screen.width === 390 && matchMedia("(pointer: coarse)").matches && matchMedia("(prefers-color-scheme: dark)").matches === %t`, dark))
		b.Screen(1440, 900, dark)
		b.Check(`innerWidth === 1440 && innerHeight === 900`)
		if picture := b.Picture(false); !strings.HasPrefix(string(picture), "\x89PNG") {
			t.Error("the picture is no PNG")
		}
	}
}
