package views

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cmpconsole/internal/auth"
)

// visitor is a browser without scripts: cookies, no following of redirects.
type visitor struct {
	t    *testing.T
	site *site
	http *http.Client
	csrf string
}

// visit returns a visitor who is signed in with the role; an empty role stays at the door.
func (st *site) visit(t *testing.T, role auth.Role) *visitor {
	t.Helper()
	if role == "" {
		return st.visitAs(t, "")
	}
	return st.visitAs(t, string(role), role)
}

// visitAs signs in without the door, which takes a while to check a password; session_test.go knocks at it.
func (st *site) visitAs(t *testing.T, name string, roles ...auth.Role) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &visitor{t: t, site: st, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if name == "" {
		return v
	}
	rec := httptest.NewRecorder()
	id, err := st.Sessions.Login(rec, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/login", nil), st.user(t, name, roles...), nil)
	if err != nil {
		t.Fatal(err)
	}
	v.setCookies(rec.Result().Cookies()...)
	v.csrf = id.CSRF
	return v
}

func (v *visitor) home() *url.URL {
	v.t.Helper()
	home, err := url.Parse(v.site.url)
	if err != nil {
		v.t.Fatal(err)
	}
	return home
}

func (v *visitor) setCookies(cookies ...*http.Cookie) {
	v.t.Helper()
	v.http.Jar.SetCookies(v.home(), cookies)
}

// cookie returns the value of a cookie that the browser holds.
func (v *visitor) cookie(name string) string {
	v.t.Helper()
	for _, c := range v.http.Jar.Cookies(v.home()) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) get(path string, header ...string) answer {
	v.t.Helper()
	return v.do(http.MethodGet, path, nil, header...)
}

// post sends a form with the session's own token, unless the form brings one.
func (v *visitor) post(path string, form url.Values, header ...string) answer {
	v.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	if !form.Has("csrf") {
		form.Set("csrf", v.csrf)
	}
	return v.do(http.MethodPost, path, form, header...)
}

// act does what the page of an action is for.
func (v *visitor) act(path, reason string) {
	v.t.Helper()
	form := url.Values{"reason": {reason}}
	for _, input := range all(v.get(path).want(v.t, http.StatusOK).tree(v.t), "input", "value") {
		form.Add(attr(input, "name"), attr(input, "value"))
	}
	v.post(path, form).want(v.t, http.StatusSeeOther)
}

// do sends a request. Whatever comes back, wherever from, must carry the headers that every answer carries.
func (v *visitor) do(method, path string, form url.Values, header ...string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.site.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return v.send(req)
}

func (v *visitor) send(req *http.Request) answer {
	v.t.Helper()
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	a := answer{res.StatusCode, res.Header, string(body)}
	a.wantHeaders(v.t, req.Method+" "+req.URL.RequestURI(), v.site.Secure)
	return a
}

// want fails the test when the status is another one.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Errorf("%d, want %d: %s", a.status, status, textOf(a.tree(t)))
	}
	return a
}

func (a answer) tree(t *testing.T) *html.Node {
	t.Helper()
	tree, err := html.Parse(strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// all returns the elements of a tag, any when it is empty, that have the attribute, any when it is empty.
func all(tree *html.Node, tag, attribute string) (found []*html.Node) {
	for n := range tree.Descendants() {
		if n.Type == html.ElementNode && (tag == "" || n.Data == tag) && (attribute == "" || attr(n, attribute) != "") {
			found = append(found, n)
		}
	}
	return found
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf is the text of an element, white space folded.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "template" {
			b.WriteString(" " + d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
