package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Scrub writes the file anew without what was deleted, and empties its write-ahead log: deleting alone leaves bytes in
// pages whose content has moved on, and in the log. It takes about the time of copying the file, and free space of
// twice its size; readers go on meanwhile, and whoever writes waits. It fails when somebody reads an old state for
// longer than the busy timeout, and can then be tried again.
func (d *DB) Scrub(ctx context.Context) error {
	conn, err := d.turn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to its pool
	for _, step := range []struct {
		name string
		do   func(context.Context, *sql.Conn) error
	}{
		{"empty the write-ahead log", emptyWAL}, // before the costly part: it tells at once when somebody is in the way
		{"write the file anew", vacuum},
		{"empty the write-ahead log", emptyWAL},
	} {
		if err := step.do(ctx, conn); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// errRead says that a transaction of somebody else still needs the write-ahead log.
var errRead = errors.New("somebody is reading an older state of the database")

func emptyWAL(ctx context.Context, conn *sql.Conn) error {
	var busy, frames, moved int
	if err := conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return err
	}
	if busy != 0 {
		return errRead
	}
	return nil
}

// vacuum has SQLite copy by way of a temporary file: in memory, as our connections have it else, a large database
// would not fit.
func vacuum(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, `PRAGMA temp_store = FILE`); err != nil {
		return err
	}
	_, err := conn.ExecContext(ctx, `VACUUM`)
	_, back := conn.ExecContext(context.WithoutCancel(ctx), `PRAGMA temp_store = MEMORY`)
	return errors.Join(err, back)
}
