package cmp

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"
)

// The signing profiles.
const (
	SigningHMAC   = "cmp-hmac" // the CMP's gateway
	SigningCSSS   = "csss"     // the older generation of the API
	SigningCubeV1 = "cube-v1"
	SigningCubeV2 = "cube-v2"
	SigningNone   = "none"
)

// Options says where the CMP is and how to talk to it. However it is printed or logged, the secret stays out.
type Options struct {
	BaseURL   string            // what stands before the document's paths, without /cmp-api
	AccessKey string            // for csss the access code, for cube-v1 and cube-v2 the id of the key
	SecretKey string            `json:"-"` // for cube-v1 and cube-v2 an RSA private key, in PEM or the Base64 of its DER
	Signing   string            // one of the profiles; with none, changes are sent to loopback hosts only
	Language  string            // of the CMP's messages; en-US when empty
	Timeout   time.Duration     // of a change, or of a read with all its tries; the wait for the first turn may take as long again
	Rate      float64           // calls a second, at most a million
	MaxConns  int               // calls at the same time
	Paths     map[string]string // where calls of the document are found that have another path here
	Missing   []string          // calls of the document that are not there
	Now       func() time.Time
	Logger    *slog.Logger
}

// LogValue is the options without the secret.
func (o Options) LogValue() slog.Value {
	return slog.GroupValue(slog.String("base_url", o.safeURL()), slog.String("access_key", o.AccessKey), slog.String("signing", o.Signing),
		slog.Duration("timeout", o.Timeout), slog.Float64("rate", o.Rate), slog.Int("max_conns", o.MaxConns))
}

// Format prints the options without the secret, whatever the verb.
func (o Options) Format(f fmt.State, _ rune) { fmt.Fprint(f, o.LogValue()) }

// safeURL is the base address fit for a message: a password that stands in it stays out.
func (o Options) safeURL() string {
	u, err := url.Parse(o.BaseURL)
	if err != nil {
		return "(unreadable)"
	}
	if u.User != nil {
		u.User = url.User("redacted")
	}
	return u.String()
}

// check returns the base address when all options can work.
func (o Options) check() (*url.URL, error) {
	base, err := url.Parse(strings.TrimRight(o.BaseURL, "/"))
	switch {
	case err != nil || base.Hostname() == "" || (base.Scheme != "http" && base.Scheme != "https"):
		return nil, fmt.Errorf("cmp: base address %q is not of the form https://host", o.safeURL())
	case base.User != nil || base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, fmt.Errorf("cmp: base address %q must have no user, query or fragment", o.safeURL())
	case strings.HasSuffix(base.Path, "/cmp-api"):
		return nil, fmt.Errorf("cmp: base address %q must end before /cmp-api", o.safeURL())
	case o.Timeout <= 0 || !(o.Rate > 0) || o.Rate > 1e6 || o.MaxConns < 1:
		return nil, errors.New("cmp: timeout, rate and connections must be above zero, the rate at most a million")
	}
	return base, nil
}
