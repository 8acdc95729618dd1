package main

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/testkit/torture"
)

// ended is how a process of the program ended.
type ended struct {
	code   int
	stdout string
	stderr string
	took   time.Duration
}

// process runs the program as a process of its own on the instance's data until it ends; wd is its working directory.
func (in *instance) process(t *testing.T, wd, dataDir, input string, args ...string) ended {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	child := exec.CommandContext(t.Context(), self, args...)
	child.Dir, child.Stdin, child.Stdout, child.Stderr = wd, strings.NewReader(input), &out, &errs
	child.Env = []string{childMark + "=1"}
	for name, value := range in.env {
		if name != "CONSOLE_DATA_DIR" {
			child.Env = append(child.Env, name+"="+value)
		}
	}
	child.Env = append(child.Env, "CONSOLE_DATA_DIR="+dataDir)
	begun := time.Now()
	if err := child.Run(); err != nil && child.ProcessState == nil {
		t.Fatal(err)
	}
	return ended{child.ProcessState.ExitCode(), out.String(), errs.String(), time.Since(begun)}
}

// TestTwoConsolesOnOneDatabase: whatever way leads to the database of a running console, a second one is refused in
// words and soon, and the first goes on.
func TestTwoConsolesOnOneDatabase(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	around := t.TempDir()
	for link, target := range map[string]string{"directory": in.dir, "linked/console.db": filepath.Join(in.dir, "console.db")} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(around, link)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(around, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(around, "hard"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(in.dir, "console.db"), filepath.Join(around, "hard", "console.db")); err != nil {
		t.Fatal(err)
	}
	for range torture.Rounds(1, 4) {
		for name, way := range map[string]struct{ wd, dataDir string }{
			"the same name":         {"", in.dir},
			"a relative name":       {filepath.Dir(in.dir), filepath.Base(in.dir)},
			"a linked directory":    {"", filepath.Join(around, "directory")},
			"a linked database":     {"", filepath.Join(around, "linked")},
			"another name for it":   {"", filepath.Join(around, "hard")},
			"a name with a dot dot": {"", filepath.Join(in.dir, "x") + "/.."},
		} {
			e := in.process(t, way.wd, way.dataDir, "", "serve")
			if e.code != exitFailed || !strings.Contains(e.stderr, "another console is running on it; stop that one, or set CONSOLE_DATA_DIR") {
				t.Errorf("by %s it ended with %d: %s", name, e.code, e.stderr)
			}
			if e.took > 2*time.Second {
				t.Errorf("by %s it was refused after %s", name, e.took)
			}
		}
	}
	in.signIn(t, "support").get(t, "/").want(t, http.StatusOK)
}

// TestCommandsBesideTheConsole: verifying, copying and managing users work as processes of their own while the console
// serves and changes are under way.
func TestCommandsBesideTheConsole(t *testing.T) {
	t.Parallel()
	c := newCrash(t, torture.Dice(t))
	c.in.startChild(t)
	c.crew = c.in.crew(t)
	for round := range torture.Rounds(2, 20) {
		posts := c.send(t, c.prepare(t, 3))
		for _, command := range [][]string{
			{"audit", "verify"}, {"backup", filepath.Join(t.TempDir(), "copy.db")}, {"user", "list"},
			{"user", "add", "user" + strings.Repeat("x", round), "--roles", "support"}, {"user", "passwd", "user" + strings.Repeat("x", round)},
		} {
			if e := c.in.process(t, "", c.in.dir, testPassword+"\n", command...); e.code != exitOK {
				t.Errorf("%s ended with %d: %s%s", strings.Join(command, " "), e.code, e.stdout, e.stderr)
			}
		}
		posts.Wait()
	}
	all, journal := rows(t, c.in.dir), c.in.sim.Journal()
	for _, e := range c.done {
		if found := e.rows(all); e.wrong(all, journal) != "" || found[len(found)-1].outcome != "ok" {
			t.Errorf("%s: %s %+v", e.kind, e.wrong(all, journal), found)
		}
	}
}
