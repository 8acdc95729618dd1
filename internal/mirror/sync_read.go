package mirror

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"cmpconsole/internal/cmp"
)

// read reads the next page of the pass.
func (s *Sync) read(ctx context.Context, p progress, now time.Time) time.Duration {
	run := p.Run
	if early := run.Pass.Started.Sub(now); early > 0 && early <= time.Second {
		return early
	}
	page, err := s.from.Devices(ctx, run.Pass.Next, run.Pass.Size)
	if err != nil {
		return s.failed(ctx, err, now)
	}
	before := len(page.Devices)
	page.Devices = slices.DeleteFunc(page.Devices, func(d cmp.Device) bool { return d.ID == "" })
	if nameless := before - len(page.Devices); nameless > 0 {
		s.Logger.Warn("the CMP lists devices without an id", "page", run.Pass.Next, "devices", nameless)
	}
	at := laterOf(now, run.Pass.Started) // a clock that was set back does not make a device older than its pass
	known := s.mirror.Known()
	last := run.Pass.take(page, at, known)
	run.Calls, run.Rows = run.Calls+1, run.Rows+len(page.Devices)
	return s.keep(ctx, p, page.Devices, at, last)
}

// keep writes a page and what was reached with it in one transaction. The counts of what it changed come with the next
// one: a page that is read again after a crash is counted by what it then changes.
func (s *Sync) keep(ctx context.Context, p progress, list []cmp.Device, at time.Time, last bool) time.Duration {
	written, err := s.mirror.Put(ctx, list, at, save(ctx, storedProgress, p))
	if err != nil {
		return s.failed(ctx, err, at)
	}
	p.Run.New, p.Run.Changed = p.Run.New+written.New, p.Run.Changed+written.Changed
	s.moved(len(list))
	if last {
		return s.settle(ctx, p, at)
	}
	s.reached(p)
	return 0
}

// settle decides what follows a whole pass: another one, single devices, or the end.
func (s *Sync) settle(ctx context.Context, p progress, now time.Time) time.Duration {
	run, known := p.Run, s.mirror.Known()
	again := run.settle(s.mirror.ConfirmedSince(run.Pass.Started), known, p.Print)
	p.Print = run.Pass.Print
	if again {
		s.Logger.Info("the list of devices is read again", "pass", run.Passes, "moved", run.Pass.Moved, "rows", run.Pass.Rows, "total", run.Pass.Total)
		run.begin(run.Pass.Size, s.Now())
		return s.store(ctx, p, now)
	}
	confirmed := s.mirror.ConfirmedSince(run.since())
	run.Missing, run.Same = known-confirmed, max(0, confirmed-run.New-run.Changed)
	if run.shrunk(known) {
		run.Result = Shrunk
	}
	if run.Result == Shrunk || run.Missing <= 0 {
		return s.finish(ctx, p)
	}
	run.Asking = run.since()
	return s.store(ctx, p, now)
}

// store writes what was reached when no page comes with it, and what else there is to be written.
func (s *Sync) store(ctx context.Context, p progress, now time.Time, also ...func(*sql.Tx) error) time.Duration {
	err := s.mirror.db.Write(ctx, func(tx *sql.Tx) error {
		for _, write := range append(also, save(ctx, storedProgress, p)) {
			if err := write(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return s.failed(ctx, err, now)
	}
	s.reached(p)
	return 0
}

func (s *Sync) finish(ctx context.Context, p progress) time.Duration {
	run := p.Run
	p.end(s.Now())
	s.missing, s.asked = nil, false
	if err := s.mirror.Tidy(ctx); err != nil && ctx.Err() == nil {
		s.Logger.Warn("the search index is not tidied", "err", err)
	}
	s.relabel(ctx)
	wait := s.store(ctx, p, run.Ended, save(ctx, storedRuns, p.Past))
	if wait == 0 { // whoever reads this finds it on the page
		s.Logger.Info("mirror synced", "result", run.Result, "passes", run.Passes, "rows", run.Rows, "new", run.New, "changed", run.Changed, "same", run.Same,
			"gone", run.Gone, "missing", run.Missing, "errors", run.Errors, "took", run.Ended.Sub(run.Started).Round(time.Millisecond).String())
	}
	return wait
}

// ask asks for the next device that was missing from the list. Only the CMP's own word that there is none marks it gone;
// after any other refusal it stays as it is known, and grows old.
func (s *Sync) ask(ctx context.Context, p progress, now time.Time) time.Duration {
	run := p.Run
	left := run.Asks() - run.Asked
	if len(s.missing) == 0 && left > 0 {
		var err error
		if s.missing, err = s.mirror.Unconfirmed(ctx, run.Asking, p.Asked, left); err != nil {
			return s.failed(ctx, err, now)
		}
	}
	if len(s.missing) == 0 || left <= 0 {
		return s.finish(ctx, p)
	}
	id := s.missing[0]
	err := s.Refresh(ctx, id)
	if s.worthAnother(err) {
		return s.failed(ctx, err, now)
	}
	if err == nil {
		if d, known, err := s.mirror.Device(ctx, id); err == nil && known && !d.Gone.IsZero() {
			run.Gone++
		}
	}
	s.missing, p.Asked = s.missing[1:], id
	run.Calls, run.Asked = run.Calls+1, run.Asked+1
	s.moved(0)
	return s.store(ctx, p, now)
}

// tell asks for the numbers of the next device with several identities, of which the list has told one. That is the
// lowest work: one that the CMP does not tell of is asked for once until the next start.
func (s *Sync) tell(ctx context.Context, p progress, now time.Time) time.Duration {
	if len(p.Past) == 0 || s.asked || len(s.told) > toldAtMost {
		return idleTime
	}
	if len(s.untold) == 0 {
		ids, err := s.mirror.Incomplete(ctx, len(s.told)+100)
		if err != nil {
			return s.failed(ctx, err, now)
		}
		s.untold = slices.DeleteFunc(ids, func(id string) bool { return s.told[id] })
	}
	if s.asked = len(s.untold) == 0; s.asked {
		return idleTime
	}
	id := s.untold[0]
	err := s.Refresh(ctx, id)
	if s.worthAnother(err) {
		return s.failed(ctx, err, now)
	}
	if d, _, err := s.mirror.Device(ctx, id); err != nil || err == nil && len(d.Profiles) < 2 {
		s.told[id] = true
	}
	s.untold = s.untold[1:]
	s.moved(0)
	s.reached(p)
	return 0
}

func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
