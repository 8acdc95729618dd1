// Package annotate puts labels and a note on all devices of a selection, behind the page of whoever asked for it.
//
// How far it is stands in the database, moved on with each some devices: a crash leaves none half done, and nothing is done twice
// when somebody lets it go on.
package annotate

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/notebook"
)

// patience is how long whoever asks waits for the last device. Thousands have had their turn by then; a hundred thousand go on without them.
const patience = 2 * time.Second

// Options are what a Runner goes by; all but Patience are needed.
type Options struct {
	Relabel  func(ctx context.Context, ids []string) error // takes over labels where lists are made of them
	Publish  func(topics ...string)
	Patience time.Duration // how long whoever asks waits; 0: two seconds
	Logger   *slog.Logger
}

// Runner gives devices their turn, and is safe for concurrent use.
type Runner struct {
	Options

	book     *notebook.Book
	lists    *notebook.Selections
	log      *audit.Log
	mu       sync.Mutex
	busy     map[string]bool // what this process goes on with
	working  sync.WaitGroup
	stopping atomic.Bool
}

// New returns a runner that goes on with nothing.
func New(book *notebook.Book, lists *notebook.Selections, log *audit.Log, o Options) *Runner {
	if o.Patience == 0 {
		o.Patience = patience
	}
	return &Runner{Options: o, book: book, lists: lists, log: log, busy: map[string]bool{}}
}

// Topic is what pages listen to that show how far an annotation is.
func Topic(id string) string { return "labels:" + id }

// Begin records what is asked and gives devices their turn; as is who asks. It waits for them, but not for long: what is left goes on behind.
func (r *Runner) Begin(ctx context.Context, a notebook.Annotation, as audit.Entry) (notebook.Annotation, error) {
	members, err := r.lists.MembersAfter(ctx, a.Selection, 0)
	if err != nil {
		return a, err
	}
	a.Devices = len(members)
	a, err = r.book.BeginAnnotation(ctx, a, r.recorded(as, "begun"))
	if err != nil {
		return a, err
	}
	r.claim(a.ID)
	return r.goOn(ctx, a, members, as)
}

// Resume lets the devices have their turn that had none, in the name of whoever wants it. One that goes on here already is left alone.
func (r *Runner) Resume(ctx context.Context, id string, as audit.Entry) (notebook.Annotation, error) {
	if !r.claim(id) {
		return r.book.Annotation(ctx, id)
	}
	a, members, err := r.resumed(ctx, id, as)
	if err != nil {
		r.release(id)
		if notebook.Over(err) {
			return r.book.Annotation(ctx, id)
		}
		return a, err
	}
	return r.goOn(ctx, a, members, as)
}

// resumed is an annotation that goes on, and the devices behind the place where it stands.
func (r *Runner) resumed(ctx context.Context, id string, as audit.Entry) (notebook.Annotation, []notebook.Member, error) {
	a, err := r.book.Annotation(ctx, id)
	if err != nil {
		return a, nil, err
	}
	members, err := r.lists.MembersAfter(ctx, a.Selection, a.Place)
	if err != nil {
		return a, nil, err
	}
	a, err = r.book.ResumeAnnotation(ctx, a, as.Actor, a.Done+len(members), r.recorded(as, "gone on"))
	return a, members, err
}

// BreakOff lets no further device have its turn, whatever process goes on with it.
func (r *Runner) BreakOff(ctx context.Context, id string, as audit.Entry) error {
	if _, err := r.book.Annotation(ctx, id); err != nil {
		return err
	}
	err := r.book.EndAnnotation(ctx, id, as.Actor+" stopped it.", r.recorded(as, "stopped"))
	r.Publish(Topic(id))
	return err
}

// Busy tells whether this process goes on with an annotation.
func (r *Runner) Busy(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.busy[id]
}

// Stop lets no further device of any have its turn here, for the end of the console.
func (r *Runner) Stop() { r.stopping.Store(true) }

// Wait waits until nothing goes on here any more. After Stop that takes as long as one step at most.
func (r *Runner) Wait() { r.working.Wait() }

// goOn gives the members of an annotation that was claimed their turn, and returns how far they are after Patience at the latest.
func (r *Runner) goOn(ctx context.Context, a notebook.Annotation, members []notebook.Member, as audit.Entry) (notebook.Annotation, error) {
	done := make(chan struct{})
	r.working.Go(func() {
		defer close(done)
		err := fault.Survived(func() error { return r.steps(a, members, as) }) // one of them must not end the console
		r.end(a.ID, err)
	})
	late := time.NewTimer(r.Patience)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
	}
	return r.book.Annotation(ctx, a.ID)
}

// claim tells whether it is for the asker to go on with an annotation: for one at a time, until it is released.
func (r *Runner) claim(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[id] {
		return false
	}
	r.busy[id] = true
	return true
}

func (r *Runner) release(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, id)
}

var errStopping = fault.New(fault.Unavailable, "The console was stopped.")

// steps outlive the request that asked for them.
func (r *Runner) steps(a notebook.Annotation, members []notebook.Member, as audit.Entry) (err error) {
	ctx := context.Background()
	for {
		if r.stopping.Load() {
			return errStopping
		}
		n := min(len(members), notebook.StepSize)
		part := members[:n]
		members = members[n:]
		a, err = r.book.Annotate(ctx, a, part, len(members) == 0, func(tx *sql.Tx, done notebook.Annotated) error {
			return r.log.AppendAllTx(ctx, tx, Rows(done, as))
		})
		if err != nil {
			return err
		}
		r.takeOver(ctx, part, a.Devices)
		if len(members) == 0 {
			return nil
		}
		r.Publish(Topic(a.ID))
	}
}

// toldAtMost is of how many devices open pages are told that they have other labels or notes. Telling of a whole selection would make
// the hub forget all that was told before.
const toldAtMost = 200

// takeOver has lists find the devices by their labels. When it fails the labels themselves are kept, and the next reading of the fleet mends it.
func (r *Runner) takeOver(ctx context.Context, part []notebook.Member, devices int) {
	ids := make([]string, len(part))
	for i, m := range part {
		ids[i] = m.Device
	}
	if err := r.Relabel(ctx, ids); err != nil {
		r.Logger.Error("labels not taken over by the mirror", "err", err)
	}
	if devices > toldAtMost {
		return
	}
	for _, id := range ids {
		r.Publish("device:" + id)
	}
}

// end notes why devices had no turn, and tells open pages.
func (r *Runner) end(id string, err error) {
	if err != nil && !notebook.Over(err) {
		why := "The devices behind could not be written."
		if f, ok := errors.AsType[*fault.Error](err); ok {
			why = f.Message
		}
		r.Logger.Warn("not all devices of a selection had their turn", "annotation", id, "err", err)
		if err := r.book.EndAnnotation(context.Background(), id, why, func(*sql.Tx, notebook.Annotation) error { return nil }); err != nil {
			r.Logger.Error("that devices had no turn could not be kept", "annotation", id, "err", err) // its page says that nobody goes on with it
		}
	}
	r.release(id)
	r.Publish(Topic(id))
}
