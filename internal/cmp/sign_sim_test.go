package cmp

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
)

// profile is a way to sign, in the client and in the sandbox CMP that checks it.
type profile struct {
	name   string
	secret string
	sim    cmpsim.Options
}

func profiles(t *testing.T) []profile {
	t.Helper()
	key := newTestKey(t)
	list := []profile{
		{SigningHMAC, testSecret, cmpsim.Options{SecretKey: testSecret}},
		{SigningCSSS, testSecret, cmpsim.Options{SecretKey: testSecret}},
		{SigningCubeV1, key.pkcs1PEM, cmpsim.Options{PublicKey: &key.PublicKey}},
		{SigningCubeV2, key.pkcs8PEM, cmpsim.Options{PublicKey: &key.PublicKey}},
	}
	for i := range list {
		list[i].sim.Devices, list[i].sim.AccessKey, list[i].sim.Signing = 20, testAccessKey, list[i].name
	}
	return list
}

// open starts the sandbox and a client in front of it; spoil may change a request on its way.
func (p profile) open(t *testing.T, spoil func(*http.Request), edit ...func(*Options)) (*Client, *cmpsim.Sim) {
	t.Helper()
	sim, err := cmpsim.New(p.sim)
	if err != nil {
		t.Fatal(err)
	}
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) { spoil(r); sim.Handler().ServeHTTP(w, r) })
	own := func(o *Options) { o.Signing, o.SecretKey = p.name, p.secret }
	return client(t, srv.URL, append([]func(*Options){own}, edit...)...), sim
}

func untouched(*http.Request) {}

func allCalls() []deed { return append(enquiries(), deeds(testOrder)...) }

// Whatever is asked, the sandbox CMP finds the signature right: it answers with a code of its own.
func TestEveryCallWithEveryProfile(t *testing.T) {
	t.Parallel()
	for _, p := range profiles(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			c, sim := p.open(t, untouched)
			for _, d := range allCalls() {
				if err := d.do(t.Context(), c); err != nil && KindOf(err) != Rejected && KindOf(err) != NotFound {
					t.Errorf("%s: %v", d.name, err)
				}
			}
			for _, q := range sim.Journal() {
				if q.Status != http.StatusOK || q.Code == "" || q.Code == "1002" || q.Code == "1003" {
					t.Errorf("%s: status %d, code %q", q.Path, q.Status, q.Code)
				}
			}
			if n := len(sim.Journal()); n != len(allCalls()) {
				t.Errorf("%d requests for %d calls", n, len(allCalls()))
			}
		})
	}
}

// Texts that JSON and queries escape are signed as what they are.
func TestAwkwardTextsWithEveryProfile(t *testing.T) {
	t.Parallel()
	const awkward = "a b+c&d=e,\"<\\/>\u2028\t你好😀%41"
	for _, p := range profiles(t) {
		c, sim := p.open(t, untouched)
		err := c.EndOrder(t.Context(), EndOrder{OrderID: cmpsim.DemoOrder, Cause: awkward})
		if o, _ := sim.Order(cmpsim.DemoOrder); err != nil || o.Cause != awkward {
			t.Errorf("%s: %v, the CMP heard %q", p.name, err, o.Cause)
		}
		q := records
		q.APN = awkward
		if _, err := c.CDRs(t.Context(), q); KindOf(err) == Unauthorised {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

// A key or a name that is not the CMP's, and a clock that is far off, are refused; the client tells how far.
func TestEveryProfileRefusesStrangers(t *testing.T) {
	t.Parallel()
	behind := func(o *Options) { o.Now = func() time.Time { return time.Now().Add(-2 * time.Hour) } }
	others := map[string]string{SigningHMAC: "wrong", SigningCSSS: "wrong"}
	others[SigningCubeV1] = newTestKey(t).pkcs8PEM
	others[SigningCubeV2] = others[SigningCubeV1]
	for _, p := range profiles(t) {
		for name, edit := range map[string]func(*Options){
			"key":  func(o *Options) { o.SecretKey = others[p.name] },
			"name": func(o *Options) { o.AccessKey = "wrong" },
			"none": func(o *Options) { o.Signing = SigningNone },
			"time": func(*Options) {},
		} {
			isCube := p.sim.PublicKey != nil
			if name == "time" && !isCube {
				continue // no limit is documented
			}
			want := http.StatusUnauthorized
			if isCube && name != "none" {
				want = http.StatusForbidden
			}
			c, sim := p.open(t, untouched, edit, behind)
			for _, d := range allCalls() {
				e, ok := errors.AsType[*Error](d.do(t.Context(), c))
				if !ok || e.Kind != Unauthorised || e.HTTPStatus != want || e.Skew < 119*time.Minute || e.Skew > 121*time.Minute {
					t.Errorf("%s, wrong %s, %s: %v, clock ahead by %v", p.name, name, d.name, e, e.Skew)
				}
			}
			if n := len(sim.Journal()); n != len(allCalls()) {
				t.Errorf("%s, wrong %s: %d requests", p.name, name, n)
			}
		}
	}
}

// What was signed cannot be changed on its way, be it one byte of a body, of a query or of a path.
func TestASignatureCoversTheParameters(t *testing.T) {
	t.Parallel()
	body := func(r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(bytes.Replace(content, []byte(`"test"`), []byte(`"tesu"`), 1)))
	}
	query := func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "page_no=1", "page_no=2", 1) }
	path := func(r *http.Request) { r.URL.Path = strings.Replace(r.URL.Path, "/sims/8", "/sims/9", 1) }
	for _, p := range profiles(t)[1:] {
		for name, spoil := range map[string]func(*http.Request){"body": body, "query": query, "path": path} {
			c, _ := p.open(t, spoil)
			_, read := c.CDRs(t.Context(), records)
			change := c.EndOrder(t.Context(), EndOrder{OrderID: cmpsim.DemoOrder, Cause: "test", DeviceType: "4"})
			if (KindOf(read) == Unauthorised) != (name != "body") || (change != nil) != (name == "body") {
				t.Errorf("%s, another %s: read %v, change %v", p.name, name, read, change)
			}
			if name == "body" && KindOf(change) != Unauthorised {
				t.Errorf("%s, another body: %v", p.name, change)
			}
		}
	}
}
