package cmpsim

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestListenRefusesOffLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{
		"0.0.0.0:0", ":0", "[::]:0", "192.0.2.7:0", "8.8.8.8:8080", "[2001:db8::1]:0", "example.com:0", "127.0.0.1.example.com:0", "127.0.0.1", "",
	} {
		ln, err := Listen(addr)
		if err == nil {
			t.Errorf("%q was opened: %s", addr, ln.Addr())
			_ = ln.Close()
			continue
		}
		if !strings.Contains(err.Error(), addr) {
			t.Errorf("%q: the error does not name it: %v", addr, err)
		}
	}
}

func TestListenAcceptsLoopback(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", "127.0.0.9:0", "localhost:0", "[::1]:0"} {
		ln, err := Listen(addr)
		if err != nil {
			if addr == "[::1]:0" && !hasIPv6() {
				t.Logf("not tried, since this machine has no IPv6: %v", err)
				continue
			}
			t.Errorf("%q was refused: %v", addr, err)
			continue
		}
		_ = ln.Close()
	}
}

func hasIPv6() bool {
	ln, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	_ = ln.Close()
	return true
}

// TestServeStops shows that both doors are open, and that a hanging request
// does not hold the end up for ever.
func TestServeStops(t *testing.T) {
	t.Parallel()
	s := newSim(t, Options{})
	ln, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, ln) }()
	d := door{s, "http://" + ln.Addr().String(), http.DefaultClient}
	if a := d.post(t, "package/queryOrder", `{}`); !a.Success {
		t.Errorf("answered %s", a.Raw)
	}
	if status, _ := d.control(t, "GET", "", ""); status != 200 {
		t.Errorf("/sandbox/: %d", status)
	}
	d.Script(Fault{Kind: KindHang})
	hung := make(chan outcome, 1)
	go func() { hung <- d.pause(t, t.Context()) }()
	if _, err := d.AwaitRequest(t.Context(), func(q Request) bool { return q.Fault == KindHang }); err != nil {
		t.Fatal(err)
	}
	stop()
	select {
	case err := <-served:
		if err != nil {
			t.Errorf("Serve: %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("Serve did not return")
	}
	if o := <-hung; o.err == nil {
		t.Errorf("the hanging call was answered: %+v", o)
	}
}
