package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/ops"
	"cmpconsole/internal/store"
)

var root = ops.Operator{Identity: auth.Identity{Name: "root", Roles: []auth.Role{auth.Admin}}}

func (l *lab) eraser() *ops.Eraser {
	return ops.NewEraser(l.db, l.Log, l.Now, slog.New(slog.DiscardHandler))
}

// leftovers names the files in which any of the needles stands: the database's, and a backup made now.
func (l *lab) leftovers(t *testing.T, needles ...[]byte) (places []string) {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.db")
	if err := store.Backup(t.Context(), l.path, backup, func(context.Context, string) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{l.path, l.path + "-wal", l.path + "-shm", backup} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(needles, func(n []byte) bool { return bytes.Contains(content, n) }) {
			places = append(places, filepath.Base(file))
		}
	}
	return places
}

// Of an erased text neither a byte is left nor a hash to guess it by: not in the database, its log or a new backup, nor in the headers that
// came with it.
func TestNoByteIsLeftOfWhatADeviceSent(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	body := mo("89852420180910344720", canary, "2026-11-28 17:00:00")
	p, err := l.Receive(t.Context(), SMSMO, "10.0.0.1", http.Header{"Content-Digest": {"digest of it"}}, []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	l.drain(t)
	e, err := p.Event()
	if err != nil {
		t.Fatal(err)
	}
	raw, whole, message := sha256.Sum256([]byte("sms-mo\n"+body)), p.Digest(), e.digest(p.Received)
	needles := [][]byte{[]byte(canary), raw[:], whole[:], message[:], []byte("digest of it")}
	if found := l.leftovers(t, needles...); !slices.Contains(found, "backup.db") {
		t.Fatalf("before, the search finds it in %v", found)
	}
	for n, want := range []bool{true, false} {
		if done, err := l.eraser().RedactBy(t.Context(), root, "Erasure asked for", l.EraseText(p.ID)); done != want || err != nil {
			t.Errorf("time %d: %t, %v", n, done, err)
		}
	}
	l.receive(t, SMSMO, "%s", body)
	l.drain(t)
	if found := l.leftovers(t, needles...); len(found) > 0 {
		t.Errorf("bytes are left in %v", found)
	}
}

// Only admins erase, for a reason, and nothing is erased without its row.
func TestWhoErasesWhatADeviceSent(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	l.receive(t, SMSMO, "%s", mo("89852420180910344720", canary, ""))
	l.drain(t)
	others := ops.Operator{Identity: auth.Identity{Name: "ada", Roles: []auth.Role{auth.Auditor, auth.Manager, auth.Support}}}
	for _, tt := range []struct {
		who    ops.Operator
		reason string
		kind   fault.Kind
	}{
		{others, "Erasure asked for", fault.Forbidden}, {root, "", fault.Invalid}, {root, "ok", fault.Invalid},
	} {
		if _, err := l.eraser().RedactBy(t.Context(), tt.who, tt.reason, l.EraseText(1)); fault.KindOf(err) != tt.kind {
			t.Errorf("%s, %q: %v", tt.who.Name, tt.reason, err)
		}
	}
	l.full(t)
	if _, err := l.eraser().RedactBy(t.Context(), root, "Erasure asked for", l.EraseText(1)); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("without a row: %v", err)
	}
	if n := l.canaries(t); n != 2 {
		t.Errorf("the text stands in %d places", n)
	}
	if rows := l.rows(t, audit.AuditRedact); len(rows) > 0 {
		t.Errorf("recorded %+v", rows)
	}
}
