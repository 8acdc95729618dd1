package cmpsim

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// PushRule says how pushes of a kind are told. The first rule that names a kind,
// or names none, counts; without one a push leaves at once and as documented.
type PushRule struct {
	// Kind is what it is about; empty means every kind.
	Kind PushKind `json:"kind,omitempty"`
	// Delay passes before a push leaves. Window puts pushes out of order: each
	// leaves at a moment within it, after the delay.
	Delay  time.Duration `json:"-"`
	Window time.Duration `json:"-"`
	// Repeat is how many more times each is sent.
	Repeat int `json:"repeat,omitempty"`
	// LoseEvery loses every so many events, and LosePercent a share of the
	// others: all pushes of such an event.
	LoseEvery   int `json:"lose_every,omitempty"`
	LosePercent int `json:"lose_percent,omitempty"`
	// Seed picks what is left to chance: the same one does the same to the
	// same events.
	Seed uint64 `json:"seed,omitempty"`
	// MessageID is whose msg_id a report bears: the document calls it the service
	// provider's in the push, and the caller's everywhere else.
	MessageID MessageID `json:"msg_id,omitempty"`
	// EventTime has the time of an order push be that of the event, as in the
	// document's sample, in place of the order's creation, as in its table.
	EventTime bool `json:"event_time,omitempty"`
	// Numbers sends digits as numbers.
	Numbers bool `json:"numbers,omitempty"`
}

// MessageID says whose id a report on a message bears.
type MessageID string

// The choices of MessageID; empty means the first.
const (
	MessageIDProvider MessageID = "provider" // 32 hexadecimal digits
	MessageIDCaller   MessageID = "caller"   // what sendSms was told
)

func (r PushRule) check() error {
	switch {
	case r.Kind != "" && !slices.Contains(PushKinds(), r.Kind):
		return fmt.Errorf("push kind %q is unknown, use one of %q", r.Kind, PushKinds())
	case min(r.Delay, r.Window) < 0 || min(r.Repeat, r.LoseEvery, r.LosePercent) < 0 || r.LosePercent > 100:
		return errors.New("a push rule has nothing below 0, and loses 100 percent at most")
	case r.Repeat > 100:
		return errors.New("a push rule repeats 100 times at most")
	case r.MessageID != "" && r.MessageID != MessageIDProvider && r.MessageID != MessageIDCaller:
		return fmt.Errorf("msg_id %q is unknown, use %q or %q", r.MessageID, MessageIDProvider, MessageIDCaller)
	}
	return nil
}

// pushRule is a rule with the number of events that it was applied to.
type pushRule struct {
	PushRule

	count int
}

// ruleFor finds the rule for a kind, counts it, and gives the chances of this
// event; the caller holds the lock.
func (p *pusher) ruleFor(kind PushKind) (pushRule, *random) {
	for i := range p.rules {
		if r := &p.rules[i]; r.Kind == "" || r.Kind == kind {
			r.count++
			return *r, newRandom(r.Seed, uint64(r.count))
		}
	}
	return pushRule{}, newRandom(0, 0)
}

func (r pushRule) loses(by *random) bool {
	return r.LoseEvery > 0 && r.count%r.LoseEvery == 0 || by.chance(r.LosePercent)
}

func (r pushRule) due(at time.Time, by *random) time.Time {
	at = at.Add(r.Delay)
	if r.Window > 0 {
		at = at.Add(time.Duration(by.below(int(r.Window))))
	}
	return at
}

// digits are texts of digits that are numbers, too. A quote within a text is
// escaped, so that nothing else looks like one.
var digits = regexp.MustCompile(`:"([1-9][0-9]*|0)"`)

func (r pushRule) body(e event) string {
	body := encode(e.body(r.PushRule))
	if r.Numbers {
		body = digits.ReplaceAll(body, []byte(":$1"))
	}
	return string(body)
}

// SetPushScript replaces the rules. Pushes that wait already stay as they are.
func (s *Sim) SetPushScript(rules ...PushRule) error {
	for _, r := range rules {
		if err := r.check(); err != nil {
			return err
		}
	}
	counted := make([]pushRule, 0, len(rules))
	for _, r := range rules {
		counted = append(counted, pushRule{PushRule: r})
	}
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	s.pushes.rules = counted
	return nil
}

// ClearPushScript has pushes leave at once and as documented again.
func (s *Sim) ClearPushScript() {
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	s.pushes.rules = nil
}

// PushScript returns the rules.
func (s *Sim) PushScript() []PushRule {
	s.pushes.mu.Lock()
	defer s.pushes.mu.Unlock()
	rules := make([]PushRule, 0, len(s.pushes.rules))
	for _, r := range s.pushes.rules {
		rules = append(rules, r.PushRule)
	}
	return rules
}
