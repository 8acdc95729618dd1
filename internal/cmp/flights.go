package cmp

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"strconv"
	"sync"
	"time"
)

// flights lets those who ask the same at the same time share one request and its answer. Unlike singleflight's, a
// flight ends when all who wait for it have left, and none is joined across a change.
type flights struct {
	mu    sync.Mutex
	epoch uint64 // changes begun and ended
	open  map[string]*flight
}

// flight is a read on its way. It is the context of its request: the values and time limit of its first caller,
// and an end when the last has left.
type flight struct {
	context.Context
	key      string
	deadline time.Time // zero: none
	waiting  int
	left     chan struct{}
	why      error // why the last one left

	done     chan struct{}
	data     any
	fail     *Error
	panicked string
}

func (f *flight) Deadline() (time.Time, bool) { return f.deadline, !f.deadline.IsZero() }

func (f *flight) Done() <-chan struct{} { return f.left }

func (f *flight) Err() error {
	select {
	case <-f.left:
		return f.why
	default:
		return nil
	}
}

// keyOf is the same for calls that ask the same.
func keyOf(op string, body any) (string, error) {
	if query, ok := body.(url.Values); ok {
		return op + "?" + query.Encode(), nil
	}
	content, err := json.Marshal(body)
	return op + " " + string(content), err
}

// part keeps reads from before from those after: whoever asks once a change was sent, or answered, must not be
// served what the CMP may have said of the time before.
func (s *flights) part() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epoch++
}

// share waits for the flight of the key, begun if there is none. The answer is everybody's: nobody may write to it.
func (s *flights) share(ctx context.Context, op, key string, read func(context.Context) (any, *Error)) (any, *Error) {
	f := s.board(ctx, key, read)
	select {
	case <-f.done:
	case <-ctx.Done():
		if !s.leave(f, ctx.Err()) {
			return nil, &Error{Op: op, Kind: Unknown, Err: ctx.Err()}
		}
		<-f.done // it ends at once, and knows how far it came
	}
	if f.panicked != "" {
		panic(f.panicked)
	}
	return f.data, f.fail
}

// board joins a flight that lasts as long as the caller may wait, or begins one.
func (s *flights) board(ctx context.Context, key string, read func(context.Context) (any, *Error)) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	key = strconv.FormatUint(s.epoch, 10) + " " + key
	deadline, limited := ctx.Deadline()
	if f := s.open[key]; f != nil && (f.deadline.IsZero() || limited && !deadline.After(f.deadline)) {
		f.waiting++
		return f
	}
	f := &flight{Context: context.WithoutCancel(ctx), key: key, deadline: deadline, waiting: 1, left: make(chan struct{}), done: make(chan struct{})}
	if s.open == nil {
		s.open = map[string]*flight{}
	}
	s.open[key] = f
	go s.fly(f, read)
	return f
}

// fly makes the call. A panic goes to those who wait, whose requests have somebody to catch it.
func (s *flights) fly(f *flight, read func(context.Context) (any, *Error)) {
	defer close(f.done)
	defer func() {
		s.mu.Lock()
		s.forget(f)
		s.mu.Unlock()
		if p := recover(); p != nil {
			f.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
	}()
	f.data, f.fail = read(f)
}

// leave takes one caller off; the last one ends the flight.
func (s *flights) leave(f *flight, why error) (last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return false
	}
	f.why = why
	close(f.left)
	s.forget(f)
	return true
}

func (s *flights) forget(f *flight) {
	if s.open[f.key] == f {
		delete(s.open, f.key)
	}
}
