package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// sandboxWith runs the command with an environment and more flags until the test ends, and returns its address.
func sandboxWith(t *testing.T, env map[string]string, flags ...string) string {
	t.Helper()
	out, code := newLogs(), make(chan int, 1)
	ctx, cancel := context.WithCancel(context.Background())
	p := program{args: append([]string{"sandbox", "--addr", "127.0.0.1:0", "--devices", "30"}, flags...), getenv: lookup(env), stdin: strings.NewReader(""), stdout: out, stderr: out}
	go func() { code <- p.run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-code
	})
	line, err := out.await(message("sandbox CMP"), nil)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	address, _ := line["address"].(string)
	return address
}

// pemFile writes a key to a file of its own.
func pemFile(t *testing.T, kind string, der []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(name, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The sandbox takes what a console with the same settings signs, and nothing else.
func TestSandboxChecksEverySignature(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := func(k *rsa.PrivateKey) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)}))
	}
	pkix, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	secretFile := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secretFile, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, signing, variable, value string
		good, bad                      string // the client's keys
	}{
		{"hmac", "cmp-hmac", "CMP_SECRET_KEY", "hush", "hush", "tush"},
		{"hmac from a file", "", "CMP_SECRET_KEY_FILE", secretFile, "hush", "tush"},
		{"csss", "csss", "CMP_SECRET_KEY", "hush", "hush", "tush"},
		{"cube-v1, private key", "cube-v1", "CMP_SECRET_KEY", private(key), private(key), private(other)},
		{"cube-v2, private key in a file", "cube-v2", "CMP_SECRET_KEY_FILE", pemFile(t, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)), private(key), private(other)},
		{"cube-v2, public key", "cube-v2", "CMP_SECRET_KEY_FILE", pemFile(t, "PUBLIC KEY", pkix), private(key), private(other)},
		{"cube-v1, public key of the older form", "cube-v1", "CMP_SECRET_KEY_FILE", pemFile(t, "RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&key.PublicKey)), private(key), private(other)},
		{"none", "none", "CMP_SECRET_KEY", "hush", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			address := sandboxWith(t, map[string]string{"CMP_SIGNING": tt.signing, "CMP_ACCESS_KEY": "key-1", tt.variable: tt.value})
			read := func(secret string) error {
				signing := tt.signing
				if signing == "" {
					signing = "cmp-hmac"
				}
				client, err := cmp.New(cmp.Options{BaseURL: address, Signing: signing, AccessKey: "key-1", SecretKey: secret, Timeout: 10 * time.Second, Rate: 1000, MaxConns: 2})
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Device(t.Context(), cmpsim.DemoInUse)
				return err
			}
			if err := read(tt.good); err != nil {
				t.Errorf("the right key: %v", err)
			}
			if tt.bad != "" && cmp.KindOf(read(tt.bad)) != cmp.Unauthorised {
				t.Errorf("another key: %v", read(tt.bad))
			}
		})
	}
}

// Settings that cannot work are told before anything listens, without a word of the key.
func TestSandboxKeysThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		env  map[string]string
		says string
	}{
		{map[string]string{"CMP_SIGNING": "rot13"}, "CMP_SIGNING: \"rot13\" is not one of"},
		{map[string]string{"CMP_SIGNING": "cube-v2", "CMP_ACCESS_KEY": "key-1", "CMP_SECRET_KEY": "no-such-key"}, "a public key does as well"},
		{map[string]string{"CMP_SIGNING": "cube-v2"}, "a public key does as well"},
		{map[string]string{"CMP_SECRET_KEY_FILE": "/does/not/exist"}, "CMP_SECRET_KEY_FILE"},
		{map[string]string{"CMP_SIGNING": "csss"}, "access key and the secret key"},
	} {
		exampleRun{"", "", []string{"sandbox", "--addr", "127.0.0.1:0"}, exitFailed, tt.says}.run(t, tt.env)
	}
}
