package auth

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestHashVerifies(t *testing.T) {
	t.Parallel()
	h := newHasher(quick)
	first, err := h.hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.hash(t.Context(), goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("two hashes of one password are equal: no salt")
	}
	for password, want := range map[string]bool{goodPassword: true, goodPassword + " ": false, strings.ToUpper(goodPassword): false, "": false} {
		if got, err := h.verify(t.Context(), first, password); err != nil || got != want {
			t.Errorf("verify(%q) = %v, %v", password, got, err)
		}
	}
}

func TestDefaultCost(t *testing.T) {
	t.Parallel()
	if defaultArgon != (argonParams{memory: 19456, passes: 2, lanes: 1}) || hashSlots != 2 {
		t.Errorf("cost is %+v with %d slots", defaultArgon, hashSlots)
	}
	stored, err := newHasher(defaultArgon).hash(t.Context(), goodPassword)
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %q, %v", stored, err)
	}
}

// A digest that others compute too: it holds the parameters to their right places.
func TestKnownHash(t *testing.T) {
	t.Parallel()
	digest, err := hex.DecodeString("655ad15eac652dc59f7170a7332bf49b8469be1fdb9c28bb")
	if err != nil {
		t.Fatal(err)
	}
	stored := phc{argonParams{memory: 64, passes: 1, lanes: 1}, []byte("somesalt"), digest}.String()
	if fits, err := newHasher(quick).verify(t.Context(), stored, "password"); err != nil || !fits {
		t.Errorf("verify = %v, %v", fits, err)
	}
}

func TestParsePHCRoundTrip(t *testing.T) {
	t.Parallel()
	const s = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaqvLQGtMbcDGN8cA"
	p, err := parsePHC(s)
	if err != nil || p.String() != s || string(p.salt) != "somesalt" || p.argonParams != (argonParams{65536, 3, 4}) {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestParsePHCRefuses(t *testing.T) {
	t.Parallel()
	const salt, digest = "c29tZXNhbHQ", "RdescudvJCsgt3ub+b2dWRWJTmaaqvLQGtMbcDGN8cA"
	build := func(kind, version, cost, salt, digest string) string {
		return "$" + strings.Join([]string{kind, version, cost, salt, digest}, "$")
	}
	for name, s := range map[string]string{
		"empty":             "",
		"plain text":        goodPassword,
		"other algorithm":   build("argon2i", "v=19", "m=64,t=1,p=1", salt, digest),
		"old version":       build("argon2id", "v=16", "m=64,t=1,p=1", salt, digest),
		"no passes":         build("argon2id", "v=19", "m=64,t=0,p=1", salt, digest),
		"no lanes":          build("argon2id", "v=19", "m=64,t=1,p=0", salt, digest),
		"all memory":        build("argon2id", "v=19", "m=4294967295,t=1,p=1", salt, digest),
		"all day":           build("argon2id", "v=19", "m=64,t=4294967295,p=1", salt, digest),
		"memory overflow":   build("argon2id", "v=19", "m=4294967360,t=1,p=1", salt, digest),
		"lanes overflow":    build("argon2id", "v=19", "m=64,t=1,p=257", salt, digest),
		"negative":          build("argon2id", "v=19", "m=-64,t=1,p=1", salt, digest),
		"sign":              build("argon2id", "v=19", "m=+64,t=1,p=1", salt, digest),
		"leading zero":      build("argon2id", "v=19", "m=064,t=1,p=1", salt, digest),
		"trailing cost":     build("argon2id", "v=19", "m=64,t=1,p=1,x=1", salt, digest),
		"short salt":        build("argon2id", "v=19", "m=64,t=1,p=1", "c29t", digest),
		"empty digest":      build("argon2id", "v=19", "m=64,t=1,p=1", salt, ""),
		"padded":            build("argon2id", "v=19", "m=64,t=1,p=1", salt+"=", digest),
		"loose bits":        build("argon2id", "v=19", "m=64,t=1,p=1", "c29tZXNhbHR", digest),
		"line break":        build("argon2id", "v=19", "m=64,t=1,p=1", salt+"\n", digest),
		"one part too many": build("argon2id", "v=19", "m=64,t=1,p=1", salt, digest) + "$",
		"very long":         build("argon2id", "v=19", "m=64,t=1,p=1", salt, strings.Repeat("A", 1<<20)),
	} {
		if _, err := parsePHC(s); !errors.Is(err, errPHC) {
			t.Errorf("%s: got %v", name, err)
		}
		if s == "" {
			continue // stands for nobody, see verify
		}
		if ok, err := newHasher(quick).verify(t.Context(), s, goodPassword); ok || !errors.Is(err, errPHC) {
			t.Errorf("%s: verify = %v, %v", name, ok, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJTmaaqvLQGtMbcDGN8cA")
	f.Add("$argon2id$v=19$m=,t=,p=$$")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePHC(s)
		if err == nil && (p.String() != s || !p.bounded()) {
			t.Errorf("%q was read as %+v", s, p)
		}
	})
}

func TestHashesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		release := make(chan struct{})
		h := newHasher(quick)
		h.derive = func(_, _ []byte, _ argonParams, size uint32) []byte {
			most.Store(max(most.Load(), running.Add(1)))
			<-release
			running.Add(-1)
			return make([]byte, size)
		}
		impatient, giveUp := context.WithCancel(t.Context())
		done := make(chan error, 7)
		start := func(ctx context.Context) { go func() { _, err := h.hash(ctx, goodPassword); done <- err }() }
		for range hashSlots {
			start(t.Context())
		}
		synctest.Wait()
		start(impatient)
		start(t.Context())
		synctest.Wait()
		if running.Load() != hashSlots {
			t.Errorf("%d hashes run, want %d", running.Load(), hashSlots)
		}
		giveUp()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the one who gave up got %v", err)
		}
		close(release)
		for range hashSlots + 1 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if most.Load() > hashSlots {
			t.Errorf("%d hashes ran at once", most.Load())
		}
	})
}
