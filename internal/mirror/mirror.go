// Package mirror keeps a local copy of the fleet, so that a device is found by any of its numbers and the fleet can be
// filtered, sorted and counted at once. The CMP is asked page by page in the background; every figure carries the time
// at which the CMP last confirmed it. The file may be deleted at any time and is filled anew.
//
// A device is a row of SQLite. What lists are filtered and sorted by stands besides in memory, in columns: one pass over
// them answers any filter with any sort, and its count. Digits are looked up in an index of all runs of four.
package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cmpconsole/internal/store"
)

// Options says what the mirror is given from outside. Now is needed.
type Options struct {
	// Labels reads what we call the devices; nil: they have no labels.
	Labels func(ctx context.Context, ids []string) (map[string][]string, error)
	// Members reads the device ids of a frozen selection; nil: there are none.
	Members func(ctx context.Context, selection string) ([]string, error)
	Now     func() time.Time
	Logger  *slog.Logger
}

// Mirror is the local copy, safe for concurrent use. Those who read see the state of one moment and wait for nobody.
type Mirror struct {
	Options

	db       *store.DB
	writing  sync.Mutex // one writer at a time, from reading what is to laying out what shall be
	columns  atomic.Pointer[columns]
	packages *dictionary
	partners *dictionary
	grams    grams
	counted  counted
	sets     sets
	by       statements
}

// statements are those that every page needs, parsed once.
type statements struct{ rows, numbers *sql.Stmt }

// Open opens or creates the mirror's file. It fails only when the file cannot be created at all.
func Open(ctx context.Context, path string, o Options) (*Mirror, error) {
	db, err := store.OpenCache(ctx, path, schema, version)
	if err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Mirror{Options: o, db: db, packages: newDictionary("package"), partners: newDictionary("partner")}
	if err := m.load(ctx); err != nil {
		return nil, fmt.Errorf("open mirror: %w", errors.Join(err, db.Close()))
	}
	return m, nil
}

func (m *Mirror) load(ctx context.Context) error {
	for _, d := range []*dictionary{m.packages, m.partners} {
		if err := d.load(ctx, m.db.Read()); err != nil {
			return err
		}
	}
	cols, err := loadColumns(ctx, m.db.Read())
	if err != nil {
		return err
	}
	m.columns.Store(cols)
	if m.by.rows, err = m.db.PrepareRead(ctx, rowsByNumber); err != nil {
		return err
	}
	m.by.numbers, err = m.db.PrepareRead(ctx, numbersByNumber)
	return err
}

// Close closes the file. Nothing may be asked or written afterwards.
func (m *Mirror) Close() error { return m.db.Close() }
