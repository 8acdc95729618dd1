package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	"cmpconsole/internal/store"
)

// left tells in which of the database's files the text stands.
func left(t *testing.T, path, text string) (files []string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			files = append(files, "console.db"+suffix)
		}
	}
	return files
}

// TestScrubLeavesNothing: what was deleted beside much else, in pages that were split and joined, is in no file after
// Scrub, which works beside another process and leaves the connection as it was.
func TestScrubLeavesNothing(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	second := openAt(t, path)
	write(t, db, "CREATE TABLE scrap (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")
	write(t, db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO scrap SELECT (i * 7919) % 3001, printf('canary %.*c', i % 300, 'x') FROM n")
	if files := left(t, path, "canary"); len(files) == 0 {
		t.Fatal("the search looks in the wrong places")
	}
	write(t, second, "DELETE FROM scrap WHERE id % 2 = 0")
	write(t, db, "DELETE FROM scrap")
	if err := db.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	if files := left(t, path, "canary"); len(files) > 0 {
		t.Errorf("bytes are left in %v", files)
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("the write-ahead log has %d bytes, %v", info.Size(), err)
	}
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		var temp, secure int
		err := tx.QueryRowContext(t.Context(), "SELECT temp_store, secure_delete FROM pragma_temp_store, pragma_secure_delete").Scan(&temp, &secure)
		if temp != 2 || secure != 1 {
			t.Errorf("temp_store is %d, secure_delete %d", temp, secure)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for _, db := range []*store.DB{db, second} {
		if err := db.Scrub(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestScrubSaysWhatIsInTheWay: a reader of an old state, or a caller that has left.
func TestScrubSaysWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	reader, err := openAt(t, path).Read().QueryContext(t.Context(), "SELECT n FROM counter UNION ALL SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	if !reader.Next() {
		t.Fatal(reader.Err())
	}
	write(t, db, "UPDATE counter SET n = 1")
	if err := db.Scrub(t.Context()); err == nil {
		t.Error("scrubbed although somebody reads what was before")
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithTimeout(t.Context(), -time.Second)
	defer leave()
	if err := db.Scrub(gone); err == nil {
		t.Error("scrubbed for nobody")
	}
	if err := db.Scrub(t.Context()); err != nil {
		t.Error(err)
	}
}
