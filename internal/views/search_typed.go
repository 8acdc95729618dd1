package views

import (
	"context"
	"strings"
	"sync"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/ops"
)

// settleTime is how long nothing must have been typed for a search to have settled.
const settleTime = 3 * time.Second

// settling are the searches that somebody is still typing, by user. A row for every key would bury the log, so each search
// is recorded once, as it stood at last: when another one begins, or when it has settled. A crash loses those of the last
// seconds; what is opened or sent has a row of its own, written before the answer.
type settling struct {
	mu   sync.Mutex
	open map[int64]typing
	done []audit.Entry // settled and not recorded yet
}

type typing struct {
	q     string
	at    time.Time
	entry audit.Entry
}

// note takes down what a user has typed so far.
func (t *settling) note(who ops.Operator, q, hits string, now time.Time) {
	e := who.Entry(audit.Search, audit.Event)
	e.Outcome = audit.OK
	e.Detail = []audit.Field{{Key: "q", Value: q}, {Key: "hits", Value: hits}, {Key: "typed", Value: "yes"}}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[int64]typing{}
	}
	if before, ok := t.open[who.UserID]; ok && !goesOn(before.q, q) {
		t.done = append(t.done, before.entry)
	}
	t.open[who.UserID] = typing{q, now, e}
}

// goesOn tells whether a text is another one typed further, or shortened.
func goesOn(before, q string) bool {
	before, q = compact(before), compact(q)
	return strings.HasPrefix(q, before) || strings.HasPrefix(before, q)
}

// settled takes out what is to be recorded: the searches in which nothing was typed since.
func (t *settling) settled(since time.Time) []audit.Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	list := t.done
	t.done = nil
	for user, one := range t.open {
		if one.at.Before(since) {
			list = append(list, one.entry)
			delete(t.open, user)
		}
	}
	return list
}

// sent forgets what was typed of a search that is recorded as it was sent.
func (t *settling) sent(user int64, q string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one, ok := t.open[user]; ok && goesOn(one.q, q) {
		delete(t.open, user)
	}
}

// recordSettled records the searches that have settled.
func (s *Server) recordSettled(ctx context.Context) { s.recordTyped(ctx, s.Now().Add(-settleTime)) }

func (s *Server) recordTyped(ctx context.Context, since time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	for _, e := range s.searches.settled(since) {
		if _, err := s.Audit.Append(ctx, e); err != nil {
			s.Logger.Error("audit row not written", "action", e.Action, "request_id", e.RequestID, "err", err)
		}
	}
}

// Run records searches once they have settled, and at the end those that are open.
func (s *Server) Run(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-tick:
			s.recordSettled(ctx)
		case <-ctx.Done():
			s.recordTyped(ctx, s.Now().Add(time.Hour))
			return
		}
	}
}
