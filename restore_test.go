package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/testkit/torture"
)

// TestBackupsUnderLoad: copies that are made while changes are under way are whole, verify, and hold a log that is the
// beginning of the one that goes on.
func TestBackupsUnderLoad(t *testing.T) {
	t.Parallel()
	c := newCrash(t, torture.Dice(t))
	c.in.startChild(t)
	c.crew = c.in.crew(t)
	var copies []string
	for n := range torture.Rounds(4, 20) {
		posts := c.send(t, c.prepare(t, 5))
		data := t.TempDir()
		copies = append(copies, data)
		if code, out, stderr := c.in.command("", "backup", filepath.Join(data, "console.db")); code != exitOK || !strings.Contains(out, "whole, audit log intact") {
			t.Errorf("copy %d: exit %d: %s%s", n, code, out, stderr)
		}
		posts.Wait()
	}
	all := rows(t, c.in.dir)
	for n, data := range copies {
		held := rows(t, data)
		if len(held) == 0 || !slices.Equal(held, all[:len(held)]) {
			t.Errorf("copy %d holds %d rows, which are not how the log began", n, len(held))
		}
		anchors := []string{"--keys", filepath.Join(c.in.dir, "audit.key.pub"), "--anchors", os.DevNull}
		if code, out, _ := c.in.command("", append([]string{"audit", "verify", "--db", filepath.Join(data, "console.db")}, anchors...)...); code != exitOK {
			t.Errorf("copy %d: exit %d: %s", n, code, out)
		}
	}
}

// TestOldCopies: a console on an old copy of its database notices by the anchor that rows are gone, and sends no change
// until an administrator has taken note of it, which is recorded and holds, also over a restart and while the log
// grows. It signs nothing meanwhile, so that the anchor stays the better witness.
func TestOldCopies(t *testing.T) {
	t.Parallel()
	dice := torture.Dice(t)
	for range torture.Rounds(2, 20) {
		in := startProgram(t)
		in.pauseSome(t, 1+dice.IntN(3))
		old := filepath.Join(t.TempDir(), "old.db")
		if code, out, stderr := in.command("", "backup", old); code != exitOK {
			t.Fatalf("exit %d: %s%s", code, out, stderr)
		}
		in.pauseSome(t, 1+dice.IntN(6))
		in.stop()
		anchors := filepath.Join(in.dir, "anchors")
		known := read(t, anchors)
		in.putBack(t, old)
		in.wantMissingRowsOnly(t)
		restored := startProgram(t, after(in))
		restored.wantReadOnly(t)
		restored.takeNote(t)
		restored.pauseSome(t, 1+dice.IntN(6))
		restored.stop()
		again := startProgram(t, after(restored))
		again.pauseSome(t, 1)
		again.stop()
		if read(t, anchors) != known {
			t.Error("something was signed although the anchor is ahead")
		}
		in.wantTampered(t)
		if err := os.Rename(anchors, anchors+".before"); err != nil {
			t.Fatal(err)
		}
		fresh := startProgram(t, after(again))
		fresh.signIn(t, "auditor").get(t, "/audit").says(t, "intact: ")
		fresh.stop()
	}
}

// pauseSome has so many changes go through.
func (in *instance) pauseSome(t *testing.T, count int) {
	t.Helper()
	support := in.signIn(t, "support")
	for range count {
		tr := in.prepareDeed(t, support, "pause")
		if p := support.post(t, tr.action, tr.form).want(t, http.StatusOK); p.hook("data-outcome") != "ok" {
			t.Fatalf("paused as %q", p.hook("data-outcome"))
		}
	}
}

// putBack has a copy take the place of the database.
func (in *instance) putBack(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(in.dir, "console.db"), []byte(read(t, file)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantMissingRowsOnly fails the test unless verification says of an old copy what the manual says that it does.
func (in *instance) wantMissingRowsOnly(t *testing.T) {
	t.Helper()
	if code, out, _ := in.command("", "audit", "verify"); code != exitFailed || !strings.Contains(out, "1 faults named above") || !strings.HasPrefix(out, "rows ") || !strings.Contains(out, " are missing: the anchor of") {
		t.Errorf("audit verify: exit %d: %s", code, out)
	}
	if code, out, _ := in.command("", "audit", "verify", "--anchors", os.DevNull); code != exitOK || !strings.Contains(out, "intact: ") {
		t.Errorf("audit verify without anchors: exit %d: %s", code, out)
	}
}

// wantReadOnly fails the test unless every page says why no change is sent, and none is offered.
func (in *instance) wantReadOnly(t *testing.T) {
	t.Helper()
	in.signIn(t, "auditor").get(t, "/audit").says(t, "broken: rows", "an older copy stands in its place")
	support, o := in.signIn(t, "support"), in.mine.order(t, deedOf("pause"))
	for _, path := range []string{"/", "/devices", orderPage(o.ID), orderPage(o.ID) + "/pause"} {
		p := support.get(t, path)
		if banner := "The audit log does not verify, so no changes are sent until an administrator has looked at it."; !strings.Contains(p.body, banner) {
			t.Errorf("%s (%d) does not say that the console is read-only:\n%s", path, p.status, p.text())
		}
		if _, offered := p.fields(orderPage(o.ID) + "/pause"); offered {
			t.Errorf("%s offers a change", path)
		}
	}
}

// takeNote lets changes through again, as an administrator does.
func (in *instance) takeNote(t *testing.T) {
	t.Helper()
	const reason = "restored on purpose, INC-7"
	admin := in.signIn(t, "admin")
	admin.submit(t, admin.get(t, "/system"), "/system/accept", url.Values{"accept_reason": {reason}}).want(t, http.StatusOK).says(t, "Changes are sent.")
	taken := slices.DeleteFunc(rows(t, in.dir), func(r row) bool { return r.action != "audit.accept" })
	if len(taken) != 1 || taken[0].actor != "admin" || taken[0].reason != reason || !strings.Contains(taken[0].body, "an older copy stands in its place") {
		t.Errorf("taking note of it left %+v", taken)
	}
}

// wantTampered fails the test unless verification still says what the anchor knows.
func (in *instance) wantTampered(t *testing.T) {
	t.Helper()
	if code, out, stderr := in.command("", "audit", "verify"); code != exitFailed || !strings.Contains(out, "the anchor of") {
		t.Errorf("audit verify: exit %d: %s%s", code, out, stderr)
	}
}
