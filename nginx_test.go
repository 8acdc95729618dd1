package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
)

const nginxToken = "a-token-of-callbacks-for-nginx"

// TestBehindNginx runs the nginx that Debian has with the text of docs/reverse-proxy.md: pages and changes go through it, events
// arrive at once, callbacks have their source, and their token is in no log.
func TestBehindNginx(t *testing.T) {
	t.Parallel()
	nginx := findNginx(t)
	front, back := freePort(t), freePort(t)
	in := startProgram(t, withEnv("CONSOLE_ADDR", "127.0.0.1:"+back), withEnv("CONSOLE_TRUSTED_PROXIES", "127.0.0.1"), withEnv("CONSOLE_BASE_URL", "https://localhost:"+front),
		withEnv("CMP_PUSH_TOKEN", nginxToken), withEnv("CMP_PUSH_SOURCES", "127.0.0.2"))
	p := startNginx(t, nginx, front, back)

	support, auditor := p.visitor(t, "127.0.0.3"), p.visitor(t, "127.0.0.4")
	support.signIn(t, "support", testPassword)
	auditor.signIn(t, "auditor", testPassword)
	if home := support.get(t, "/").want(t, http.StatusOK); home.header.Get("Strict-Transport-Security") == "" {
		t.Error("the page does not ask for TLS")
	}
	stream := auditor.stream(t, "order:"+cmpsim.DemoOrder)
	begun := time.Now()
	act(t, support, "pause")
	if told := awaitEvent(t, stream, "changed"); told != "order:"+cmpsim.DemoOrder {
		t.Errorf("told of %s", told)
	}
	if took := time.Since(begun); took > soon {
		t.Errorf("an event took %s", took)
	}
	auditor.get(t, "/audit?action=order.pause").want(t, http.StatusOK).says(t, "support")

	for source, want := range map[string]string{"127.0.0.2": "200 1", "127.0.0.3": "404 "} {
		status, body := p.push(t, source)
		if got := fmt.Sprintf("%d %s", status, body); !strings.HasPrefix(got, want) || status == http.StatusOK && got != want {
			t.Errorf("a callback from %s is answered %.60q, want %q", source, got, want)
		}
	}
	if _, err := in.logs.await(func(line map[string]any) bool {
		path, _ := line["path"].(string)
		return line["ip"] == "127.0.0.2" && strings.HasPrefix(path, "/push/") && line["status"] == float64(http.StatusOK)
	}, nil); err != nil {
		t.Errorf("the callback's source is not in the log: %v", err)
	}
	if log := p.log(t); strings.Contains(log, nginxToken) || !strings.Contains(log, "GET /orders/") {
		t.Errorf("the proxy's log holds the token, or nothing:\n%s", log)
	}
	if code := in.stop(); code != exitOK {
		t.Errorf("the console ended with %d", code)
	}
	if _, err := io.ReadAll(stream); err != nil {
		t.Errorf("the stream was cut: %v", err)
	}
}

func findNginx(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no nginx (apt-get install nginx-light)")
	}
	t.Skip("NO NGINX ON THIS MACHINE: the text of docs/reverse-proxy.md was NOT tested (apt-get install nginx-light)")
	return ""
}

func freePort(t *testing.T) string {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// proxied is an nginx in front of the console.
type proxied struct {
	url, dir string
	roots    *x509.CertPool
}

// startNginx runs it until the test ends, and returns when it listens.
func startNginx(t *testing.T, nginx, front, back string) *proxied {
	t.Helper()
	p := &proxied{url: "https://localhost:" + front, dir: t.TempDir()}
	p.certify(t)
	p.configure(t, front, back)
	cmd := exec.CommandContext(t.Context(), nginx, "-p", p.dir, "-c", filepath.Join(p.dir, "nginx.conf"), "-e", "stderr")
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for said := ""; !strings.Contains(said, "event method"); { // it listens by then
		line, err := lines.ReadString('\n')
		if said += line; err != nil {
			t.Fatalf("nginx does not start: %v\n%s", err, said)
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, lines) // until it ends
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-drained
		_ = cmd.Wait() // killed
	})
	return p
}

// configure writes the documented text with this test's addresses into a configuration that runs as whoever runs the test.
func (p *proxied) configure(t *testing.T, front, back string) {
	t.Helper()
	doc, err := os.ReadFile("docs/reverse-proxy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "```nginx\n")
	text, _, ok := strings.Cut(text, "```")
	for old, here := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:" + back, "listen 443 ": "listen " + front + " ", "console.example.com": "localhost",
		"/etc/ssl/console.pem": p.dir + "/console.pem", "/etc/ssl/console.key": p.dir + "/console.key",
	} {
		if !ok || strings.Count(text, old) != 1 {
			t.Fatalf("the document has no text for nginx, or not %q", old)
		}
		text = strings.ReplaceAll(text, old, here)
	}
	temp := ""
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += kind + "_temp_path " + p.dir + "/" + kind + "; "
	}
	conf := "daemon off; master_process off; pid " + p.dir + "/pid; error_log stderr notice;\nevents {}\nhttp {\ngzip on; gzip_types *; access_log " + p.dir + "/access.log; " + temp + "\n" + text + "}\n"
	if err := os.WriteFile(filepath.Join(p.dir, "nginx.conf"), []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certify makes the certificate of the proxy, which only this test trusts.
func (p *proxied) certify(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plan := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, plan, plan, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	p.roots = x509.NewCertPool()
	for name, block := range map[string]*pem.Block{"console.pem": {Type: "CERTIFICATE", Bytes: der}, "console.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		text := pem.EncodeToMemory(block)
		p.roots.AppendCertsFromPEM(text)
		if err := os.WriteFile(filepath.Join(p.dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// visitor is a browser at an address of this machine, which claims to be elsewhere.
func (p *proxied) visitor(t *testing.T, source string) *visitor {
	t.Helper()
	v := newVisitor(t, p.url)
	v.http.Transport = p.transport(t, source)
	return v
}

func (p *proxied) transport(t *testing.T, source string) http.RoundTripper {
	t.Helper()
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, _ := net.SplitHostPort(address)
		return dialer.DialContext(ctx, network, "127.0.0.1:"+port)
	}
	tr := &http.Transport{DialContext: dial, TLSClientConfig: &tls.Config{RootCAs: p.roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return claiming{tr}
}

// claiming says in each request that it comes from somewhere else.
type claiming struct{ http.RoundTripper }

func (c claiming) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", "127.0.0.2")
	r.Header.Set("X-Real-IP", "127.0.0.2")
	res, err := c.RoundTripper.RoundTrip(r)
	if err == nil && res.ProtoMajor != 2 {
		return res, fmt.Errorf("the proxy speaks %s", res.Proto)
	}
	return res, err
}

// push sends a callback from an address of this machine.
func (p *proxied) push(t *testing.T, source string) (status int, body string) {
	t.Helper()
	text := `{"assetid":"` + cmpsim.DemoInUse + `","operation":"1003","orderid":"` + cmpsim.DemoOrder + `","time":"2026-11-28 12:34:54"}`
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/push/"+nginxToken+"/order-status", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: p.transport(t, source)}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func (p *proxied) log(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, "access.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
