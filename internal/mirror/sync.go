package mirror

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"cmpconsole/internal/cmp"
)

// source is the part of the CMP client that a sync reads by.
type source interface {
	Devices(ctx context.Context, page, size int) (cmp.DevicePage, error)
	Device(ctx context.Context, id string) (cmp.Device, error)
}

// SyncOptions say how the mirror is kept like the CMP. Now and Logger are needed.
type SyncOptions struct {
	Every   time.Duration          // from the begin of one run to that of the next; 0: runs begin by hand only
	Size    int                    // devices a page
	Publish func(topics ...string) // told what pages that show it should read anew: "sync", and "device:ID" of one that changed; may be nil
	Now     func() time.Time
	Logger  *slog.Logger
}

// topicSync is how open pages ask for how far the sync is, topicDevice with an id for a device.
const (
	topicSync   = "sync"
	topicDevice = "device:"
)

const (
	idleTime   = time.Minute // the sync rests at most so long before it looks at the clock again, which may have been set
	asksForOne = 5           // tries to read a single device, before it is left as it is
	toldAtMost = 5000        // devices that tell no numbers; with more there is no point in asking
)

// Sync keeps the mirror like the CMP: it reads the whole list in the background from time to time, and single devices
// when somebody says that they have changed.
type Sync struct {
	SyncOptions

	mirror *Mirror
	from   source
	kick   chan struct{} // there is something to do

	mu       sync.Mutex
	progress progress
	wish     Wish
	trouble  *Trouble
	pace     pace
	changed  []string // devices to be read anew soon

	// What only the one who works needs.
	missing []string        // devices still to be asked for in this run
	untold  []string        // devices of which not all numbers are known
	told    map[string]bool // those of them that the CMP does not tell of
	asked   bool            // of all since the last run: it would be a look through the whole table to find none
}

// Trouble is why the sync does not get on.
type Trouble struct {
	Err   error
	Since time.Time
	Tries int
	Next  time.Time // when it tries again
}

// NewSync returns the sync of a mirror, which goes on where it was.
func NewSync(ctx context.Context, m *Mirror, from source, o SyncOptions) (*Sync, error) {
	if o.Publish == nil {
		o.Publish = func(...string) {}
	}
	s := &Sync{SyncOptions: o, mirror: m, from: from, kick: make(chan struct{}, 1), told: map[string]bool{}}
	for name, into := range map[string]any{storedProgress: &s.progress, storedRuns: &s.progress.Past, storedWish: &s.wish} {
		if err := s.load(ctx, name, into); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Run works until ctx ends, with the share of the CMP's rate that nobody waits for.
func (s *Sync) Run(ctx context.Context) {
	ctx = cmp.InBackground(ctx)
	s.relabel(ctx)
	for {
		wait := time.NewTimer(s.step(ctx))
		select {
		case <-ctx.Done():
		case <-s.kick:
		case <-wait.C:
		}
		wait.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

// relabel mends what the mirror knows of our labels.
func (s *Sync) relabel(ctx context.Context) {
	if err := s.mirror.RelabelAll(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Warn("labels are not taken over by the mirror", "err", err)
	}
}

// step does the next piece of work, which is one call of the CMP at most, and returns how long to wait before the next.
// What has changed comes first, and what is merely good to know comes last.
func (s *Sync) step(ctx context.Context) (wait time.Duration) {
	now := s.Now()
	p, wish, rest := s.todo(now)
	if rest > 0 {
		return min(rest, idleTime)
	}
	if id, ok := s.nextChanged(); ok {
		return s.readAnew(ctx, id, now)
	}
	switch {
	case wish.Stopped:
		return idleTime
	case p.Run == nil && !s.due(p, wish, now):
		return s.tell(ctx, p, now)
	case p.Run == nil:
		return s.begin(p, wish, now)
	case p.Run.Asking.IsZero():
		return s.read(ctx, p, now)
	}
	return s.ask(ctx, p, now)
}

// todo returns what there is to be done, and how long the sync rests after trouble.
func (s *Sync) todo(now time.Time) (progress, Wish, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var rest time.Duration
	if s.trouble != nil {
		rest = s.trouble.Next.Sub(now)
	}
	return s.progress.clone(), s.wish, rest
}

// due tells whether a run is to begin: somebody asked for one, or the time has come. A last run in the future is the
// work of a clock that was wrong.
func (s *Sync) due(p progress, wish Wish, now time.Time) bool {
	last := p.last()
	if wish.Run.After(last) {
		return true
	}
	return s.Every > 0 && (last.IsZero() || last.After(now) || !now.Before(last.Add(s.Every)))
}

// begin starts a run.
func (s *Sync) begin(p progress, wish Wish, now time.Time) time.Duration {
	p.Run = &Run{Started: now, First: s.mirror.Known() == 0}
	if wish.Run.After(p.last()) {
		p.Run.By, p.Run.Accept = wish.By, wish.Accept
	}
	p.Run.begin(s.Size, now)
	s.reached(p)
	s.mu.Lock()
	s.pace = pace{} // how fast an earlier run was says nothing
	s.mu.Unlock()
	return 0
}

// readAnew reads a device that has changed. One that the CMP does not answer for keeps its place; what it refuses is left as it is.
func (s *Sync) readAnew(ctx context.Context, id string, now time.Time) time.Duration {
	err := s.Refresh(ctx, id)
	if s.worthAnother(err) {
		s.Changed(id)
		return s.failed(ctx, err, now)
	}
	if err != nil && ctx.Err() == nil {
		s.Logger.Warn("a device that changed was not read anew", "device", id, "err", err)
	}
	s.mu.Lock()
	s.trouble = nil
	s.mu.Unlock()
	s.Publish(topicDevice+id, topicSync)
	return 0
}

// worthAnother tells whether what failed with one device is to be tried again: not when the CMP has refused it, nor for ever.
func (s *Sync) worthAnother(err error) bool {
	e, answered := errors.AsType[*cmp.Error](err)
	return err != nil && (!answered || e.Kind != cmp.Rejected || e.Trouble()) && s.tries() < asksForOne
}

// tries is how often the same was tried in vain.
func (s *Sync) tries() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trouble == nil {
		return 0
	}
	return s.trouble.Tries
}

// reached publishes how far the sync has come.
func (s *Sync) reached(p progress) {
	s.mu.Lock()
	s.progress, s.trouble = p, nil
	s.mu.Unlock()
	s.Publish(topicSync)
}

// retryAfter are the waits after tries that failed; the last one comes again and again.
var retryAfter = []time.Duration{2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute}

// failed notes that a piece of work failed, and rests before the same is tried again. Nothing of what was reached is lost.
func (s *Sync) failed(ctx context.Context, err error, now time.Time) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	defer s.Publish(topicSync)
	s.mu.Lock()
	defer s.mu.Unlock()
	t := Trouble{Err: err, Since: now, Tries: 1}
	if s.trouble != nil {
		t.Since, t.Tries = s.trouble.Since, s.trouble.Tries+1
	}
	wait := max(retryAfter[min(t.Tries, len(retryAfter))-1], askedToWait(err))
	t.Next = s.Now().Add(wait)
	s.trouble = &t
	if s.progress.Run != nil {
		run := *s.progress.Run
		run.Errors++
		s.progress.Run = &run
	}
	s.Logger.Warn("the mirror does not get on", "tries", t.Tries, "next", t.Next, "err", err)
	return wait
}
