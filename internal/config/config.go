// Package config reads the settings of the console: flags first, then the environment. Every fault is
// reported at once, and a secret never prints.
package config

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
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
	ReadOnly       bool          // no change is sent to the CMP
	AuditKey       string        // file of the key that signs checkpoints of the audit log
	AnchorFile     string        // keeps those checkpoints
	AnchorSyslog   string        // keeps them too; empty: none
	SyncEvery      time.Duration // from one reading of the whole fleet to the next; 0: by hand only
	PageSize       int           // devices a page of it
	DemoDevices    int           // the size of the demo's fleet
	CMP            CMP
}

// CMP is how to reach the upstream.
type CMP struct {
	BaseURL   string // what stands before the document's paths, without /cmp-api
	AccessKey string
	SecretKey Secret // for cube-v1 and cube-v2 an RSA private key
	Signing   string // one of the profiles
	Language  string
	Timeout   time.Duration
	Rate      float64 // requests a second
	MaxConns  int
	Paths     map[string]string // where calls are found that have another path here
	Missing   []string          // calls that this CMP does not have
	PushToken Secret            // of the addresses of its callbacks, two with a comma while it changes; empty: they do not exist
	PushFrom  []netip.Prefix    // where callbacks come from; empty: anywhere
	PushQuiet time.Duration     // without a callback for so long, pages say so; 0: never
	PushKey   Secret            // of their signatures; empty: none is checked
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

// PushTokens are the tokens that count.
func (c CMP) PushTokens() (tokens []string) {
	for token := range strings.SplitSeq(c.PushToken.Reveal(), ",") {
		if token = strings.TrimSpace(token); token != "" {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// Reveal returns the secret itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Database is where the console keeps what must not be lost.
func (c Config) Database() string { return filepath.Join(c.DataDir, "console.db") }

// Texts is where the texts of the audit log are indexed. It can be built anew from the database.
func (c Config) Texts() string { return filepath.Join(c.DataDir, "audit-texts") }

// Mirror is where the local copy of the fleet is kept. It can be deleted and is filled anew.
func (c Config) Mirror() string { return filepath.Join(c.DataDir, "mirror.db") }

// Secure tells whether browsers reach the console over TLS, here or at a proxy in front.
func (c Config) Secure() bool {
	return c.TLSCert != "" || (c.BaseURL != nil && c.BaseURL.Scheme == "https")
}

// ErrUsage is a mistake in the arguments. What it is and the usage have been printed by then.
var ErrUsage = errors.New("the arguments are wrong")

// Load reads the settings of `serve` from its arguments and the environment. Its error lists every fault.
func Load(args []string, getenv func(string) string, usage io.Writer) (Config, error) {
	var c Config
	flags := newFlags(&c.Demo, usage)
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return Config{}, err
	} else if err != nil {
		return Config{}, ErrUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(usage, "unexpected argument %q\n", flags.Arg(0))
		flags.Usage()
		return Config{}, ErrUsage
	}
	given := map[string]string{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = f.Value.String() })
	return build(c, func(s setting) string {
		if v, ok := given[flagName(s.env)]; ok {
			return v
		}
		return cmp.Or(getenv(s.env), s.initial)
	})
}

// newFlags gives every setting a flag but the secrets, which would show in the list of processes.
func newFlags(demo *bool, usage io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.BoolVar(demo, "demo", false, "start the embedded sandbox CMP and demo users, on loopback only")
	var secrets []string
	for _, s := range settings {
		if s.secret {
			secrets = append(secrets, s.env)
			continue
		}
		flags.String(flagName(s.env), s.initial, s.usage+" ("+s.env+")")
	}
	flags.Usage = func() {
		fmt.Fprintln(usage, "Usage: cmpconsole [serve] [--demo] [settings]")
		flags.PrintDefaults()
		fmt.Fprintln(usage, "In the environment only:", strings.Join(secrets, ", "))
	}
	return flags
}

// DataDir is the one setting that the commands beside a running console need.
func DataDir(getenv func(string) string) string {
	return cmp.Or(getenv("CONSOLE_DATA_DIR"), defaultDataDir)
}

// AuditFiles are the settings that tell an auditor's commands what stands outside the database.
func AuditFiles(getenv func(string) string) (key, anchor string) {
	return auditFiles(DataDir(getenv), getenv("CONSOLE_AUDIT_KEY_FILE"), getenv("CONSOLE_ANCHOR_FILE"))
}

func auditFiles(dir, key, anchor string) (string, string) {
	return cmp.Or(key, filepath.Join(dir, "audit.key")), cmp.Or(anchor, filepath.Join(dir, "anchors"))
}

func build(c Config, value func(setting) string) (Config, error) {
	faults := apply(&c, settings, value)
	c.AuditKey, c.AnchorFile = auditFiles(c.DataDir, c.AuditKey, c.AnchorFile)
	faults = append(faults, c.check()...)
	if len(faults) > 0 {
		return Config{}, errors.Join(faults...)
	}
	return c, nil
}

// Sandbox reads from the environment what a sandbox shares with its console, as Load does, and asks for none of it: how
// requests are signed and with what (without keys no signature is checked), and the token of callbacks.
func Sandbox(getenv func(string) string) (CMP, error) {
	var c Config
	list := slices.DeleteFunc(slices.Clone(settings), func(s setting) bool {
		return !slices.Contains([]string{"CMP_ACCESS_KEY", "CMP_SECRET_KEY_FILE", "CMP_SECRET_KEY", "CMP_SIGNING", "CMP_PUSH_TOKEN"}, s.env)
	})
	faults := apply(&c, list, func(s setting) string { return cmp.Or(getenv(s.env), s.initial) })
	return c.CMP, errors.Join(faults...)
}

// apply takes over the values that are given, and tells what is wrong with the others.
func apply(c *Config, list []setting, value func(setting) string) (faults []error) {
	for _, s := range list {
		if v := value(s); v != "" {
			if err := s.set(c, v); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", s.env, err))
			}
		}
	}
	return faults
}

// check looks at settings that only make sense together.
func (c Config) check() []error {
	faults := c.checkDoor()
	if c.Demo {
		return faults
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
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

// checkDoor looks at how browsers come in: passwords and cookies never cross a network in the clear.
func (c Config) checkDoor() []error {
	loopback, plain := Loopback(c.Addr), c.TLSCert == ""
	switch {
	case plain != (c.TLSKey == ""):
		return []error{errors.New("CONSOLE_TLS_CERT and CONSOLE_TLS_KEY: set both or neither")}
	case c.Demo && !loopback:
		return []error{fmt.Errorf("CONSOLE_ADDR: --demo listens on loopback only, %s is not; use 127.0.0.1:8080", c.Addr)}
	case !loopback && plain && len(c.TrustedProxies) == 0:
		return []error{fmt.Errorf("CONSOLE_ADDR: %s is not loopback and plain HTTP would show passwords to the network; set CONSOLE_TLS_CERT and CONSOLE_TLS_KEY, "+
			"or CONSOLE_TRUSTED_PROXIES and an https CONSOLE_BASE_URL when a TLS proxy stands in front", c.Addr)}
	case !loopback && !c.Secure():
		return []error{errors.New("CONSOLE_BASE_URL: set it to the https address of the proxy in CONSOLE_TRUSTED_PROXIES, such as https://console.example.com; " +
			"without it browsers would send the session cookie over plain HTTP too")}
	}
	return nil
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
