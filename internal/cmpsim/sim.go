// Package cmpsim is the sandbox CMP: a faithful server of the calls of the
// API document, with its order state machine, a fleet of believable devices, a
// journal of every request, a script of faults, and callbacks with a script of
// their own.
//
// The fleet follows from Options.Seed alone; only its dates follow the clock.
// The first devices are the same whatever the seed, so that a README and a
// test can name them:
//
//	DemoInUse      one order in use, a third of its quota used: DemoOrder
//	DemoSuspended  one suspended order
//	DemoWaiting    one order that waits to be opened
//	DemoSeveral    one in use, one ended, two waiting
//	DemoOverQuota  in use, over its quota, expires within a week
//	DemoNoOrder    no order at all
//
// Without faults every answer has HTTP 200 and the document's envelope; a
// request that the CMP refuses carries success false and one of the codes
// listed in envelope.go.
package cmpsim

import (
	"crypto/rsa"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Options says what the sandbox holds and how strict it is.
type Options struct {
	// Devices is the size of the fleet; 0 means 3000.
	Devices int
	// Seed picks the fleet: the same seed gives the same ids, names and states.
	Seed uint64
	// AccessKey and SecretKey turn the check of signatures on; for the Cube profiles
	// AccessKey is the id of the key, and PublicKey takes the place of SecretKey.
	AccessKey, SecretKey string
	PublicKey            *rsa.PublicKey
	// Signing is the profile of the signatures; empty means cmp-hmac.
	Signing string
	// Paths are the calls that this installation has at another path than the
	// document, and Missing those that it does not have.
	Paths   map[string]string
	Missing []string
	// PushTo are the addresses of the callbacks; none: they can be read, and are
	// not sent. PushTimeout is how long one may take; 0 means 10 s.
	PushTo      PushAddresses
	PushTimeout time.Duration
	// Now is the sandbox's clock; nil means time.Now.
	Now func() time.Time
	// StateFile keeps changes over a restart; empty means in memory only.
	StateFile string
	// Logger hears what the sandbox cannot tell a caller; nil means silence.
	Logger *slog.Logger
	// PageCap is the largest page served; 0 means 1000.
	PageCap int
}

const (
	defaultDevices = 3000
	defaultPageCap = 1000
)

// Sim is a running sandbox CMP, safe for concurrent use.
type Sim struct {
	opts    Options
	journal *journal
	script  *script
	pushes  *pusher

	mu         sync.Mutex
	fleet      *fleet
	saved      saved
	unreported []int // the places of messages that nobody has reported on
	churn      Churn
	pages      int // answered since the churn was set
}

// New builds the fleet and reads back what StateFile holds.
func New(opts Options) (*Sim, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, err
	}
	s := &Sim{opts: opts, journal: newJournal(journalCap), script: &script{}, pushes: newPusher(opts)}
	if s.saved, err = loadState(opts.StateFile, opts.Seed, opts.Now()); err != nil {
		return nil, err
	}
	s.fleet = newFleet(opts.Seed, opts.Devices, s.saved.Born)
	s.restore()
	s.fleet.age(dateOf(opts.Now())) // what ended before the start is no news
	if err := s.saved.write(opts.StateFile); err != nil {
		return nil, err
	}
	return s, nil
}

func (o Options) complete() (Options, error) {
	if o.Devices < 0 || o.Devices > mostDevices {
		return o, fmt.Errorf("sandbox of %d devices: the number must lie between 0 and %d", o.Devices, mostDevices)
	}
	if err := o.checkKeys(); err != nil {
		return o, err
	}
	if err := o.PushTo.check(); err != nil {
		return o, err
	}
	if o.PushTimeout <= 0 {
		o.PushTimeout = pushTimeout
	}
	if o.Devices == 0 {
		o.Devices = defaultDevices
	}
	if o.PageCap <= 0 {
		o.PageCap = defaultPageCap
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// Handler serves the API itself, under /cmp-api/.
func (s *Sim) Handler() http.Handler { return http.HandlerFunc(s.serveAPI) }

// Journal returns the requests seen since the last reset, oldest first.
func (s *Sim) Journal() []Request { return s.journal.list() }

// ResetJournal forgets the requests; sequence numbers go on.
func (s *Sim) ResetJournal() { s.journal.reset() }

// Device returns the present state of a device and its orders.
func (s *Sim) Device(id string) (Device, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age()
	d, ok := s.fleet.device(id)
	if !ok {
		return Device{}, false
	}
	return d.clone(), true
}

// Order returns the present state of an order.
func (s *Sim) Order(id string) (Order, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age()
	_, o, ok := s.fleet.order(id)
	if !ok {
		return Order{}, false
	}
	return *o, true
}

// Size is the number of devices that the CMP lists.
func (s *Sim) Size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.fleet.line)
}

// Fleet walks the devices in the CMP's order as it is at the first one, each in
// its state at its turn; one removed meanwhile is left out.
func (s *Sim) Fleet() iter.Seq[Device] {
	return func(yield func(Device) bool) {
		s.mu.Lock()
		line := slices.Clone(s.fleet.line)
		s.mu.Unlock()
		for _, n := range line {
			if d, ok := s.listed(n); ok && !yield(d) {
				return
			}
		}
	}
}

func (s *Sim) listed(n slot) (Device, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.age()
	if s.fleet.cards[n].gone {
		return Device{}, false
	}
	return s.fleet.at(n).clone(), true
}
