package templates_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"cmpconsole/web/static"
	"cmpconsole/web/templates"
)

// render gives the HTML of a sample page, whole or as fragment.
func render(t *testing.T, p page, whole bool) string {
	t.Helper()
	shell := templates.Layout(p.frame)
	if !whole {
		shell = templates.Fragment(p.frame)
	}
	var out strings.Builder
	if err := shell.Render(templ.WithChildren(context.Background(), p.body), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// parse gives the document of a sample page.
func parse(t *testing.T, p page) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(render(t, p, true)))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// all gives the elements, in order, that a condition holds for.
func all(root *html.Node, fits func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && fits(n) {
			found = append(found, n)
		}
	}
	return found
}

func tag(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { return n.Data == name }
}

func has(name string) func(*html.Node) bool {
	return func(n *html.Node) bool { _, ok := attr(n, name); return ok }
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func value(n *html.Node, name string) string {
	v, _ := attr(n, name)
	return v
}

func text(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(out.String())
}

func mainOf(t *testing.T, p page) *html.Node {
	t.Helper()
	found := all(parse(t, p), tag("main"))
	if len(found) != 1 {
		t.Fatalf("%d main elements", len(found))
	}
	return found[0]
}

// fields gives name and value of what a form sends.
func fields(form *html.Node) map[string]string {
	sent := map[string]string{}
	for _, n := range all(form, has("name")) {
		sent[value(n, "name")] = value(n, "value")
		if n.Data == "textarea" {
			sent[value(n, "name")] = text(n)
		}
	}
	return sent
}

// TestPolicy looks at every page for what the content security policy forbids, and for broken structure.
func TestPolicy(t *testing.T) {
	t.Parallel()
	for name, p := range pages() {
		doc := parse(t, p)
		ids := map[string]int{}
		for _, n := range all(doc, func(*html.Node) bool { return true }) {
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
				}
			}
			if n.Data == "style" || (n.Data == "script" && value(n, "src") == "") {
				t.Errorf("%s: an inline <%s>", name, n.Data)
			}
			if id, ok := attr(n, "id"); ok {
				ids[id]++
			}
		}
		for id, count := range ids {
			if count > 1 {
				t.Errorf("%s: the id %q stands %d times", name, id, count)
			}
		}
		if n := len(all(doc, tag("h1"))); n != 1 {
			t.Errorf("%s: %d headlines", name, n)
		}
		for _, th := range all(doc, tag("th")) {
			if text(th) == "" {
				t.Errorf("%s: a column without a name", name)
			}
		}
	}
}

// TestSources keeps out of the templates what escapes templ's escaping, or what only eval could run.
func TestSources(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`templ\.(Raw|SafeURL|SafeCSS|JSExpression|JSFuncCall|SafeScript|JSUnsafeFuncCall|URL)\b|hx-on|js:|javascript:|\sstyle=|<style|\son[a-z]+=|hx-vals|hx-trigger="[^"]*\[`)
	files, err := filepath.Glob("*.templ")
	more, err2 := filepath.Glob("ui/*.templ")
	if files = append(files, more...); err != nil || err2 != nil || len(files) < 15 {
		t.Fatalf("%d templates, %v %v", len(files), err, err2)
	}
	for _, file := range files {
		source, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.Find(source); found != nil {
			t.Errorf("%s: %q", file, found)
		}
	}
}

// TestIcons: each icon on a page is in the sprite.
func TestIcons(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, name := range static.Icons() {
		known[name] = true
	}
	seen := 0
	for name, p := range pages() {
		for _, use := range all(parse(t, p), tag("use")) {
			seen++
			if _, icon, ok := strings.Cut(value(use, "href"), "#"); !ok || !known[icon] {
				t.Errorf("%s: there is no icon %q", name, icon)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d icons seen", seen)
	}
}

// TestFragment: what htmx gets is the title, the inside of main and the navigation, and no more.
func TestFragment(t *testing.T) {
	t.Parallel()
	p := pages()["devices"]
	part, whole := render(t, p, false), render(t, p, true)
	if !strings.HasPrefix(part, "<title>Devices · CMP Console</title>") {
		t.Errorf("begins with %q", part[:60])
	}
	for _, alien := range []string{"<html", "<main", "<body", `id="q"`, "/logout", "<script"} {
		if strings.Contains(part, alien) {
			t.Errorf("the fragment holds %s", alien)
		}
	}
	if !strings.Contains(part, `<nav id="nav" class="nav" aria-label="Main" hx-swap-oob>`) || strings.Contains(whole, "hx-swap-oob") {
		t.Error("the navigation is out of band in the fragment, and only there")
	}
}
