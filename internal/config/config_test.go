package config

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(k string) string { return m[k] }
}

func real(more ...string) func(string) string {
	return env(append([]string{"CMP_BASE_URL", "https://cmp.example.com", "CMP_ACCESS_KEY", "ak", "CMP_SECRET_KEY", "sk"}, more...)...)
}

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	c, err := Load(nil, real(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:8080" || c.DataDir != "data" || c.CMP.Signing != "cmp-hmac" || c.CMP.Timeout != 30*time.Second || c.CMP.Rate != 5 || c.CMP.MaxConns != 3 || c.CMP.Language != "en-US" || c.DemoDevices != 3000 {
		t.Errorf("defaults: %+v", c)
	}
}

func TestFlagsComeBeforeTheEnvironment(t *testing.T) {
	t.Parallel()
	c, err := Load([]string{"--console-addr", "127.0.0.1:0", "--cmp-rate=0.5"}, real("CONSOLE_ADDR", "127.0.0.1:9", "CMP_RATE", "7", "CMP_TIMEOUT", "2s"), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:0" || c.CMP.Rate != 0.5 || c.CMP.Timeout != 2*time.Second {
		t.Errorf("got %+v", c)
	}
}

func TestSecretsHaveNoFlag(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--cmp-secret-key=x", "--cmp-access-key=x"} {
		if _, err := Load([]string{flag}, real(), io.Discard); err == nil {
			t.Errorf("%s was taken", flag)
		}
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Load(nil, env("CONSOLE_ADDR", "0.0.0.0:80", "CMP_RATE", "-1", "CMP_TIMEOUT", "soon", "CMP_MAX_CONNS", "none", "CONSOLE_DEMO_DEVICES", "0",
		"CMP_SIGNING", "rot13", "CONSOLE_TRUSTED_PROXIES", "proxy", "CONSOLE_TLS_CERT", "/nowhere", "CONSOLE_BASE_URL", "console", "CMP_SECRET_KEY", "hush-hush"), io.Discard)
	if err == nil {
		t.Fatal("no error")
	}
	for _, name := range []string{"CMP_RATE", "CMP_TIMEOUT", "CMP_MAX_CONNS", "CONSOLE_DEMO_DEVICES", "CMP_SIGNING", "CONSOLE_TRUSTED_PROXIES", "CONSOLE_TLS_CERT", "CONSOLE_BASE_URL", "CMP_BASE_URL", "CMP_ACCESS_KEY"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("no word of %s in:\n%v", name, err)
		}
	}
	if strings.Contains(err.Error(), "hush-hush") {
		t.Error("the secret stands in the error")
	}
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	const file = "config.go" // any file that is there
	behind := func(more ...string) func(string) string {
		return real(append([]string{"CONSOLE_ADDR", "0.0.0.0:8080", "CONSOLE_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16"}, more...)...)
	}
	tests := []struct {
		name, args string
		env        func(string) string
		want       string // in the error; empty: fine
	}{
		{"plain HTTP off loopback", "", real("CONSOLE_ADDR", "0.0.0.0:8080"), "not loopback"},
		{"any interface", "", real("CONSOLE_ADDR", ":8080"), "not loopback"},
		{"an https address proves no proxy", "", real("CONSOLE_ADDR", ":8080", "CONSOLE_BASE_URL", "https://console.example.com"), "not loopback"},
		{"behind a TLS proxy", "", behind("CONSOLE_BASE_URL", "https://console.example.com"), ""},
		{"behind a proxy of unknown address", "", behind(), "CONSOLE_BASE_URL: set it to the https address"},
		{"behind a plain proxy", "", behind("CONSOLE_BASE_URL", "http://console.example.com"), "CONSOLE_BASE_URL: set it to the https address"},
		{"behind a proxy with TLS here too", "", behind("CONSOLE_TLS_CERT", file, "CONSOLE_TLS_KEY", file), ""},
		{"behind a proxy on this machine", "", real("CONSOLE_TRUSTED_PROXIES", "127.0.0.1"), ""},
		{"TLS off loopback", "", real("CONSOLE_ADDR", ":8443", "CONSOLE_TLS_CERT", file, "CONSOLE_TLS_KEY", file), ""},
		{"certificate without key", "", real("CONSOLE_TLS_CERT", file), "set both or neither"},
		{"key without certificate", "", real("CONSOLE_TLS_KEY", file), "set both or neither"},
		{"ipv6 loopback", "", real("CONSOLE_ADDR", "[::1]:8080"), ""},
		{"demo needs no keys", "--demo", env(), ""},
		{"demo off loopback", "--demo", env("CONSOLE_ADDR", "10.0.0.1:80"), "loopback only"},
		{"demo off loopback behind a proxy", "--demo", env("CONSOLE_ADDR", "10.0.0.1:80", "CONSOLE_TRUSTED_PROXIES", "10.0.0.2"), "loopback only"},
		{"none needs no keys", "", env("CMP_BASE_URL", "http://127.0.0.1:1", "CMP_SIGNING", "none"), ""},
		{"doubled path", "", real("CMP_BASE_URL", "https://cmp.example.com/cmp-api/"), "leave /cmp-api out"},
		{"no host", "", real("CMP_BASE_URL", "https://:443"), "not an address"},
		{"password in the address", "", real("CMP_BASE_URL", "https://u:p@cmp.example.com"), "no user, query or fragment"},
		{"query in the address", "", real("CMP_BASE_URL", "https://cmp.example.com?"), "no user, query or fragment"},
		{"fragment in the address", "", real("CMP_BASE_URL", "https://cmp.example.com/#top"), "no user, query or fragment"},
		{"path of the console", "", real("CONSOLE_BASE_URL", "https://example.com/console"), "served from the root"},
		{"csss", "", real("CMP_SIGNING", "csss"), ""},
		{"cube-v1", "", real("CMP_SIGNING", "cube-v1"), ""},
		{"cube-v2", "", real("CMP_SIGNING", "cube-v2"), ""},
		{"csss without keys", "", env("CMP_BASE_URL", "https://cmp.example.com", "CMP_SIGNING", "csss"), "CMP_ACCESS_KEY: required with CMP_SIGNING=csss"},
		{"cube without a key", "", env("CMP_BASE_URL", "https://cmp.example.com", "CMP_SIGNING", "cube-v2", "CMP_ACCESS_KEY", "id"), "CMP_SECRET_KEY or CMP_SECRET_KEY_FILE: required with CMP_SIGNING=cube-v2"},
		{"other paths", "", real("CMP_PATHS", "device/bind=device/bound, device/getBindTrackList=device/getBoundTrackList"), ""},
		{"half a path", "", real("CMP_PATHS", "device/bind"), "CMP_PATHS: \"device/bind\" is not of the form"},
		{"a path twice", "", real("CMP_PATHS", "a=b,a=c"), "is there twice"},
		{"push tokens", "", real("CMP_PUSH_TOKEN", "0123456789abcdef0123456789abcdef, the-old-token-of-the-CMP"), ""},
		{"a short push token", "", real("CMP_PUSH_TOKEN", "secret"), "CMP_PUSH_TOKEN: a token has 8"},
		{"three push tokens", "", real("CMP_PUSH_TOKEN", "0123456789abcdef0123456,0123456789abcdef0123457,0123456789abcdef0123458"), "two tokens at most"},
		{"push sources", "", real("CMP_PUSH_SOURCES", "10.0.0.0/8, 192.0.2.7"), ""},
		{"a wrong push source", "", real("CMP_PUSH_SOURCES", "example.com"), "neither an address nor a network"},
		{"missing calls", "", real("CMP_MISSING", "sms/queryLatestCDR, device/bind"), ""},
		{"an unknown profile", "", real("CMP_SIGNING", "cube"), "not one of cmp-hmac, csss, cube-v1, cube-v2, none"},
		{"language", "", real("CMP_LANGUAGE", "English"), "CMP_LANGUAGE"},
		{"not a rate", "", real("CMP_RATE", "NaN"), "CMP_RATE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(strings.Fields(tt.args), tt.env, io.Discard)
			if (tt.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// TestUsage: a mistake in the arguments is told from one in the settings, and named with the usage; help tells
// every setting.
func TestUsage(t *testing.T) {
	t.Parallel()
	for arg, says := range map[string]string{"now": `unexpected argument "now"`, "--nonsense": "-nonsense", "--demo=perhaps": "perhaps", "--cmp-secret-key=x": "-cmp-secret-key"} {
		var out strings.Builder
		if _, err := Load([]string{arg}, real(), &out); !errors.Is(err, ErrUsage) || !strings.Contains(out.String(), says) || !strings.Contains(out.String(), "Usage:") {
			t.Errorf("%s: %v and\n%s", arg, err, &out)
		}
	}
	var out strings.Builder
	if _, err := Load([]string{"--help"}, env(), &out); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("--help: %v", err)
	}
	for _, s := range settings {
		if !strings.Contains(out.String(), s.env) {
			t.Errorf("--help does not tell %s", s.env)
		}
	}
}

func TestSecretFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(nil, env("CMP_BASE_URL", "https://cmp.example.com", "CMP_ACCESS_KEY", "ak", "CMP_SECRET_KEY_FILE", file), io.Discard)
	if err != nil || c.CMP.SecretKey.Reveal() != "from-file" {
		t.Errorf("got %q, %v", c.CMP.SecretKey.Reveal(), err)
	}
}

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	c := Config{CMP: CMP{SecretKey: "hush-hush"}}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("config", "config", c, "key", c.CMP.SecretKey)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%q", c.CMP.SecretKey), log.String(), string(asJSON)} {
		if strings.Contains(out, "hush") {
			t.Errorf("the secret prints: %s", out)
		}
	}
}

func TestSecure(t *testing.T) {
	t.Parallel()
	c, err := Load(nil, real("CONSOLE_BASE_URL", "https://console.example.com"), io.Discard)
	if err != nil || !c.Secure() {
		t.Errorf("https base address: secure %v, %v", c.Secure(), err)
	}
	if c, err = Load(nil, real(), io.Discard); err != nil || c.Secure() {
		t.Errorf("plain: secure %v, %v", c.Secure(), err)
	}
}
