package ops

import (
	"context"
	"slices"
	"testing"
	"time"
)

// erasePage erases the text beside a row as the page does.
func (b *bench) erasePage(t *testing.T, e *Eraser, seq int64) {
	t.Helper()
	if err := e.Erase(t.Context(), root, Redaction{Seq: seq, Field: TextField, Reason: erase}); err != nil {
		t.Fatal(err)
	}
}

func freeing(t *testing.T, e *Eraser) Freeing {
	t.Helper()
	f, err := e.Freeing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A page erases at once and leaves the bytes to the background, which tells how far it is: owed, failed beside a reader,
// and done.
func TestBytesAreFreedInTheBackground(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	e, m := b.eraser(), b.sendText(t, "canary", device)[0]
	if f := freeing(t, e); f.Ever() || f.Owed {
		t.Errorf("before: %+v", f)
	}
	b.erasePage(t, e, m.TextSeq)
	told := b.text(t, m).Erased
	if f := freeing(t, e); told == nil || !f.Owed || f.Covers(told) || !f.Asked.Equal(b.time()) {
		t.Fatalf("erased: %+v, row %+v", f, told)
	}
	reader, err := b.verifier(t).BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM audit`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := e.freeDue(t.Context()); err != nil { // the page is to be shown first
		t.Fatal(err)
	}
	b.wait(scrubAfter)
	if err := e.freeDue(t.Context()); err == nil {
		t.Fatal("freed beside a reader of an older state")
	}
	if f := freeing(t, e); !f.Owed || !f.Failed.Equal(b.time()) || !f.Begun.IsZero() {
		t.Errorf("failed: %+v", f)
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	b.wait(scrubAgain)
	if err := e.freeDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := freeing(t, e); f.Owed || !f.Covers(told) || !f.Failed.IsZero() || !f.Done.Equal(b.time()) {
		t.Errorf("done: %+v", f)
	}
	if found := b.leftovers(t, []byte("canary")); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
}

// What a console that was killed, or a command, has left undone is done by the next one, which leaves a command that is
// still at it the time to finish.
func TestBytesAreFreedAfterARestart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.erasePage(t, b.eraser(), b.sendText(t, "canary", device)[0].TextSeq)
	b = b.restarted(t)
	e := b.eraser()
	if err := e.freeDue(t.Context()); err != nil || !freeing(t, e).Owed {
		t.Errorf("somebody else may be at it: %+v, %v", freeing(t, e), err)
	}
	b.wait(scrubAgain)
	ctx, stop := context.WithCancel(t.Context())
	tick, ended := make(chan time.Time), make(chan struct{})
	go func() { e.Run(ctx, tick); close(ended) }()
	tick <- b.time()
	tick <- b.time() // the first one has been dealt with when the second is taken
	stop()
	<-ended
	if f := freeing(t, e); f.Owed || f.Done.IsZero() {
		t.Errorf("%+v", f)
	}
	if found := b.leftovers(t, []byte("canary")); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
}

// The command waits for it, and leaves nothing to do.
func TestTheCommandFreesTheBytesItself(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	sent := b.sendText(t, "canary", device, device2)
	b.redact(t, sent[0].TextSeq, false)
	e := b.eraser()
	if f := freeing(t, e); f.Owed || !f.Covers(b.text(t, sent[0]).Erased) {
		t.Errorf("%+v", f)
	}
	b.erasePage(t, e, sent[1].TextSeq)
	if f := freeing(t, e); !f.Owed || !f.Covers(b.text(t, sent[0]).Erased) || f.Covers(b.text(t, sent[1]).Erased) {
		t.Errorf("of two, one is freed: %+v", f)
	}
	if found := b.leftovers(t, []byte("canary")); !slices.Contains(found, "console.db") {
		t.Errorf("the search finds it in %v", found)
	}
}
