package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
)

// launch runs the console as a process of its own on the instance's data. Its end is left to the test.
func (in *instance) launch(t testing.TB) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	in.logs = newLogs()
	child := exec.CommandContext(t.Context(), self, "serve")
	child.Env = []string{childMark + "=1"}
	for name, value := range in.env {
		child.Env = append(child.Env, name+"="+value)
	}
	child.Stdout, child.Stderr = in.logs, in.logs
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = child.Process.Kill(), child.Wait() })
	return child
}

// startChild is launch and the wait until the console listens.
func (in *instance) startChild(t testing.TB) *exec.Cmd {
	t.Helper()
	child := in.launch(t)
	line, err := in.logs.await(message("listening"), nil)
	if err != nil {
		t.Fatalf("the child does not listen: %v\n%s", err, in.logs)
	}
	in.url, _ = line["address"].(string)
	return child
}

// TestKilled kills the console at random moments of actions and starts it again on the same data: no change
// without an earlier intent, none sent twice, and every intent whose outcome was lost is shown as unknown.
func TestKilled(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	c := crash{in: &instance{logs: newLogs()}, rnd: rand.New(rand.NewPCG(seed, 0)), lost: map[string]bool{}}
	c.in.prepare(t, cmpsim.Options{Devices: 1500, AccessKey: testAccessKey, SecretKey: testSecretKey})
	child := c.in.startChild(t)
	c.support = c.in.signIn(t, "support")
	moments := []func(*testing.T, []trial){c.afterPost, c.beforeChange, c.atChange, c.whileHeld, c.afterAnswer}
	rounds, begun := 0, time.Now()
	for ; rounds < 15 || rounds < 40 && time.Since(begun) < 15*time.Second; rounds++ { // fewer with the race detector
		child = c.round(t, child, rounds, moments[rounds%len(moments)])
	}
	t.Logf("%d kills, %d changes, %d outcomes lost", rounds, len(changes(c.in.sim, "")), len(c.lost))
	if len(c.lost) < rounds/4 {
		t.Error("hardly any outcome was lost; the moments are badly chosen")
	}
}

// round has three actions under way, kills the console at the moment, starts it again and checks.
func (c *crash) round(t *testing.T, child *exec.Cmd, number int, moment func(*testing.T, []trial)) *exec.Cmd {
	t.Helper()
	trials := c.prepare(t)
	if number%5 == 3 { // the turn of whileHeld
		c.holdAll(t, trials)
	}
	posts := c.send(t, trials)
	moment(t, trials)
	kill(t, child)
	c.release()
	posts.Wait()
	c.noteLost(t)
	if number%3 == 0 {
		c.killStarting(t)
	}
	child = c.in.startChild(t)
	c.support.base = c.in.url
	c.check(t, trials)
	return child
}

// crash is what the rounds of TestKilled share.
type crash struct {
	in      *instance
	support *visitor
	rnd     *rand.Rand
	written sync.WaitGroup  // posts that are still to be written to the wire
	release func()          // lets held answers go
	lost    map[string]bool // orders whose outcome a kill has lost
	asked   uint64          // the last request in the journal before the posts
}

func kill(t testing.TB, child *exec.Cmd) {
	t.Helper()
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // killed, as asked
}

// killStarting kills a console at a random moment of its start, while it mends what the last one left.
func (c *crash) killStarting(t *testing.T) {
	t.Helper()
	child := c.in.launch(t)
	<-time.After(time.Duration(c.rnd.IntN(60_000)) * time.Microsecond)
	kill(t, child)
}

// holdAll keeps back the answers to all changes; each is made before or, if the caller stays, after that.
func (c *crash) holdAll(t *testing.T, trials []trial) {
	t.Helper()
	var gates []func()
	for _, tr := range trials {
		gates = append(gates, c.in.hold(t, tr.deed, c.rnd.IntN(2) == 0))
	}
	c.release = func() {
		for _, open := range gates {
			open()
		}
	}
}

// prepare opens the pages before three actions, whose answers may be held back.
func (c *crash) prepare(t *testing.T) []trial {
	t.Helper()
	c.release = func() {}
	c.in.sim.ClearFaults()
	var trials []trial
	for _, i := range c.rnd.Perm(len(deeds))[:3] {
		trials = append(trials, c.in.prepareDeed(t, c.support, deeds[i].verb))
	}
	journal := c.in.sim.Journal()
	c.asked = journal[len(journal)-1].Seq
	return trials
}

// send posts the forms side by side and does not wait.
func (c *crash) send(t *testing.T, trials []trial) *sync.WaitGroup {
	t.Helper()
	posts := &sync.WaitGroup{}
	c.written.Add(len(trials))
	for _, tr := range trials {
		once := sync.OnceFunc(c.written.Done)
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { once() }})
		posts.Go(func() {
			defer once()
			c.support.postOnly(ctx, tr.action, tr.form) // the answer may never come
		})
	}
	return posts
}

// afterPost lets a random part of the time that the actions take go by.
func (c *crash) afterPost(*testing.T, []trial) {
	c.written.Wait()
	<-time.After(time.Duration(c.rnd.IntN(15_000)) * time.Microsecond) // the randomness is what is tested
}

// beforeChange waits until the order is read again, just before its change may leave.
func (c *crash) beforeChange(t *testing.T, trials []trial) {
	order := trials[c.rnd.IntN(len(trials))].order.ID
	awaitRequest(t, c.in.sim, func(r cmpsim.Request) bool { return r.OrderID == order && r.Seq > c.asked })
}

// atChange waits until one of the changes arrives at the CMP.
func (c *crash) atChange(t *testing.T, trials []trial) {
	awaitRequest(t, c.in.sim, changeOf(trials[c.rnd.IntN(len(trials))].order.ID))
}

// whileHeld waits until the CMP works on all of them.
func (c *crash) whileHeld(t *testing.T, trials []trial) {
	for _, tr := range trials {
		awaitRequest(t, c.in.sim, changeOf(tr.order.ID))
	}
}

// afterAnswer waits until the CMP has answered one, and then a random moment.
func (c *crash) afterAnswer(t *testing.T, trials []trial) {
	order := trials[c.rnd.IntN(len(trials))].order.ID
	awaitRequest(t, c.in.sim, func(r cmpsim.Request) bool { return changeOf(order)(r) && r.Done })
	<-time.After(time.Duration(c.rnd.IntN(3_000)) * time.Microsecond)
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
		c.lost[r.order] = true
	}
}

func withoutOutcome(all []row) []row {
	return slices.DeleteFunc(slices.Clone(all), func(r row) bool {
		return r.phase != "intent" || slices.ContainsFunc(all, func(o row) bool { return o.phase == "outcome" && o.of == r.seq })
	})
}

// check looks at everything that was promised, after the restart.
func (c *crash) check(t *testing.T, trials []trial) {
	t.Helper()
	all := rows(t, c.in.dir)
	if open := withoutOutcome(all); len(open) > 0 {
		t.Fatalf("after the restart these intents have no outcome: %+v", open)
	}
	for _, sent := range changes(c.in.sim, "") {
		intent := slices.IndexFunc(all, func(r row) bool { return r.order == sent.OrderID && r.phase == "intent" })
		if intent < 0 || all[intent].at.After(sent.Time) {
			t.Fatalf("%s of %s was sent without an earlier intent", sent.Path, sent.OrderID)
		}
	}
	for _, tr := range trials {
		c.checkOrder(t, tr, all)
	}
	if code, out, stderr := c.in.command("", "audit", "verify"); code != exitOK {
		t.Fatalf("audit verify: exit %d: %s%s", code, out, stderr)
	}
}

// checkOrder opens the order's page, and then sends the form once more, as an operator who reloads would.
func (c *crash) checkOrder(t *testing.T, tr trial, all []row) {
	t.Helper()
	found := actionRows(all, tr.order.ID, tr.verb)
	outcome := slices.IndexFunc(found, func(r row) bool { return r.phase == "outcome" })
	p := c.support.get(t, orderPage(tr.order.ID)).want(t, http.StatusOK)
	if outcome >= 0 && p.hook("data-outcome") != found[outcome].outcome {
		t.Fatalf("the log says %q, the page %q", found[outcome].outcome, p.hook("data-outcome"))
	}
	if c.lost[tr.order.ID] && p.hook("data-outcome") != "unknown" {
		t.Fatalf("the outcome of %s was lost, and the page shows %q", tr.verb, p.hook("data-outcome"))
	}
	if p = c.support.post(t, tr.action, tr.form); p.status != http.StatusConflict && p.hook("data-outcome") == "" {
		t.Fatalf("the form of %s, sent once more, leads to %d and no outcome:\n%s", tr.verb, p.status, p.text())
	}
	if sent := changes(c.in.sim, tr.order.ID); len(sent) > 1 {
		t.Fatalf("%s was sent %d times", tr.verb, len(sent))
	}
}

// TestTerminated: the process itself, told to stop by a signal, finishes the action under way and ends with 0.
func TestTerminated(t *testing.T) {
	t.Parallel()
	in := &instance{logs: newLogs()}
	in.prepare(t, cmpsim.Options{Devices: 400, AccessKey: testAccessKey, SecretKey: testSecretKey})
	child := in.startChild(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	release := in.hold(t, tr.deed, true)
	done := make(chan reply, 1)
	go func() { done <- support.postOnly(context.WithoutCancel(t.Context()), tr.action, tr.form) }()
	awaitRequest(t, in.sim, changeOf(tr.order.ID))
	if err := child.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	awaitRefusal(t, in.url)
	release()
	if r := <-done; r.err != nil || r.status != http.StatusSeeOther {
		t.Errorf("the action under way got %+v", r)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("the process ended with %v", err)
	}
	wantPair(t, in.dir, tr.order.ID, "pause", "ok")
	if !strings.Contains(in.logs.String(), `"stopped"`) {
		t.Error("the log does not say that the console stopped")
	}
}
