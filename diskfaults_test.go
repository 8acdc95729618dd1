package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/testkit/torture"
)

// diskFaults are what a disk does to the process that writes to it, as rules of strace.
var diskFaults = []struct{ name, rule string }{
	{"full", "pwrite64,ftruncate:error=ENOSPC"},
	{"fails to write", "pwrite64,ftruncate:error=EIO"},
	{"fails to sync", "fdatasync,fsync:error=EIO"},
	{"read-only", "pwrite64,ftruncate:error=EROFS"},
}

// TestDiskFaults: while the disk takes nothing, no change is sent, each is refused in words, and pages go on; once the
// disk is well again so is the console, at once, and so is one that died meanwhile and is started again.
func TestDiskFaults(t *testing.T) {
	t.Parallel()
	torture.NeedStrace(t)
	for _, fault := range diskFaults {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dies %t", fault.name, dies), func(t *testing.T) {
				t.Parallel()
				c := newCrash(t, torture.Dice(t))
				child := c.in.startChild(t)
				c.crew = c.in.crew(t)
				errands := c.all(t, torture.Rounds(len(errandKinds), 54))
				mend := torture.Break(t, child.Process.Pid, fault.rule)
				for _, e := range errands {
					e.who.post(t, e.post, e.form).wantRefusal(t, e)
				}
				c.wantPages(t, errands)
				if dies {
					kill(t, child)
					c.in.startChild(t)
					c.moved(c.in.url)
				}
				mend()
				c.wantWell(t, errands)
			})
		}
	}
}

// all prepares so many changes, of every kind in turn.
func (c *crash) all(t *testing.T, count int) []errand {
	t.Helper()
	var errands []errand
	for i := range count {
		errands = append(errands, c.in.prepareErrand(t, c.crew, errandKinds[i%len(errandKinds)]))
	}
	c.done = append(c.done, errands...)
	return errands
}

// wantRefusal expects the page to tell that nothing was sent.
func (p page) wantRefusal(t *testing.T, e errand) {
	t.Helper()
	if said := strings.ToLower(p.text()); !strings.Contains(said, "nothing was sent") && !strings.Contains(said, "not sent") {
		t.Errorf("%s got %d and is not told that nothing was sent:\n%s", e.kind, p.status, p.text())
	}
	if outcome := p.hook("data-outcome"); outcome != "" && outcome != "not_sent" {
		t.Errorf("%s shows the outcome %q", e.kind, outcome)
	}
}

// wantPages opens what needs no change.
func (c *crash) wantPages(t *testing.T, errands []errand) {
	t.Helper()
	for _, path := range []string{"/", "/devices", "/devices/" + errands[0].device, errands[0].page} {
		c.support.get(t, path).want(t, http.StatusOK)
	}
}

// wantWell does one more change after the fault, within five seconds, and looks at what became of the others.
func (c *crash) wantWell(t *testing.T, errands []errand) {
	t.Helper()
	journal, begun := c.in.sim.Journal(), time.Now()
	for _, e := range errands {
		if sent := e.sent(journal); len(sent) != 0 {
			t.Errorf("%s was sent while its record could not be written", e.kind)
		}
	}
	for _, kind := range errandKinds {
		e := c.in.prepareErrand(t, c.crew, kind)
		if p := e.who.post(t, e.post, e.form).want(t, http.StatusOK); p.hook("data-outcome") != "ok" {
			t.Errorf("after the fault %s ends as %q", kind, p.hook("data-outcome"))
		}
		if took := time.Since(begun); kind == errandKinds[0] && took > 5*time.Second {
			t.Errorf("well only after %s", took)
		}
	}
	all, journal := rows(t, c.in.dir), c.in.sim.Journal()
	for _, e := range errands {
		if wrong := e.wrong(all, journal); wrong != "" {
			t.Errorf("%s %s", e.kind, wrong)
		}
	}
	if code, out, stderr := c.in.command("", "audit", "verify"); code != exitOK {
		t.Errorf("audit verify: exit %d: %s%s", code, out, stderr)
	}
}

// TestDiskFaultsBeforeTheOutcome: the disk gives way when the change has left and its answer is not here yet. The page
// says that nothing is certain, the answer is recorded once the disk is well, and lost with the process otherwise.
func TestDiskFaultsBeforeTheOutcome(t *testing.T) {
	t.Parallel()
	torture.NeedStrace(t)
	c := newCrash(t, torture.Dice(t))
	child := c.in.startChild(t)
	c.crew = c.in.crew(t)
	for round := range torture.Rounds(2, 8) {
		fault := diskFaults[c.dice.IntN(len(diskFaults))]
		errands := c.all(t, len(errandKinds))
		c.holdAll(t, errands)
		answers := c.posted(t, errands)
		c.whileHeld(t, errands)
		mend := torture.Break(t, child.Process.Pid, fault.rule)
		c.release()
		for i, answer := range answers {
			if p := <-answer; p.hook("data-outcome") != "unknown" {
				t.Errorf("disk %s: %s shows %d and the outcome %q:\n%s", fault.name, errands[i].kind, p.status, p.hook("data-outcome"), p.text())
			}
		}
		want := "ok"
		if round%2 == 0 {
			mend()
			c.awaitOutcomes(t, errands)
		} else {
			want = "unknown"
			kill(t, child)
			mend()
			child = c.in.startChild(t)
			c.moved(c.in.url)
		}
		c.wantOutcomes(t, errands, want)
	}
	c.finish(t, child)
}

// posted sends the forms side by side; each answer is the page that it leads to.
func (c *crash) posted(t *testing.T, errands []errand) (answers []chan page) {
	t.Helper()
	for _, e := range errands {
		answer := make(chan page, 1)
		answers = append(answers, answer)
		go func() {
			p, err := e.who.open(t.Context(), http.MethodPost, e.post, e.form)
			if err != nil {
				t.Errorf("%s: %v", e.kind, err)
			}
			answer <- p
		}()
	}
	return answers
}

// awaitOutcomes waits until what was kept in memory is recorded.
func (c *crash) awaitOutcomes(t *testing.T, errands []errand) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, e := range errands {
		if err := c.in.awaitRow(ctx, t, func(r row) bool { return r.phase == "outcome" && len(e.rows([]row{r})) == 1 }); err != nil {
			t.Fatalf("the outcome of %s was not recorded: %v", e.kind, err)
		}
	}
}

// wantOutcomes compares log and pages with the outcome that all have.
func (c *crash) wantOutcomes(t *testing.T, errands []errand, want string) {
	t.Helper()
	all, journal := rows(t, c.in.dir), c.in.sim.Journal()
	for _, e := range errands {
		if wrong := e.wrong(all, journal); wrong != "" {
			t.Errorf("%s %s", e.kind, wrong)
		}
		p := e.who.get(t, e.page).want(t, http.StatusOK)
		if found := e.rows(all); found[len(found)-1].outcome != want || p.hook("data-outcome") != want {
			t.Errorf("%s is %q in the log and %q on its page, want %q", e.kind, found[len(found)-1].outcome, p.hook("data-outcome"), want)
		}
	}
}

// TestLockedDatabase: while another process holds the database, changes are refused, together and in words, and go
// through as soon as it lets go.
func TestLockedDatabase(t *testing.T) {
	t.Parallel()
	c := newCrash(t, torture.Dice(t))
	c.in.startChild(t)
	c.crew = c.in.crew(t)
	errands := c.all(t, torture.Rounds(len(errandKinds), 54))
	begun := time.Now()
	release := c.in.lockDatabase(t)
	for i, answer := range c.posted(t, errands) {
		(<-answer).wantRefusal(t, errands[i])
	}
	if took := time.Since(begun); took > 25*time.Second {
		t.Errorf("the refusals took %s", took)
	}
	c.wantPages(t, errands)
	release()
	c.wantWell(t, errands)
}

// lockDatabase takes the write lock as another process would, until release is called.
func (in *instance) lockDatabase(t *testing.T) (release func()) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(in.dir, "console.db")+"?_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}
