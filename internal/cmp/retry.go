package cmp

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"
)

// retryWithin has an entry for each retry of a read: the wait before it is drawn from zero up to there (full jitter).
var retryWithin = [...]time.Duration{250 * time.Millisecond, 500 * time.Millisecond}

// ask makes a call that changes nothing, together with whoever asks the same at the same time. It returns the
// answer's data, to look at only.
func (c *Client) ask(ctx context.Context, op string, body any) (any, error) {
	if c.directory.lacks(op) {
		return nil, refused(op, errMissing)
	}
	key, err := keyOf(op, body)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, &Error{Op: op, Kind: NotSent, Err: err}
	}
	if isBackground(ctx) {
		key = "in the background: " + key // nobody who waits for an answer is to share its slowness
	}
	data, fail := c.flights.share(ctx, op, key, func(ctx context.Context) (any, *Error) { return c.guard(ctx, op, body) })
	if fail != nil {
		return nil, fail
	}
	return data, nil
}

// guard sends a read on unless the CMP has not answered for a while, and notes whether it answers this one.
func (c *Client) guard(ctx context.Context, op string, body any) (any, *Error) {
	probe, fail := c.breaker.admit(c.now())
	if fail != nil {
		fail.Op = op
		return nil, fail
	}
	data, fail := c.persist(ctx, op, body)
	if until, opened := c.breaker.report(c.now(), probe, evidenceOf(fail)); opened {
		c.logger.Warn("cmp not answering, reads are held back", "path", op, "until", until)
	}
	return data, fail
}

// persist makes a read, and again while that may help. The time limit begins with the first turn and is for all
// tries, their waits and further turns together; a wait that does not fit into it is not begun.
func (c *Client) persist(ctx context.Context, op string, body any) (any, *Error) {
	release, fail := c.turn(ctx, op)
	if fail != nil {
		return nil, fail
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for _, within := range retryWithin {
		data, fail := c.send(ctx, c.reads, release, op, body)
		if fail == nil || !fail.passes() {
			return data, fail
		}
		var left *Error
		if release, left = c.rest(ctx, op, max(c.jitter(within), fail.RetryAfter)); left != nil {
			if errors.Is(left, context.Canceled) {
				return nil, left
			}
			return nil, fail // what kept us from another try matters less than what hindered this one
		}
	}
	return c.send(ctx, c.reads, release, op, body)
}

// rest waits so long, then for the next turn.
func (c *Client) rest(ctx context.Context, op string, wait time.Duration) (release func(), fail *Error) {
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= wait {
		return nil, &Error{Op: op, Kind: NotSent, Err: context.DeadlineExceeded}
	}
	if err := c.pause(ctx, wait); err != nil {
		return nil, &Error{Op: op, Kind: NotSent, Err: err}
	}
	return c.turn(ctx, op)
}

func jitter(below time.Duration) time.Duration {
	return rand.N(below) //nolint:gosec // spreads load, hides nothing
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// passes tells a failure that may be over soon: the CMP or its gateway is busy, or the connection broke.
func (e *Error) passes() bool { return isBusy(e.HTTPStatus) || e.lost && e.broke() }

// isBusy tells the statuses after which the same request may be answered a little later.
func isBusy(status int) bool { return status == http.StatusTooManyRequests || isDown(status) }

// isDown tells the statuses with which a gateway stands in for a CMP that does not answer.
func isDown(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// broke tells that the connection was not made or ended early. A certificate that is refused will be refused again,
// and an answer that is no HTTP came whole.
func (e *Error) broke() bool {
	if op, ok := errors.AsType[*net.OpError](e.Err); ok {
		return op.Op == "dial" || op.Op == "read" || op.Op == "write" // TLS calls its alerts otherwise
	}
	return e.Timeout() || errors.Is(e.Err, io.EOF) || errors.Is(e.Err, io.ErrUnexpectedEOF)
}

// retryAfter is how long an answer asks to wait, in seconds or as a date by the clock of its sender; 0 when it does not.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const most = 24 * time.Hour
	text := h.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil {
		return time.Duration(min(max(0, n), int(most/time.Second))) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return min(max(0, until.Sub(now)), most)
}
