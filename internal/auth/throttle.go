package auth

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// knownFor is how long a source that signed in to an account is told apart from the rest of the world.
const knownFor = 30 * 24 * time.Hour

// ThrottledError says that there were too many attempts and when the next one may come.
type ThrottledError struct{ RetryAfter time.Duration }

func (e *ThrottledError) Error() string { return "sign-in throttled for " + e.RetryAfter.String() }

// Unwrap gives the message for the operator.
func (e *ThrottledError) Unwrap() error {
	seconds := strconv.Itoa(int(e.RetryAfter / time.Second))
	return fault.New(fault.TooMany, "Too many attempts to sign in. Try again in "+seconds+" seconds.")
}

// bucket allows a burst of attempts at once and then one every so often. All it remembers is the moment at
// which it would be full again, so refused attempts cost nothing and prolong nothing: nobody can lock out
// anybody for longer than the time of one attempt.
type bucket struct {
	key   []byte
	burst int
	every time.Duration
}

// wait returns how long until the bucket allows an attempt, when it is full again at until.
func (b bucket) wait(until, now time.Time) time.Duration {
	return b.clamp(until, now).Sub(now) - time.Duration(b.burst-1)*b.every
}

// clamp returns until as far as it counts. What attempts cannot reach comes from a clock that was set back:
// it is forgotten, since waiting for it could take for ever.
func (b bucket) clamp(until, now time.Time) time.Time {
	if until.Before(now) || until.After(now.Add(time.Duration(b.burst)*b.every)) {
		return now
	}
	return until
}

// attempt is one guess: whose account, from where.
type attempt struct{ name, source string }

func newAttempt(name, source string) attempt { return attempt{name, network(source)} }

// buckets returns what the attempt counts against. One source alone never empties an account's bucket, and
// sources that have signed in to it before have one of their own: a flood from elsewhere does not keep the owner out.
func (a attempt) buckets(known bool) []bucket {
	return []bucket{
		{a.pairKey(), 10, time.Minute},
		{throttleKey("source", a.source), 30, 6 * time.Second},
		{throttleKey("account", a.name, strconv.FormatBool(known)), 20, 30 * time.Second},
	}
}

func (a attempt) pairKey() []byte  { return throttleKey("pair", a.name, a.source) }
func (a attempt) knownKey() []byte { return throttleKey("known", a.name, a.source) }

// count takes the attempt from all its buckets, or from none and says how long to wait.
func (a attempt) count(ctx context.Context, tx *sql.Tx, now time.Time) error {
	known, err := readUntil(ctx, tx, a.knownKey())
	if err != nil {
		return err
	}
	buckets := a.buckets(known.After(now))
	full := make([]time.Time, len(buckets))
	var wait time.Duration
	for i, b := range buckets {
		if full[i], err = readUntil(ctx, tx, b.key); err != nil {
			return err
		}
		wait = max(wait, b.wait(full[i], now))
	}
	if wait > 0 {
		return &ThrottledError{RetryAfter: (wait + time.Second - 1).Truncate(time.Second)}
	}
	for i, b := range buckets {
		if err := writeUntil(ctx, tx, b.key, b.clamp(full[i], now).Add(b.every)); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM login_throttle WHERE until < ?`, now.UnixMicro())
	return err
}

// succeed gives back what the attempt took and remembers the source as one of the account's own.
func (a attempt) succeed(ctx context.Context, tx *sql.Tx, now time.Time) error {
	known, err := readUntil(ctx, tx, a.knownKey())
	if err != nil {
		return err
	}
	for _, b := range a.buckets(known.After(now)) {
		if _, err := tx.ExecContext(ctx, `UPDATE login_throttle SET until = until - ? WHERE key = ?`, b.every.Microseconds(), b.key); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM login_throttle WHERE key = ?`, a.pairKey()); err != nil {
		return err
	}
	return writeUntil(ctx, tx, a.knownKey(), now.Add(knownFor))
}

func readUntil(ctx context.Context, q store.Querier, key []byte) (time.Time, error) {
	var until int64
	err := q.QueryRowContext(ctx, `SELECT until FROM login_throttle WHERE key = ?`, key).Scan(&until)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("read throttle: %w", err)
	}
	return time.UnixMicro(until), nil
}

func writeUntil(ctx context.Context, q store.Querier, key []byte, until time.Time) error {
	_, err := q.ExecContext(ctx, `INSERT INTO login_throttle (key, until) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET until = excluded.until`, key, until.UnixMicro())
	return err
}

func throttleKey(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return h.Sum(nil)
}

// network returns what counts as one source: an IPv4 address, or the /64 that one IPv6 customer gets.
func network(source string) string {
	if ap, err := netip.ParseAddrPort(source); err == nil {
		source = ap.Addr().String()
	}
	addr, err := netip.ParseAddr(source)
	if err != nil {
		return source
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	prefix, _ := addr.Prefix(64) // cannot fail: every IPv6 address has 64 bits
	return prefix.String()
}
