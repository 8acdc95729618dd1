package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A file that can be built anew need not survive a power failure whole: it is never damaged by one, but may lack
// what was written last. Its pages are mapped, so that they are the system's memory and not ours.
var cachePragmas = []string{"journal_mode(WAL)", "synchronous(NORMAL)", "trusted_schema(OFF)", "temp_store(MEMORY)", "mmap_size(4294967296)", "cache_size(-8000)", "wal_autocheckpoint(8000)"}

// errVersion is that of a file with another version of the schema.
var errVersion = errors.New("another version of the schema")

// OpenCache opens or creates a file that holds only what can be read again elsewhere. A file of another version of
// the schema, or one that is damaged, is deleted and begun anew; any other error leaves it as it is.
func OpenCache(ctx context.Context, path, schema string, version int) (*DB, error) {
	path = filepath.Clean(path)
	db, err := openCache(ctx, path, schema, version)
	if !errors.Is(err, errVersion) && !Damaged(err) {
		return db, err
	}
	if err := RemoveCache(path); err != nil {
		return nil, err
	}
	return openCache(ctx, path, schema, version)
}

// Damaged tells whether an error is SQLite's word that the file is none of its own, or not whole.
func Damaged(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB)
}

// RemoveCache deletes the file of a cache that is closed.
func RemoveCache(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("remove an old cache: %w", err)
		}
	}
	return nil
}

func openCache(ctx context.Context, path, schema string, version int) (*DB, error) {
	if err := createFile(path); err != nil {
		return nil, err
	}
	writer, err := sql.Open("sqlite", dsn(path, "immediate", cachePragmas...))
	if err != nil {
		return nil, fmt.Errorf("open cache: %w", err)
	}
	writer.SetMaxOpenConns(1)
	db := &DB{writer: writer}
	if err := db.Write(ctx, func(tx *sql.Tx) error { return layOut(ctx, tx, schema, version) }); err != nil {
		_ = db.Close() // the error that counts is the first
		return nil, fmt.Errorf("open cache %s: %w", path, err)
	}
	return db, db.openReaders(dsn(path, "deferred", append([]string{"query_only(ON)"}, cachePragmas[2:]...)...))
}

// ReadOnce runs fn on a connection of its own that does not map the file, for what is much and read once: to map a page of a file costs
// several times as much as to copy it, and pays when it is read again.
func (d *DB) ReadOnce(ctx context.Context, fn func(q Querier) error) error {
	conn, err := d.reader.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()                                           //nolint:errcheck // it was only read
	defer conn.Raw(func(any) error { return driver.ErrBadConn }) //nolint:errcheck // that keeps it from going back to the pool
	if _, err := conn.ExecContext(ctx, "PRAGMA mmap_size = 0; PRAGMA cache_size = 50"); err != nil {
		return err
	}
	return fn(conn)
}

// layOut writes the schema into an empty file, and fails on one of another version.
func layOut(ctx context.Context, tx *sql.Tx, schema string, version int) error {
	var is int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&is); err != nil {
		return err
	}
	if is == version {
		return nil
	}
	if is != 0 {
		return fmt.Errorf("%w: %d, not %d", errVersion, is, version)
	}
	_, err := tx.ExecContext(ctx, schema+fmt.Sprintf(";PRAGMA user_version = %d", version))
	return err
}
