// Package store opens the console's SQLite file: pragmas, migrations, one writer and a pool of readers.
// It knows no table: each table's SQL stands in the package that owns it.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the only driver; nothing else may import it
)

//go:embed migrations/*.sql
var migrations embed.FS

// How long a transaction waits for its turn among those of this process, and then for another process.
const (
	turnTime = 5 * time.Second
	busyTime = 5 * time.Second
)

// WriteTime is how long a transaction may take to begin.
const WriteTime = turnTime + busyTime

// ErrBusy says that other transactions of this process did not leave the writing connection in time.
var ErrBusy = errors.New("the database is busy")

// Querier is what the owners of tables need: a database or a transaction.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// DB is one SQLite file with a single writing connection and a pool of readers.
type DB struct {
	writer *sql.DB
	reader *parsed
}

// Open opens or creates the file, brings its schema up to date and returns the pools.
// Files are created readable by their owner only.
func Open(ctx context.Context, path string) (*DB, error) {
	path = filepath.Clean(path)
	if err := createFile(path); err != nil {
		return nil, err
	}
	db := &DB{}
	var err error
	if db.writer, err = sql.Open("sqlite", dsn(path, "immediate", keptPragmas...)); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.writer.SetMaxOpenConns(1)
	if err := migrate(ctx, db.writer); err != nil {
		return nil, fmt.Errorf("bring schema of %s up to date: %w", path, errors.Join(err, db.Close()))
	}
	return db, db.openReaders(dsn(path, "deferred", readerPragmas...))
}

// createFile makes sure that the file is there and readable by its owner only.
func createFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("create data directory: %w", err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return nil
}

func (d *DB) openReaders(dsn string) error {
	reader, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("open database: %w", errors.Join(err, d.Close()))
	}
	d.reader = newParsed(reader)
	d.reader.SetMaxOpenConns(2 * runtime.NumCPU())
	d.reader.SetMaxIdleConns(2 * runtime.NumCPU()) // opening a connection costs more than a query
	return nil
}

// OpenReadOnly opens an existing file for reading only, without migrations: for copies and live databases.
// mode=ro keeps SQLite from moving the write-ahead log into the file on closing: a copy may be evidence.
func OpenReadOnly(path string) (*sql.DB, error) {
	path = filepath.Clean(path)
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db, err := sql.Open("sqlite", dsn(path, "deferred", readerPragmas...)+"&mode=ro")
	if err != nil || readable(db) {
		return db, err
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		return db, nil
	}
	if err := db.Close(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// A file at rest where nothing can be created beside it, such as a copy on a read-only medium.
	return sql.Open("sqlite", dsn(path, "deferred", readerPragmas...)+"&mode=ro&immutable=1")
}

func readable(db *sql.DB) bool {
	var n int
	return db.QueryRowContext(context.Background(), "SELECT count(*) FROM sqlite_schema").Scan(&n) == nil
}

// Read returns the pool of readers.
func (d *DB) Read() Querier { return d.reader }

// Lookup returns the pool of readers for what a key finds at once. Such a question is not given up when its asker has left: to watch for
// that takes longer than to answer.
func (d *DB) Lookup() Querier { return lookup{d.reader} }

type lookup struct{ *parsed }

func (l lookup) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return l.parsed.QueryContext(context.WithoutCancel(ctx), query, args...)
}

func (l lookup) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return l.parsed.QueryRowContext(context.WithoutCancel(ctx), query, args...)
}

// Snapshot runs fn on one state of the file, whatever is written meanwhile. It keeps SQLite from shortening
// its write-ahead log, so fn should not take long.
func (d *DB) Snapshot(ctx context.Context, fn func(q Querier) error) error {
	tx, err := d.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return fn(tx)
}

// Write runs fn in one immediate transaction on the single writer: all of it is durable on return, or none. It waits
// for its turn, and then for another process that writes, but not for ever: many who wait for a database that does not
// come free are refused together, not one after the other.
func (d *DB) Write(ctx context.Context, fn func(tx *sql.Tx) error) error {
	conn, err := d.turn(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer conn.Close() //nolint:errcheck // it goes back to its pool
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// turn is the writing connection, which nobody else has until it is closed.
func (d *DB) turn(ctx context.Context) (*sql.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	conn, err := d.writer.Conn(waiting)
	if err != nil && ctx.Err() == nil && waiting.Err() != nil {
		return nil, ErrBusy
	}
	return conn, err
}

// Prepare parses a statement once for all transactions of Write, which use it by tx.StmtContext. It lives as
// long as the DB. It waits for the writing connection, so calling it inside Write would wait for ever.
func (d *DB) Prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	return d.writer.PrepareContext(ctx, query)
}

// PrepareRead parses a statement once for all readers. It lives as long as the DB.
func (d *DB) PrepareRead(ctx context.Context, query string) (*sql.Stmt, error) {
	return d.reader.PrepareContext(ctx, query)
}

// Close closes both pools.
func (d *DB) Close() error {
	var err error
	if d.reader != nil {
		err = d.reader.Close()
	}
	return errors.Join(err, d.writer.Close())
}

// The pragmas of the two kinds of file. busy_timeout comes first, so that it already holds while the others run. A row of the audit log
// touches a dozen pages: with SQLite's usual thousand in the write-ahead log one row of ninety would wait until they are moved into the file.
var (
	keptPragmas   = []string{"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "secure_delete(ON)", "wal_autocheckpoint(4000)", "trusted_schema(OFF)", "temp_store(MEMORY)"}
	readerPragmas = []string{"query_only(ON)", "foreign_keys(ON)", "trusted_schema(OFF)", "temp_store(MEMORY)"}
)

func dsn(path, txlock string, pragmas ...string) string {
	q := url.Values{"_txlock": {txlock}, "_pragma": append([]string{fmt.Sprintf("busy_timeout(%d)", busyTime.Milliseconds())}, pragmas...)}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func migrate(ctx context.Context, db *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, dir)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}
