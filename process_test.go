package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

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

// kill ends the process, unless something else has by now.
func kill(t testing.TB, child *exec.Cmd) {
	t.Helper()
	if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = child.Wait() // killed, as asked
}

// TestTerminated: the process itself, told to stop by a signal, finishes the action under way and ends with 0.
func TestTerminated(t *testing.T) {
	t.Parallel()
	in := &instance{logs: newLogs()}
	in.prepare(t, cmpsim.Options{Devices: 400, AccessKey: testAccessKey, SecretKey: testSecretKey})
	child := in.startChild(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	release := in.hold(t, tr.call, true)
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
