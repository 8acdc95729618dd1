package webhook

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/ops"
)

// mangled shuffles, repeats and loses.
func mangled[T any](dice *rand.Rand, events []T) []T {
	var out []T
	for _, e := range events {
		for range dice.IntN(4) {
			out = append(out, e)
		}
	}
	dice.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// histories is how many a test goes through.
func histories() int {
	if testing.Short() {
		return 50
	}
	return 500
}

// Of 500 histories of messages both ways the callbacks come shuffled, repeated and thinned. A message from here has the status that the
// CMP tells once its report has come, and after the next look also where it was lost. One from a device whose callback came is in the
// inbox once, and unread until somebody has read it.
func TestMangledMessages(t *testing.T) {
	t.Parallel()
	var l *lab
	var m *messages
	for seed := range histories() {
		if seed%50 == 0 {
			l = newLab(t, 60)
			m = &messages{lab: l, sent: map[string]string{}, came: map[string]bool{}}
		}
		dice := rand.New(rand.NewPCG(uint64(seed), 11))
		m.happen(t, dice)
		m.arrive(t, dice)
		m.compareSent(t, seed, func(id string) bool { return m.came[id] })
		m.compareInbox(t, seed)
		m.look(t)
		m.compareSent(t, seed, func(string) bool { return true })
		m.readSome(t, dice)
		if t.Failed() {
			return
		}
	}
}

// messages is what was sent in a lab, and what of it was heard.
type messages struct {
	*lab
	sent    map[string]string // the report on each of ours by the sandbox, empty while it has none
	came    map[string]bool   // those of ours that a callback told of
	arrived map[string]string // callbacks about messages from devices, by what makes them one
	inbox   int
	unread  int
}

// happen has messages go both ways, seconds apart, until the sandbox knows what became of them.
func (m *messages) happen(t *testing.T, dice *rand.Rand) {
	t.Helper()
	m.sim.ResetPushes()
	named := cmpsim.MessageIDProvider
	if dice.IntN(2) == 0 {
		named = cmpsim.MessageIDCaller
	}
	if err := m.sim.SetPushScript(cmpsim.PushRule{Kind: cmpsim.PushMT, MessageID: named}); err != nil {
		t.Fatal(err)
	}
	devices := append(m.sim.Samples(cmpsim.SortInUse, 4), m.sim.Samples(cmpsim.SortSuspended, 4)...) // delivered, and given up
	for range 2 + dice.IntN(6) {
		d := devices[dice.IntN(len(devices))]
		if dice.IntN(2) == 0 {
			m.sent[m.send(t, d.ID)] = ""
		} else if err := m.sim.SendMO(cmpsim.MO{Device: d.ID, Dest: "12345", Content: "text " + strconv.Itoa(dice.IntN(3))}); err != nil {
			t.Fatal(err)
		}
		m.at = m.at.Add(time.Duration(1+dice.IntN(3)) * time.Second)
	}
	m.at = m.at.Add(time.Hour) // the sandbox tries for a while
	if err := m.sim.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range m.sim.Pushes() {
		if e := saidBy(t, p); p.Kind == cmpsim.PushMT {
			m.sent[p.MessageID] = e.Report
		}
	}
}

func saidBy(t *testing.T, p cmpsim.Push) Event {
	t.Helper()
	e, err := (&Push{Kind: Kind(p.Kind), Body: []byte(p.Body)}).Event()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// arrive has the callbacks come as they do, some of them while others are processed.
func (m *messages) arrive(t *testing.T, dice *rand.Rand) {
	t.Helper()
	m.arrived = map[string]string{}
	for _, p := range mangled(dice, m.sim.Pushes()) {
		m.receive(t, Kind(p.Kind), "%s", p.Body)
		if p.Kind == cmpsim.PushMT {
			m.came[p.MessageID] = true
		} else {
			m.arrived[p.Body] = saidBy(t, p).Text
		}
		if dice.IntN(4) == 0 {
			if _, err := m.Process(t.Context(), []Kind{SMSMT, SMSMO}[dice.IntN(2)]); err != nil {
				t.Fatal(err)
			}
		}
	}
	m.drain(t)
	m.inbox, m.unread = m.inbox+len(m.arrived), m.unread+len(m.arrived)
}

// compareSent holds the status of our messages against the sandbox's, of those that are due.
func (m *messages) compareSent(t *testing.T, seed int, due func(id string) bool) {
	t.Helper()
	for id, report := range m.sent {
		got, err := m.acts.Message(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if due(id) && string(got.Told.Report) != report {
			t.Errorf("seed %d: message %s is %q here and %q at the CMP", seed, id, got.Told.Report, report)
		}
	}
}

// compareInbox holds the messages from devices against the callbacks that came about them.
func (m *messages) compareInbox(t *testing.T, seed int) {
	t.Helper()
	all, err := m.CountInbounds(t.Context(), InboundQuery{})
	unread, failed := m.Unread(t.Context())
	if err != nil || failed != nil || all != m.inbox || unread != m.unread {
		t.Errorf("seed %d: %d in the inbox and %d unread, want %d and %d, %v %v", seed, all, unread, m.inbox, m.unread, err, failed)
	}
	found, err := m.Inbounds(t.Context(), InboundQuery{Limit: max(1, len(m.arrived))})
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]int{}
	for body, text := range m.arrived {
		e, err := (&Push{Kind: SMSMO, Body: []byte(body)}).Event()
		if err != nil {
			t.Fatal(err)
		}
		texts[e.Device+" "+e.At.Raw+" "+text]++
	}
	for _, one := range found[:len(m.arrived)] {
		texts[one.Device+" "+one.Stamped+" "+one.Content]--
	}
	for what, n := range texts {
		if n != 0 {
			t.Errorf("seed %d: %s is %d times too few in the inbox", seed, what, n)
		}
	}
}

// look asks the CMP about the messages that wait, as the pages that show them do.
func (m *messages) look(t *testing.T) {
	t.Helper()
	for range 100 {
		m.at = m.at.Add(Coalesce)
		shown, err := m.acts.Messages(t.Context(), ops.MessageQuery{Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if asked, err := m.acts.AskReports(t.Context(), shown); err != nil || !asked {
			return
		}
	}
}

// readSome has somebody read one device's newest messages.
func (m *messages) readSome(t *testing.T, dice *rand.Rand) {
	t.Helper()
	found, err := m.Inbounds(t.Context(), InboundQuery{Unread: true, Limit: 1 + dice.IntN(3)})
	if err != nil || len(found) == 0 {
		return
	}
	marked, err := m.Read(t.Context(), found[0].Device, []int64{found[0].ID}, replayed)
	if err != nil || marked != 1 {
		t.Fatal(marked, err)
	}
	m.unread -= marked
}
