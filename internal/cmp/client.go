package cmp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The signing profiles.
const (
	SigningHMAC = "cmp-hmac"
	SigningNone = "none"
)

// Options says where the CMP is and how to talk to it.
type Options struct {
	BaseURL              string // what stands before the document's paths, without /cmp-api
	AccessKey, SecretKey string
	Signing              string        // cmp-hmac or none; with none, changes are sent to loopback hosts only
	Language             string        // of the CMP's messages
	Timeout              time.Duration // of one call, waiting for its turn included
	Rate                 float64       // calls a second
	MaxConns             int           // calls at the same time
	Now                  func() time.Time
	Logger               *slog.Logger
}

// Client calls the CMP. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	language  string
	timeout   time.Duration
	now       func() time.Time
	logger    *slog.Logger
	sign      signer
	gate      *gate
	reads     *http.Client
	changes   *http.Client
	readsOnly bool

	mu     sync.Mutex
	health Health
}

// Health is how the last call went.
type Health struct {
	At      time.Time // when its answer came, or failed to; zero before the first call
	Latency time.Duration
	OK      bool // a well-formed answer came, whatever it said
}

// New returns a client. It fails when an option cannot work.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(o.BaseURL, "/"))
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, fmt.Errorf("cmp: base address %q is not of the form https://host", o.BaseURL)
	}
	if o.Timeout <= 0 || o.Rate <= 0 || o.MaxConns < 1 {
		return nil, errors.New("cmp: timeout, rate and connections must be above zero")
	}
	c := &Client{base: base, language: o.Language, timeout: o.Timeout, now: o.Now, logger: o.Logger, gate: newGate(o.Rate, o.MaxConns),
		reads: &http.Client{Transport: newTransport(true), CheckRedirect: noRedirect}, changes: &http.Client{Transport: newTransport(false), CheckRedirect: noRedirect}}
	if c.now == nil {
		c.now = time.Now
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	if c.language == "" {
		c.language = "en-US"
	}
	return c, c.useProfile(o)
}

func (c *Client) useProfile(o Options) error {
	switch o.Signing {
	case SigningHMAC:
		if o.AccessKey == "" || o.SecretKey == "" {
			return errors.New("cmp: signing with cmp-hmac needs an access key and a secret key")
		}
		c.sign = hmacSigner{accessKey: o.AccessKey, secret: []byte(o.SecretKey), encode: true}
	case SigningNone:
		c.sign, c.readsOnly = noSigner{}, !isLoopback(c.base.Hostname())
	default:
		return fmt.Errorf("cmp: signing profile %q is not one of cmp-hmac, none", o.Signing)
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Health tells how the last call went.
func (c *Client) Health() Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.health
}

// read makes a call that changes nothing and decodes its data into out.
func (c *Client) read(ctx context.Context, path string, body, out any) error {
	data, err := c.call(ctx, c.reads, path, body)
	if err != nil {
		return err
	}
	if err := decode(data, out); err != nil {
		return &Error{Op: path, Kind: Unknown, HTTPStatus: http.StatusOK, Excerpt: excerpt(data), Err: err}
	}
	return nil
}

// change makes a call that changes something: at most one request leaves, and no redirect is followed.
func (c *Client) change(ctx context.Context, path string, body any) (json.RawMessage, error) {
	if c.readsOnly {
		return nil, &Error{Op: path, Kind: NotSent, Message: "Requests are not signed (CMP_SIGNING=none), so nothing is changed on a CMP that is not on this machine."}
	}
	return c.call(ctx, c.changes, path, body)
}
