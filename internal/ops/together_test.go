package ops

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var some = []string{device, device2, "89852026000000000032"}

// held lets each change arrive at the CMP and stay there until it is let go.
type held struct{ here, leave chan struct{} }

func (b *bench) hold() held {
	h := held{make(chan struct{}), make(chan struct{})}
	b.cmp.onChange = func(context.Context) {
		h.here <- struct{}{}
		<-h.leave
	}
	return h
}

func (h held) let() { h.leave <- struct{}{} }

// told notes what open pages are told, and returns what that was since it was called last.
func (b *bench) told() func() []string {
	var mu sync.Mutex
	var topics []string
	b.publish = func(more ...string) {
		mu.Lock()
		defer mu.Unlock()
		topics = append(topics, more...)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		last := topics
		topics = nil
		return last
	}
}

func (b *bench) placed(t *testing.T, batch string, want ...State) {
	t.Helper()
	list, err := b.Purchases(t.Context(), mia, batch)
	if err != nil {
		t.Fatal(err)
	}
	var states []State
	for _, p := range list {
		states = append(states, p.Action.State)
	}
	if !slices.Equal(states, want) {
		t.Errorf("the orders are %v, want %v", states, want)
	}
}

// Whoever orders for many devices does not wait for the last: the rest goes on without them, each order once, and pages are told when one
// has been sent, when it has its answer, and when all are done.
func TestABatchGoesOn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.patience = time.Nanosecond
	at, told := b.hold(), b.told()
	batch := b.basket(t, cart(some...))
	if b.Running(batch) != 0 {
		t.Error("it runs before it was begun")
	}
	if err := b.StartCheckout(t.Context(), mia, batch); err != nil {
		t.Fatal(err)
	}
	<-at.here
	at.let()
	<-at.here
	if n := b.Running(batch); n != 3 {
		t.Errorf("%d orders are being placed, want 3", n)
	}
	b.placed(t, batch, OK, Dispatched, Prepared)
	topic := "batch:" + batch
	if got, want := told(), []string{topic, "device:" + some[0], topic, "work", topic}; !slices.Equal(got, want) {
		t.Errorf("told of %v, want %v", got, want)
	}
	at.let()
	<-at.here
	told()
	at.let()
	b.Wait()
	b.placed(t, batch, OK, OK, OK)
	if got, want := told(), []string{"device:" + some[2], topic, "work", topic}; !slices.Equal(got, want) || b.Running(batch) != 0 {
		t.Errorf("at the end told of %v, want %v; %d run", got, want, b.Running(batch))
	}
	if len(b.cmp.bought) != 3 {
		t.Errorf("%d orders were sent", len(b.cmp.bought))
	}
}

// Posted again while it runs, a batch is not made twice, and is over when whoever began it is done.
func TestABatchPostedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.patience = time.Nanosecond
	at := b.hold()
	batch := b.basket(t, cart(some...))
	for range 3 {
		if err := b.StartCheckout(t.Context(), mia, batch); err != nil {
			t.Fatal(err)
		}
	}
	for range some {
		<-at.here
		if b.Running(batch) != 3 {
			t.Error("it does not run any more")
		}
		at.let()
	}
	b.Wait()
	b.placed(t, batch, OK, OK, OK)
	if len(b.cmp.bought) != 3 {
		t.Errorf("%d orders were sent", len(b.cmp.bought))
	}
}

// A console that is being stopped ends the change that is on its way and begins no other: what is left was not sent.
func TestABatchIsStopped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.patience = time.Nanosecond
	at := b.hold()
	orders, messages := b.basket(t, cart(some...)), b.preview(t, some...)
	if err := b.StartCheckout(t.Context(), mia, orders); err != nil {
		t.Fatal(err)
	}
	<-at.here
	if err := b.StartBatch(t.Context(), anna, messages); err != nil {
		t.Fatal(err)
	}
	<-at.here
	b.Stop()
	at.let()
	at.let()
	b.Wait()
	b.placed(t, orders, OK, Prepared, Prepared)
	list, err := b.Messages(t.Context(), MessageQuery{Batch: messages, Limit: 10})
	if err != nil || len(list) != 3 {
		t.Errorf("of three messages of a batch %d are told of, %v", len(list), err)
	}
	if all, err := b.Messages(t.Context(), MessageQuery{Limit: 10}); err != nil || len(all) != 1 {
		t.Errorf("%d messages were sent or tried, %v", len(all), err)
	}
	if len(b.cmp.bought) != 1 || len(b.cmp.messages) != 1 || b.Running(orders)+b.Running(messages) != 0 {
		t.Errorf("%d orders and %d messages were sent", len(b.cmp.bought), len(b.cmp.messages))
	}
}

// One change is waited for however long it takes, and few are done in time: their error is told.
func TestABatchInTime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.patience = time.Nanosecond
	one := b.basket(t, cart(device))
	if err := b.StartCheckout(t.Context(), mia, one); err != nil {
		t.Fatal(err)
	}
	b.placed(t, one, OK)
	b.patience = time.Hour
	few := b.preview(t, some...)
	b.closed = "Changes are switched off."
	if err := b.StartBatch(t.Context(), anna, few); err == nil {
		t.Error("nothing could be sent, and nobody is told")
	}
	b.closed = ""
	if err := b.StartBatch(t.Context(), anna, few); err != nil || len(b.cmp.messages) != 3 {
		t.Errorf("%d messages were sent, %v", len(b.cmp.messages), err)
	}
}

// A batch that panics is an error, and not the end of the console.
func TestABatchThatPanics(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.patience = time.Hour
	if err := b.inTime("batch", "topic", 2, func() error { panic("a hole in the road") }); err == nil || !strings.Contains(err.Error(), "a hole in the road") {
		t.Errorf("%v", err)
	}
}

// A batch that was pressed in time is made to its end, however long that takes; one that was pressed too late is not begun.
func TestABatchOutlivesItsPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.patience = time.Hour
	b.cmp.onChange = func(context.Context) { b.wait(10 * time.Minute) }
	batch := b.basket(t, cart(some...))
	if err := b.StartCheckout(t.Context(), mia, batch); err != nil {
		t.Fatal(err)
	}
	b.placed(t, batch, OK, OK, OK)
	late := b.basket(t, cart(some...))
	b.wait(formLife + time.Minute)
	if err := b.StartCheckout(t.Context(), mia, late); err != nil {
		t.Fatal(err)
	}
	b.placed(t, late, Expired, Expired, Expired)
}
