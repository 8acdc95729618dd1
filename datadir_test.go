package main

import (
	"net/http"
	"strings"
	"testing"

	"cmpconsole/internal/cmpsim"
)

// TestOneConsoleADirectory: a second console on the same data is refused in words, and leaves the first alone.
func TestOneConsoleADirectory(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	code, _, stderr := in.command("", "serve")
	if code != exitFailed || !strings.Contains(stderr, "data directory "+in.dir+": another console is running on it") || !strings.Contains(stderr, "CONSOLE_DATA_DIR") {
		t.Errorf("a second console ended with %d: %s", code, stderr)
	}
	in.signIn(t, "support").get(t, "/").want(t, http.StatusOK)
	if code := in.stop(); code != exitOK {
		t.Fatalf("the first console ended with %d", code)
	}
	startProgram(t, after(in)).signIn(t, "support") // the lock ends with its process
}

// TestUserCommandsBesideTheConsole: users are managed while the console runs; a new password ends sessions.
func TestUserCommandsBesideTheConsole(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	const changed = "other words altogether 9"
	if code, _, stderr := in.command(changed+"\n", "user", "passwd", "support"); code != exitOK {
		t.Fatal(stderr)
	}
	if p := support.get(t, "/devices"); p.url.Path != "/login" {
		t.Errorf("after user passwd the old session still opens %s", p.url)
	}
	old := in.visitor(t)
	door := old.get(t, "/login")
	old.submit(t, door, "/login", map[string][]string{"username": {"support"}, "password": {testPassword}}).
		want(t, http.StatusUnauthorized).says(t, "The user name or the password is wrong.")
	support.signIn(t, "support", changed)
	if code, out, _ := in.command("", "audit", "verify"); code != exitOK {
		t.Errorf("audit verify: exit %d: %s", code, out)
	}
}

// TestDemoAndRealData: the demo keeps its data over a restart, and neither it nor a real console serves the
// data of the other.
func TestDemoAndRealData(t *testing.T) {
	t.Parallel()
	in := &instance{logs: newLogs(), dir: t.TempDir(), args: []string{"--demo"}}
	in.env = map[string]string{"CONSOLE_ADDR": "127.0.0.1:0", "CONSOLE_DATA_DIR": in.dir, "CMP_RATE": "1000"}
	in.run(t)
	for _, want := range []string{in.url, "support, manager, auditor or admin", demoPassword} {
		if !strings.Contains(in.logs.String(), want) {
			t.Errorf("the greeting lacks %q:\n%s", want, in.logs)
		}
	}
	support := in.visitor(t)
	support.get(t, "/login").want(t, http.StatusOK).says(t, demoPassword)
	support.signIn(t, "support", demoPassword)
	order := orderPage(cmpsim.DemoOrder)
	pause := support.get(t, order+"/pause").want(t, http.StatusOK)
	support.submit(t, pause, order+"/pause", map[string][]string{"reason": {"before the restart"}}).want(t, http.StatusOK)
	in.stop()

	in.logs = newLogs()
	in.run(t)
	support.base = in.url
	p := support.get(t, order).want(t, http.StatusOK).says(t, "before the restart")
	if p.hook("data-status") != cmpsim.StatusSuspended || p.hook("data-outcome") != "ok" {
		t.Errorf("after the restart the demo shows status %q, outcome %q", p.hook("data-status"), p.hook("data-outcome"))
	}
	if len(p.all("aside", "aria-label", "Sandbox")) != 1 {
		t.Error("the demo's pages do not say that they are a demo")
	}
	in.stop()

	env := settingsFor(in.dir, "http://127.0.0.1:1")
	exampleRun{"", "", []string{"serve"}, exitFailed, "belongs to the demo, whose users have a published password"}.run(t, env)
	env["CONSOLE_DATA_DIR"] = t.TempDir()
	copyDir(t, dataWithUsers(t), env["CONSOLE_DATA_DIR"])
	exampleRun{"", "", []string{"serve", "--demo"}, exitFailed, "holds a real installation"}.run(t, env)
}

// TestNoUserOfItsOwn: a real installation starts without any account.
func TestNoUserOfItsOwn(t *testing.T) {
	t.Parallel()
	in := &instance{logs: newLogs(), dir: t.TempDir()}
	in.env = settingsFor(in.dir, "http://127.0.0.1:1")
	in.run(t)
	for _, name := range append(userNames, "root", "demo") {
		v := in.visitor(t)
		p := v.submit(t, v.get(t, "/login"), "/login", map[string][]string{"username": {name}, "password": {demoPassword}})
		p.want(t, http.StatusUnauthorized)
	}
	if _, list, _ := in.command("", "user", "list"); strings.Count(list, "\n") != 1 {
		t.Errorf("a fresh installation has users:\n%s", list)
	}
}
