// Package fault holds the one error type that carries a message for the operator.
package fault

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// Kind says what sort of trouble an error is; one table in views turns it into a status and a page.
type Kind int

// The kinds of trouble. Internal is the zero value: an error that nobody classified is our own fault.
const (
	Internal        Kind = iota
	Invalid              // the input is wrong and says where
	NotFound             // there is no such thing
	Unauthenticated      // nobody is signed in
	Forbidden            // signed in, but not allowed
	Conflict             // the thing has changed or is busy
	TooMany              // slow down
	Rejected             // the CMP understood and said no
	BadSignature         // the CMP refused our credentials
	Unreachable          // the CMP could not be reached or gave no usable answer
	Timeout              // the CMP did not answer in time
	Unavailable          // we cannot serve this just now
	TooLarge             // more input than we take
	NoMethod             // the address exists, but not for this method
	NotOffered           // this installation of the CMP does not have it
)

// Error is a failure with a message for the operator (what happened, what to do) and a cause for the log.
type Error struct {
	Kind    Kind
	Message string
	Err     error
}

// New returns an error of the kind with a message for the operator.
func New(kind Kind, message string) *Error { return &Error{Kind: kind, Message: message} }

// Wrap returns an error of the kind with a message for the operator and the cause for the log.
func Wrap(kind Kind, err error, message string) *Error {
	return &Error{Kind: kind, Message: message, Err: err}
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first Error in the chain, Internal when there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Survived does work, and makes an error of a panic: for what runs where nobody stands above it who would.
func Survived(work func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work()
}
