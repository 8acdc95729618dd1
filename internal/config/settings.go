package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// The signing profiles of this version.
const (
	SigningHMAC   = "cmp-hmac"
	SigningCSSS   = "csss"
	SigningCubeV1 = "cube-v1"
	SigningCubeV2 = "cube-v2"
	SigningNone   = "none"
)

const defaultDataDir = "data"

// setting is one row of the table of settings: its name in the environment, whether it is kept off the
// command line, its default and how to take it over.
type setting struct {
	env     string
	secret  bool
	initial string
	usage   string
	set     func(*Config, string) error
}

var settings = []setting{
	{"CONSOLE_ADDR", false, "127.0.0.1:8080", "address to listen on; port 0 picks a free one", setAddr},
	{"CONSOLE_DATA_DIR", false, defaultDataDir, "directory of the databases", text(func(c *Config) *string { return &c.DataDir })},
	{"CONSOLE_BASE_URL", false, "", "address under which browsers reach the console", setBaseURL},
	{"CONSOLE_TLS_CERT", false, "", "certificate file (PEM)", setFile(func(c *Config) *string { return &c.TLSCert })},
	{"CONSOLE_TLS_KEY", false, "", "private key file (PEM)", setFile(func(c *Config) *string { return &c.TLSKey })},
	{"CONSOLE_TRUSTED_PROXIES", false, "", "addresses or networks whose forwarded headers count, comma separated", setProxies},
	{"CONSOLE_READ_ONLY", false, "false", "true: no change is sent to the CMP", setReadOnly},
	{"CONSOLE_AUDIT_KEY_FILE", false, "", "file of the key that signs checkpoints of the audit log, made when missing; audit.key in the data directory", text(func(c *Config) *string { return &c.AuditKey })},
	{"CONSOLE_ANCHOR_FILE", false, "", "file that keeps signed checkpoints of the audit log, best on another disk; anchors in the data directory", text(func(c *Config) *string { return &c.AnchorFile })},
	{"CONSOLE_ANCHOR_SYSLOG", false, "", "system log that keeps them too: local, or udp://host:port, tcp://host:port", setSyslog},
	{"CONSOLE_DEMO_DEVICES", false, "3000", "devices of the demo's simulated CMP, up to 4000000; only with --demo", setDemoDevices},
	{"CMP_BASE_URL", false, "", "what stands before the CMP's /cmp-api", setCMPBaseURL},
	{"CMP_ACCESS_KEY", true, "", "", text(func(c *Config) *string { return &c.CMP.AccessKey })},
	{"CMP_SECRET_KEY_FILE", false, "", "file that holds the CMP secret key", setSecretFile},
	{"CMP_SECRET_KEY", true, "", "", func(c *Config, v string) error { c.CMP.SecretKey = Secret(v); return nil }},
	{"CMP_SIGNING", false, SigningHMAC, "how requests are signed: cmp-hmac, csss, cube-v1, cube-v2 or none", setSigning},
	{"CMP_LANGUAGE", false, "en-US", "language of the CMP's messages: en-US or zh-CN", setLanguage},
	{"CMP_TIMEOUT", false, "30s", "how long one call may take, for a read with all its tries", setTimeout},
	{"CMP_RATE", false, "5", "calls a second at most", setRate},
	{"CMP_MAX_CONNS", false, "3", "calls at the same time at most", setMaxConns},
	{"CMP_SYNC_EVERY", false, "6h", "how often the whole fleet is read into the mirror; 0: by hand only", setSyncEvery},
	{"CMP_PAGE_SIZE", false, "100", "devices a page of it", setPageSize},
	{"CMP_PATHS", false, "", "calls that this CMP has at another path, such as device/bind=device/bound, comma separated", setPaths},
	{"CMP_PUSH_TOKEN", true, "", "", setPushToken},
	{"CMP_PUSH_SOURCES", false, "", "addresses or networks that callbacks come from, comma separated; none: anywhere", setPushSources},
	{"CMP_PUSH_QUIET", false, "24h", "pages say so when no callback has come for so long; 0: never", setPushQuiet},
	{"CMP_PUSH_KEY", true, "", "", func(c *Config, v string) error { c.CMP.PushKey = Secret(v); return nil }},
	{"CMP_MISSING", false, "", "calls that this CMP does not have, such as sms/queryLatestCDR, comma separated", setMissing},
}

func text(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error { *field(c) = v; return nil }
}

func setFile(field func(*Config) *string) func(*Config, string) error {
	return func(c *Config, v string) error {
		*field(c) = v
		_, err := os.Stat(v)
		return err
	}
}

func setAddr(c *Config, v string) error {
	c.Addr = v
	if _, port, err := net.SplitHostPort(v); err != nil || port == "" {
		return fmt.Errorf("%q is not host:port, such as 127.0.0.1:8080", v)
	}
	return nil
}

func setBaseURL(c *Config, v string) error {
	u, err := httpURL(v)
	if err == nil && strings.Trim(u.Path, "/") != "" {
		err = fmt.Errorf("%q has a path; the console is served from the root", v)
	}
	c.BaseURL = u
	return err
}

func setCMPBaseURL(c *Config, v string) error {
	c.CMP.BaseURL = strings.TrimRight(v, "/")
	u, err := httpURL(v)
	if err == nil && strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/cmp-api") {
		err = errors.New("leave /cmp-api out, it is part of the document's paths")
	}
	return err
}

func httpURL(v string) (*url.URL, error) {
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, errors.New("not an address of the form https://host")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(v, "#") {
		return nil, errors.New("the address must have no user, query or fragment")
	}
	return u, nil
}

// network reads a network, or an address as one of its own.
func network(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	n, err := netip.ParsePrefix(text)
	if err != nil {
		return n, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", text)
	}
	return n, nil
}

func setProxies(c *Config, v string) error {
	for part := range strings.SplitSeq(v, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		if _, err := network(part); err != nil {
			return err
		}
		c.TrustedProxies = append(c.TrustedProxies, part)
	}
	return nil
}

// minPushToken is how long a token is at least: nothing else keeps strangers out.
const minPushToken = 8

func setPushToken(c *Config, v string) error {
	c.CMP.PushToken = Secret(v)
	tokens := c.CMP.PushTokens()
	for _, token := range tokens {
		if len(token) < minPushToken || strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return fmt.Errorf("a token has %d letters, digits, - or _ at least, such as those of: openssl rand -hex 16", minPushToken)
		}
	}
	if len(tokens) > 2 {
		return errors.New("two tokens at most, the new one and the old one, with a comma between them")
	}
	return nil
}

func setPushSources(c *Config, v string) error {
	for part := range strings.SplitSeq(v, ",") {
		from, err := network(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		c.CMP.PushFrom = append(c.CMP.PushFrom, from.Masked())
	}
	return nil
}

func setReadOnly(c *Config, v string) (err error) {
	if c.ReadOnly, err = strconv.ParseBool(v); err != nil {
		return fmt.Errorf("%q is neither true nor false", v)
	}
	return nil
}

func setDemoDevices(c *Config, v string) (err error) {
	if c.DemoDevices, err = strconv.Atoi(v); err != nil || c.DemoDevices < 1 || c.DemoDevices > 4_000_000 {
		return fmt.Errorf("%q is not a whole number from 1 to 4000000", v)
	}
	return nil
}

func setSyslog(c *Config, v string) error {
	c.AnchorSyslog = v
	u, err := url.Parse(v)
	if v == "local" || err == nil && (u.Scheme == "udp" || u.Scheme == "tcp") && u.Port() != "" && u.Path == "" {
		return nil
	}
	return fmt.Errorf("%q is neither local nor of the form udp://host:514", v)
}

func setSecretFile(c *Config, v string) error {
	b, err := os.ReadFile(v)
	if err != nil {
		return err
	}
	c.CMP.SecretKey = Secret(strings.TrimRight(string(b), "\r\n"))
	if c.CMP.SecretKey == "" {
		return fmt.Errorf("%s is empty", v)
	}
	return nil
}

func setSigning(c *Config, v string) error {
	c.CMP.Signing = v
	switch v {
	case SigningHMAC, SigningCSSS, SigningCubeV1, SigningCubeV2, SigningNone:
		return nil
	}
	return fmt.Errorf("%q is not one of cmp-hmac, csss, cube-v1, cube-v2, none", v)
}

func setLanguage(c *Config, v string) error {
	c.CMP.Language = v
	if v != "en-US" && v != "zh-CN" {
		return fmt.Errorf("%q is not one of en-US, zh-CN", v)
	}
	return nil
}

func setTimeout(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is not a time above zero, such as 30s", v)
	}
	c.CMP.Timeout = d
	return nil
}

func setRate(c *Config, v string) error {
	r, err := strconv.ParseFloat(v, 64)
	if err != nil || !(r > 0) || r > 1e6 {
		return fmt.Errorf("%q is not a number above zero, such as 5", v)
	}
	c.CMP.Rate = r
	return nil
}

func setPaths(c *Config, v string) error {
	c.CMP.Paths = map[string]string{}
	for part := range strings.SplitSeq(v, ",") {
		call, path, ok := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := c.CMP.Paths[call]; !ok || call == "" || path == "" || twice {
			return fmt.Errorf("%q is not of the form device/bind=device/bound, or is there twice", part)
		}
		c.CMP.Paths[call] = path
	}
	return nil
}

func setMissing(c *Config, v string) error {
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			c.CMP.Missing = append(c.CMP.Missing, part)
		}
	}
	return nil
}

func setMaxConns(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 1000 {
		return fmt.Errorf("%q is not a whole number from 1 to 1000", v)
	}
	c.CMP.MaxConns = n
	return nil
}

func setSyncEvery(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is neither a time, such as 6h, nor 0", v)
	}
	c.SyncEvery = d
	return nil
}

func setPushQuiet(c *Config, v string) error {
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is neither a time, such as 24h, nor 0", v)
	}
	c.CMP.PushQuiet = d
	return nil
}

func setPageSize(c *Config, v string) error {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 10000 {
		return fmt.Errorf("%q is not a whole number from 1 to 10000", v)
	}
	c.PageSize = n
	return nil
}
