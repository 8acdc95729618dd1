package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestBackup: a copy made beside the running console is a whole database: another console starts on it with the
// same users, and its log verifies. A log that somebody changed is copied as evidence, and said to be changed.
func TestBackup(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	support := in.signIn(t, "support")
	tr := in.prepareDeed(t, support, "pause")
	support.post(t, tr.action, tr.form).want(t, 200)
	data := t.TempDir()
	file := filepath.Join(data, "console.db")
	if code, out, stderr := in.command("", "backup", file); code != exitOK || !strings.Contains(out, "whole, audit log intact") {
		t.Fatalf("exit %d: %s%s", code, out, stderr)
	}
	if code, _, stderr := in.command("", "backup", file); code != exitFailed || !strings.Contains(stderr, "overwrites nothing") {
		t.Errorf("a second backup of this name: exit %d: %s", code, stderr)
	}
	wantPair(t, data, tr.order.ID, "pause", "ok")
	restored := startProgram(t, withEnv("CONSOLE_DATA_DIR", data))
	restored.signIn(t, "support").get(t, "/audit").says(t, "order.pause", "ticket 4711")
	restored.stop()
	in.stop()
	forged := filepath.Dir(forge(t, in.dir, `UPDATE audit SET actor = 'manager' WHERE seq = 1`))
	if err := os.Rename(filepath.Join(forged, "copy.db"), filepath.Join(forged, "console.db")); err != nil {
		t.Fatal(err)
	}
	code, out, stderr := runCommand(map[string]string{"CONSOLE_DATA_DIR": forged}, "", "backup", filepath.Join(data, "evidence.db"))
	if code != exitFailed || !strings.Contains(out, "TAMPERED") || !exists(filepath.Join(data, "evidence.db")) {
		t.Errorf("a log that was changed: exit %d: %s%s", code, out, stderr)
	}
}

// TestBackupHearsTheAnchorsFirst: what is signed while the copy is being made is not held against the copy, because the
// anchors were read before there was one.
func TestBackupHearsTheAnchorsFirst(t *testing.T) {
	t.Parallel()
	in := startProgram(t)
	in.stop()
	anchors, pipe := filepath.Join(in.dir, "anchors"), filepath.Join(t.TempDir(), "pipe")
	known := read(t, anchors)
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	target := t.TempDir()
	code, out, stderr := -1, "", ""
	done := make(chan struct{})
	go func() {
		defer close(done)
		code, out, stderr = runCommand(map[string]string{"CONSOLE_DATA_DIR": in.dir, "CONSOLE_ANCHOR_FILE": pipe}, "", "backup", filepath.Join(target, "copy.db"))
	}()
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // it opens when the backup reads
	if err != nil {
		t.Fatal(err)
	}
	if begun, err := os.ReadDir(target); err != nil || len(begun) > 0 {
		t.Errorf("the copy was begun before the anchors were read: %v, %v", begun, err)
	}
	if _, err := w.WriteString(known); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	if <-done; code != exitOK || !strings.Contains(out, "whole, audit log intact") {
		t.Errorf("exit %d: %s%s", code, out, stderr)
	}
}
