package ops

import (
	"context"
	"sync"
)

// flights lets the second poster of a form wait for the first. It is a comfort of this process only:
// that an action is sent once is decided by its claim in the database.
type flights struct {
	mu   sync.Mutex
	open map[string]chan struct{}
}

// enter reports whether the caller is the first; then it must call leave. Otherwise it waits for the first to leave.
func (f *flights) enter(ctx context.Context, id string) (first bool) {
	f.mu.Lock()
	done, busy := f.open[id]
	if !busy {
		if f.open == nil {
			f.open = map[string]chan struct{}{}
		}
		f.open[id] = make(chan struct{})
	}
	f.mu.Unlock()
	if !busy {
		return true
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
	return false
}

func (f *flights) leave(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.open[id])
	delete(f.open, id)
}

// aloft tells whether this process is busy with the action right now.
func (f *flights) aloft(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, busy := f.open[id]
	return busy
}
