package cmpsim

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// How many pushes may wait; further ones are lost. As many are remembered.
const pushCap = 10_000

// pusher plans pushes by its script, keeps them in a queue and sends them.
type pusher struct {
	client *http.Client
	logger *slog.Logger
	// sending is held by who empties the queue, so that pushes go one by one.
	sending sync.Mutex

	mu        sync.Mutex
	addresses PushAddresses
	rules     []pushRule
	seq       uint64
	events    uint64
	queue     []Push // by due, then by number
	over      []Push
	news      chan struct{} // closed when one is planned
	went      chan struct{} // closed when one is over
}

func newPusher(o Options) *pusher {
	return &pusher{client: pushClient(o.PushTimeout), logger: o.Logger, addresses: o.PushTo, news: make(chan struct{}), went: make(chan struct{})}
}

// tell plans the pushes of what happened.
func (p *pusher) tell(e event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events++
	rule, r := p.ruleFor(e.push.Kind)
	one := e.push
	one.Event, one.Body, one.Fate = p.events, rule.body(e), FateWaiting
	if rule.loses(r) {
		one.Fate, one.Due, one.Problem = FateLost, one.Time, "the script lost it"
	}
	for range 1 + rule.Repeat {
		p.seq++
		one.Seq = p.seq
		if one.Fate == FateLost {
			p.finish(one)
			return
		}
		one.Due = rule.due(one.Time, r)
		p.enqueue(one)
	}
	close(p.news)
	p.news = make(chan struct{})
}

func (p *pusher) enqueue(one Push) {
	if len(p.queue) >= pushCap {
		one.Fate, one.Problem = FateLost, "too many were waiting"
		p.finish(one)
		return
	}
	at, _ := slices.BinarySearchFunc(p.queue, one, func(a, b Push) int {
		if a.Due.Equal(b.Due) {
			return int(a.Seq) - int(b.Seq)
		}
		return a.Due.Compare(b.Due)
	})
	p.queue = slices.Insert(p.queue, at, one)
}

// finish remembers a push that is over; the caller holds the lock. It holds up
// to twice its bound, so that forgetting costs little.
func (p *pusher) finish(one Push) {
	if len(p.over) >= 2*pushCap {
		p.over = slices.Clone(p.over[len(p.over)-pushCap+1:])
	}
	p.over = append(p.over, one)
	close(p.went)
	p.went = make(chan struct{})
}

// send sends what is due by a time, the zero time meaning all of it, until ctx ends.
func (p *pusher) send(ctx context.Context, by time.Time) {
	p.sending.Lock()
	defer p.sending.Unlock()
	for ctx.Err() == nil {
		one, address, ok := p.next(by)
		if !ok {
			return
		}
		p.post(ctx, address, &one)
		if one.Fate != FateAccepted {
			p.logger.Debug("sandbox: a push", "seq", one.Seq, "kind", one.Kind, "fate", one.Fate, "status", one.Status, "problem", one.Problem)
		}
		p.mu.Lock()
		p.finish(one)
		p.mu.Unlock()
	}
}

func (p *pusher) next(by time.Time) (one Push, address string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 || !by.IsZero() && p.queue[0].Due.After(by) {
		return Push{}, "", false
	}
	one = p.queue[0]
	p.queue = slices.Delete(p.queue, 0, 1)
	return one, p.addresses[one.Kind], true
}

// planned is closed when the next push is planned.
func (p *pusher) planned() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.news
}

// wait is how long nothing need be looked at.
func (p *pusher) wait(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) == 0 {
		return pushLook
	}
	return min(p.queue[0].Due.Sub(now), pushLook)
}

func (p *pusher) list() []Push {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Concat(p.over[max(0, len(p.over)-pushCap):], p.queue)
}

func (p *pusher) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = nil
}

func (p *pusher) await(ctx context.Context, match func(Push) bool) (Push, error) {
	for {
		p.mu.Lock()
		at, went := slices.IndexFunc(p.over, match), p.went
		if at >= 0 {
			defer p.mu.Unlock()
			return p.over[at], nil
		}
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return Push{}, ctx.Err()
		case <-went:
		}
	}
}
