package main

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmpsim"
)

// TestKilledBeforeACallbackIsProcessed kills the console between storing a callback and settling it: the next one processes it, once, and it
// confirms the change that was waiting.
func TestKilledBeforeACallbackIsProcessed(t *testing.T) {
	t.Parallel()
	const token = "the-token-of-the-killed"
	in := &instance{logs: newLogs()}
	in.prepare(t, cmpsim.Options{Devices: 400, AccessKey: testAccessKey, SecretKey: testSecretKey})
	in.env["CMP_PUSH_TOKEN"], in.env["CMP_SYNC_EVERY"] = token, "6h"
	child := in.startChild(t)
	in.awaitRun(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	if r := support.postOnly(t.Context(), tr.action, tr.form); r.status != http.StatusSeeOther {
		t.Fatalf("the action is answered %d, %v", r.status, r.err)
	}
	release := in.hold(t, "package/queryOrder", false)
	in.push(t, token, "order-status", fmt.Sprintf(`{"assetid":%q,"orderid":%q,"operation":"1003"}`, tr.order.DeviceID, tr.order.ID))
	awaitRequest(t, in.sim, func(r cmpsim.Request) bool {
		return strings.HasSuffix(r.Path, "queryOrder") && strings.Contains(r.Body, tr.order.DeviceID)
	})
	kill(t, child)
	release()
	if c := callbacks(t, in.dir); len(c) != 1 || c[0].state != "new" {
		t.Fatalf("left behind: %+v", c)
	}

	child = in.startChild(t)
	about := func(action audit.Action) func(row) bool {
		return func(r row) bool { return r.action == string(action) && r.order == tr.order.ID }
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := in.awaitRow(ctx, t, about(audit.OrderConfirmed)); err != nil {
		t.Fatalf("the callback is not processed: %v\n%s", err, in.logs)
	}
	terminate(t, child) // what is under way comes to its end
	if c := callbacks(t, in.dir); len(c) != 1 || c[0].state != "done" {
		t.Errorf("processed: %+v", c)
	}
	if n := len(slices.DeleteFunc(rows(t, in.dir), func(r row) bool { return !about(audit.OrderConfirmed)(r) })); n != 1 {
		t.Errorf("it is confirmed %d times", n)
	}
}

// terminate tells the process to stop, and waits until it has.
func terminate(t testing.TB, child *exec.Cmd) {
	t.Helper()
	if err := child.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err != nil {
		t.Errorf("it ends with %v", err)
	}
}
