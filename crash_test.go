package main

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit/torture"
)

// TestKilled kills the console at random moments of changes of all kinds and starts it again on the same data: no
// change without an earlier intent, none sent twice, no false ok, and every intent whose outcome was lost is unknown.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills, lost := torture.Rounds(40, 200), 0
	for dice := torture.Dice(t); kills > 0; kills -= 40 { // each time on a fresh installation
		c := newCrash(t, dice)
		child := c.in.startChild(t)
		c.crew = c.in.crew(t)
		moments := []func(*testing.T, []errand){c.afterPost, c.beforeChange, c.atChange, c.whileHeld, c.afterAnswer}
		for n := range 40 {
			child = c.round(t, child, n, moments[n%len(moments)])
		}
		c.finish(t, child)
		lost += len(c.lost)
	}
	if lost == 0 {
		t.Error("no outcome was lost; the moments are badly chosen")
	}
}

// crash is what rounds on one installation share.
type crash struct {
	crew
	in      *instance
	dice    *rand.Rand
	written sync.WaitGroup  // posts that are still to be written to the wire
	release func()          // lets held answers go
	lost    map[string]bool // devices whose change has lost its outcome to a kill
	asked   uint64          // the last request in the journal before the posts
	done    []errand        // of all rounds
}

func newCrash(t *testing.T, dice *rand.Rand) *crash {
	t.Helper()
	c := &crash{in: &instance{logs: newLogs()}, dice: dice, lost: map[string]bool{}}
	c.in.prepare(t, cmpsim.Options{Devices: 2000, AccessKey: testAccessKey, SecretKey: testSecretKey})
	return c
}

// round has three changes under way, kills the console at the moment, starts it again and checks.
func (c *crash) round(t *testing.T, child *exec.Cmd, number int, moment func(*testing.T, []errand)) *exec.Cmd {
	t.Helper()
	errands := c.prepare(t, 3)
	if number%5 == 3 { // the turn of whileHeld
		c.holdAll(t, errands)
	}
	posts := c.send(t, errands)
	moment(t, errands)
	kill(t, child)
	c.release()
	posts.Wait()
	c.noteLost(t)
	if number%3 == 0 {
		c.killStarting(t)
	}
	child = c.in.startChild(t)
	c.moved(c.in.url)
	c.check(t, errands)
	return child
}

// killStarting kills a console at a random moment of its start, while it mends what the last one left.
func (c *crash) killStarting(t *testing.T) {
	t.Helper()
	child := c.in.launch(t)
	<-time.After(time.Duration(c.dice.IntN(60_000)) * time.Microsecond)
	kill(t, child)
}

// holdAll keeps back the answers to all changes; each is made before or, if the caller stays, after that.
func (c *crash) holdAll(t *testing.T, errands []errand) {
	t.Helper()
	var gates []func()
	for _, e := range errands {
		gates = append(gates, c.in.hold(t, e.call, c.dice.IntN(2) == 0))
	}
	c.release = func() {
		for _, open := range gates {
			open()
		}
	}
}

// prepare opens the pages before some changes, whose answers may be held back.
func (c *crash) prepare(t *testing.T, count int) []errand {
	t.Helper()
	c.release = func() {}
	c.in.sim.ClearFaults()
	var errands []errand
	for _, i := range c.dice.Perm(len(errandKinds))[:count] {
		errands = append(errands, c.in.prepareErrand(t, c.crew, errandKinds[i]))
	}
	c.done = append(c.done, errands...)
	journal := c.in.sim.Journal()
	c.asked = journal[len(journal)-1].Seq
	return errands
}

// send posts the forms side by side and does not wait.
func (c *crash) send(t *testing.T, errands []errand) *sync.WaitGroup {
	t.Helper()
	posts := &sync.WaitGroup{}
	c.written.Add(len(errands))
	for _, e := range errands {
		once := sync.OnceFunc(c.written.Done)
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { once() }})
		posts.Go(func() {
			defer once()
			e.who.postOnly(ctx, e.post, e.form) // the answer may never come
		})
	}
	return posts
}

// afterPost lets a random part of the time that the changes take go by.
func (c *crash) afterPost(*testing.T, []errand) {
	c.written.Wait()
	<-time.After(time.Duration(c.dice.IntN(15_000)) * time.Microsecond) // the randomness is what is tested
}

// beforeChange waits until the order or card is read again, just before its change may leave.
func (c *crash) beforeChange(t *testing.T, errands []errand) {
	e := errands[c.dice.IntN(len(errands))]
	awaitRequest(t, c.in.sim, func(r cmpsim.Request) bool { return r.Seq > c.asked && e.names(r) })
}

// atChange waits until one of the changes arrives at the CMP.
func (c *crash) atChange(t *testing.T, errands []errand) {
	awaitRequest(t, c.in.sim, errands[c.dice.IntN(len(errands))].asks)
}

// whileHeld waits until the CMP works on all of them.
func (c *crash) whileHeld(t *testing.T, errands []errand) {
	for _, e := range errands {
		awaitRequest(t, c.in.sim, e.asks)
	}
}

// afterAnswer waits until the CMP has answered one, and then a random moment.
func (c *crash) afterAnswer(t *testing.T, errands []errand) {
	e := errands[c.dice.IntN(len(errands))]
	awaitRequest(t, c.in.sim, func(r cmpsim.Request) bool { return e.asks(r) && r.Done })
	<-time.After(time.Duration(c.dice.IntN(3_000)) * time.Microsecond)
}

// noteLost reads a copy of what the killed process left, so that the next one does all the mending itself.
func (c *crash) noteLost(t *testing.T) {
	t.Helper()
	copied := t.TempDir()
	for _, name := range []string{"console.db", "console.db-wal"} {
		b, err := os.ReadFile(filepath.Join(c.in.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range withoutOutcome(rows(t, copied)) {
		c.lost[r.device] = true
	}
}

func withoutOutcome(all []row) []row {
	return slices.DeleteFunc(slices.Clone(all), func(r row) bool {
		return r.phase != "intent" || slices.ContainsFunc(all, func(o row) bool { return o.phase == "outcome" && o.of == r.seq })
	})
}

// check looks at everything that was promised, after the restart.
func (c *crash) check(t *testing.T, errands []errand) {
	t.Helper()
	all, journal := rows(t, c.in.dir), c.in.sim.Journal()
	if open := withoutOutcome(all); len(open) > 0 {
		t.Fatalf("after the restart these intents have no outcome: %+v", open)
	}
	for _, e := range errands {
		if wrong := e.wrong(all, journal); wrong != "" {
			t.Fatalf("%s of %s %s", e.kind, e.key, wrong)
		}
		c.checkPage(t, e, e.rows(all))
	}
	if code, out, stderr := c.in.command("", "audit", "verify"); code != exitOK {
		t.Fatalf("audit verify: exit %d: %s%s", code, out, stderr)
	}
}

// checkPage opens the page of the outcome, and then sends the form once more, as an operator who reloads would.
func (c *crash) checkPage(t *testing.T, e errand, found []row) {
	t.Helper()
	p := e.who.get(t, e.page).want(t, http.StatusOK)
	outcome := slices.IndexFunc(found, func(r row) bool { return r.phase == "outcome" })
	if outcome >= 0 && p.hook("data-outcome") != found[outcome].outcome {
		t.Fatalf("%s of %s: the log says %q, the page %q:\n%s", e.kind, e.key, found[outcome].outcome, p.hook("data-outcome"), p.text())
	}
	if c.lost[e.device] && p.hook("data-outcome") != "unknown" {
		t.Fatalf("the outcome of %s was lost, and the page shows %q", e.kind, p.hook("data-outcome"))
	}
	before := len(e.sent(c.in.sim.Journal()))
	again := e.who.post(t, e.post, e.form)
	after := len(e.sent(c.in.sim.Journal()))
	if len(found) > 0 && after != before || after > 1 {
		t.Fatalf("%s was sent again with its form: %d times, then %d", e.kind, before, after)
	}
	if again.status != http.StatusConflict && again.hook("data-outcome") == "" && !strings.Contains(again.text(), "Refused here") {
		t.Fatalf("the form of %s, sent once more, leads to %d and no outcome:\n%s", e.kind, again.status, again.text())
	}
}

// finish stops the console and looks at all that was done: nothing may have been sent late, or unasked.
func (c *crash) finish(t *testing.T, child *exec.Cmd) {
	t.Helper()
	kill(t, child)
	all, journal := rows(t, c.in.dir), c.in.sim.Journal()
	for _, e := range c.done {
		if wrong := e.wrong(all, journal); wrong != "" {
			t.Errorf("in the end %s of %s %s", e.kind, e.key, wrong)
		}
	}
	sent := slices.DeleteFunc(journal, func(r cmpsim.Request) bool { return !changesSomething(r) })
	for _, r := range sent {
		if !slices.ContainsFunc(c.done, func(e errand) bool { return strings.HasSuffix(r.Path, e.call) && e.names(r) }) {
			t.Errorf("nobody asked for request %d: %s %s", r.Seq, r.Path, r.Body)
		}
	}
	t.Logf("%d changes asked for, %d sent, %d outcomes lost", len(c.done), len(sent), len(c.lost))
}
