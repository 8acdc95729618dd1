package cmp

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"
)

// Kind says what is certain about a call that did not succeed.
type Kind int

// The kinds. Unknown is the zero value: whoever does not know better must assume that it may have happened.
const (
	Unknown      Kind = iota // the answer was lost or makes no sense; a change may have taken effect
	Rejected                 // a well-formed answer with an error code
	Unauthorised             // the gateway refused our signature or rights
	NotSent                  // no byte of the request can have left
	NotFound                 // reads only: there is no such thing
)

func (k Kind) String() string {
	return [...]string{"unknown", "rejected", "unauthorised", "not sent", "not found"}[k]
}

// Error is a call that did not succeed.
type Error struct {
	Op            string // the document's path
	Kind          Kind
	Code, Message string        // as the CMP gave them; the message is at most 500 characters
	HTTPStatus    int           // 0 when no answer came
	Excerpt       string        // the beginning of an answer that makes no sense, control characters escaped
	Skew          time.Duration // how far the CMP's clock is ahead of ours, when it refused our signature
	Err           error
}

func (e *Error) Error() string {
	parts := []string{e.Op + ": " + e.Kind.String()}
	if e.HTTPStatus != 0 {
		parts = append(parts, "HTTP "+strconv.Itoa(e.HTTPStatus))
	}
	if e.Code != "" || e.Message != "" {
		parts = append(parts, strings.TrimSpace("code "+strconv.Quote(e.Code)+" "+strconv.Quote(e.Message)))
	}
	if e.Excerpt != "" {
		parts = append(parts, "answer "+strconv.Quote(e.Excerpt))
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ", ")
}

func (e *Error) Unwrap() error { return e.Err }

// Timeout tells that the time limit was the cause.
func (e *Error) Timeout() bool {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		return true
	}
	n, ok := errors.AsType[net.Error](e.Err)
	return ok && n.Timeout()
}

// KindOf returns the kind of the first Error in the chain; Unknown for any other error.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}

// excerpt is the beginning of an answer, fit for a log line.
func excerpt(b []byte) string {
	s := strconv.QuoteToASCII(string(b[:min(len(b), 500)]))
	return s[1 : len(s)-1]
}

// bounded cuts a message of the CMP to 500 characters.
func bounded(s string) string {
	if r := []rune(s); len(r) > 500 {
		return string(r[:500])
	}
	return s
}
