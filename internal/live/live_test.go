package live

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
)

func subscribe(t *testing.T, h *Hub, from string, topics ...string) *Stream {
	t.Helper()
	s, err := h.Subscribe("anna", topics, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// wantEvent takes what the stream has to tell, which must be there already: publishing waits for nobody, and nobody for it.
func wantEvent(t *testing.T, s *Stream, topics ...string) Event {
	t.Helper()
	select {
	case <-s.Ready():
	default:
		t.Fatalf("nothing to tell, want %v", topics)
	}
	e := s.Take()
	if e.Refresh || !slices.Equal(e.Topics, topics) {
		t.Errorf("told %+v, want %v", e, topics)
	}
	return e
}

func wantSilence(t *testing.T, s *Stream) {
	t.Helper()
	select {
	case <-s.Ready():
		t.Errorf("told %+v, want nothing", s.Take())
	default:
	}
}

func wantRefresh(t *testing.T, s *Stream) {
	t.Helper()
	select {
	case <-s.Ready():
		if e := s.Take(); !e.Refresh {
			t.Errorf("told %+v, want to read anew", e)
		}
	default:
		t.Error("nothing to tell, want to read anew")
	}
}

// A stream tells of its own topics and no others, each change once.
func TestTopics(t *testing.T) {
	t.Parallel()
	h := New(Options{})
	mine, other := subscribe(t, h, "", "order:1", "device:7"), subscribe(t, h, "", "order:2")
	wantSilence(t, mine)
	h.Publish("order:1", "device:7", "sync")
	wantEvent(t, mine, "device:7", "order:1")
	wantSilence(t, mine)
	wantSilence(t, other)
	h.Publish("order:2")
	wantEvent(t, other, "order:2")
	wantSilence(t, mine)
}

// Whoever reads slowly is told once of what has changed often: a stream never holds more than its topics.
func TestASlowReaderIsToldTheSum(t *testing.T) {
	t.Parallel()
	h := New(Options{Kept: 8})
	slow := subscribe(t, h, "", "sync", "order:1")
	for range 10_000 {
		h.Publish("sync", "order:2")
	}
	h.Publish("order:1")
	e := wantEvent(t, slow, "order:1", "sync")
	if len(slow.changed) != 2 || e.ID != h.At() {
		t.Errorf("it holds %v, at %s of %s", slow.changed, e.ID, h.At())
	}
}

// A page that was away is told of what it missed, as long as that is kept; and else to read anew.
func TestResume(t *testing.T) {
	t.Parallel()
	h := New(Options{Kept: 4})
	start := h.At()
	wantSilence(t, subscribe(t, h, start, "order:1"))
	h.Publish("order:1", "order:2", "order:3", "order:4")
	away := subscribe(t, h, start, "order:1", "order:4", "order:9")
	if away.Start != start {
		t.Errorf("it starts at %q, want %q, so that what it has not been told is told again", away.Start, start)
	}
	if e := wantEvent(t, away, "order:1", "order:4"); e.ID != h.At() {
		t.Errorf("then it is at %q, want %q", e.ID, h.At())
	}
	wantSilence(t, subscribe(t, h, "", "order:1"))
	wantSilence(t, subscribe(t, h, h.At(), "order:1"))
	h.Publish("order:5")
	wantRefresh(t, subscribe(t, h, start, "order:1")) // that order:1 has changed is forgotten by now
	second := subscribe(t, h, h.position(1), "order:2", "order:5")
	wantEvent(t, second, "order:2", "order:5")
}

// Positions of another process, or made up, are no positions.
func TestResumeFromElsewhere(t *testing.T) {
	t.Parallel()
	h, before := New(Options{}), New(Options{})
	before.Publish("order:1")
	for _, from := range []string{before.At(), h.position(1), h.epoch, h.epoch + "-", h.epoch + "--1", "-0", "7", "x-y-z", nowhere} {
		s := subscribe(t, h, from, "order:1")
		if s.Start != nowhere {
			t.Errorf("from %q it starts at %q", from, s.Start)
		}
		wantRefresh(t, s)
		wantSilence(t, s)
		s.Close()
	}
}

// Streams are limited for each owner and in all; one that is closed makes room, once.
func TestLimits(t *testing.T) {
	t.Parallel()
	h := New(Options{PerOwner: 2, InAll: 3})
	open := func(owner string) (*Stream, error) { return h.Subscribe(owner, []string{"sync"}, "") }
	first, err := open("anna")
	if _, err2 := open("anna"); err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if _, err := open("anna"); !errors.Is(err, ErrOwnerLimit) {
		t.Errorf("a third one of anna: %v", err)
	}
	if _, err := open("ben"); err != nil {
		t.Errorf("ben: %v", err)
	}
	if _, err := open("cleo"); !errors.Is(err, ErrLimit) {
		t.Errorf("a fourth one: %v", err)
	}
	first.Close()
	first.Close()
	if _, err := open("anna"); err != nil {
		t.Errorf("after one was closed: %v", err)
	}
	if _, err := open("anna"); !errors.Is(err, ErrOwnerLimit) {
		t.Errorf("one was closed, and two opened: %v", err)
	}
}

// Closing ends every stream at once and for good; publishing goes on, to nobody.
func TestClose(t *testing.T) {
	t.Parallel()
	h := New(Options{})
	s := subscribe(t, h, "", "sync")
	select {
	case <-s.Ended():
		t.Fatal("ended before it was closed")
	default:
	}
	h.Close()
	h.Close()
	<-s.Ended()
	h.Publish("sync")
	if _, err := h.Subscribe("ben", nil, ""); !errors.Is(err, ErrClosed) {
		t.Errorf("a stream of a closed hub: %v", err)
	}
}

// Many publish, come and go at the same time, and whoever stays is told of everything.
func TestAtTheSameTime(t *testing.T) {
	t.Parallel()
	h := New(Options{PerOwner: 1000, Kept: 16})
	stays := subscribe(t, h, "", "order:0", "order:1", "order:2", "order:3")
	var all sync.WaitGroup
	for i := range 4 {
		topic := fmt.Sprintf("order:%d", i)
		all.Go(func() {
			for range 500 {
				h.Publish(topic)
			}
		})
		all.Go(func() {
			for range 500 {
				if s, err := h.Subscribe("guest", []string{topic}, h.At()); err == nil {
					s.Take()
					s.Close()
				}
			}
		})
	}
	all.Wait()
	wantEvent(t, stays, "order:0", "order:1", "order:2", "order:3")
	if len(h.streams) != 1 || len(h.owners) != 1 {
		t.Errorf("%d streams of %d owners are left", len(h.streams), len(h.owners))
	}
}
