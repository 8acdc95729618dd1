package ops

import (
	"context"
	"database/sql"
	"maps"
	"sync"
)

// write is a transaction that is yet to be done.
type write func(ctx context.Context, tx *sql.Tx) error

// unwritten keeps the ends of actions that the database did not take, by action id. What the CMP answered is
// too dear to be forgotten because a disk was full for a minute.
type unwritten struct {
	mu   sync.Mutex
	ends map[string]*write
}

func (u *unwritten) keep(id string, w write) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ends == nil {
		u.ends = map[string]*write{}
	}
	u.ends[id] = &w
}

// drop forgets an end that was written, unless a later one of the same action has taken its place.
func (u *unwritten) drop(id string, w *write) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ends[id] == w {
		delete(u.ends, id)
	}
}

func (u *unwritten) has(id string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ends[id] != nil
}

func (u *unwritten) all() map[string]*write {
	u.mu.Lock()
	defer u.mu.Unlock()
	return maps.Clone(u.ends)
}
