package ops

import (
	"slices"
	"testing"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// Open pages are told of what an action was about when it has ended, however that was.
func TestPagesAreToldOfActions(t *testing.T) {
	t.Parallel()
	l := newLab(t, 8)
	var told []string
	l.publish = func(topics ...string) { told = append(told, topics...) }
	for _, c := range []struct {
		verb  Verb
		fault cmpsim.Kind
	}{
		{Pause, ""},
		{Pause, cmpsim.KindResetAfter}, // its answer is lost
		{Pause, cmpsim.KindBusiness},
		{Bind, ""},
		{Buy, ""},
		{Send, ""},
	} {
		told = nil
		m := l.prepareMutation(t, c.verb)
		if c.fault != "" {
			l.sim.Script(cmpsim.Fault{Path: "pauseService", Times: 1, Kind: c.fault})
		}
		if err := m.send(); err != nil {
			t.Fatal(err)
		}
		a, err := selectAction(t.Context(), l.db.Read(), `WHERE id = ?`, m.id)
		if err != nil || a == nil {
			t.Fatalf("%s is not known, %v", m.id, err)
		}
		want := []string{"device:" + a.DeviceID}
		if c.verb == Pause {
			want = append(want, "order:"+a.OrderID)
		}
		if c.verb == Send {
			want = append(want, "messages", "message:"+a.Wants)
		}
		want = append(want, "work")
		switch batch := "batch:" + a.batch; c.verb {
		case Send:
			want = append(want, "messages") // the batch is done
		case Buy:
			want = []string{batch, "device:" + a.DeviceID, batch, "work", batch} // sent, answered, done
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s, %q: told of %v, want %v (%s)", c.verb, c.fault, told, want, a.State)
		}
	}
}

// A doubt that a read settles is told, and a report that comes; what says nothing new is not.
func TestPagesAreToldOfWhatReadsBring(t *testing.T) {
	t.Parallel()
	l := newLab(t, 9)
	m := l.prepareMutation(t, Pause)
	l.sim.Script(cmpsim.Fault{Path: "pauseService", Times: 1, Kind: cmpsim.KindResetAfter})
	if err := m.send(); err != nil {
		t.Fatal(err)
	}
	var told []string
	l.publish = func(topics ...string) { told = append(told, topics...) }
	a, _ := selectAction(t.Context(), l.db.Read(), `WHERE id = ?`, m.id)
	order, err := l.client.Order(t.Context(), a.OrderID)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := l.Observe(t.Context(), order, l.time()); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"device:" + a.DeviceID, "order:" + a.OrderID, "work"}; !slices.Equal(told, want) {
		t.Errorf("a doubt was settled: told of %v, want %v", told, want)
	}
	told = nil
	sent := l.prepareMutation(t, Send)
	if err := sent.send(); err != nil {
		t.Fatal(err)
	}
	told = nil
	s, _ := selectAction(t.Context(), l.db.Read(), `WHERE id = ?`, sent.id)
	for range 2 {
		message, err := l.Message(t.Context(), s.Wants)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.AskReport(t.Context(), message); err != nil {
			t.Fatal(err)
		}
	}
	if message, _ := l.Message(t.Context(), s.Wants); keptOf(message.Told) == keptOf(cmp.MTMessage{}) {
		t.Fatal("the CMP says nothing of the message, so nothing is tried")
	}
	if want := []string{"device:" + s.DeviceID, "message:" + s.Wants, "messages", "work"}; !slices.Equal(told, want) {
		t.Errorf("a report came: told of %v, want %v", told, want)
	}
}
