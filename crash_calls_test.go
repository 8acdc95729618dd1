package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"testing"

	"cmpconsole/internal/testkit/torture"
)

// lastCalls are the system calls at which the console is killed, each about as often as it is made while a change is
// under way; most is how many of them one thread makes then.
var lastCalls = []struct {
	name        string
	share, most int
}{{"pwrite64", 4, 52}, {"fdatasync", 2, 3}, {"write", 3, 6}, {"fcntl", 1, 36}}

// lastCall draws the call that is to be the last, such as the third fdatasync.
func lastCall(dice *rand.Rand) (rule string) {
	at := dice.IntN(10)
	for _, c := range lastCalls {
		if at -= c.share; at < 0 {
			return fmt.Sprintf("%s:signal=KILL:when=%d", c.name, 1+dice.IntN(c.most))
		}
	}
	panic("the shares do not make ten")
}

// TestKilledAtACall kills the console in the middle of a change at a system call by its number, so that each write
// and sync is the last one some time. The promises are those of TestKilled.
func TestKilledAtACall(t *testing.T) {
	t.Parallel()
	torture.NeedStrace(t)
	dice, kills, lost := torture.Dice(t), 0, 0
	for most := torture.Rounds(20, 200); kills < most; { // each time on a fresh installation
		c := newCrash(t, dice)
		c.in.env["GOMAXPROCS"] = "1" // most of a change is then done by one thread, and a number says where
		child := c.in.startChild(t)
		c.crew = c.in.crew(t)
		for round := 0; round < 40 && kills < most; round++ {
			var killed bool
			if child, killed = c.roundAt(t, child, lastCall(dice)); killed {
				kills++
			}
		}
		c.finish(t, child)
		lost += len(c.lost)
	}
	t.Logf("%d kills, %d outcomes lost", kills, lost)
	if lost == 0 {
		t.Error("no outcome was lost; the calls are badly chosen")
	}
}

// lives tells whether the console still answers: what it does in the background after a change makes such calls too.
func (in *instance) lives(t *testing.T) bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, in.url+"/livez", nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return a.Body.Close() == nil
}

// roundAt has one change under way while the rule holds. When that kills the console it is started again, and checked.
func (c *crash) roundAt(t *testing.T, child *exec.Cmd, rule string) (next *exec.Cmd, killed bool) {
	t.Helper()
	e := c.prepare(t, 1)[0]
	mend := torture.Break(t, child.Process.Pid, rule)
	r := e.who.postOnly(t.Context(), e.post, e.form)
	alive := r.err == nil && c.in.lives(t)
	mend()
	if alive && c.in.lives(t) { // looked at again: until the rule is gone, what is done in the background may still break it
		return child, false // the change makes fewer such calls
	}
	t.Logf("%s killed by %s", e.kind, rule)
	kill(t, child)
	c.noteLost(t)
	child = c.in.startChild(t)
	c.moved(c.in.url)
	c.check(t, []errand{e})
	return child, true
}
