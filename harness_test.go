package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/testkit"
)

// What every instance is told. The keys and the password stand out, so that a leak of one is found.
const (
	testPassword  = "seven quiet lorries hum"
	testAccessKey = "canary-access-key"
	testSecretKey = "canary-secret-key-5d41"
	patience      = 30 * time.Second // how long a test waits for a signal that should come at once
)

// instance is a console that runs in this process, with a sandbox CMP of its own behind it.
type instance struct {
	url  string // where the console listens
	dir  string // its data directory
	sim  *cmpsim.Sim
	logs *logs
	env  map[string]string
	args []string   // of serve
	mine *picks     // orders to try things on
	stop func() int // ends the console as a signal would, waits for it and returns its exit code
	quit func()     // sends that signal and does not wait
}

// option changes what startProgram starts.
type option func(*options)

type options struct {
	sim cmpsim.Options
	env map[string]string
	old *instance
}

// withEnv sets one setting of the environment.
func withEnv(name, value string) option { return func(o *options) { o.env[name] = value } }

// withTimeout is how long one call of the CMP may take.
func withTimeout(d time.Duration) option { return withEnv("CMP_TIMEOUT", d.String()) }

// withDevices is the size of the sandbox's fleet.
func withDevices(n int) option { return func(o *options) { o.sim.Devices = n } }

// after starts on the data directory, the sandbox and the settings of an instance that was stopped.
func after(old *instance) option { return func(o *options) { o.old = old } }

// startProgram runs the console on a free port until the test ends, and fails the test unless it then stops well.
// Its users are support, manager, auditor and admin, each with the role of that name and testPassword.
func startProgram(t testing.TB, opts ...option) *instance {
	t.Helper()
	o := options{sim: cmpsim.Options{Devices: 400, AccessKey: testAccessKey, SecretKey: testSecretKey}, env: map[string]string{}}
	for _, set := range opts {
		set(&o)
	}
	in := &instance{logs: newLogs()}
	if o.old != nil {
		in.dir, in.sim, in.env, in.mine = o.old.dir, o.old.sim, maps.Clone(o.old.env), o.old.mine
	} else {
		in.prepare(t, o.sim)
	}
	maps.Copy(in.env, o.env)
	in.run(t)
	return in
}

// prepare makes the data directory with its users, and the sandbox.
func (in *instance) prepare(t testing.TB, sim cmpsim.Options) {
	t.Helper()
	in.dir = t.TempDir()
	copyDir(t, dataWithUsers(t), in.dir)
	var door string
	in.sim, door = startSandbox(t, sim)
	in.mine = newPicks(in.sim)
	in.env = settingsFor(in.dir, door)
}

// startSandbox serves a sandbox CMP on a free port of loopback until the test ends.
func startSandbox(t testing.TB, opts cmpsim.Options) (sim *cmpsim.Sim, door string) {
	t.Helper()
	sim, err := cmpsim.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(srv.Close)
	return sim, srv.URL
}

// settingsFor is the environment of a console. Its rate is high, so that no test waits for its turn, and it does not read
// the fleet by itself, so that the sandbox's journal holds what a test has done.
func settingsFor(dir, door string) map[string]string {
	return map[string]string{
		"CONSOLE_ADDR": "127.0.0.1:0", "CONSOLE_DATA_DIR": dir, "CMP_BASE_URL": door, "CMP_ACCESS_KEY": testAccessKey, "CMP_SECRET_KEY": testSecretKey,
		"CMP_SIGNING": "cmp-hmac", "CMP_RATE": "100000", "CMP_MAX_CONNS": "64", "CMP_TIMEOUT": "10s", "CMP_SYNC_EVERY": "0",
	}
}

// run starts the console and waits until it listens.
func (in *instance) run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	code := -1
	go func() {
		defer close(ended)
		p := program{args: append([]string{"serve"}, in.args...), getenv: lookup(in.env), stdin: strings.NewReader(""), stdout: in.logs, stderr: in.logs}
		code = p.run(ctx)
	}()
	in.quit = cancel
	in.stop = func() int {
		cancel()
		<-ended
		return code
	}
	t.Cleanup(func() {
		if code := in.stop(); code != exitOK {
			t.Errorf("the console ended with %d:\n%s", code, in.logs)
		}
	})
	line, err := in.logs.await(message("listening"), ended)
	if err != nil {
		t.Fatalf("the console does not listen: %v\n%s", err, in.logs)
	}
	in.url, _ = line["address"].(string)
}

// command runs one command on the data directory of the instance, with input as its standard input.
func (in *instance) command(input string, args ...string) (code int, stdout, stderr string) {
	return runCommand(in.env, input, args...)
}

// runCommand ends a command that should have ended by itself when patience runs out.
func runCommand(env map[string]string, input string, args ...string) (code int, stdout, stderr string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var out, errs bytes.Buffer
	p := program{args: args, getenv: lookup(env), stdin: strings.NewReader(input), stdout: &out, stderr: &errs}
	code = p.run(ctx)
	return code, out.String(), errs.String()
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

var userNames = []string{"support", "manager", "auditor", "admin"}

var usersDir string // what usersOnce made, for TestMain to remove

// usersOnce makes the users in a directory that instances copy: hashing their passwords is slow on purpose.
var usersOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "cmpconsole-users-")
	if err != nil {
		return "", err
	}
	usersDir = dir
	for _, name := range userNames {
		code, _, stderr := runCommand(map[string]string{"CONSOLE_DATA_DIR": dir}, testPassword+"\n", "user", "add", name, "--roles", name)
		if code != exitOK {
			return dir, fmt.Errorf("user add %s: exit %d: %s", name, code, stderr)
		}
	}
	return dir, nil
})

func dataWithUsers(t testing.TB) string {
	t.Helper()
	dir, err := usersOnce()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func copyDir(t testing.TB, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "console.db"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// logs keeps what a program writes and lets tests wait for a line of it.
type logs struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{} // closed at the next write
}

func newLogs() *logs { return &logs{wrote: make(chan struct{})} }

func (l *logs) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.wrote)
	l.wrote = make(chan struct{})
	return l.text.Write(b)
}

func (l *logs) String() string {
	text, _ := l.snapshot()
	return text
}

func (l *logs) snapshot() (string, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String(), l.wrote
}

// message matches the structured lines with a message.
func message(text string) func(line map[string]any) bool {
	return func(line map[string]any) bool { return line["msg"] == text }
}

// find returns the structured lines that match.
func find(text string, match func(line map[string]any) bool) []map[string]any {
	var found []map[string]any
	for line := range strings.Lines(text) {
		var fields map[string]any
		if json.Unmarshal([]byte(line), &fields) == nil && match(fields) {
			found = append(found, fields)
		}
	}
	return found
}

// await returns the first line that matches, as soon as it is there. ended tells that no more will come.
func (l *logs) await(match func(line map[string]any) bool, ended <-chan struct{}) (map[string]any, error) {
	late := time.After(patience)
	for {
		text, wrote := l.snapshot()
		if found := find(text, match); len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-wrote:
		case <-ended:
			return nil, io.ErrUnexpectedEOF
		case <-late:
			return nil, os.ErrDeadlineExceeded
		}
	}
}

// childMark in the environment makes this test binary be the program itself, for tests that need a process.
const childMark = "CMPCONSOLE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		main()
	}
	code := m.Run()
	testkit.StopBrowser()
	if usersDir != "" {
		_ = os.RemoveAll(usersDir)
	}
	os.Exit(code)
}
