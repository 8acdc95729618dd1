package torture

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// traceable tells why system calls cannot be broken here, nil when they can.
var traceable = sync.OnceValue(func() error {
	return exec.Command("strace", "-o", os.DevNull, "true").Run() //nolint:gosec // nothing of it comes from outside
})

// NeedStrace skips the test where strace is missing or may not trace, and fails it in CI.
func NeedStrace(t testing.TB) {
	t.Helper()
	err := traceable()
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatalf("system calls cannot be broken, so nothing is proven: strace: %v", err)
	default:
		t.Skipf("SKIPPED, NOTHING IS PROVEN: system calls cannot be broken: strace: %v (apt-get install strace)", err)
	}
}

// Break has a running process, with all its threads, meet what a rule of strace says at some of its system calls, such
// as "pwrite64:error=ENOSPC" or "fdatasync:signal=KILL:when=3"; calls are counted for each thread from now on. It
// returns when the rule holds; mend ends it, and returns when the process runs free again.
func Break(t testing.TB, pid int, rule string) (mend func()) {
	t.Helper()
	calls, _, _ := strings.Cut(rule, ":")
	// It gets its end from mend: a process that is killed with its tracer attached would take the test with it.
	cmd := exec.Command("strace", "-f", "-o", os.DevNull, "-e", "trace="+calls, "-e", "inject="+rule, "-p", strconv.Itoa(pid)) //nolint:noctx,gosec // see above
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	mend = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)                                   // it detaches, or has ended by itself with the process
		stuck := time.AfterFunc(5*time.Second, func() { _ = cmd.Process.Kill() }) // on a process that is dying just now
		defer stuck.Stop()
		_ = cmd.Wait()
	})
	t.Cleanup(mend)
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if strings.Contains(lines.Text(), " attached") {
			go func() { _, _ = io.Copy(io.Discard, said) }() // of later threads
			return mend
		}
	}
	t.Fatalf("strace did not attach to process %d", pid)
	return mend
}
