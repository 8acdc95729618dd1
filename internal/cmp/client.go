package cmp

import (
	"context"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Client calls the CMP. It is safe for concurrent use.
type Client struct {
	base      *url.URL
	language  string
	timeout   time.Duration
	now       func() time.Time
	logger    *slog.Logger
	sign      signer
	gate      *gate
	reads     lane
	changes   lane
	readsOnly bool
	strange   strangers
	directory directory
	flights   flights
	breaker   breaker
	jitter    func(below time.Duration) time.Duration
	pause     func(ctx context.Context, d time.Duration) error

	mu     sync.Mutex
	health Health
}

// Health is how the last call went.
type Health struct {
	At      time.Time // when its answer came, or failed to; zero before the first call
	Latency time.Duration
	OK      bool // a usable answer came, be it a refusal; a refused signature is none

	NotBefore time.Time // no read is sent before, because the last ones got no answer; zero when reads are sent
}

// New returns a client. It fails when an option cannot work.
func New(o Options) (*Client, error) {
	base, err := o.check()
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, language: o.Language, timeout: o.Timeout, now: o.Now, logger: o.Logger, gate: newGate(o.Rate, o.MaxConns),
		reads: lane{Client: newHTTPClient(o.MaxConns)}, changes: lane{Client: newHTTPClient(0), once: true},
		jitter: jitter, pause: pause}
	if c.now == nil {
		c.now = time.Now
	}
	if c.logger == nil {
		c.logger = slog.New(slog.DiscardHandler)
	}
	if c.language == "" {
		c.language = "en-US"
	}
	if c.directory, err = newDirectory(o.Paths, o.Missing); err != nil {
		return nil, err
	}
	if err := c.useProfile(o); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Client) useProfile(o Options) (err error) {
	c.readsOnly = o.Signing == SigningNone && !isLoopback(c.base.Hostname())
	c.sign, err = newSigner(o)
	return err
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Health tells how the last call went, and whether reads are held back.
func (c *Client) Health() Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.health
	h.NotBefore = c.breaker.notBefore(c.now())
	return h
}

// read makes a call that changes nothing. It returns the answer's data, nil when the CMP found nothing.
func (c *Client) read(ctx context.Context, op string, body any) (*node, error) {
	data, err := c.ask(ctx, op, body)
	if err != nil {
		return nil, err
	}
	n, ok := data.(*node)
	if !ok && !isEmpty(data) {
		return nil, unusable(op, errNoObject)
	}
	return n, nil
}

// change makes a call that changes something: at most one request leaves, and no redirect is followed. The
// codes alone confirm it, so data that is no object comes back as nil.
func (c *Client) change(ctx context.Context, op string, body any) (*node, error) {
	if c.readsOnly {
		return nil, refused(op, errUnsigned)
	}
	if c.directory.lacks(op) {
		return nil, refused(op, errMissing)
	}
	data, fail := c.once(ctx, op, body)
	if fail != nil {
		return nil, fail
	}
	n, _ := data.(*node)
	return n, nil
}
