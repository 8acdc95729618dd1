package cmp

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"
)

// When reads are held back, and for how long: the pause doubles with each probe that fails.
const (
	breakAfter   = 5
	firstPause   = 10 * time.Second
	longestPause = time.Minute
)

// breaker holds reads back from a CMP that does not answer: each would keep its page waiting, and the CMP from
// coming back. After a pause one read probes. Changes pass, because a person has decided on each.
type breaker struct {
	mu     sync.Mutex
	failed int           // reads in a row without an answer
	pause  time.Duration // zero while reads pass
	until  time.Time
}

// evidence is what the end of a call tells of the CMP.
type evidence int

const (
	silent  evidence = iota // nothing: the caller left, or we ourselves did not send it
	present                 // it is there, whatever it said
	missing                 // no answer, or its gateway's regrets
)

func evidenceOf(fail *Error) evidence {
	switch {
	case fail == nil:
		return present
	case errors.Is(fail, context.Canceled) || fail.HTTPStatus == 0 && !fail.lost:
		return silent
	case fail.lost || isDown(fail.HTTPStatus):
		return missing
	}
	return present
}

// admit lets a read pass, or says how long none may. A probe has the pause to itself.
func (b *breaker) admit(now time.Time) (probe bool, fail *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 {
		return false, nil
	}
	if wait := b.until.Sub(now); wait > 0 {
		why := "the CMP did not answer the last " + strconv.Itoa(b.failed) + " reads, so it is not asked again for " + seconds(wait)
		return false, &Error{Kind: NotSent, RetryAfter: wait, Err: ownError(why)}
	}
	b.until = now.Add(b.pause)
	return true, nil
}

// report takes in how a call ended, and tells when that makes it hold reads back, and until when. Of reads that were
// on their way before only an answer counts.
func (b *breaker) report(now time.Time, probe bool, e evidence) (until time.Time, opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e {
	case present:
		b.failed, b.pause = 0, 0
		return time.Time{}, false
	case silent:
		if probe {
			b.until = now // the next one probes
		}
		return time.Time{}, false
	}
	b.failed++
	switch {
	case probe:
		b.pause = min(2*b.pause, longestPause)
	case b.pause == 0 && b.failed >= breakAfter:
		b.pause = firstPause
	default:
		return time.Time{}, false
	}
	b.until = now.Add(b.pause)
	return b.until, true
}

// notBefore is when the next read may pass, zero when it may now.
func (b *breaker) notBefore(now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 || !b.until.After(now) {
		return time.Time{}
	}
	return b.until
}
