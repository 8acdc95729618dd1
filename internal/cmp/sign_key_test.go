package cmp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"
)

// testKey is an RSA key of the size that Cube makes, in the forms in which it is handed out.
type testKey struct {
	*rsa.PrivateKey
	pkcs1, pkcs8       []byte
	pkcs1PEM, pkcs8PEM string
}

func newTestKey(t *testing.T) testKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	k := testKey{PrivateKey: key, pkcs1: x509.MarshalPKCS1PrivateKey(key), pkcs8: pkcs8(t, key)}
	k.pkcs1PEM, k.pkcs8PEM = armour("RSA PRIVATE KEY", k.pkcs1), armour("PRIVATE KEY", k.pkcs8)
	return k
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func armour(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func TestPrivateKeyForms(t *testing.T) {
	t.Parallel()
	k, base64Of := newTestKey(t), base64.StdEncoding.EncodeToString
	folded := strings.Join(strings.Split(strings.TrimSpace(k.pkcs1PEM), "\n")[1:len(strings.Split(strings.TrimSpace(k.pkcs1PEM), "\n"))-1], "\n")
	for name, text := range map[string]string{
		"PKCS#1 PEM":          k.pkcs1PEM,
		"PKCS#8 PEM":          k.pkcs8PEM,
		"PEM of Windows":      strings.ReplaceAll(k.pkcs8PEM, "\n", "\r\n"),
		"PEM without its end": strings.TrimSpace(k.pkcs1PEM),
		"bare PKCS#1":         base64Of(k.pkcs1),
		"bare PKCS#8":         base64Of(k.pkcs8),
		"bare and folded":     " " + folded + "\r\n",
	} {
		got, err := privateKey(text)
		if err != nil || !got.Equal(k.PrivateKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNoPrivateKey(t *testing.T) {
	t.Parallel()
	k, base64Of := newTestKey(t), base64.StdEncoding.EncodeToString
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"nothing":      "",
		"a password":   testSecret,
		"Base64":       base64Of([]byte(testSecret)),
		"a public key": armour("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&k.PublicKey)),
		"half a key":   base64Of(k.pkcs8[:200]),
		"another kind": armour("PRIVATE KEY", pkcs8(t, curve)),
		"a short key":  armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(shortKey(t))),
	} {
		key, err := privateKey(text)
		if err == nil || key != nil {
			t.Errorf("%s: accepted", name)
		} else if strings.Contains(err.Error(), testSecret) || errors.Is(err, errShortKey) != (name == "a short key") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// shortKey makes a key that crypto/rsa itself refuses to make.
func shortKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	one, e := big.NewInt(1), big.NewInt(65537)
	for {
		p, err1 := rand.Prime(rand.Reader, 256)
		q, err2 := rand.Prime(rand.Reader, 256)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
		if d := new(big.Int).ModInverse(e, phi); d != nil {
			return &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, D: d, Primes: []*big.Int{p, q}}
		}
	}
}
