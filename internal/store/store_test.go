package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cmpconsole/internal/store"
)

// open returns a fresh database with a table to count in.
func open(t *testing.T) (*store.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "console.db")
	db := openAt(t, path)
	write(t, db, "CREATE TABLE counter (n INTEGER NOT NULL) STRICT")
	write(t, db, "INSERT INTO counter (n) VALUES (0)")
	return db, path
}

func openAt(t *testing.T, path string) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func write(t *testing.T, db *store.DB, query string, args ...any) {
	t.Helper()
	if err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), query, args...)
		return err
	}); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t *testing.T, q store.Querier) (n int) {
	t.Helper()
	if err := q.QueryRowContext(t.Context(), "SELECT n FROM counter").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func increment(ctx context.Context, db *store.DB) error {
	return db.Write(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT n FROM counter").Scan(&n); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE counter SET n = ?", n+1)
		return err
	})
}

func TestReadersCannotWrite(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	only, err := store.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer only.Close()
	for _, query := range []string{"INSERT INTO counter (n) VALUES (1)", "UPDATE counter SET n = 9", "DELETE FROM counter", "DROP TABLE counter", "CREATE TABLE x (y INTEGER) STRICT"} {
		for name, q := range map[string]store.Querier{"pool": db.Read(), "read-only file": only} {
			if _, err := q.ExecContext(t.Context(), query); err == nil {
				t.Errorf("%s: %s went through", name, query)
			}
		}
	}
	if n := count(t, db.Read()); n != 0 {
		t.Errorf("counter %d", n)
	}
}

// TestWriterSerialises reads and then writes in many transactions at once: a deferred transaction would
// fail with SQLITE_BUSY when another one writes in between.
func TestWriterSerialises(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	second := openAt(t, path) // another process beside us, as `cmpconsole user` is
	const writers, each = 16, 40
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for range each {
				if err := increment(t.Context(), []*store.DB{db, second}[w/(writers-1)]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := count(t, db.Read()); n != writers*each {
		t.Errorf("counter %d, want %d", n, writers*each)
	}
}

func TestWriteIsRolledBack(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	stop := errors.New("stop")
	err := db.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), "UPDATE counter SET n = 5")
		return errors.Join(stop, err)
	})
	if !errors.Is(err, stop) || count(t, db.Read()) != 0 {
		t.Errorf("after an error: %v, counter %d", err, count(t, db.Read()))
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = db.Write(t.Context(), func(tx *sql.Tx) error {
			if _, err := tx.ExecContext(t.Context(), "UPDATE counter SET n = 6"); err != nil {
				return err
			}
			panic("stop")
		})
	}()
	ctx, cancel := context.WithCancel(t.Context())
	err = db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE counter SET n = 7")
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	if err := increment(t.Context(), db); err != nil { // the writer is free again after all that
		t.Error(err)
	}
	if n := count(t, db.Read()); n != 1 {
		t.Errorf("counter %d, want 1", n)
	}
}

func TestSnapshotStaysWhileOthersWrite(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	if err := db.Snapshot(t.Context(), func(q store.Querier) error {
		before := count(t, q)
		write(t, db, "UPDATE counter SET n = 8")
		if after := count(t, q); after != before {
			t.Errorf("%d became %d", before, after)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	if n := count(t, db.Read()); n != 8 {
		t.Errorf("counter %d", n)
	}
}

func TestEveryTableIsStrict(t *testing.T) {
	t.Parallel()
	db := openAt(t, filepath.Join(t.TempDir(), "console.db"))
	rows, err := db.Read().QueryContext(t.Context(), `SELECT name, strict FROM pragma_table_list
		WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		var strict bool
		if err := rows.Scan(&name, &strict); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
		if !strict {
			t.Errorf("table %s is not STRICT", name)
		}
	}
	if err := rows.Err(); err != nil || !slices.Contains(names, "audit") {
		t.Errorf("tables %v, %v", names, err)
	}
}

func TestPragmasHoldOnEveryConnection(t *testing.T) {
	t.Parallel()
	db, path := open(t)
	only, err := store.OpenReadOnly(path)
	if err != nil {
		t.Fatal(err)
	}
	defer only.Close()
	common := map[string]string{"journal_mode": "wal", "foreign_keys": "1", "trusted_schema": "0", "busy_timeout": "5000"}
	check := func(name string, q store.Querier, more map[string]string) {
		for _, want := range []map[string]string{common, more} {
			for pragma, value := range want {
				var got string
				if err := q.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != value {
					t.Errorf("%s: %s = %s, want %s, %v", name, pragma, got, value, err)
				}
			}
		}
	}
	if err := db.Write(t.Context(), func(tx *sql.Tx) error {
		check("writer", tx, map[string]string{"synchronous": "2", "query_only": "0"})
		return nil
	}); err != nil {
		t.Error(err)
	}
	check("reader", db.Read(), map[string]string{"query_only": "1"})
	check("read-only file", only, map[string]string{"query_only": "1"})
}

func TestPreparedStatementServesManyTransactions(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	stmt, err := db.Prepare(t.Context(), "UPDATE counter SET n = n + 1")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := db.Write(t.Context(), func(tx *sql.Tx) error {
			_, err := tx.StmtContext(t.Context(), stmt).ExecContext(t.Context())
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db.Read()); n != 3 {
		t.Errorf("counter %d", n)
	}
}

// TestManyWaitTogether: behind a transaction that does not end, others are refused after a while, all at the same
// time; whoever's own time is over before is told that.
func TestManyWaitTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "console.db"))
		if err != nil {
			t.Fatal(err)
		}
		begun, end, ended := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			ended <- db.Write(t.Context(), func(*sql.Tx) error { close(begun); <-end; return nil })
		}()
		<-begun
		var waiting sync.WaitGroup
		since := time.Now()
		for range 10 {
			waiting.Go(func() {
				if err := db.Write(t.Context(), func(*sql.Tx) error { return nil }); !errors.Is(err, store.ErrBusy) {
					t.Errorf("%v, want %v", err, store.ErrBusy)
				}
			})
		}
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := db.Write(hasty, func(*sql.Tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("in haste: %v", err)
		}
		waiting.Wait()
		if took := time.Since(since); took != 5*time.Second {
			t.Errorf("refused after %s", took)
		}
		close(end)
		if err := errors.Join(<-ended, db.Write(t.Context(), func(*sql.Tx) error { return nil }), db.Close()); err != nil {
			t.Error(err)
		}
	})
}

// A lookup answers whoever has left, which is how one tells that nobody watches for that.
func TestLookupsAreNotGivenUp(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	left, leave := context.WithCancel(t.Context())
	leave()
	var n int
	if err := db.Lookup().QueryRowContext(left, "SELECT n FROM counter").Scan(&n); err != nil {
		t.Errorf("one row: %v", err)
	}
	rows, err := db.Lookup().QueryContext(left, "SELECT n FROM counter")
	if err != nil {
		t.Fatalf("rows: %v", err)
	}
	defer rows.Close()
	if !rows.Next() || rows.Err() != nil {
		t.Errorf("no row, %v", rows.Err())
	}
	if err := db.Read().QueryRowContext(left, "SELECT n FROM counter").Scan(&n); !errors.Is(err, context.Canceled) {
		t.Errorf("other questions go on: %v", err)
	}
}
