package webhook

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

const order = `{"orderid":"L201901290000000533","assetid":"89852420180910344720","operation":"1001"}`

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func newInbox(t *testing.T, o Options) *Inbox {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	if o.Log == nil {
		o.Log = audit.New(db, o.Now)
	}
	return NewInbox(db, o)
}

func TestWhoIsAdmitted(t *testing.T) {
	t.Parallel()
	i := newInbox(t, Options{Tokens: []string{"new", "old"}, Sources: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::1/128")}})
	for _, tt := range []struct {
		token, source string
		want          bool
	}{
		{"new", "10.1.2.3", true}, {"old", "2001:db8::1", true}, {"old", "::ffff:10.1.2.3", true}, {"old", "11.1.2.3", false}, {"old", "nonsense", false},
		{"", "10.1.2.3", false}, {"ne", "10.1.2.3", false}, {"newx", "10.1.2.3", false},
	} {
		if got := i.Admits(tt.token, tt.source); got != tt.want {
			t.Errorf("%+v: %t", tt, got)
		}
	}
	if newInbox(t, Options{}).Admits("", "10.1.2.3") {
		t.Error("an empty token counts where none is set")
	}
}

// A flood is turned away before it reaches the disk, and passes again after a while.
func TestAFloodIsBounded(t *testing.T) {
	t.Parallel()
	now := noon
	i := newInbox(t, Options{Now: func() time.Time { return now }})
	receive := func() error {
		_, err := i.Receive(t.Context(), OrderStatus, "10.0.0.1", http.Header{}, []byte(order))
		return err
	}
	for n := range atOnce {
		if err := receive(); err != nil {
			t.Fatalf("callback %d: %v", n, err)
		}
	}
	if err := receive(); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("one too many: %v", err)
	}
	now = now.Add(20 * time.Millisecond)
	if err := receive(); err != nil {
		t.Errorf("a moment later: %v", err)
	}
}

// The oldest callbacks make room for new ones, by their number and by the room that they take.
func TestOldCallbacksMakeRoom(t *testing.T) {
	t.Parallel()
	i := newInbox(t, Options{})
	i.most, i.mostBytes = 5, 10_000
	for _, tt := range []struct{ body, kept int }{{10, 5}, {3000, 4}, {11_000, 1}, {10, 5}} {
		for n := range 7 {
			if _, err := i.Receive(t.Context(), OrderStatus, "10.0.0.1", http.Header{}, []byte(strings.Repeat("x", tt.body)+strconv.Itoa(n))); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := i.Count(t.Context(), Query{Every: true}); err != nil || n != tt.kept {
			t.Errorf("of bodies of %d bytes %d are kept, %v", tt.body, n, err)
		}
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	const key = "6b6579"
	sum := md5.Sum([]byte("orderid=L201901290000000533&assetid=89852420180910344720&operation=1001&" + key))
	mac := hmac.New(sha1.New, []byte("key"))
	mac.Write([]byte(`{"assetid":"89852420180910344720","operation":"1001","orderid":"L201901290000000533"}` + "1.0:HMAC-SHA1:1732766400000"))
	signature := "7/" + hex.EncodeToString(mac.Sum(nil))
	for name, tt := range map[string]struct {
		key     string
		headers map[string]string
		want    Signed
	}{
		"no key":           {"", map[string]string{"x-lf-md5": "x"}, NotChecked},
		"no signature":     {key, nil, Unsigned},
		"md5":              {key, map[string]string{"x-lf-md5": base64.StdEncoding.EncodeToString(sum[:])}, Verified},
		"md5 of another":   {key + "1", map[string]string{"x-lf-md5": base64.StdEncoding.EncodeToString(sum[:])}, Forged},
		"hmac":             {key, map[string]string{"x-lf-signature": signature, "x-lf-notification-version": "1.0", "x-lf-algo": "HMAC-SHA1", "x-lf-timestamp": "1732766400000"}, Verified},
		"hmac, other time": {key, map[string]string{"x-lf-signature": signature, "x-lf-notification-version": "1.0", "x-lf-algo": "HMAC-SHA1", "x-lf-timestamp": "1732766400001"}, Forged},
		"hmac, no time":    {key, map[string]string{"x-lf-signature": signature}, Forged},
	} {
		h := http.Header{}
		for k, v := range tt.headers {
			h.Set(k, v)
		}
		i := newInbox(t, Options{Key: tt.key})
		p, err := i.Receive(t.Context(), OrderStatus, "10.0.0.1", h, []byte(order))
		if tt.want == Forged {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || p.Signed != tt.want || p.ID != 1 {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}
