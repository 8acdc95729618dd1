package cmpsim

import (
	"cmp"
	"context"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	journalCap  = 100_000
	journalBody = 2048
)

// Request is one request in the journal.
type Request struct {
	Seq       uint64            `json:"seq"`
	Time      time.Time         `json:"time"`
	Method    string            `json:"method"`
	Path      string            `json:"path"`
	Query     string            `json:"query,omitempty"`
	Header    map[string]string `json:"header"`
	Body      string            `json:"body"`
	Truncated bool              `json:"truncated,omitempty"`
	OrderID   string            `json:"order_id,omitempty"`
	DeviceID  string            `json:"device_id,omitempty"`
	// Status is 0 when no answer was sent, Code empty when it had no envelope.
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
	// Applied tells that the fleet was changed, whatever the answer said.
	Applied bool `json:"applied"`
	// Fault is the kind that was played, empty for an honest answer.
	Fault Kind `json:"fault,omitempty"`
	// Done is false while the request is being worked on.
	Done bool `json:"done"`
}

// journalHeaders are the headers worth keeping: never a key or a signature.
var journalHeaders = []string{
	"Accept-Language", "Content-Type", "Date", "User-Agent", "X-Request-Id", "X-Hmac-Algorithm", "X-Hmac-Signed-Headers",
}

func newRequest(r *http.Request, body []byte, p params, now time.Time) Request {
	q := Request{
		Time: now, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: map[string]string{},
		OrderID: p.text("order_id"), DeviceID: cmp.Or(p.text("device_id"), p.text("sim_id")),
	}
	for _, name := range journalHeaders {
		if v := r.Header.Get(name); v != "" {
			q.Header[name] = v
		}
	}
	q.Body, q.Truncated = bounded(body)
	return q
}

// bounded cuts at a whole character, so the journal stays valid JSON.
func bounded(body []byte) (string, bool) {
	if len(body) <= journalBody {
		return string(body), false
	}
	n := journalBody
	for n > journalBody-utf8.UTFMax && !utf8.RuneStart(body[n]) {
		n--
	}
	return string(body[:n]), true
}

// journal keeps the last requests; it holds up to twice its bound, so that
// forgetting costs little.
type journal struct {
	mu      sync.Mutex
	bound   int
	last    uint64
	entries []Request
	changed chan struct{}
}

func newJournal(bound int) *journal { return &journal{bound: bound, changed: make(chan struct{})} }

func (j *journal) begin(q Request) uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	q.Seq = j.last
	if len(j.entries) >= 2*j.bound {
		j.entries = append([]Request(nil), j.entries[len(j.entries)-j.bound+1:]...)
	}
	j.entries = append(j.entries, q)
	j.wake()
	return q.Seq
}

func (j *journal) fault(seq uint64, kind Kind) {
	j.edit(seq, func(q *Request) { q.Fault = kind })
}

// effect is noted at once, since a fault may keep the answer back for long.
func (j *journal) effect(seq uint64, applied bool) {
	j.edit(seq, func(q *Request) { q.Applied = applied })
}

func (j *journal) finish(seq uint64, rep reply) {
	j.edit(seq, func(q *Request) {
		q.Code, q.Applied, q.Done = rep.code, rep.applied, true
		if !rep.reset {
			q.Status = rep.status
		}
	})
}

// edit changes an entry that the journal still holds; a reset may have dropped it.
func (j *journal) edit(seq uint64, f func(*Request)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) == 0 || seq < j.entries[0].Seq {
		return
	}
	f(&j.entries[seq-j.entries[0].Seq])
	j.wake()
}

func (j *journal) wake() {
	close(j.changed)
	j.changed = make(chan struct{})
}

func (j *journal) list() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]Request(nil), j.entries[max(0, len(j.entries)-j.bound):]...)
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = nil
	j.wake()
}

func (j *journal) await(ctx context.Context, match func(Request) bool) (Request, error) {
	for {
		q, ok, changed := j.find(match)
		if ok {
			return q, nil
		}
		select {
		case <-ctx.Done():
			return Request{}, ctx.Err()
		case <-changed:
		}
	}
}

func (j *journal) find(match func(Request) bool) (Request, bool, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, q := range j.entries {
		if match(q) {
			return q, true, nil
		}
	}
	return Request{}, false, j.changed
}
