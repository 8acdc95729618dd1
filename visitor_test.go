package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// visitor is somebody at a browser without scripts: it keeps cookies, follows redirects, sends the forms that
// stand on pages with their hidden fields, and says where its requests come from as browsers do.
type visitor struct {
	base string
	http *http.Client
}

// visitor opens a fresh browser on the instance.
func (in *instance) visitor(t testing.TB) *visitor { return newVisitor(t, in.url) }

func newVisitor(t testing.TB, base string) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{base: base, http: &http.Client{Jar: jar, Transport: transport}}
}

// signIn opens a fresh browser and signs in as the user with the role's name.
func (in *instance) signIn(t testing.TB, role string) *visitor {
	t.Helper()
	v := in.visitor(t)
	v.signIn(t, role, testPassword)
	return v
}

// signIn sends the form of the door and fails the test when it stays shut.
func (v *visitor) signIn(t testing.TB, name, password string) page {
	t.Helper()
	p := v.submit(t, v.get(t, "/login"), "/login", url.Values{"username": {name}, "password": {password}})
	p.want(t, http.StatusOK)
	if p.url.Path == "/login" {
		t.Fatalf("%s is still at the door: %s", name, p.text())
	}
	return p
}

// get opens an address.
func (v *visitor) get(t testing.TB, path string) page {
	t.Helper()
	p, err := v.open(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// submit fills in the form of a page that posts to action, and sends it. Fields that values does not name keep
// what the page gave them.
func (v *visitor) submit(t testing.TB, p page, action string, values url.Values) page {
	t.Helper()
	return v.post(t, action, p.fill(t, action, values))
}

// post sends fields as the page's own form would.
func (v *visitor) post(t testing.TB, path string, fields url.Values) page {
	t.Helper()
	p, err := v.open(t.Context(), http.MethodPost, path, fields)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// open makes one request, and those that its redirects lead to.
func (v *visitor) open(ctx context.Context, method, path string, fields url.Values) (page, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(fields.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, body)
	if err != nil {
		return page{}, err
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	if method == http.MethodPost {
		req.Header.Set("Origin", v.base)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := v.http.Do(req)
	if err != nil {
		return page{}, err
	}
	defer res.Body.Close()
	return readPage(res)
}

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

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && !insideOf(c, "script") && !insideOf(c, "style") {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
