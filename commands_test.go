package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cmpconsole/internal/auth"
)

// exampleRun is one run of a command and what must come of it.
type exampleRun struct {
	name, input string
	args        []string
	code        int
	says        string // somewhere in what it prints
}

func (e exampleRun) run(t *testing.T, env map[string]string) {
	t.Helper()
	code, stdout, stderr := runCommand(env, e.input, e.args...)
	if code != e.code || !strings.Contains(stdout+stderr, e.says) {
		t.Errorf("%v ended with %d, want %d and %q:\n%s%s", e.args, code, e.code, e.says, stdout, stderr)
	}
	if strings.Contains(stdout+stderr, strings.TrimSpace(e.input)) && e.input != "" {
		t.Errorf("%v prints the password", e.args)
	}
}

// TestUsage: what is not known is refused with code 2 and the usage of the command that was meant, whatever the
// command, and nothing is created. Help is no error.
func TestUsage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not-made")
	env := map[string]string{"CONSOLE_DATA_DIR": dir}
	for _, e := range []exampleRun{
		{"unknown", "", []string{"selfdestruct"}, exitUsage, "cmpconsole audit verify"},
		{"empty", "", []string{""}, exitUsage, "cmpconsole audit verify"},
		{"serve with a wrong flag", "", []string{"serve", "--nonsense"}, exitUsage, "Usage: cmpconsole [serve]"},
		{"no command, a wrong flag", "", []string{"--nonsense"}, exitUsage, "Usage: cmpconsole [serve]"},
		{"serve with a word", "", []string{"serve", "now"}, exitUsage, `unexpected argument "now"`},
		{"user alone", "", []string{"user"}, exitUsage, "cmpconsole user passwd NAME"},
		{"unknown user command", "", []string{"user", "promote", "bob"}, exitUsage, "cmpconsole user passwd NAME"},
		{"user list with a name", "", []string{"user", "list", "bob"}, exitUsage, "Usage:\n  cmpconsole user list"},
		{"user list with a wrong flag", "", []string{"user", "list", "--all"}, exitUsage, "Usage:\n  cmpconsole user list"},
		{"user add alone", "", []string{"user", "add"}, exitUsage, "Usage:\n  cmpconsole user add NAME"},
		{"user add without name", "", []string{"user", "add", "--roles", "support"}, exitUsage, "Usage:\n  cmpconsole user add NAME"},
		{"user add without roles", "", []string{"user", "add", "bob"}, exitUsage, "Usage:\n  cmpconsole user add NAME"},
		{"user add with two names", "", []string{"user", "add", "bob", "--roles", "support", "carol"}, exitUsage, "Usage:\n  cmpconsole user add NAME"},
		{"user add with a wrong flag", "", []string{"user", "add", "bob", "--role", "support"}, exitUsage, "Usage:\n  cmpconsole user add NAME"},
		{"passwd without name", "", []string{"user", "passwd"}, exitUsage, "Usage:\n  cmpconsole user passwd NAME"},
		{"passwd with a wrong flag", "", []string{"user", "passwd", "--force", "bob"}, exitUsage, "-force"},
		{"audit alone", "", []string{"audit"}, exitUsage, "Usage:\n  cmpconsole audit verify"},
		{"unknown audit command", "", []string{"audit", "erase"}, exitUsage, "Usage:\n  cmpconsole audit verify"},
		{"audit verify with a wrong flag", "", []string{"audit", "verify", "--file", "x"}, exitUsage, "Usage:\n  cmpconsole audit verify"},
		{"audit redact alone", "", []string{"audit", "redact"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact of no number", "", []string{"audit", "redact", "first", "--by", "admin", "--reason", "asked for"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact of row 0", "", []string{"audit", "redact", "0", "--by", "admin", "--reason", "asked for"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact of two rows", "", []string{"audit", "redact", "1", "--by", "admin", "--reason", "asked for", "2"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact by nobody", "", []string{"audit", "redact", "1", "--reason", "asked for"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact of a value without a name", "", []string{"audit", "redact", "1", "--by", "admin", "--reason", "asked for", "--field", ""}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact with a wrong flag", "", []string{"audit", "redact", "1", "--all"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact of a row and a callback", "", []string{"audit", "redact", "1", "--callback", "1", "--by", "admin", "--reason", "asked for"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact of callback -1", "", []string{"audit", "redact", "--callback", "-1", "--by", "admin", "--reason", "asked for"}, exitUsage, "Usage:\n  cmpconsole audit redact SEQ"},
		{"audit redact without a reason", "", []string{"audit", "redact", "1", "--by", "admin"}, exitFailed, "--reason: Say why"},
		{"audit redact with a short reason", "", []string{"audit", "redact", "--by", "admin", "--reason", " ok ", "1"}, exitFailed, "--reason: Say why in at least 3"},
		{"audit redact in nothing", "", []string{"audit", "redact", "1", "--by", "admin", "--reason", "asked for"}, exitFailed, "no database"},
		{"audit redact --help", "", []string{"audit", "redact", "--help"}, exitOK, "-reason"},
		{"audit verify of a file without its flag", "", []string{"audit", "verify", "copy.db"}, exitUsage, "Usage:\n  cmpconsole audit verify"},
		{"backup alone", "", []string{"backup"}, exitUsage, "Usage:\n  cmpconsole backup FILE"},
		{"backup to two files", "", []string{"backup", "a", "b"}, exitUsage, "Usage:\n  cmpconsole backup FILE"},
		{"backup with a wrong flag", "", []string{"backup", "--to", "a"}, exitUsage, "Usage:\n  cmpconsole backup FILE"},
		{"backup --help", "", []string{"backup", "--help"}, exitOK, "also while the console serves"},
		{"backup of nothing", "", []string{"backup", filepath.Join(dir, "copy")}, exitFailed, "no database"},
		{"sandbox with a wrong flag", "", []string{"sandbox", "--port", "1"}, exitUsage, "Usage:\n  cmpconsole sandbox"},
		{"sandbox with an address without its flag", "", []string{"sandbox", "127.0.0.1:0"}, exitUsage, "Usage:\n  cmpconsole sandbox"},
		{"help", "", []string{"help"}, exitOK, "cmpconsole audit verify"},
		{"--help", "", []string{"--help"}, exitOK, "cmpconsole audit verify"},
		{"help of a command", "", []string{"help", "user", "add"}, exitOK, "Usage:\n  cmpconsole user add NAME"},
		{"serve --help", "", []string{"serve", "--help"}, exitOK, "CONSOLE_DATA_DIR"},
		{"sandbox --help", "", []string{"sandbox", "--help"}, exitOK, "-devices"},
		{"user --help", "", []string{"user", "--help"}, exitOK, "cmpconsole user passwd NAME"},
		{"user add --help", "", []string{"user", "add", "--help"}, exitOK, "-roles"},
		{"user passwd --help", "", []string{"user", "passwd", "--help"}, exitOK, "cmpconsole user passwd NAME"},
		{"audit --help", "", []string{"audit", "--help"}, exitOK, "cmpconsole audit verify"},
		{"audit verify --help", "", []string{"audit", "verify", "--help"}, exitOK, "-db"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, env) })
	}
	_, stdout, stderr := runCommand(env, "", "serve", "--help")
	if strings.Contains(stdout+stderr, "secret-key string") {
		t.Error("a secret has a flag, so it would show in the list of processes")
	}
	if exists(dir) {
		t.Error("the data directory was made although nothing was done")
	}
}

// TestNoDatabase: a command that asks about what is not there says where it looked and makes nothing.
func TestNoDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"CONSOLE_DATA_DIR": dir}
	for _, e := range []exampleRun{
		{"list", "", []string{"user", "list"}, exitFailed, "there is no database at " + filepath.Join(dir, "console.db")},
		{"passwd", testPassword + "\n", []string{"user", "passwd", "alice"}, exitFailed, "cmpconsole user add NAME --roles admin"},
		{"wrong role", testPassword + "\n", []string{"user", "add", "alice", "--roles", "king"}, exitFailed, `There is no role "king".`},
		{"verify", "", []string{"audit", "verify"}, exitUnreadable, "console.db"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, env) })
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the directory has %v (%v)", left, err)
	}
}

// TestUserCommands: users are made, listed and given passwords from a shell, and each mistake is named.
func TestUserCommands(t *testing.T) {
	t.Parallel()
	env := map[string]string{"CONSOLE_DATA_DIR": t.TempDir()}
	const input = testPassword + "\n"
	for _, e := range []exampleRun{
		{"name first", input, []string{"user", "add", "Alice", "--roles", "support,manager"}, exitOK, "User alice added."},
		{"flag first", input, []string{"user", "add", "--roles", "auditor", "bob"}, exitOK, "User bob added."},
		{"no line end", testPassword, []string{"user", "add", "carol", "--roles", "admin"}, exitOK, "User carol added."},
		{"taken", input, []string{"user", "add", "ALICE", "--roles", "admin"}, exitFailed, `There is a user "alice" already.`},
		{"wrong role", input, []string{"user", "add", "dave", "--roles", "support,king"}, exitFailed, `There is no role "king". Choose from support, manager, auditor, admin.`},
		{"no role", input, []string{"user", "add", "dave", "--roles", ","}, exitFailed, "Give at least one role"},
		{"short password", "tooshort\n", []string{"user", "add", "dave", "--roles", "support"}, exitFailed, "The password has 8 characters; use at least 15"},
		{"no password", "", []string{"user", "add", "dave", "--roles", "support"}, exitFailed, "The password has 0 characters"},
		{"name in password", "dave is the greatest\n", []string{"user", "add", "dave", "--roles", "support"}, exitFailed, "The password contains the user name."},
		{"wrong name", input, []string{"user", "add", "dave smith", "--roles", "support"}, exitFailed, "A user name has 2 to 32 letters"},
		{"unknown", input, []string{"user", "passwd", "nobody"}, exitFailed, `There is no user "nobody".`},
		{"short new password", "tooshort\n", []string{"user", "passwd", "alice"}, exitFailed, "use at least 15"},
		{"new password", input, []string{"user", "passwd", "alice"}, exitOK, "Password of alice set"},
	} {
		t.Run(e.name, func(t *testing.T) { e.run(t, env) })
	}
	code, list, _ := runCommand(env, "", "user", "list")
	lines := strings.Split(strings.TrimSpace(list), "\n")
	if code != exitOK || len(lines) != 4 {
		t.Fatalf("the list (exit %d) is:\n%s", code, list)
	}
	for i, want := range []string{"NAME ROLES CREATED LAST SIGN-IN", "alice support,manager ", "bob auditor ", "carol admin "} {
		if !strings.HasPrefix(strings.Join(strings.Fields(lines[i]), " ")+" ", want) {
			t.Errorf("line %d of the list is %q, want %q", i+1, lines[i], want)
		}
	}
	var recorded []string
	for _, r := range rows(t, env["CONSOLE_DATA_DIR"]) {
		recorded = append(recorded, r.actor+" "+r.action+" "+r.outcome)
	}
	if got := strings.Join(recorded, ", "); got != "shell user.create ok, shell user.create ok, shell user.create ok, shell user.password ok" {
		t.Errorf("the log has: %s", got)
	}
}

// TestSandboxCommand: the sandbox answers on loopback and nowhere else.
func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0"} {
		exampleRun{"", "", []string{"sandbox", "--addr", addr}, exitFailed, "not loopback"}.run(t, nil)
	}
	exampleRun{"", "", []string{"sandbox", "--addr", "127.0.0.1"}, exitFailed, "127.0.0.1"}.run(t, nil)
	exampleRun{"", "", []string{"sandbox", "--addr", "127.0.0.1:0"}, exitFailed, "access key"}.run(t, map[string]string{"CMP_SECRET_KEY": testSecretKey})

	out := newLogs()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	code := make(chan int, 1)
	p := program{args: []string{"sandbox", "--addr", "127.0.0.1:0", "--devices", "30"}, getenv: lookup(nil), stdin: strings.NewReader(""), stdout: out, stderr: out}
	go func() { code <- p.run(ctx) }()
	line, err := out.await(message("sandbox CMP"), nil)
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	address, _ := line["address"].(string)
	newVisitor(t, address).get(t, "/sandbox/").want(t, 200)
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("the sandbox ended with %d: %s", got, out)
	}
}

// TestBadSettings: every fault is listed at once, no secret among them, and nothing is created.
func TestBadSettings(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not-made")
	env := map[string]string{"CONSOLE_DATA_DIR": dir, "CONSOLE_ADDR": "nowhere", "CONSOLE_TLS_CERT": "/does/not/exist", "CONSOLE_TRUSTED_PROXIES": "10.0.0.0/99",
		"CMP_BASE_URL": "https://cmp.example.com/cmp-api", "CMP_SIGNING": "rot13", "CMP_TIMEOUT": "soon", "CMP_RATE": "-1", "CMP_MAX_CONNS": "many",
		"CMP_ACCESS_KEY": testAccessKey, "CMP_SECRET_KEY": testSecretKey}
	code, stdout, stderr := runCommand(env, "", "serve")
	if code != exitFailed {
		t.Errorf("serve with bad settings ended with %d", code)
	}
	for name := range env {
		if wrong := !strings.HasPrefix(name, "CMP_ACCESS") && !strings.HasPrefix(name, "CMP_SECRET") && name != "CONSOLE_DATA_DIR"; wrong && !strings.Contains(stderr, name) {
			t.Errorf("the fault of %s is not told:\n%s", name, stderr)
		}
	}
	if strings.Contains(stdout+stderr, testSecretKey) {
		t.Errorf("the secret is printed:\n%s", stderr)
	}
	if exists(dir) {
		t.Error("the data directory was made although the settings are wrong")
	}
	_, _, stderr = runCommand(map[string]string{"CONSOLE_DATA_DIR": dir}, "", "serve")
	for _, name := range []string{"CMP_BASE_URL", "CMP_ACCESS_KEY", "CMP_SECRET_KEY"} {
		if !strings.Contains(stderr, name) {
			t.Errorf("without settings serve does not ask for %s:\n%s", name, stderr)
		}
	}
}

// TestOffLoopback: plain HTTP never listens where passwords could be read, and the demo nowhere but here.
func TestOffLoopback(t *testing.T) {
	t.Parallel()
	env := settingsFor(t.TempDir(), "http://127.0.0.1:1")
	env["CONSOLE_ADDR"] = "0.0.0.0:0"
	exampleRun{"", "", []string{"serve"}, exitFailed, "plain HTTP would show passwords"}.run(t, env)
	env["CONSOLE_TRUSTED_PROXIES"] = "127.0.0.1"
	exampleRun{"", "", []string{"serve", "--demo"}, exitFailed, "--demo listens on loopback only"}.run(t, env)
}

// TestPortTaken: the one error of a start that everybody meets names the address.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	env := settingsFor(t.TempDir(), "http://127.0.0.1:1")
	env["CONSOLE_ADDR"] = ln.Addr().String()
	exampleRun{"", "", []string{"serve"}, exitFailed, ln.Addr().String()}.run(t, env)
}

// TestFilesAreTheOwners: nobody else on the machine reads the database.
func TestFilesAreTheOwners(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	for _, name := range []string{"console.db", "console.db-wal", "serve.lock"} {
		info, err := os.Stat(filepath.Join(in.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode&0o077 != 0 {
			t.Errorf("%s has mode %o", name, mode)
		}
	}
	if len(auth.Roles()) != len(userNames) {
		t.Errorf("the tests know %d roles, the console %d", len(userNames), len(auth.Roles()))
	}
}
