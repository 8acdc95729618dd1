package cmpsim

import (
	"context"
	"time"
)

// PushKind is one of the three callbacks, by the last part of its address here.
type PushKind string

// The kinds, by the document's sections "Order status push", "SMS MT data push"
// and "SMS MO data push".
const (
	PushOrder PushKind = "order-status"
	PushMT    PushKind = "sms-mt"
	PushMO    PushKind = "sms-mo"
)

// PushKinds lists them in the order of the document.
func PushKinds() []PushKind { return []PushKind{PushOrder, PushMT, PushMO} }

// Fate is what became of a push.
type Fate string

// The fates. The document knows no second try, so there is none.
const (
	FateWaiting   Fate = "waiting"
	FateLost      Fate = "lost"       // by the script, or since too many were waiting
	FateNoAddress Fate = "no_address" // nobody wants to hear of its kind
	FateAccepted  Fate = "accepted"   // answered as the document asks
	FateRefused   Fate = "refused"    // answered otherwise
	FateFailed    Fate = "failed"     // not answered
)

// Push is one callback, as planned and as it went. What is sent again is a push
// of its own.
type Push struct {
	// Seq numbers pushes as they were planned, and Event what they tell of:
	// repeats share it.
	Seq   uint64   `json:"seq"`
	Event uint64   `json:"event"`
	Kind  PushKind `json:"kind"`
	// Time is when it happened, and Due when the push leaves.
	Time      time.Time `json:"time"`
	Due       time.Time `json:"due"`
	DeviceID  string    `json:"device_id"`
	OrderID   string    `json:"order_id,omitempty"`
	Operation string    `json:"operation,omitempty"`
	// MessageID is what the caller of sendSms named it, whatever the body says.
	MessageID string `json:"msg_id,omitempty"`
	Body      string `json:"body"`
	Fate      Fate   `json:"fate"`
	// Status and Answer are what came back, Problem why nothing did.
	Status  int    `json:"status,omitempty"`
	Answer  string `json:"answer,omitempty"`
	Problem string `json:"problem,omitempty"`
}

// pushLook is how often the sandbox looks whether time alone made something
// worth telling: a report on a message, a day that ended orders.
const pushLook = time.Second

// Deliver sends pushes when they are due, until ctx ends. Serve does so too.
func (s *Sim) Deliver(ctx context.Context) {
	defer s.pushes.client.CloseIdleConnections()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		planned := s.pushes.planned()
		s.mu.Lock()
		s.age()
		s.mu.Unlock()
		s.pushes.send(ctx, s.opts.Now())
		timer.Reset(s.pushes.wait(s.opts.Now()))
		select {
		case <-ctx.Done():
		case <-planned:
		case <-timer.C:
		}
	}
}

// Settle sends all pushes that wait, due or not, in the order in which they are
// due, and returns when the last was answered. Messages that the sandbox's clock
// has not yet decided stay undecided.
func (s *Sim) Settle(ctx context.Context) error {
	s.mu.Lock()
	s.age()
	s.mu.Unlock()
	s.pushes.send(ctx, time.Time{})
	return ctx.Err()
}

// Pushes returns those that are over, as they went, and then those that wait, as
// they are due. Without addresses it is the history that somebody would have heard.
func (s *Sim) Pushes() []Push { return s.pushes.list() }

// ResetPushes forgets those that are over; numbers go on.
func (s *Sim) ResetPushes() { s.pushes.reset() }

// AwaitPush waits until a push that is over matches.
func (s *Sim) AwaitPush(ctx context.Context, match func(Push) bool) (Push, error) {
	return s.pushes.await(ctx, match)
}
