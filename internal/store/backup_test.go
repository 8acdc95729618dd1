package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func accept(context.Context, string) error { return nil }

// A backup taken while others write holds whole transactions only, and is readable by its owner only.
func TestBackupUnderLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, to := filepath.Join(dir, "console.db"), filepath.Join(dir, "copy.db")
	db, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	pair := func(n int) error {
		return db.Write(context.Background(), func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO a (n) VALUES (?); INSERT INTO b (n) VALUES (?)`, n, n)
			return err
		})
	}
	err = db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`CREATE TABLE a (n INTEGER) STRICT; CREATE TABLE b (n INTEGER) STRICT`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	begun, stop, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		for n := 0; ; n++ {
			if err := pair(n); err != nil {
				ended <- err
				return
			}
			if n == 20 {
				close(begun)
			}
			select {
			case <-stop:
				ended <- nil
				return
			default:
			}
		}
	}()
	<-begun
	if err := Backup(t.Context(), file, to, accept); err != nil {
		t.Error(err)
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	wantPairs(t, to)
}

func wantPairs(t *testing.T, file string) {
	t.Helper()
	db, err := OpenReadOnly(file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var a, b int
	if err := db.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b)`).Scan(&a, &b); err != nil {
		t.Fatal(err)
	}
	if a != b || a < 20 {
		t.Errorf("the copy holds %d and %d rows of pairs", a, b)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// A backup that cannot be trusted leaves nothing behind, and one never overwrites a file.
func TestBackupRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, there := filepath.Join(dir, "console.db"), filepath.Join(dir, "there")
	db, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := os.WriteFile(there, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	errNo := errors.New("not this one")
	no := func(context.Context, string) error { return errNo }
	for i, tt := range []struct {
		from, to string
		check    func(context.Context, string) error
		want     error
	}{
		{file, there, accept, ErrExists},
		{file, filepath.Join(dir, "refused.db"), no, errNo},
		{filepath.Join(dir, "missing.db"), filepath.Join(dir, "nothing.db"), accept, os.ErrNotExist},
		{file, filepath.Join(dir, "no such directory", "copy.db"), accept, os.ErrNotExist},
	} {
		if err := Backup(t.Context(), tt.from, tt.to, tt.check); !errors.Is(err, tt.want) {
			t.Errorf("%d: %v, want %v", i, err, tt.want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 4 {
		t.Errorf("left behind: %v", left) // console.db, its -wal and -shm, and the file that was there
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if content, err := os.ReadFile(there); fmt.Sprint(string(content), err) != "precious<nil>" {
		t.Errorf("the file that was there: %q, %v", content, err)
	}
}

// A backup takes away what others left that were killed long ago, and leaves one alone that may be under way.
func TestBackupSweeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "console.db")
	db, err := Open(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	old, young := filepath.Join(dir, unfinished+"1"), filepath.Join(dir, unfinished+"2")
	before := time.Now().Add(-25 * time.Hour)
	for _, path := range []string{old, young} {
		if err := errors.Join(os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "copy.db"), []byte("texts"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chtimes(old, before, before), Backup(t.Context(), file, filepath.Join(dir, "copy.db"), accept)); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, unfinished+"*")); len(left) != 1 || left[0] != young {
		t.Errorf("left: %v", left)
	}
}
