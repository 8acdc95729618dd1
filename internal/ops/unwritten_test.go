package ops

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cmpconsole/internal/fault"
)

// The outcome cannot be written: the page says unknown and the order stays locked. What the CMP answered is
// kept, and recorded once the database takes it; nothing is sent again.
func TestAnOutcomeWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.refuseRows(t, "outcome")
	if a := b.do(t, form, Dispatched); a.Outcome() != "unknown" || !a.InDoubt() || !b.locked(t) {
		t.Errorf("%+v, locked %v", a, b.locked(t))
	}
	b.do(t, form, Dispatched) // posted again, it is not sent again
	if err := b.writeEnds(t.Context()); err == nil {
		t.Error("recorded without being able to write")
	}
	if got := b.rows(t); !slices.Equal(got, []string{"intent:"}) || !b.locked(t) {
		t.Errorf("rows %v, locked %v", got, b.locked(t))
	}
	b.takeRows(t)
	if err := b.Recover(t.Context()); err != nil || len(b.rows(t)) != 1 {
		t.Errorf("recovery took what is still to be written for lost: rows %v, %v", b.rows(t), err)
	}
	if err := b.writeEnds(t.Context()); err != nil || len(b.unwritten.all()) != 0 {
		t.Fatalf("%v, %d still to be written", err, len(b.unwritten.all()))
	}
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:ok"}) || b.locked(t) || b.latest(t).State != OK || len(b.cmp.sent()) != 1 {
		t.Errorf("rows %v, locked %v, %d sent", got, b.locked(t), len(b.cmp.sent()))
	}
}

// A console that dies with the outcome still unwritten knows no more than that the request may have left.
func TestAnOutcomeLostWithItsProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.refuseRows(t, "outcome")
	b.do(t, form, Dispatched)
	b.takeRows(t)
	b = b.restarted(t)
	if err := b.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown"}) {
		t.Errorf("rows %v", got)
	}
}

// A refusal that cannot be written is recorded later too, and the reason is not replaced by one of recovery's.
func TestARefusalWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.refuseRows(t, "")
	_, err := b.Do(t.Context(), anna, form)
	wantKind(t, err, fault.Unavailable)
	b.takeRows(t)
	if err := b.writeEnds(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := b.entries(t, order1); len(r) != 1 || r[0].Outcome != "refused" || r[0].Detail[len(r[0].Detail)-1].Value != saidNoLog {
		t.Errorf("%+v", r)
	}
}

// A stop writes a last time what it can.
func TestAStopWritesWhatIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		form := b.form(t, anna, Pause)
		b.refuseRows(t, "outcome")
		b.do(t, form, Dispatched)
		b.takeRows(t)
		ctx, stop := context.WithCancel(t.Context())
		stop()
		b.WriteEnds(ctx, nil)
		if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:ok"}) {
			t.Errorf("rows %v", got)
		}
	})
}

// Once it is being stopped, the console begins no action; one that is on its way comes to its end.
func TestAStoppingConsoleSendsNothingNew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.Stop()
	b.wait(time.Second)
	_, err := b.Do(t.Context(), anna, form)
	wantKind(t, err, fault.Unavailable)
	wantSaid(t, err, "The console is being stopped, so nothing was sent. Send it again when it is back.")
	if got := b.rows(t); len(b.cmp.sent()) != 0 || !slices.Equal(got, []string{"event:refused"}) {
		t.Errorf("%d sent, rows %v", len(b.cmp.sent()), got)
	}
}

// A form whose refusal was not taken works once more; the old refusal, when it comes to be written, takes nothing of
// what the CMP has answered since.
func TestALateRefusalDropsNoOutcome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.refuseRows(t, "")
	_, err := b.Do(t.Context(), anna, form)
	wantKind(t, err, fault.Unavailable)
	late := b.unwritten.all() // what a slow writer is busy with
	b.takeRows(t)
	b.refuseRows(t, "outcome")
	b.do(t, form, Dispatched)
	b.takeRows(t)
	for id, w := range late {
		b.unwritten.drop(id, w)
	}
	if err := errors.Join(b.writeEnds(t.Context()), b.Recover(t.Context())); err != nil {
		t.Fatal(err)
	}
	checkOneClaim(t, b)
}
