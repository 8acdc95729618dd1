package ops

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit/torture"
)

// ambiguous are the kinds of answers that do not say whether the change took effect.
var ambiguous = []struct {
	name  string
	fault func(applied bool) cmpsim.Fault
}{
	{"none in time", always(cmpsim.KindHang)},
	{"too late", func(bool) cmpsim.Fault { return cmpsim.Fault{Kind: cmpsim.KindDelay, Delay: time.Hour} }},
	{"connection reset", func(applied bool) cmpsim.Fault {
		return cmpsim.Fault{Kind: map[bool]cmpsim.Kind{true: cmpsim.KindResetAfter, false: cmpsim.KindResetBefore}[applied]}
	}},
	{"cut off", always(cmpsim.KindCut)},
	{"HTTP 429", always(cmpsim.KindTooMany)},
	{"HTTP 500", always(cmpsim.KindInternal)},
	{"HTTP 502", always(cmpsim.KindBadGateway)},
	{"HTTP 503", always(cmpsim.KindUnavailable)},
	{"a web page", always(cmpsim.KindHTML)},
	{"no JSON", always(cmpsim.KindBadJSON)},
	{"success and failure", always(cmpsim.KindContradiction)},
	{"an error and success", func(bool) cmpsim.Fault { return cmpsim.Fault{Kind: cmpsim.KindContradiction, Code: "5021"} }},
}

func always(kind cmpsim.Kind) func(bool) cmpsim.Fault {
	return func(bool) cmpsim.Fault { return cmpsim.Fault{Kind: kind} }
}

// mutations are all changes, with the call that asks for each.
var mutations = map[Verb]string{
	Open: "package/openPackage", Pause: "device/pauseService", Restart: "device/restartService", Cancel: "package/cancelPackage",
	End: "package/aheadFinishDeviceOrder", Bind: "device/bind", Unbind: "device/bind", Send: "sms/sendSms", Buy: "package/batchOrderPackages",
}

// TestAmbiguousAnswers gives every change every kind of ambiguous answer, applied or not: each is sent once and
// called unknown, and reads then settle nearly all of them to what is true at the CMP, none to what is not. The rest
// waits for a person within a day.
func TestAmbiguousAnswers(t *testing.T) {
	t.Parallel()
	for dice, rounds := torture.Dice(t), torture.Rounds(1, 5); rounds > 0; rounds-- {
		l := newLab(t, dice.Uint64())
		all := l.mutate(t)
		for _, m := range all {
			if a := l.action(t, m); a.State != Unknown || a.Outcome() != audit.Unknown {
				t.Errorf("%s is called %s", m.verb, a.State)
			}
		}
		l.reconcileFor(t, 25*time.Hour)
		settled := 0
		for _, m := range all {
			if l.settledToTheTruth(t, m) {
				settled++
			}
		}
		t.Logf("%d changes, %d settled to the truth, %d tasks for a person", len(all), settled, len(all)-settled)
		if len(all) < 2*len(ambiguous)*len(mutations) || settled*100 < len(all)*95 {
			t.Errorf("only %d of %d settled", settled, len(all))
		}
	}
}

// settledToTheTruth tells whether the change is settled, and fails the test when that is not what the journal says, when
// it was not sent once, or when it is neither settled nor a task for a person.
func (l *lab) settledToTheTruth(t *testing.T, m mutation) bool {
	t.Helper()
	a, sent := l.action(t, m), l.sent(m)
	if len(sent) != 1 {
		t.Errorf("%s was sent %d times", m.verb, len(sent))
		return false
	}
	if a.State == map[bool]State{true: EffectPresent, false: EffectAbsent}[sent[0].Applied] {
		return true
	}
	t.Logf("%s, answered by %s, applied %t: %s after reading %q", m.verb, sent[0].Fault, sent[0].Applied, a.State, a.Read)
	if a.State != Unknown || a.Task.IsZero() {
		t.Errorf("%s is settled wrongly, or waits for nobody; task since %s", m.verb, a.Task)
	}
	return false
}

// mutate sends every change with every kind of answer, side by side. Which of a call's answers a change gets is left
// to chance; what was applied stands in the journal.
func (l *lab) mutate(t *testing.T) (all []mutation) {
	t.Helper()
	var faults []cmpsim.Fault
	for _, kind := range ambiguous {
		for _, applied := range []bool{true, false} {
			for _, verb := range slices.Sorted(maps.Keys(mutations)) {
				all = append(all, l.prepareMutation(t, verb))
				f := kind.fault(applied)
				f.Path, f.Times, f.Apply = mutations[verb], 1, &applied
				faults = append(faults, f)
			}
		}
	}
	l.sim.Script(faults...)
	var sending errgroup.Group
	sending.SetLimit(40) // about as many as wait for an answer that never comes
	for _, m := range all {
		sending.Go(func() error {
			if err := m.send(); err != nil {
				t.Errorf("%s: %v", m.verb, err)
			}
			return nil
		})
	}
	_ = sending.Wait()
	return all
}

// sent are the requests in the journal that ask for the change. A card that is to be unbound was bound before.
func (l *lab) sent(m mutation) (found []cmpsim.Request) {
	for _, r := range l.sim.Journal() {
		binds := m.verb == Unbind && strings.Contains(r.Body, `"oper_type":"1"`)
		if strings.HasSuffix(r.Path, mutations[m.verb]) && strings.Contains(r.Body, m.key) && !binds {
			found = append(found, r)
		}
	}
	return found
}

func (l *lab) action(t *testing.T, m mutation) Action {
	t.Helper()
	a, err := selectAction(t.Context(), l.db.Read(), `WHERE id = ?`, m.id)
	if err != nil || a == nil {
		t.Fatalf("%s: no action: %v", m.verb, err)
	}
	return *a
}

// reconcileFor lets time go by, and the console look whenever it is due.
func (l *lab) reconcileFor(t *testing.T, over time.Duration) {
	t.Helper()
	for end := l.time().Add(over); l.time().Before(end); {
		step := time.Minute
		if end.Sub(l.time()) > over-2*time.Minute {
			step = time.Second
		}
		l.wait(step)
		for due := 1; due > 0; {
			if err := l.lookAtDue(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := l.db.Read().QueryRowContext(t.Context(), `SELECT count(*) FROM action WHERE state = 'unknown' AND next_look <= ?`, l.time().UnixMicro()).Scan(&due); err != nil {
				t.Fatal(err)
			}
		}
	}
}
