package ops

import (
	"sync"
	"time"

	"cmpconsole/internal/fault"
)

// patience is how long whoever has changes made together waits for the last of them. Few have ended by then; many go on
// without them, and their page follows.
const patience = 2 * time.Second

// together are the batches of changes that this process is busy with, with how many changes each is. They are here to be shown
// only: that a change is made once is decided by its claim in the database.
type together struct {
	mu      sync.Mutex
	open    map[string]int
	working sync.WaitGroup
}

// begin reports whether nobody else is busy with the batch; then the caller must call end.
func (t *together) begin(batch string, all int) (first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open[batch] > 0 {
		return false
	}
	if t.open == nil {
		t.open = map[string]int{}
	}
	t.open[batch] = all
	return true
}

func (t *together) end(batch string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, batch)
}

// Running tells of how many changes a batch is while this process is busy with it; 0 when it is not.
func (o *Actions) Running(batch string) int {
	o.together.mu.Lock()
	defer o.together.mu.Unlock()
	return o.together.open[batch]
}

// each makes the changes of a batch one after the other; none but the first when the console is being stopped. Pages that show topic are told of the end.
func (o *Actions) each(batch, topic string, all int, change func(i int)) {
	if o.together.begin(batch, all) {
		defer o.publish(topic)
		defer o.together.end(batch)
	}
	for i := range all {
		if i > 0 && o.stopping.Load() {
			return
		}
		change(i)
	}
}

// inTime waits for work until it is done or patience is at its end, however long for a single change, and returns its error when it was in time. What is then left
// of it goes on; Wait waits for that.
func (o *Actions) inTime(batch, topic string, all int, work func() error) error {
	if all == 1 {
		return work()
	}
	first := o.together.begin(batch, all) // at once: whoever asks for the page must not read that nothing is under way
	done := make(chan error, 1)
	o.together.working.Go(func() {
		err := fault.Survived(work) // one batch must not end the console
		if first {
			o.together.end(batch)
			o.publish(topic)
		}
		if err != nil {
			o.logger.Warn("changes that were asked for together were not made", "err", err)
		}
		done <- err
	})
	late := time.NewTimer(o.patience)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		return nil
	}
}

// Wait waits until no batch is being made any more. After Stop that takes as long as one change at most.
func (o *Actions) Wait() { o.together.working.Wait() }
