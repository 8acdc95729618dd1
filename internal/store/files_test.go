package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/store"
)

func TestFilesAreTheOwnersOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "data", "console.db")
	db := openAt(t, path)
	write(t, db, "CREATE TABLE x (y INTEGER) STRICT")
	for name, mode := range map[string]os.FileMode{path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if info.Mode().Perm() != mode {
			t.Errorf("%s has mode %o, want %o", name, info.Mode().Perm(), mode)
		}
	}
}

func TestReopenKeepsData(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	write(t, db, "UPDATE counter SET n = 7")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := openAt(t, path)
	if n := count(t, again.Read()); n != 7 {
		t.Errorf("counter %d", n)
	}
}

func TestOddPaths(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"with space.db", "100%.db", "%41.db", "what?.db", "a#b.db", "a&_pragma=query_only(1).db", "订单.db", "a:b.db", "double//slash.db", `back\slash.db`} {
		path := t.TempDir() + "/" + name
		db := openAt(t, path)
		write(t, db, "CREATE TABLE counter (n INTEGER NOT NULL) STRICT")
		write(t, db, "INSERT INTO counter (n) VALUES (3)")
		if n := count(t, db.Read()); n != 3 {
			t.Errorf("%s: counter %d", name, n)
		}
		only, err := store.OpenReadOnly(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, only); n != 3 {
			t.Errorf("%s: counter %d by the read-only file", name, n)
		}
		_ = only.Close()
		info, err := os.Stat(path)
		if err != nil || info.Size() == 0 {
			t.Errorf("%s: the data went elsewhere: %v", name, err)
		}
	}
	if db, err := store.Open(t.Context(), "//"+strings.TrimPrefix(t.TempDir(), "/")+"/console.db"); err != nil {
		t.Errorf("two slashes at the front: %v", err)
	} else {
		_ = db.Close()
	}
}

// TestReadOnlyLeavesTheFileAlone opens a copy that still has a write-ahead log, as evidence has: reading it
// sees what the log holds and must not move it into the file.
func TestReadOnlyLeavesTheFileAlone(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	write(t, db, "UPDATE counter SET n = 7")
	evidence := filepath.Join(t.TempDir(), "copy.db")
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(evidence+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := contents(t, evidence)
	only, err := store.OpenReadOnly(evidence)
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, only); n != 7 {
		t.Errorf("counter %d", n)
	}
	if err := only.Close(); err != nil {
		t.Error(err)
	}
	if after := contents(t, evidence); !slices.Equal(before, after) {
		t.Error("reading changed the file or its write-ahead log")
	}
	if err := db.Close(); err != nil { // a database at rest is a single file
		t.Fatal(err)
	}
	atRest, err := store.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer atRest.Close()
	if n := count(t, atRest); n != 7 {
		t.Errorf("counter %d in the file at rest", n)
	}
	if _, err := store.OpenReadOnly(evidence + ".not"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func contents(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	for _, suffix := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Error(err)
		}
		all = append(all, string(data))
	}
	return all
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("not a database ", 20)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "below.db"), dir} {
		if db, err := store.Open(t.Context(), path); err == nil {
			t.Errorf("%s was opened", path)
			_ = db.Close()
		}
	}
}

// A connection that read once is not left to those who read again and again.
func TestReadOnceLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	db, err := store.OpenCache(t.Context(), filepath.Join(t.TempDir(), "mirror.db"), "CREATE TABLE counter (n INTEGER NOT NULL) STRICT", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	mapped := func(q store.Querier) (size int64) {
		if err := q.QueryRowContext(t.Context(), "PRAGMA mmap_size").Scan(&size); err != nil {
			t.Fatal(err)
		}
		return size
	}
	err = db.ReadOnce(t.Context(), func(q store.Querier) error {
		if size := mapped(q); size != 0 {
			t.Errorf("%d bytes of the file are mapped for one reading", size)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if mapped(db.Read()) == 0 {
		t.Error("the file is not mapped any more")
	}
}
