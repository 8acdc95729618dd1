package inquiry

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/notebook"
	"cmpconsole/internal/store"
)

// bench is an asker of which the test plays the CMP.
type bench struct {
	*Asker
	lists   *notebook.Selections
	asked   []string
	changed int
	answer  func(ctx context.Context, id string) (cmp.Device, error)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	b := &bench{lists: notebook.NewSelections(db, time.Now), answer: func(_ context.Context, id string) (cmp.Device, error) { return cmp.Device{ID: id}, nil }}
	b.Asker = New(b.lists, b, Options{Changed: func() { b.changed++ }, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	return b
}

func (b *bench) Device(ctx context.Context, id string) (cmp.Device, error) {
	b.asked = append(b.asked, id)
	return b.answer(ctx, id)
}

// paste keeps a selection of ids that nothing was found for.
func (b *bench) paste(t *testing.T, ids ...string) string {
	t.Helper()
	var lines []notebook.Line
	for _, id := range ids {
		lines = append(lines, notebook.Line{Typed: id, State: notebook.Missing, Device: id})
	}
	made, err := b.lists.Make(t.Context(), notebook.Selection{Source: notebook.Pasted}, lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func (b *bench) want(t *testing.T, id string, want notebook.Tally, asked ...string) {
	t.Helper()
	if got, err := b.lists.Tally(t.Context(), id); err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if !slices.Equal(b.asked, asked) {
		t.Errorf("asked for %q, want %q", b.asked, asked)
	}
}

var (
	gone    = &cmp.Error{Kind: cmp.Rejected, Code: "2001"}
	refused = &cmp.Error{Kind: cmp.Rejected, Code: "1004"}
	down    = &cmp.Error{Kind: cmp.Unknown, HTTPStatus: 502}
)

// What the CMP has joins the selection, what it denies or refuses was asked for, each id once.
func TestAnswersAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.answer = func(_ context.Context, id string) (cmp.Device, error) {
		switch id {
		case "B":
			return cmp.Device{}, gone
		case "C":
			return cmp.Device{}, refused
		}
		return cmp.Device{ID: id}, nil
	}
	id := b.paste(t, "A", "B", "A", "C", "D")
	b.Ask(id, 4)
	b.Ask(id, 4)
	b.Work(t.Context())
	b.want(t, id, notebook.Tally{Asked: 4, Found: 2, Unknown: 2}, "A", "B", "C", "D")
	if r := b.Round(id); r.On || r.Failed != 0 || b.changed != 2 {
		t.Errorf("%+v, %d changes", r, b.changed)
	}
	b.Ask(id, 4)
	b.Work(t.Context())
	b.want(t, id, notebook.Tally{Asked: 4, Found: 2, Unknown: 2}, "A", "B", "C", "D")
}

// A round asks for so many, and the next one for others. Two lists take turns.
func TestRounds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	long, short := b.paste(t, "A", "B", "C", "D"), b.paste(t, "X")
	b.Ask(long, 2)
	b.Ask(short, 1)
	b.Work(t.Context())
	b.want(t, long, notebook.Tally{Asked: 2, Found: 2, Waiting: 2}, "A", "X", "B")
	b.Ask(long, 2)
	b.Work(t.Context())
	b.want(t, long, notebook.Tally{Asked: 4, Found: 4}, "A", "X", "B", "C", "D")
}

// A press while a round goes on makes it longer, and no second one of it.
func TestAPressInARound(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.paste(t, "A", "B", "C")
	b.answer = func(_ context.Context, asked string) (cmp.Device, error) {
		if b.Ask(id, 3); !b.Round(id).On {
			t.Error("the round does not go on")
		}
		return cmp.Device{ID: asked}, nil
	}
	b.Ask(id, 1)
	b.Work(t.Context())
	b.want(t, id, notebook.Tally{Asked: 3, Found: 3}, "A", "B", "C")
}

// What could not be asked for waits, and is never said to be unknown.
func TestTroubleLeavesIDsUnasked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ids := []string{"A", "B", "C", "D", "E", "F"}
	id := b.paste(t, ids...)
	works := b.answer
	b.answer = func(ctx context.Context, asked string) (cmp.Device, error) {
		if asked == "B" {
			return cmp.Device{}, down
		}
		return works(ctx, asked)
	}
	b.Ask(id, 4)
	b.Work(t.Context())
	b.want(t, id, notebook.Tally{Asked: 3, Found: 3, Waiting: 3}, "A", "B", "C", "D")
	if r := b.Round(id); r.On || r.Failed != 1 || !errors.Is(r.Err, down) {
		t.Errorf("after one failure: %+v", r)
	}
	b.asked, b.answer = nil, func(context.Context, string) (cmp.Device, error) { return cmp.Device{}, down }
	more := b.paste(t, ids...)
	b.Ask(more, 6)
	b.Work(t.Context())
	b.want(t, more, notebook.Tally{Waiting: 6}, "A", "B", "C")
	if r := b.Round(more); r.On || r.Failed != 6 {
		t.Errorf("after failures in a row: %+v", r)
	}
	b.asked, b.answer = nil, func(context.Context, string) (cmp.Device, error) {
		return cmp.Device{}, &cmp.Error{Kind: cmp.NotSent, RetryAfter: time.Second}
	}
	b.Ask(more, 6)
	b.Work(t.Context())
	b.want(t, more, notebook.Tally{Waiting: 6}, "A")
	b.asked, b.answer = nil, works
	b.Ask(more, 6)
	b.Work(t.Context())
	b.want(t, more, notebook.Tally{Asked: 6, Found: 6}, ids...)
}

// The end of the console ends a call under way, and leaves its id unasked.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	id := b.paste(t, "A", "B")
	ctx, cancel := context.WithCancel(t.Context())
	b.answer = func(ctx context.Context, _ string) (cmp.Device, error) {
		cancel()
		return cmp.Device{}, ctx.Err()
	}
	b.Ask(id, 2)
	b.Run(ctx)
	b.want(t, id, notebook.Tally{Waiting: 2}, "A")
}

// Rounds that have ended are forgotten in time.
func TestRoundsAreForgotten(t *testing.T) {
	t.Parallel()
	a := New(nil, nil, Options{})
	for i := range 3 * roundsKept {
		id := strconv.Itoa(i)
		a.Ask(id, 1)
		a.rounds[id].On = false
	}
	if n := len(a.rounds); n > roundsKept {
		t.Errorf("%d rounds are kept", n)
	}
}
