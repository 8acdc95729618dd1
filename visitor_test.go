package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
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
	req, err := v.request(ctx, method, path, fields)
	if err != nil {
		return page{}, err
	}
	res, err := v.http.Do(req)
	if err != nil {
		return page{}, err
	}
	defer res.Body.Close()
	return readPage(res)
}

// postOnly sends fields as the page's own form would, and does not follow where the answer leads.
func (v *visitor) postOnly(ctx context.Context, path string, fields url.Values) reply {
	req, err := v.request(ctx, http.MethodPost, path, fields)
	if err != nil {
		return reply{err: err}
	}
	staying := *v.http
	staying.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := staying.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return reply{status: res.StatusCode, location: res.Header.Get("Location"), err: err}
}

// reply is an answer as it came, redirects not followed.
type reply struct {
	status   int
	location string
	err      error
}

func (v *visitor) request(ctx context.Context, method, path string, fields url.Values) (*http.Request, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(fields.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/html")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Sec-Fetch-Mode", "navigate")
	if method == http.MethodPost {
		req.Header.Set("Origin", v.base)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return req, nil
}

// awaitRefusal waits until nobody listens at the address any more. A listener gives no signal when it closes.
func awaitRefusal(t testing.TB, base string) {
	t.Helper()
	address := strings.TrimPrefix(base, "http://")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if ctx.Err() != nil {
			t.Fatal("the address still takes connections")
		}
		if err != nil {
			return
		}
		_ = conn.Close()
		<-tick.C
	}
}

// setBody replaces the form of a request.
func setBody(r *http.Request, fields url.Values) {
	body := fields.Encode()
	r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(body)), int64(len(body)), nil
}
