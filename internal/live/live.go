// Package live tells open pages that something has changed, by topic and never by content: the page reads its own address
// again, so that what somebody may see, and what is recorded of it, is decided in one place.
//
// It stands on the lowest floor because those who publish (ops, webhook, mirror) and those who listen (views) stand on
// different ones; main hands its Publish to the former as a plain func. All of it is in memory: a page that was away while the
// process was not there is told to read anew, so nothing is lost by losing it.
package live

import (
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The limits that hold where Options say nothing.
const (
	perOwner = 20
	inAll    = 2000
	kept     = 4096
)

// Why a stream is refused.
var (
	ErrOwnerLimit = errors.New("live: this owner has too many streams")
	ErrLimit      = errors.New("live: there are too many streams")
	ErrClosed     = errors.New("live: closed")
)

// Options are the limits of a hub. What is zero has its default.
type Options struct {
	PerOwner int // streams of one owner
	InAll    int // streams of all of them
	Kept     int // changes that a stream that comes back is told of, however many there were since
}

// Hub hands what is published to the streams that asked for it.
type Hub struct {
	limits Options
	epoch  string // of this process, so that positions of another one are known as such

	mu      sync.Mutex
	last    uint64   // the number of the newest change; the first has 1
	ring    []string // topics of the newest changes: that of change n stands at n modulo its length
	streams map[*Stream]bool
	owners  map[string]int
	closed  bool
}

// New returns a hub without streams.
func New(o Options) *Hub {
	o.PerOwner, o.InAll, o.Kept = positive(o.PerOwner, perOwner), positive(o.InAll, inAll), positive(o.Kept, kept)
	return &Hub{limits: o, epoch: rand.Text()[:8], ring: make([]string, o.Kept), streams: map[*Stream]bool{}, owners: map[string]int{}}
}

func positive(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

// Publish tells the streams of each topic that it is another one now. It waits for nobody.
func (h *Hub) Publish(topics ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, topic := range topics {
		h.last++
		h.ring[h.last%uint64(len(h.ring))] = topic
	}
	for s := range h.streams {
		s.mark(topics)
	}
}

// At is the position of the newest change. A page takes it before it reads anything, and gives it to its stream: what has
// changed since then the stream tells.
func (h *Hub) At() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.position(h.last)
}

func (h *Hub) position(n uint64) string { return h.epoch + "-" + strconv.FormatUint(n, 10) }

// Subscribe opens a stream of the topics, from now on or from a position. A position that is too old, or of another process,
// makes the stream begin with a refresh. The stream is the caller's to close.
func (h *Hub) Subscribe(owner string, topics []string, from string) (*Stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return nil, ErrClosed
	case h.owners[owner] >= h.limits.PerOwner:
		return nil, ErrOwnerLimit
	case len(h.streams) >= h.limits.InAll:
		return nil, ErrLimit
	}
	s := &Stream{hub: h, owner: owner, changed: map[string]bool{}, ready: make(chan struct{}, 1), ended: make(chan struct{})}
	for _, topic := range topics {
		s.changed[topic] = false
	}
	h.streams[s] = true
	h.owners[owner]++
	switch missed, known := h.since(from); {
	case from == "":
		s.Start = h.position(h.last)
	case known:
		s.Start = from
		s.mark(missed)
	default:
		s.Start, s.refresh = nowhere, true
		s.wake()
	}
	return s, nil
}

// since lists the topics of the changes behind a position. It is not known when the position is of another process, or so old
// that not all of them are kept.
func (h *Hub) since(from string) (topics []string, known bool) {
	epoch, text, _ := strings.Cut(from, "-")
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || epoch != h.epoch || n > h.last || h.last-n > uint64(len(h.ring)) {
		return nil, false
	}
	for n++; n <= h.last; n++ {
		topics = append(topics, h.ring[n%uint64(len(h.ring))])
	}
	return topics, true
}

// Close ends all streams, and lets none begin.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.closed = true
	for s := range h.streams {
		close(s.ended)
	}
}

// nowhere is no position: a stream from there begins with a refresh.
const nowhere = "nowhere"

// Event is what a stream has to tell.
type Event struct {
	ID      string   // the position that it leads to
	Topics  []string // that have changed since the event before, in their order
	Refresh bool     // it is not known which have
}

// Stream is what one page listens to. However slow its reader is, it holds no more than which of its topics have changed.
type Stream struct {
	Start string // the position that it begins at: who is told nothing of it later goes on from here

	hub     *Hub
	owner   string
	changed map[string]bool // by topic, whether there is something to tell of it
	refresh bool
	ready   chan struct{}
	ended   chan struct{}
}

// mark notes what has changed, and wakes the reader when that is something of theirs. The hub is locked.
func (s *Stream) mark(topics []string) {
	for _, topic := range topics {
		if told, ours := s.changed[topic]; ours && !told {
			s.changed[topic] = true
			s.wake()
		}
	}
}

func (s *Stream) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// Ready has a value when there is something to take.
func (s *Stream) Ready() <-chan struct{} { return s.ready }

// Ended is closed when the hub is.
func (s *Stream) Ended() <-chan struct{} { return s.ended }

// Take returns what has changed since it was called last.
func (s *Stream) Take() Event {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	e := Event{ID: s.hub.position(s.hub.last), Refresh: s.refresh}
	for topic, told := range s.changed {
		if told {
			e.Topics = append(e.Topics, topic)
			s.changed[topic] = false
		}
	}
	s.refresh = false
	slices.Sort(e.Topics)
	return e
}

// Close takes the stream off its hub.
func (s *Stream) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if !s.hub.streams[s] {
		return
	}
	delete(s.hub.streams, s)
	if s.hub.owners[s.owner]--; s.hub.owners[s.owner] == 0 {
		delete(s.hub.owners, s.owner)
	}
}
