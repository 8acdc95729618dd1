package mirror

import (
	"context"
	"database/sql"
	"slices"
	"sync"

	"cmpconsole/internal/store"
)

// named is a package or a partner: a code and the name that the CMP gives with it.
type named struct{ Code, Name string }

// dictionary numbers the packages or the partners, of which a fleet has few. Number 0 is neither code nor name.
type dictionary struct {
	table string

	mu    sync.RWMutex
	keys  map[named]int64
	names map[int64]named
}

func newDictionary(table string) *dictionary {
	return &dictionary{table: table, keys: map[named]int64{{}: 0}, names: map[int64]named{0: {}}}
}

func (d *dictionary) load(ctx context.Context, q store.Querier) error {
	rows, err := q.QueryContext(ctx, `SELECT k, code, name FROM `+d.table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var k int64
		var n named
		if err := rows.Scan(&k, &n.Code, &n.Name); err != nil {
			return err
		}
		d.keys[n], d.names[k] = k, n
	}
	return rows.Err()
}

// need numbers those that have no number yet, in a transaction of its own: one that is used by no device does no harm.
func (d *dictionary) need(ctx context.Context, db *store.DB, list []named) error {
	var fresh []named
	d.mu.RLock()
	for _, n := range list {
		if _, ok := d.keys[n]; !ok {
			fresh = append(fresh, n)
		}
	}
	d.mu.RUnlock()
	if len(fresh) == 0 {
		return nil
	}
	keys := make([]int64, len(fresh))
	err := db.Write(ctx, func(tx *sql.Tx) error {
		for i, n := range fresh {
			err := tx.QueryRowContext(ctx, `INSERT INTO `+d.table+` (code, name) VALUES (?, ?) ON CONFLICT (code, name) DO UPDATE SET name = excluded.name RETURNING k`, n.Code, n.Name).Scan(&keys[i])
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, n := range fresh {
		d.keys[n], d.names[keys[i]] = keys[i], n
	}
	return nil
}

func (d *dictionary) key(code, name string) int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.keys[named{code, name}]
}

func (d *dictionary) name(k int64) named {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.names[k]
}

// withCode returns the numbers of all entries of the codes: the CMP may have renamed one meanwhile.
func (d *dictionary) withCode(codes ...string) (found []uint32) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for k, n := range d.names {
		if k != 0 && slices.Contains(codes, n.Code) {
			found = append(found, uint32(k))
		}
	}
	return found
}
