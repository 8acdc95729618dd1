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
	"net/url"
	"sync/atomic"
	"time"
)

const (
	apiPrefix = "/cmp-api/"
	// maxAnswer bounds what is read of an answer; more of it is no answer to any of these calls.
	maxAnswer = 16 << 20
	// maxHeader bounds the head of an answer.
	maxHeader = 64 << 10
)

// newHTTPClient returns a client that follows no redirect and uses no proxy. It speaks HTTP/1.1 only, because
// HTTP/2 repeats requests by rules of its own. With idle 0 every request gets a connection of its own: on a
// reused one, a lost race with the server's close can make net/http send again.
func newHTTPClient(idle int) *http.Client {
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 3 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second, MaxResponseHeaderBytes: maxHeader, Protocols: &http1,
			DisableKeepAlives: idle == 0, MaxIdleConnsPerHost: idle, IdleConnTimeout: 30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// lane is one of the two ways to the CMP.
type lane struct {
	*http.Client
	once bool // at most one request may leave, so net/http must not repeat it either
}

// once makes the one try of a change. The time limit begins with the turn: a change that waited long must not end in
// doubt for want of the time it spent waiting.
func (c *Client) once(ctx context.Context, op string, body any) (any, *Error) {
	release, fail := c.turn(ctx, op)
	if fail != nil {
		return nil, fail
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	c.flights.part()
	defer c.flights.part()
	data, fail := c.send(ctx, c.changes, release, op, body)
	if evidenceOf(fail) == present {
		c.breaker.report(c.now(), false, present)
	}
	return data, fail
}

// send makes one signed request, gives its turn back and judges the answer. It returns the answer's data.
func (c *Client) send(ctx context.Context, via lane, release func(), op string, body any) (any, *Error) {
	defer release()
	var wire sent
	req, err := c.request(httptrace.WithClientTrace(ctx, wire.trace()), op, body)
	if err != nil {
		return nil, &Error{Op: op, Kind: NotSent, Err: err}
	}
	if via.once {
		req.GetBody = nil // without it net/http cannot send the request a second time
	}
	start := c.now()
	data, fail := c.exchange(via, req, &wire)
	took := c.now().Sub(start)
	if fail == nil {
		c.observe(op, took, nil)
		return data, nil
	}
	fail.Op, fail.took = op, took
	fail.scrub(req.Header)
	c.observe(op, took, fail)
	return nil, fail
}

// turn waits until the CMP's limits allow one more call, as long as the call itself may take and no longer.
func (c *Client) turn(ctx context.Context, op string) (release func(), fail *Error) {
	start := c.now()
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	release, err := c.gate.enter(ctx)
	if err == nil {
		return release, nil
	}
	if !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%w: %w", errBusy, err)
	}
	fail = &Error{Op: op, Kind: NotSent, Err: err}
	c.log(op, c.now().Sub(start), fail)
	return nil, fail
}

func (c *Client) request(ctx context.Context, op string, body any) (*http.Request, error) {
	req, err := c.unsigned(ctx, c.base.String()+apiPrefix+c.directory.path(op), body)
	if err != nil {
		return nil, fmt.Errorf("build request: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Language", c.language)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Date", c.now().UTC().Format(http.TimeFormat))
	if err := c.sign.sign(req, c.now()); err != nil {
		return nil, fmt.Errorf("sign request: %w", err)
	}
	return req, nil
}

// unsigned is a POST with a JSON body, or, for what is asked for with parameters of a query, a GET.
func (c *Client) unsigned(ctx context.Context, address string, body any) (*http.Request, error) {
	if query, ok := body.(url.Values); ok {
		return http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+canonicalQuery(query.Encode(), true), http.NoBody)
	}
	content, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(content))
}

// exchange makes the one round trip.
func (c *Client) exchange(via lane, req *http.Request, wire *sent) (any, *Error) {
	res, err := via.Do(req)
	if err != nil {
		kind := Unknown
		if !wire.began.Load() {
			kind = NotSent
		}
		return nil, &Error{Kind: kind, Err: err, lost: true}
	}
	defer res.Body.Close()
	content, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, &Error{Kind: Unknown, HTTPStatus: res.StatusCode, Excerpt: excerpt(content), Err: err, lost: true}
	}
	if len(content) > maxAnswer {
		return nil, &Error{Kind: Unknown, HTTPStatus: res.StatusCode, Excerpt: excerpt(content), Err: errTooLarge}
	}
	data, fail := judge(res.StatusCode, content)
	if fail != nil {
		c.readHead(fail, res.Header)
	}
	return data, fail
}

// readHead adds to a failure what the answer's head tells: the CMP's clock, and how long to wait.
func (c *Client) readHead(fail *Error, h http.Header) {
	switch {
	case fail.Kind == Unauthorised:
		fail.Skew = c.skew(h.Get("Date"))
	case isBusy(fail.HTTPStatus):
		fail.RetryAfter = retryAfter(h, c.now())
	}
}

// sent notes whether any byte of the request can have left. net/http writes to a connection only after
// handing it to the request, which it tells GotConn before; dialling and the TLS handshake are over by then.
// So before that moment nothing left, and after it nobody knows.
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

// observe keeps the health of the last call and logs it. A caller who left says nothing about the CMP.
func (c *Client) observe(op string, took time.Duration, err error) {
	if !errors.Is(err, context.Canceled) {
		c.mu.Lock()
		c.health = Health{At: c.now(), Latency: took, OK: err == nil || KindOf(err) == Rejected}
		c.mu.Unlock()
	}
	c.log(op, took, err)
}

// log tells how a call went. Bodies, keys and signatures are never logged.
func (c *Client) log(op string, took time.Duration, err error) {
	level, attrs := slog.LevelDebug, []any{"path", op, "took_ms", float64(took.Microseconds()) / 1000}
	if err != nil {
		attrs = append(attrs, "kind", KindOf(err).String(), "err", err)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		level = slog.LevelWarn
	}
	c.logger.Log(context.Background(), level, "cmp call", attrs...)
}
