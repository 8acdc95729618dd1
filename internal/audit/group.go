package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// One synced commit costs the same for one row as for a hundred. So whoever appends joins those who wait, and
// whoever gets the turn commits for all of them: batches form by themselves while a commit is under way.
const (
	maxBatch   = 512
	commitTime = 15 * time.Second
)

var errNotWritten = errors.New("the audit row was not written")

// pending is an entry on its way into the log; seq and err may be read when done is closed.
type pending struct {
	entry Entry
	seq   int64
	err   error
	done  chan struct{}
}

// Append records the entry and returns its seq. The row is durable when it returns without error.
// An action's record must not be lost because a browser left, so callers pass a context detached from the
// request (context.WithoutCancel, with a limit of its own). When ctx ends while the entry still waits it is
// withdrawn and not written; once its commit has begun Append waits for the result, whatever ctx says.
func (l *Log) Append(ctx context.Context, e Entry) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("append to audit log: %w", err)
	}
	p := &pending{entry: e, err: errNotWritten, done: make(chan struct{})}
	l.mu.Lock()
	l.waiting = append(l.waiting, p)
	l.mu.Unlock()
	for {
		select {
		case <-p.done:
			return p.seq, p.err
		case l.turn <- struct{}{}:
			l.commitWaiting(ctx)
		case <-ctx.Done():
			if l.withdraw(p) {
				return 0, fmt.Errorf("append to audit log: %w", ctx.Err())
			}
			<-p.done
		}
	}
}

// commitWaiting writes those who wait in one transaction and gives the turn back.
func (l *Log) commitWaiting(ctx context.Context) {
	defer func() { <-l.turn }()
	l.mu.Lock()
	n := min(len(l.waiting), maxBatch)
	batch := slices.Clone(l.waiting[:n])
	l.waiting = slices.Delete(l.waiting, 0, n)
	l.mu.Unlock()
	if n == 0 {
		return
	}
	defer func() {
		for _, p := range batch {
			close(p.done)
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime) // the others' rows are not ours to drop
	defer cancel()
	err := l.prepare(ctx)
	if err == nil {
		err = l.db.Write(ctx, func(tx *sql.Tx) error { return l.addAll(ctx, tx, batch) })
	}
	for _, p := range batch {
		if p.err = err; err != nil {
			p.err = fmt.Errorf("append to audit log: %w", err)
		}
	}
}

func (l *Log) addAll(ctx context.Context, tx *sql.Tx, batch []*pending) error {
	a, err := l.appender(ctx, tx)
	if err != nil {
		return err
	}
	for _, p := range batch {
		if err := a.add(ctx, l.now(), p.entry); err != nil {
			return err
		}
		p.seq = a.seq
	}
	return nil
}

// withdraw takes an entry back that nobody has begun to write; false when it is too late.
func (l *Log) withdraw(p *pending) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.waiting, p)
	if at >= 0 {
		l.waiting = slices.Delete(l.waiting, at, at+1)
	}
	return at >= 0
}
