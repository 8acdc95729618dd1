package cmp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
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
	names := [...]string{"unknown", "rejected", "unauthorised", "not sent", "not found"}
	if k < 0 || int(k) >= len(names) {
		return names[Unknown]
	}
	return names[k]
}

// What is kept of texts that the CMP chose.
const (
	maxCode    = 64
	maxMessage = 500
	maxExcerpt = 500
)

// Error is a call that did not succeed. Code, Message and Excerpt are the CMP's words and nobody else's; what is
// known on our side stands in Kind and Err, and for the operator in Why.
type Error struct {
	Op            string // the document's path
	Kind          Kind
	Code, Message string        // as the CMP gave them, cut to 64 and 500 characters
	HTTPStatus    int           // 0 when no answer came
	Excerpt       string        // the beginning of an answer that makes no sense, unprintable characters escaped
	Skew          time.Duration // how far the CMP's clock is ahead of ours, when it refused our signature
	RetryAfter    time.Duration // how long to wait before asking again, as the CMP wants it, or we because it does not answer
	Err           error         // our own cause, for the log

	took time.Duration // from the turn to the failure
	lost bool          // the connection failed before a whole answer came
}

func (e *Error) Error() string {
	parts := []string{e.Op + ": " + e.Kind.String()}
	if e.HTTPStatus != 0 {
		parts = append(parts, "HTTP "+strconv.Itoa(e.HTTPStatus))
	}
	if e.Code != "" {
		parts = append(parts, "code "+strconv.Quote(e.Code))
	}
	if e.Message != "" {
		parts = append(parts, "message "+strconv.Quote(e.Message))
	}
	if e.Excerpt != "" {
		parts = append(parts, `answer "`+e.Excerpt+`"`)
	}
	if e.RetryAfter > 0 {
		parts = append(parts, "retry after "+e.RetryAfter.String())
	}
	if e.Err != nil {
		parts = append(parts, bounded(e.Err.Error(), maxMessage))
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

// Busy tells that our own limits of rate and connections left no room for the call.
func (e *Error) Busy() bool { return errors.Is(e.Err, errBusy) }

// TooMany tells that the CMP is asked more often than it allows.
func (e *Error) TooMany() bool {
	return e.Kind == Unknown && e.HTTPStatus == http.StatusTooManyRequests
}

// Trouble tells a refusal by a CMP that cannot serve anybody just now from one that is about what was asked
// (status codes of the Cube generation; 9999 is the plain one of its older siblings).
func (e *Error) Trouble() bool {
	return e.Kind == Rejected && (e.Code == "9999" || e.Code == "CB-99-9500" || e.Code == "CB-99-9999")
}

// Missing tells that the installation lacks the call, so nothing was sent.
func (e *Error) Missing() bool { return errors.Is(e.Err, errMissing) }

// NoSuchDevice tells that the CMP has no device of the id. Its document names no code for that, so only the Cube
// generation's counts, and the one of the sandbox; any other refusal may mean something else.
func (e *Error) NoSuchDevice() bool {
	return e.Kind == NotFound || e.Kind == Rejected && (e.Code == "CB-01-0001" || e.Code == "2001")
}

// KindOf returns the kind of the first Error in the chain; Unknown for any other error.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}

// refused is a change that we ourselves do not send.
func refused(op string, err ownError) *Error { return &Error{Op: op, Kind: NotSent, Err: err} }

// unusable is a success whose data does not say what was asked for.
func unusable(op string, err error) *Error {
	return &Error{Op: op, Kind: Unknown, HTTPStatus: http.StatusOK, Err: err}
}

func notFound(op string, err ownError) *Error { return &Error{Op: op, Kind: NotFound, Err: err} }

// scrub takes what proves our identity out of an answer that repeats it.
func (e *Error) scrub(h http.Header) {
	for _, name := range []string{headerSignature, headerAccessKey} {
		v := h.Get(name)
		if v == "" {
			continue
		}
		e.Code, e.Message, e.Excerpt = hide(e.Code, v), hide(e.Message, v), hide(e.Excerpt, v)
		if e.Err != nil && strings.Contains(e.Err.Error(), v) {
			e.Err = scrubbedError{text: hide(e.Err.Error(), v), err: e.Err}
		}
	}
}

// scrubbedError stands for a cause whose text repeats the CMP's words, as net/http does with a head it cannot read.
type scrubbedError struct {
	text string
	err  error
}

func (e scrubbedError) Error() string { return e.text }
func (e scrubbedError) Unwrap() error { return e.err }

// hide takes a secret out of a text, and most of one out of a text that was cut inside it: a signature is as good
// without its last character.
func hide(text, secret string) string {
	const tooLittle = 4
	text = strings.ReplaceAll(text, secret, "[redacted]")
	for n := len(secret) - 1; n > tooLittle; n-- {
		if start, cut := strings.CutSuffix(text, secret[:n]); cut {
			return start + "[redacted]"
		}
	}
	return text
}

// excerpt is the beginning of an answer, fit for a log line.
func excerpt(b []byte) string {
	s := strconv.Quote(string(b[:min(len(b), maxExcerpt)]))
	return s[1 : len(s)-1]
}

// bounded cuts a text of the CMP to so many characters and takes out what a terminal or a page would obey.
func bounded(s string, limit int) string {
	count := 0
	for i := range s {
		if count == limit {
			s = s[:i]
			break
		}
		count++
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar // seen, and obeyed by nobody
		}
		return r
	}, s)
}
