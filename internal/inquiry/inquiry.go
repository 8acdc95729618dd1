// Package inquiry asks the CMP, in the background, for pasted device ids that the copy of the fleet does not have.
//
// What was answered is kept with the selection, so no id is asked for twice. How far it is to go on is kept in memory:
// after a restart somebody asks for the rest again.
package inquiry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/notebook"
)

const (
	failuresAtMost = 3   // in a row, before a round ends: the CMP is in trouble then, and not an id
	roundsKept     = 200 // that have ended; they tell what could not be asked for
)

// source is the part of the CMP client that is asked.
type source interface {
	Device(ctx context.Context, id string) (cmp.Device, error)
}

// Options are needed, all of them.
type Options struct {
	Changed func() // what is in a selection has changed
	Now     func() time.Time
	Logger  *slog.Logger
}

// Asker asks for the ids of selections, one at a time and in turn, so that a long list does not hold up a short one.
type Asker struct {
	Options

	lists *notebook.Selections
	from  source
	kick  chan struct{}

	mu     sync.Mutex
	rounds map[string]*round
	turns  []string // the selections whose rounds go on, the next one first
}

// Round is how the asking for a selection stands.
type Round struct {
	On     bool
	Left   int   // ids still to be asked for, at most
	Failed int   // ids that could not be asked for; they wait for another round
	Err    error // why the last of them could not
}

type round struct {
	Round

	after int // the place of the line that was asked for last
	row   int // failures in a row
}

// New returns an asker that does nothing until Run.
func New(lists *notebook.Selections, from source, o Options) *Asker {
	return &Asker{Options: o, lists: lists, from: from, kick: make(chan struct{}, 1), rounds: map[string]*round{}}
}

// Ask has n ids of a selection asked for, those that were not yet. A round under way goes on until so many are asked
// for: two presses are one.
func (a *Asker) Ask(selection string, n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.rounds[selection]
	if r == nil || !r.On {
		if len(a.rounds) >= roundsKept {
			maps.DeleteFunc(a.rounds, func(_ string, r *round) bool { return !r.On })
		}
		r = &round{Round: Round{On: true}}
		a.rounds[selection] = r
		a.turns = append(a.turns, selection)
	}
	r.Left = max(r.Left, n)
	select {
	case a.kick <- struct{}{}:
	default:
	}
}

// Round tells how the asking for a selection stands; zero when it was not asked for lately.
func (a *Asker) Round(selection string) Round {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.rounds[selection]; r != nil {
		return r.Round
	}
	return Round{}
}

// Run asks until ctx ends, with the share of the CMP's rate that nobody waits for.
func (a *Asker) Run(ctx context.Context) {
	for {
		a.Work(ctx)
		select {
		case <-ctx.Done():
			return
		case <-a.kick:
		}
	}
}

// Work asks for all that is to be asked for, and returns when there is nothing left or ctx has ended.
func (a *Asker) Work(ctx context.Context) {
	ctx = cmp.InBackground(ctx)
	for ctx.Err() == nil {
		selection, after, ok := a.next()
		if !ok {
			return
		}
		line, ok, err := a.lists.Unasked(ctx, selection, after)
		if err == nil && ok {
			err = a.one(ctx, selection, line.Device)
		}
		if ctx.Err() == nil {
			a.done(selection, line.Place, ok, err)
		}
	}
}

func (a *Asker) next() (selection string, after int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.turns) == 0 {
		return "", 0, false
	}
	selection, a.turns = a.turns[0], a.turns[1:]
	return selection, a.rounds[selection].after, true
}

// done notes what became of a turn. The round ends when it has come to its end, or when the CMP is in trouble.
func (a *Asker) done(selection string, place int, asked bool, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.rounds[selection]
	if r.row++; err == nil {
		r.row = 0
	}
	if r.after = place; asked {
		r.Left--
	}
	if err != nil {
		r.Failed, r.Err = r.Failed+1, err
		a.Logger.Warn("a pasted id could not be asked for", "selection", selection, "in_a_row", r.row, "err", err)
	}
	switch {
	case err != nil && (!asked || r.row == failuresAtMost || wantsRest(err)):
		r.Failed += r.Left
		r.On, r.Left = false, 0
	case !asked || r.Left <= 0:
		r.On, r.Left = false, 0
	default:
		a.turns = append(a.turns, selection)
	}
}

// wantsRest tells that the CMP, or the breaker before it, wants not to be asked for a while.
func wantsRest(err error) bool {
	e, ok := errors.AsType[*cmp.Error](err)
	return ok && e.RetryAfter > 0
}

// one asks for one id and keeps the answer. An error says that there was none.
func (a *Asker) one(ctx context.Context, selection, id string) error {
	said := notebook.Line{State: notebook.Missing, Device: id, Asked: a.Now()}
	d, err := a.from.Device(ctx, id)
	e, refused := errors.AsType[*cmp.Error](err)
	switch {
	case err == nil:
		said.State, said.Device, said.Note = notebook.Found, d.ID, "found at the CMP"
	case refused && e.NoSuchDevice():
		said.Note = "The CMP does not know it."
	case refused && e.Kind == cmp.Rejected && !e.Trouble():
		said.Note = fmt.Sprintf("The CMP refused to tell of it (code %q).", e.Code)
	default:
		return err
	}
	if err := a.lists.Answer(ctx, selection, id, said); err != nil {
		return err
	}
	if said.State == notebook.Found {
		a.Changed()
	}
	return nil
}
