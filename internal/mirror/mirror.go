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
	"sync/atomic"

	"cmpconsole/internal/store"
)

// Options says what the mirror is given from outside. What is nil is not there.
type Options struct {
	// Labels reads what we call the devices.
	Labels func(ctx context.Context, ids []string) (map[string][]string, error)
	// Labelled reads the ids of devices with labels behind an id, in their order, so many at most.
	Labelled func(ctx context.Context, after string, most int) ([]string, error)
	// Bound reads the IMEIs of those devices that were bound here last, by id.
	Bound func(ctx context.Context, ids []string) (map[string]string, error)
	// Members reads the device ids of a frozen selection.
	Members func(ctx context.Context, selection string) ([]string, error)
}

// Mirror is the local copy, safe for concurrent use. Those who read see the state of one moment and do not wait for those who write.
type Mirror struct {
	Options

	db       *store.DB
	writing  chan struct{} // one writer at a time, from reading what is to laying out what shall be
	columns  atomic.Pointer[columns]
	packages *dictionary
	partners *dictionary
	counted  counted
	sets     sets
	by       statements
}

// statements are those that every page needs, parsed once.
type statements struct{ rows, listed, numbers, lists *sql.Stmt }

// Open opens or creates the mirror's file. One that is damaged is begun anew; what else fails, as a full disk, leaves it as it is.
func Open(ctx context.Context, path string, o Options) (*Mirror, error) {
	m, err := openFile(ctx, path, o)
	if !errors.Is(err, errBlock) && !store.Damaged(err) {
		return m, err
	}
	if err := store.RemoveCache(path); err != nil {
		return nil, fmt.Errorf("open mirror: %w", err)
	}
	return openFile(ctx, path, o)
}

func openFile(ctx context.Context, path string, o Options) (*Mirror, error) {
	db, err := store.OpenCache(ctx, path, schema, version)
	if err != nil {
		return nil, err
	}
	m := &Mirror{Options: o, db: db, writing: make(chan struct{}, 1), packages: newDictionary("package"), partners: newDictionary("partner")}
	if err := m.load(ctx); err != nil {
		return nil, fmt.Errorf("open mirror: %w", errors.Join(err, db.Close()))
	}
	return m, nil
}

func (m *Mirror) load(ctx context.Context) error {
	if err := m.layOutBound(ctx); err != nil {
		return err
	}
	for _, d := range []*dictionary{m.packages, m.partners} {
		if err := d.load(ctx, m.db.Read()); err != nil {
			return err
		}
	}
	cols, err := loadColumns(ctx, m.db)
	if err != nil {
		return err
	}
	if cols.runs, err = loadRuns(ctx, m.db.Read()); err != nil {
		return err
	}
	m.columns.Store(cols)
	if m.by.rows, err = m.db.PrepareRead(ctx, rowsByNumber); err != nil {
		return err
	}
	if m.by.listed, err = m.db.PrepareRead(ctx, listedByNumber); err != nil {
		return err
	}
	if m.by.lists, err = m.db.PrepareRead(ctx, listsByKey); err != nil {
		return err
	}
	m.by.numbers, err = m.db.PrepareRead(ctx, numbersByNumber)
	return err
}

// lock waits for its turn to write, as long as ctx lasts.
func (m *Mirror) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case m.writing <- struct{}{}:
		return func() { <-m.writing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close closes the file. Nothing may be asked or written afterwards.
func (m *Mirror) Close() error {
	return errors.Join(m.sealYoung(context.Background()), m.db.Close())
}
