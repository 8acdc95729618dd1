package cmpsim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind names what goes wrong.
type Kind string

// The kinds of faults. Unless Fault.Apply says otherwise only reset_after
// changes the fleet, and delay once its wait is over.
const (
	// KindDelay waits, then answers honestly. The effect comes after the wait
	// and not at all when the caller left; with Apply true it comes before.
	KindDelay Kind = "delay"
	// KindHang never answers; it ends when the caller leaves.
	KindHang Kind = "hang"
	// KindResetBefore resets the connection and changes nothing.
	KindResetBefore Kind = "reset_before"
	// KindResetAfter changes the fleet, then resets the connection.
	KindResetAfter Kind = "reset_after"
	// KindUnauthorised answers 401 as the gateway does.
	KindUnauthorised Kind = "401"
	// KindTooMany answers 429 with Retry-After.
	KindTooMany Kind = "429"
	// KindInternal answers 500 with the JSON of a failing server.
	KindInternal Kind = "500"
	// KindBadGateway answers 502 with the gateway's HTML page.
	KindBadGateway Kind = "502"
	// KindUnavailable answers 503 with the gateway's HTML page.
	KindUnavailable Kind = "503"
	// KindHTML answers 200 with a web page.
	KindHTML Kind = "html"
	// KindCut declares a longer body than it sends, then closes.
	KindCut Kind = "cut"
	// KindBadJSON answers 200 with JSON that does not parse.
	KindBadJSON Kind = "bad_json"
	// KindBusiness refuses with Fault.Code and Fault.Message.
	KindBusiness Kind = "business"
	// KindContradiction answers code 0000 with success false; with another
	// Fault.Code, that code with success true.
	KindContradiction Kind = "contradiction"
)

// kinds says what each does, for the help text and for the check.
var kinds = map[Kind]string{
	KindDelay:         "wait for delay, then answer honestly (apply true: change first, then wait)",
	KindHang:          "never answer, until the caller leaves",
	KindResetBefore:   "reset the connection, change nothing",
	KindResetAfter:    "change, then reset the connection",
	KindUnauthorised:  "HTTP 401 of the gateway",
	KindTooMany:       "HTTP 429 with Retry-After",
	KindInternal:      "HTTP 500 with a JSON body that is no envelope",
	KindBadGateway:    "HTTP 502 with an HTML page",
	KindUnavailable:   "HTTP 503 with an HTML page",
	KindHTML:          "HTTP 200 with an HTML page",
	KindCut:           "declare a longer body than is sent, then close",
	KindBadJSON:       "HTTP 200 with JSON that does not parse",
	KindBusiness:      "refuse with code and message (default 9999, in the caller's language)",
	KindContradiction: "code 0000 with success false (with another code: that code and success true)",
}

// Kinds lists every kind of fault in a stable order.
func Kinds() []Kind { return slices.Sorted(maps.Keys(kinds)) }

// Fault is one line of the script. The first that matches a request is played.
type Fault struct {
	// Path matches the end of the address; empty matches every call.
	Path string
	// Times is how often it is played; 0 means always.
	Times int
	Kind  Kind
	// Delay is waited for before any kind answers.
	Delay time.Duration
	// Until, when set, is waited for in place of Delay.
	Until <-chan struct{}
	// Apply says whether the fleet is changed although the answer is broken;
	// nil means what the kind does by itself.
	Apply *bool
	// Code and Message are for business and contradiction.
	Code, Message string
}

// check refuses what cannot be played, in words for who wrote the script.
func (f Fault) check() error {
	if _, ok := kinds[f.Kind]; !ok {
		return fmt.Errorf("fault kind %q is unknown, use one of: %s", f.Kind, joinKinds())
	}
	if f.Times < 0 || f.Delay < 0 {
		return fmt.Errorf("fault %s: times and delay must not be negative", f.Kind)
	}
	if f.Kind == KindResetBefore && f.Apply != nil && *f.Apply || f.Kind == KindResetAfter && f.Apply != nil && !*f.Apply {
		return fmt.Errorf("fault %s: apply contradicts the kind, use reset_before or reset_after", f.Kind)
	}
	return nil
}

func joinKinds() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// applies tells whether the effect comes before the fault.
func (f Fault) applies() bool {
	if f.Apply != nil {
		return *f.Apply
	}
	return f.Kind == KindResetAfter
}

// script is the list of faults still to be played.
type script struct {
	mu     sync.Mutex
	faults []Fault
}

func (s *script) add(faults []Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

func (s *script) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *script) list() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// take returns the first fault for an address and counts it down.
func (s *script) take(path string) (Fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if !pathMatches(path, f.Path) {
			continue
		}
		switch f.Times {
		case 0:
		case 1:
			s.faults = slices.Delete(s.faults, i, i+1)
		default:
			s.faults[i].Times--
		}
		return f, true
	}
	return Fault{}, false
}

// Script appends faults; they are played in order. It panics on a fault that
// cannot be played, since a test that ignored an error would prove nothing.
func (s *Sim) Script(faults ...Fault) {
	for _, f := range faults {
		if err := f.check(); err != nil {
			panic("cmpsim: " + err.Error())
		}
	}
	s.script.add(faults)
}

// ClearFaults empties the script; a fault being played is played to its end.
func (s *Sim) ClearFaults() { s.script.clear() }

// Faults returns what is still to be played.
func (s *Sim) Faults() []Fault { return s.script.list() }
