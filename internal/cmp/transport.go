package cmp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

// maxAnswer bounds what is read of an answer; more of it is no answer to any of these calls.
const maxAnswer = 16 << 20

// newTransport returns a transport without proxies. Changes get a connection of their own each, because on a
// reused one a lost race with the server's close makes net/http send again.
func newTransport(keepAlive bool) *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second, DisableKeepAlives: !keepAlive, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second,
		DisableCompression: false, ForceAttemptHTTP2: keepAlive,
	}
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// call sends one signed POST and judges its answer.
func (c *Client) call(ctx context.Context, via *http.Client, path string, body any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	release, err := c.gate.enter(ctx)
	if err != nil {
		return nil, &Error{Op: path, Kind: NotSent, Err: fmt.Errorf("waiting for a turn: %w", err)}
	}
	defer release()
	var wire sent
	req, err := c.request(httptrace.WithClientTrace(ctx, wire.trace()), path, body)
	if err != nil {
		return nil, &Error{Op: path, Kind: NotSent, Err: err}
	}
	start := c.now()
	data, err := c.exchange(via, req, path, &wire)
	c.observe(path, start, err)
	return data, err
}

func (c *Client) request(ctx context.Context, path string, body any) (*http.Request, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base.String()+apiPrefix+path, bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	req.GetBody = nil // without it net/http cannot send the request a second time
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Language", c.language)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Date", c.now().UTC().Format(http.TimeFormat))
	c.sign.sign(req, content)
	return req, nil
}

// exchange makes the one round trip.
func (c *Client) exchange(via *http.Client, req *http.Request, path string, wire *sent) (json.RawMessage, error) {
	res, err := via.Do(req)
	if err != nil {
		kind := Unknown
		if !wire.began.Load() {
			kind = NotSent
		}
		return nil, &Error{Op: path, Kind: kind, Err: err}
	}
	defer res.Body.Close()
	content, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(content) > maxAnswer {
		err = errors.New("the answer is larger than 16 MiB")
	}
	if err != nil {
		return nil, &Error{Op: path, Kind: Unknown, HTTPStatus: res.StatusCode, Excerpt: excerpt(content), Err: err}
	}
	data, fail := judge(res.StatusCode, content)
	if fail != nil {
		fail.Op = path
		if fail.Kind == Unauthorised {
			fail.Skew = c.skew(res.Header.Get("Date"))
		}
		return nil, fail
	}
	return data, nil
}

// sent notes whether any byte of the request can have left. Bytes are written to the wire only after a
// connection was handed to the request, so before that moment nothing left, and after it nobody knows.
type sent struct{ began atomic.Bool }

func (s *sent) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { s.began.Store(true) }}
}

// skew is how far the CMP's clock is ahead of ours, as far as its answer tells.
func (c *Client) skew(date string) time.Duration {
	t, err := http.ParseTime(date)
	if err != nil {
		return 0
	}
	return t.Sub(c.now()).Round(time.Second)
}

// observe keeps the health of the last call and logs it. Bodies, keys and signatures are never logged.
func (c *Client) observe(path string, start time.Time, err error) {
	took := c.now().Sub(start)
	kind := KindOf(err)
	ok := err == nil || kind == Rejected || kind == NotFound
	c.mu.Lock()
	c.health = Health{At: start.Add(took), Latency: took, OK: ok}
	c.mu.Unlock()
	level, attrs := slog.LevelDebug, []any{"path", path, "took", took}
	if err != nil {
		level, attrs = slog.LevelWarn, append(attrs, "kind", kind.String(), "err", err)
	}
	c.logger.Log(context.Background(), level, "cmp call", attrs...)
}
