package cmp

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestValidIDs(t *testing.T) {
	t.Parallel()
	ten := "0123456789"
	for id, want := range map[string]bool{
		ten: true, testDevice: true, "abcDEF0123": true, strings.Repeat("9", 32): true,
		ten[:9]: false, strings.Repeat("9", 33): false, "": false, ten + "\n": false, "\n" + ten: false, ten + " ": false, "012345-789": false,
		"device_id_b1b04b45e20c": false, "０１２３４５６７８９": false, "012345678é": false, "../0123456789": false, ten + "\x00": false,
	} {
		if ValidID(id) != want {
			t.Errorf("device %q: %v", id, !want)
		}
	}
	for id, want := range map[string]bool{
		testOrder: true, "202107061625560742397": true, "L201903020000000617": true, "a": true, "order_id_121270d9e485": true, strings.Repeat("9", 64): true,
		"": false, strings.Repeat("9", 65): false, "a b": false, "a/b": false, "a\n": false, "a%2e": false, "订单": false, "a\x00": false, "a.b": false,
	} {
		if ValidOrderID(id) != want {
			t.Errorf("order %q: %v", id, !want)
		}
	}
}

// Whatever is taken for an id, a request goes to the same host and one of eight paths, without a query.
func TestIDsDoNotMoveARequest(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, path := range addresses {
		known["/base"+path] = true
	}
	asked, strayed := 0, 0
	c := fakeClient(t, 1e6, 1, time.Minute, func(r *http.Request) (*http.Response, error) {
		asked++
		if r.URL.Scheme != "https" || r.URL.Host != "cmp.example.com" || r.Host != "cmp.example.com" || !known[r.URL.EscapedPath()] || r.URL.RawQuery != "" || r.URL.Fragment != "" {
			strayed++
			t.Logf("%s", r.URL)
		}
		return answered(goodAnswer), nil
	})
	c.base.Scheme, c.base.Host, c.base.Path = "https", "cmp.example.com", "/base"
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		id := someID(rnd)
		ctx := t.Context()
		switch i % 4 {
		case 0:
			_ = deeds(id)[i/4%5].do(ctx, c)
		case 1:
			_ = c.PauseService(ctx, ServiceOrder{OrderID: testOrder, DeviceID: id})
		case 2:
			_, _ = c.Device(ctx, id)
			_, _ = c.OrdersOf(ctx, id)
		case 3:
			_, _ = c.Order(ctx, id)
			_, _ = c.Orders(ctx, OrderQuery{DeviceID: id, OrderID: id, Status: OrderStatus(id), Page: 1, Size: 1})
		}
	}
	if strayed != 0 || asked < 2500 {
		t.Errorf("%d of %d requests strayed", strayed, asked)
	}
}

// someID is an id, or what somebody could try in place of one.
func someID(rnd *rand.Rand) string {
	const plain = "0123456789ABCDEFabcdef"
	pieces := []string{"/", "..", "?", "#", "@", ":", "%2e", "%00", "\\", "\r\n", " ", "{", `"`, "\x00", "\x7f", "é", "卡", "//evil.example", "&x=1", ";"}
	var b strings.Builder
	for range rnd.IntN(24) {
		if rnd.IntN(3) == 0 {
			b.WriteString(pieces[rnd.IntN(len(pieces))])
			continue
		}
		b.WriteByte(plain[rnd.IntN(len(plain))])
	}
	if rnd.IntN(2) == 0 {
		return strings.Repeat("8", 10) + b.String()
	}
	return b.String()
}

// Unsigned requests may not change a CMP that is not on this machine; reading it is allowed.
func TestUnsignedChangesStayOnThisMachine(t *testing.T) {
	t.Parallel()
	for host, allowed := range map[string]bool{
		"127.0.0.1": true, "127.8.9.10:8080": true, "[::1]": true, "[::ffff:127.0.0.1]": true, "localhost": true, "LOCALHOST:1": true,
		"cmp.example.com": false, "10.0.0.1": false, "0.0.0.0": false, "[::]": false, "localhost.example.com": false, "127.0.0.1.example.com": false,
		"127.1": false, "[fe80::1%25lo]": false, "169.254.169.254": false,
	} {
		asked := 0
		c := client(t, "http://"+host, func(o *Options) { o.Signing = SigningNone })
		c.reads.Transport = tripper(func(*http.Request) (*http.Response, error) { asked++; return answered(goodAnswer), nil })
		c.changes.Transport = c.reads.Transport
		for _, d := range deeds(testOrder) {
			err := d.do(t.Context(), c)
			if allowed && err != nil {
				t.Errorf("%s, %s: %v", host, d.name, err)
			}
			if !allowed && (failure(t, err).Kind != NotSent || !strings.Contains(err.Error(), "CMP_SIGNING")) {
				t.Errorf("%s, %s: %v", host, d.name, err)
			}
		}
		if want := map[bool]int{true: len(deeds(testOrder))}[allowed]; asked != want {
			t.Errorf("%s: %d changes left", host, asked)
		}
		if _, err := c.Devices(t.Context(), 1, 2); err != nil {
			t.Errorf("%s: reading: %v", host, err)
		}
	}
}
