package mirror

import (
	"context"
	"errors"
	"slices"
	"time"

	"cmpconsole/internal/cmp"
)

// Status is what a page tells of the sync.
type Status struct {
	Wish    Wish
	Every   time.Duration
	Due     bool      // a run is about to begin
	Next    time.Time // when the next run begins by itself; zero while one is on, or never
	Run     *Run      // nil between runs
	Past    []Run     // newest first
	Trouble *Trouble
	Rows    float64       // a second, over the last minute
	Calls   float64       // a second
	Left    time.Duration // of this pass, as fast as it goes now; 0: not known
	Pages   int           // of this pass
	Waiting int           // devices that changed and are to be read anew
}

// Status tells how far the sync has come. What it points to is the caller's to read, not to change.
func (s *Sync) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	p := s.progress.clone()
	st := Status{Wish: s.wish, Every: s.Every, Run: p.Run, Past: p.Past, Trouble: s.trouble, Waiting: len(s.changed)}
	st.Rows, st.Calls = s.pace.rates(now)
	st.Due = p.Run == nil && !s.wish.Stopped && s.due(p, s.wish, now)
	switch {
	case p.Run == nil && !s.wish.Stopped && s.Every > 0:
		st.Next = laterOf(p.last().Add(s.Every), now)
	case p.Run != nil:
		st.Pages = p.Run.Pass.pages()
		if left := p.Run.Pass.Total - p.Run.Pass.Rows; left > 0 && st.Rows > 0 {
			st.Left = time.Duration(float64(left) / st.Rows * float64(time.Second))
		}
	}
	return st
}

// Start lets the sync go on, and has it begin a run when none is under way. With accept that run takes it for right that
// many devices are missing from the list.
func (s *Sync) Start(ctx context.Context, by string, accept bool) error {
	now := s.Now().UTC()
	w := Wish{By: by, At: now, Run: now, Accept: accept}
	if st := s.Status(); st.Run != nil {
		w.Run, w.Accept = st.Wish.Run, st.Wish.Accept // it goes on, and no other one follows
	}
	return s.wishFor(ctx, w)
}

// Stop ends the reading of the list, also after a restart, until Start. What was read stays, and is gone on from; devices that
// change are still read anew.
func (s *Sync) Stop(ctx context.Context, by string) error {
	w := s.Status().Wish
	w.Stopped, w.By, w.At = true, by, s.Now().UTC()
	return s.wishFor(ctx, w)
}

func (s *Sync) wishFor(ctx context.Context, w Wish) error {
	if err := s.mirror.db.Write(ctx, save(ctx, storedWish, w)); err != nil {
		return err
	}
	s.mu.Lock()
	s.wish, s.trouble = w, nil
	s.mu.Unlock()
	s.Publish(topicSync)
	s.wake()
	return nil
}

func (s *Sync) wake() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// changedAtMost is how many devices wait to be read anew. With more, the next run will tell.
const changedAtMost = 1000

// Changed has a device read anew soon, before all other work, because something was done to it.
func (s *Sync) Changed(id string) {
	s.mu.Lock()
	if len(s.changed) < changedAtMost && !slices.Contains(s.changed, id) {
		s.changed = append(s.changed, id)
	}
	s.mu.Unlock()
	s.Publish(topicSync)
	s.wake()
}

func (s *Sync) nextChanged() (id string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.changed) == 0 {
		return "", false
	}
	id, s.changed = s.changed[0], s.changed[1:]
	return id, true
}

// Refresh reads one device now and keeps what the CMP says of it, also that there is no such device. Any other refusal
// is returned, and the device stays as it was.
func (s *Sync) Refresh(ctx context.Context, id string) error {
	asked := s.Now()
	d, err := s.from.Device(ctx, id)
	return s.mirror.hear(ctx, id, d, err, asked)
}

// askedToWait is how long the CMP, or the breaker before it, wants not to be asked.
func askedToWait(err error) time.Duration {
	if e, ok := errors.AsType[*cmp.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
