package main

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// page is an answer as a browser has it.
type page struct {
	status int
	header http.Header
	url    *url.URL
	via    []int // statuses of the redirects that led here
	body   string
	doc    *html.Node
}

func readPage(res *http.Response) (page, error) {
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return page{}, err
	}
	p := page{status: res.StatusCode, header: res.Header, url: res.Request.URL, body: string(b)}
	for r := res.Request.Response; r != nil; r = r.Request.Response {
		p.via = append(p.via, r.StatusCode)
	}
	p.doc, err = html.Parse(strings.NewReader(p.body))
	return p, err
}

// want fails the test when the page has another status.
func (p page) want(t testing.TB, status int) page {
	t.Helper()
	if p.status != status {
		t.Fatalf("%s answered %d, want %d:\n%s", p.url, p.status, status, p.text())
	}
	return p
}

// says fails the test when one of the texts does not stand on the page.
func (p page) says(t testing.TB, texts ...string) page {
	t.Helper()
	for _, want := range texts {
		if !strings.Contains(p.text(), want) {
			t.Fatalf("%s does not say %q:\n%s", p.url, want, p.text())
		}
	}
	return p
}

// all returns the elements with a tag (any when empty) and attributes, given as name and value in turn. An
// empty value means that the attribute is there.
func (p page) all(tag string, attrs ...string) []*html.Node {
	var found []*html.Node
	for n := range p.doc.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) && hasAll(n, attrs) {
			found = append(found, n)
		}
	}
	return found
}

func hasAll(n *html.Node, attrs []string) bool {
	for i := 0; i < len(attrs); i += 2 {
		if v, ok := attrOf(n, attrs[i]); !ok || (attrs[i+1] != "" && v != attrs[i+1]) {
			return false
		}
	}
	return true
}

// hook returns the value of the first such attribute in main, empty when there is none.
func (p page) hook(name string) string {
	for _, m := range p.all("main") {
		for n := range m.Descendants() {
			if v, ok := attrOf(n, name); ok {
				return v
			}
		}
	}
	return ""
}

// link returns the address of the first link in main whose text begins with the words.
func (p page) link(t testing.TB, words string) string {
	t.Helper()
	for _, a := range p.all("a", "href", "") {
		if strings.HasPrefix(textOf(a), words) && insideOf(a, "main") {
			href, _ := attrOf(a, "href")
			return href
		}
	}
	t.Fatalf("%s has no link %q:\n%s", p.url, words, p.text())
	return ""
}

// text is what main shows, white space folded; the whole page when there is no main.
func (p page) text() string {
	if m := p.all("main"); len(m) > 0 {
		return textOf(m[0])
	}
	return textOf(p.doc)
}

// fields is what the form that posts to action would send untouched; false when the page has no such form.
func (p page) fields(action string) (url.Values, bool) {
	forms := p.all("form", "method", "post", "action", action)
	if len(forms) == 0 {
		return nil, false
	}
	values := url.Values{}
	for n := range forms[0].Descendants() {
		if name, ok := attrOf(n, "name"); ok && n.Type == html.ElementNode {
			values.Set(name, valueOf(n))
			if hasAll(n, []string{"type", "checkbox"}) && !hasAll(n, []string{"checked", ""}) {
				values[name] = nil // the form has it, and does not send it
			}
		}
	}
	return values, true
}

// fill is what the form sends with some of its fields set; setting one that it does not have fails the test.
func (p page) fill(t testing.TB, action string, set url.Values) url.Values {
	t.Helper()
	fields, ok := p.fields(action)
	if !ok {
		t.Fatalf("%s (%d) has no form that posts to %s:\n%s", p.url, p.status, action, p.text())
	}
	for name, values := range set {
		if _, ok := fields[name]; !ok {
			t.Fatalf("the form to %s has no field %q", action, name)
		}
		fields[name] = values
	}
	return fields
}

func valueOf(n *html.Node) string {
	switch n.Data {
	case "textarea":
		var b strings.Builder
		for c := range n.ChildNodes() {
			b.WriteString(c.Data)
		}
		return b.String()
	case "select":
		for c := range n.Descendants() {
			if _, ok := attrOf(c, "selected"); ok {
				v, _ := attrOf(c, "value")
				return v
			}
		}
		return ""
	}
	v, _ := attrOf(n, "value")
	return v
}

func attrOf(n *html.Node, name string) (string, bool) {
	i := slices.IndexFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
	if i < 0 {
		return "", false
	}
	return n.Attr[i].Val, true
}

func insideOf(n *html.Node, tag string) bool {
	for a := range n.Ancestors() {
		if a.Type == html.ElementNode && a.Data == tag {
			return true
		}
	}
	return false
}

// inline are the elements that do not part the text before them from the text after.
var inline = []string{"a", "abbr", "b", "bdi", "code", "em", "i", "mark", "span", "strong", "time", "use", "svg", "wbr"}

// textOf is the text of an element as a browser would copy it, white space folded.
func textOf(n *html.Node) string {
	var b strings.Builder
	writeText(&b, n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func writeText(b *strings.Builder, n *html.Node) {
	if n.Type == html.TextNode {
		b.WriteString(n.Data)
		return
	}
	apart := n.Type == html.ElementNode && !slices.Contains(inline, n.Data)
	if apart {
		b.WriteByte(' ')
	}
	for c := range n.ChildNodes() {
		if c.Data != "script" && c.Data != "style" {
			writeText(b, c)
		}
	}
	if apart {
		b.WriteByte(' ')
	}
}
