package cmp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// listen starts a bare TCP server; handle has each connection to itself.
func listen(t *testing.T, handle func(net.Conn)) (base string, stop func()) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			handle(conn)
			_ = conn.Close()
		}
	}()
	stop = func() { _ = ln.Close(); <-done }
	t.Cleanup(stop)
	return "http://" + ln.Addr().String(), stop
}

func https(base string) string { return strings.Replace(base, "http:", "https:", 1) }

// deaf is a place where a request cannot arrive.
type deaf struct {
	name, base string
	ctx        context.Context
	edit       func(*Options)
	trusted    *httptest.Server // whose certificate the client believes
}

// deafPlaces builds them; reached counts what arrives all the same.
func deafPlaces(t *testing.T, reached *atomic.Int32) []deaf {
	t.Helper()
	ctx, keep := t.Context(), func(*Options) {}
	refused, stop := listen(t, func(net.Conn) {})
	stop()
	count := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) })
	plain := serve(t, count)
	stranger := quietTLS(t, count, nil)
	old := quietTLS(t, count, &tls.Config{MaxVersion: tls.VersionTLS11})
	wantsCert := quietTLS(t, count, &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, ClientAuth: tls.RequireAnyClientCert})
	closing, _ := listen(t, func(net.Conn) {})
	garbling, _ := listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "220 smtp ready\r\n") })
	ended, end := context.WithCancel(ctx)
	end()
	return []deaf{
		{"nobody listens", refused, ctx, keep, nil},
		{"a port that cannot be", "http://127.0.0.1:0", ctx, keep, nil},
		{"TLS where there is none", https(plain.URL), ctx, keep, nil},
		{"closed in the handshake", https(closing), ctx, keep, nil},
		{"nonsense in the handshake", https(garbling), ctx, keep, nil},
		{"a certificate not trusted", stranger.URL, ctx, keep, nil},
		{"a TLS version too old", old.URL, ctx, keep, old},
		{"a client certificate wanted in the handshake", wantsCert.URL, ctx, keep, wantsCert},
		{"given up before", plain.URL, ended, keep, nil},
		{"a header that cannot be sent", plain.URL, ctx, func(o *Options) { o.AccessKey = "two\nlines" }, nil},
	}
}

// Each of these fails before the request has a connection, so it is certain that nothing happened.
func TestWhatCannotHaveLeftIsNotSent(t *testing.T) {
	t.Parallel()
	var reached atomic.Int32
	for _, tt := range deafPlaces(t, &reached) {
		for _, d := range append(deeds(testOrder), enquiries()...) {
			c := client(t, tt.base, tt.edit)
			if tt.trusted != nil {
				trust(c, tt.trusted)
			}
			if e := failure(t, d.do(tt.ctx, c)); e.Kind != NotSent || e.HTTPStatus != 0 {
				t.Errorf("%s, %s: %v", tt.name, d.name, e)
			}
		}
	}
	if reached.Load() != 0 {
		t.Errorf("%d requests arrived all the same", reached.Load())
	}
}

// quietTLS starts a TLS server that does not tell the world about failed handshakes.
func quietTLS(t *testing.T, h http.Handler, cfg *tls.Config) *httptest.Server {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = cfg
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv
}

// trust makes the client believe a server's certificate.
func trust(c *Client, srv *httptest.Server) {
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	for _, via := range []lane{c.changes, c.reads} {
		if tr, ok := via.Transport.(*http.Transport); ok {
			tr.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
		}
	}
}

// A handshake that nobody answers ends with the time limit: not sent, and the limit was the cause.
func TestAHandshakeThatHangsIsNotSent(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	base, _ := listen(t, func(net.Conn) { <-hold })
	t.Cleanup(func() { close(hold) })
	e := failure(t, client(t, https(base), within(100*time.Millisecond)).CancelPackage(t.Context(), testOrder))
	if e.Kind != NotSent || !e.Timeout() {
		t.Errorf("got %v (time limit: %v)", e, e.Timeout())
	}
}

// With TLS 1.3 a server refuses our certificate after our side of the handshake is over, when the request may
// be on its way already. So that is unknown, though the server saw no request.
func TestARefusalAfterTheHandshakeIsUnknown(t *testing.T) {
	t.Parallel()
	srv := quietTLS(t, http.NotFoundHandler(), &tls.Config{MinVersion: tls.VersionTLS13, ClientAuth: tls.RequireAnyClientCert})
	c := client(t, srv.URL)
	trust(c, srv)
	if e := failure(t, c.CancelPackage(t.Context(), testOrder)); e.Kind != Unknown {
		t.Errorf("got %v", e)
	}
}

// Over TLS that works, HTTP/1.1 is spoken, even with a server that offers HTTP/2: its rules for repeating a
// request are not ours.
func TestHTTP2IsNeverSpoken(t *testing.T) {
	t.Parallel()
	var first, other atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Proto == "HTTP/1.1" {
			first.Add(1)
		} else {
			other.Add(1)
		}
		_, _ = io.WriteString(w, `{"code":"0000","data":{"device_id":"`+testDevice+`"}}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c := client(t, srv.URL)
	trust(c, srv)
	for _, d := range append(deeds(testOrder), enquiries()...) {
		if err := d.do(t.Context(), c); err != nil {
			t.Error(err)
		}
	}
	if int(first.Load()) != len(deeds(testOrder))+len(enquiries()) || other.Load() != 0 {
		t.Errorf("%d requests in HTTP/1.1, %d in another protocol", first.Load(), other.Load())
	}
}

// The moments of a call at which its caller may leave.
func moments(leave func()) map[string]*httptrace.ClientTrace {
	return map[string]*httptrace.ClientTrace{
		"asking for a connection": {GetConn: func(string) { leave() }},
		"dialling":                {ConnectStart: func(string, string) { leave() }},
		"dialled":                 {ConnectDone: func(string, string, error) { leave() }},
		"connected":               {GotConn: func(httptrace.GotConnInfo) { leave() }},
		"head written":            {WroteHeaders: func() { leave() }},
		"request written":         {WroteRequest: func(httptrace.WroteRequestInfo) { leave() }},
		"answer begun":            {GotFirstResponseByte: func() { leave() }},
	}
}

// The promise itself: whenever the caller leaves, what is called not sent never reached the server, and what
// reached the server is never called not sent.
func TestNotSentIsNeverSaidOfWhatArrived(t *testing.T) {
	t.Parallel()
	for name := range moments(nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 30 {
				var n atomic.Int32
				srv := httptest.NewServer(counted(&n, says(200, goodAnswer)))
				ctx, leave := context.WithCancel(t.Context())
				err := client(t, srv.URL).CancelPackage(httptrace.WithClientTrace(ctx, moments(leave)[name]), testOrder)
				leave()
				srv.Close() // waits for what is being served
				switch arrived := n.Load(); {
				case err == nil && arrived != 1, err != nil && KindOf(err) == NotSent && arrived != 0, arrived > 1:
					t.Fatalf("%v, but %d requests arrived", err, arrived)
				case err != nil && KindOf(err) != NotSent && KindOf(err) != Unknown:
					t.Fatalf("got %v", err)
				}
			}
		})
	}
}

// A request that is still being written when its caller leaves has begun to arrive.
func TestHalfARequestIsUnknown(t *testing.T) {
	t.Parallel()
	end := EndOrder{OrderID: testOrder, Cause: strings.Repeat("x", 8<<20)} // more than the buffers between us take
	for range 3 {
		ctx, leave := context.WithCancel(t.Context())
		c := client(t, serve(t, func(_ http.ResponseWriter, r *http.Request) {
			leave()
			// The server ends the request's context only for one that it has read whole.
			if _, err := io.Copy(io.Discard, r.Body); err == nil {
				<-r.Context().Done()
			}
		}).URL)
		if e := failure(t, c.EndOrder(ctx, end)); e.Kind != Unknown {
			t.Fatalf("got %v", e)
		}
	}
}

func TestLeavingWhileAskingForAConnectionIsNotSent(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	base, _ := listen(t, func(net.Conn) {})
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{TLSHandshakeStart: leave})
	if e := failure(t, client(t, https(base)).CancelPackage(ctx, testOrder)); e.Kind != NotSent {
		t.Errorf("got %v", e)
	}
}

// What we ourselves refuse is not sent either.
func TestWhatWeRefuseIsNotSent(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	c := client(t, serve(t, counted(&n, says(200, goodAnswer))).URL)
	for _, id := range []string{"", " ", "ORDER 1", "../../cancelPackage", "ORDER_1\n", strings.Repeat("9", 65), "订单"} {
		for _, d := range deeds(id)[:5] {
			if e := failure(t, d.do(t.Context(), c)); e.Kind != NotSent || e.Message != "" || !strings.Contains(e.Why(), "nothing was sent") {
				t.Errorf("%s %q: %v", d.name, id, e)
			}
		}
	}
	for name, err := range map[string]error{
		"no cause":      c.EndOrder(t.Context(), EndOrder{OrderID: testOrder, Cause: " "}),
		"device type 6": c.EndOrder(t.Context(), EndOrder{OrderID: testOrder, Cause: "x", DeviceType: "6"}),
		"device types":  c.EndOrder(t.Context(), EndOrder{OrderID: testOrder, Cause: "x", DeviceType: "12"}),
		"no text":       c.SendSMS(t.Context(), SMS{To: []SMSAddress{{testDevice, "LK1"}}, Content: " "}),
		"no device":     c.SendSMS(t.Context(), SMS{To: []SMSAddress{{"short", "LK1"}}, Content: "x"}),
		"a foreign id":  c.SendSMS(t.Context(), SMS{To: []SMSAddress{{testDevice, "XX1"}}, Content: "x"}),
		"one id twice":  c.SendSMS(t.Context(), SMS{To: []SMSAddress{{testDevice, "LK1"}, {testOrder, "LK1"}}, Content: "x"}),
		"nobody":        c.SendSMS(t.Context(), SMS{Content: "x"}),
		"IMEI":          c.BindIMEI(t.Context(), Binding{DeviceID: testDevice, IMEI: "86099604305201"}),
		"card":          c.BindIMEI(t.Context(), Binding{DeviceID: "short", IMEI: "860996043052016"}),
		"pause":         c.PauseService(t.Context(), ServiceOrder{OrderID: testOrder, DeviceID: "short"}),
		"restart":       c.RestartService(t.Context(), ServiceOrder{OrderID: testOrder, DeviceID: "898522023101616216.6"}),
	} {
		if e := failure(t, err); e.Kind != NotSent {
			t.Errorf("%s: %v", name, e)
		}
	}
	if n.Load() != 0 {
		t.Errorf("%d requests left", n.Load())
	}
}
