// Package config reads the settings of the console: flags first, then the environment. Every fault is
// reported at once, and a secret never prints.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"
)

// Config is everything the console can be told.
type Config struct {
	Demo           bool
	Addr           string
	DataDir        string
	BaseURL        *url.URL // how browsers reach the console; nil: derived from the address
	TLSCert        string
	TLSKey         string
	TrustedProxies []string
	CMP            CMP
}

// CMP is how to reach the upstream.
type CMP struct {
	BaseURL   string // what stands before the document's paths, without /cmp-api
	AccessKey string
	SecretKey Secret
	Signing   string // cmp-hmac or none
	Language  string
	Timeout   time.Duration
	Rate      float64 // requests a second
	MaxConns  int
}

// Secret is a value that prints as [redacted] wherever it goes.
type Secret string

const redacted = "[redacted]"

func (Secret) String() string { return redacted }

// GoString keeps %#v from telling the secret.
func (Secret) GoString() string { return redacted }

// LogValue keeps slog from telling the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText keeps encoders from telling the secret.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Reveal returns the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Database is where the console keeps what must not be lost.
func (c Config) Database() string { return filepath.Join(c.DataDir, "console.db") }

// Secure tells whether browsers reach the console over TLS, here or at a proxy in front.
func (c Config) Secure() bool {
	return c.TLSCert != "" || (c.BaseURL != nil && c.BaseURL.Scheme == "https")
}

// Load reads the settings of `serve` from its arguments and the environment. Its error lists every fault.
func Load(args []string, getenv func(string) string, usage io.Writer) (Config, error) {
	var c Config
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.BoolVar(&c.Demo, "demo", false, "start the embedded sandbox CMP and demo users, on loopback only")
	given := map[string]*string{}
	for _, s := range settings {
		if !s.secret {
			given[s.env] = flags.String(flagName(s.env), "", s.usage+" ("+s.env+")")
		}
	}
	if err := flags.Parse(args); err != nil {
		return Config{}, err
	}
	if flags.NArg() > 0 {
		return Config{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	set := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	value := func(s setting) string {
		if set[flagName(s.env)] {
			return *given[s.env]
		}
		if v := getenv(s.env); v != "" {
			return v
		}
		return s.initial
	}
	return build(c, value)
}

// DataDir is the one setting that the commands beside a running console need.
func DataDir(getenv func(string) string) string {
	if v := getenv("CONSOLE_DATA_DIR"); v != "" {
		return v
	}
	return defaultDataDir
}

func build(c Config, value func(setting) string) (Config, error) {
	var faults []error
	for _, s := range settings {
		if v := value(s); v != "" {
			if err := s.set(&c, v); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", s.env, err))
			}
		}
	}
	faults = append(faults, c.check()...)
	if len(faults) > 0 {
		return Config{}, errors.Join(faults...)
	}
	return c, nil
}

// check looks at settings that only make sense together.
func (c Config) check() []error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	loopback := Loopback(c.Addr)
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		fault("CONSOLE_TLS_CERT and CONSOLE_TLS_KEY: set both or neither")
	case c.Demo && !loopback:
		fault("CONSOLE_ADDR: --demo listens on loopback only, %s is not; use 127.0.0.1:8080", c.Addr)
	case !loopback && c.TLSCert == "" && len(c.TrustedProxies) == 0:
		fault("CONSOLE_ADDR: %s is not loopback and plain HTTP would show passwords to the network; set CONSOLE_TLS_CERT and CONSOLE_TLS_KEY, or CONSOLE_TRUSTED_PROXIES when a TLS proxy stands in front", c.Addr)
	}
	if c.Demo {
		return faults
	}
	if c.CMP.BaseURL == "" {
		fault("CMP_BASE_URL: required; it is what stands before /cmp-api, such as https://cmp.example.com (or start with --demo)")
	}
	if c.CMP.Signing != SigningNone && c.CMP.AccessKey == "" {
		fault("CMP_ACCESS_KEY: required with CMP_SIGNING=%s", c.CMP.Signing)
	}
	if c.CMP.Signing != SigningNone && c.CMP.SecretKey == "" {
		fault("CMP_SECRET_KEY or CMP_SECRET_KEY_FILE: required with CMP_SIGNING=%s", c.CMP.Signing)
	}
	return faults
}

// Loopback tells whether an address to listen on can be reached from this machine only.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func flagName(env string) string { return strings.ToLower(strings.ReplaceAll(env, "_", "-")) }
