package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

const (
	// scrubTime is how long it may take to clean the files.
	scrubTime = 10 * time.Minute
	// scrubAfter leaves the page of an erasure the time to be shown, since whoever writes waits for a scrub.
	scrubAfter = 2 * time.Second
	// scrubAgain is the wait after a scrub that failed, and what a command that erases has for its own.
	scrubAgain = time.Minute
)

// Freeing is how far the database's files are rid of what was erased.
type Freeing struct {
	Owed   bool      // bytes of it may be left
	Asked  time.Time // when something was erased last; zero when that is not known
	Done   time.Time // when the files were rid of all that was erased by then; zero when never
	Begun  time.Time // since when this console is at it; zero when it is not
	Failed time.Time // when this console last tried in vain; zero when it did not, or has succeeded since

	asked, done, freed int64
}

// Covers tells whether no bytes are left of what the row says was erased.
func (f Freeing) Covers(told *audit.Row) bool { return told.Seq <= f.freed }

// Ever tells whether anything was ever erased.
func (f Freeing) Ever() bool { return f.asked > 0 }

// Freeing tells how far it is.
func (e *Eraser) Freeing(ctx context.Context) (Freeing, error) {
	f, err := selectScrub(ctx, e.db.Read())
	e.mu.Lock()
	defer e.mu.Unlock()
	f.Begun, f.Failed = e.begun, e.failed
	return f, err
}

func selectScrub(ctx context.Context, q store.Querier) (f Freeing, err error) {
	var asked, done sql.NullInt64
	err = q.QueryRowContext(ctx, `SELECT asked, done, freed, nullif(asked_at, 0), done_at FROM scrub`).Scan(&f.asked, &f.done, &f.freed, &asked, &done)
	if err != nil {
		return f, fmt.Errorf("read what is left to free: %w", err)
	}
	f.Owed, f.Asked, f.Done = f.asked > f.done, moment(asked), moment(done)
	return f, nil
}

// owe notes, in the transaction of an erasure, that the files are to be cleaned. It outlives a crash.
func (e *Eraser) owe(ctx context.Context, tx *sql.Tx) (asked int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE scrub SET asked = asked + 1, asked_at = ? RETURNING asked`, e.now().UnixMicro()).Scan(&asked)
	return asked, err
}

// Run frees the bytes of what was erased, at every tick until ctx ends: what a page has erased, and what somebody else
// has left undone, such as a console that was killed over it.
func (e *Eraser) Run(ctx context.Context, tick <-chan time.Time) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			if err := e.freeDue(ctx); err != nil && ctx.Err() == nil {
				e.logger.Warn("bytes of what was erased not freed yet", "err", err)
			}
		}
	}
}

func (e *Eraser) freeDue(ctx context.Context) error {
	left, err := selectScrub(ctx, e.db.Read())
	if err != nil || !left.Owed || !e.begin(left) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, scrubTime)
	defer cancel()
	err = e.free(ctx)
	e.end(err)
	if err == nil {
		e.logger.Info("bytes of what was erased are freed")
	}
	return err
}

// free cleans the files of all that was erased before, and notes that.
func (e *Eraser) free(ctx context.Context) error {
	left, err := selectScrub(ctx, e.db.Read())
	if err != nil {
		return err
	}
	newest, err := audit.LastRedaction(ctx, e.db.Read())
	if err != nil {
		return err
	}
	if err := e.db.Scrub(ctx); err != nil {
		return err
	}
	return e.db.Write(context.WithoutCancel(ctx), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE scrub SET done = max(done, ?), freed = max(freed, ?), done_at = ?`, left.asked, newest, e.now().UnixMicro())
		return err
	})
}

// begin tells whether it is time to free what is left, and that this console is at it then.
func (e *Eraser) begin(left Freeing) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.now()
	if now.Before(e.next) || left.asked > e.ours && now.Sub(left.Asked) < scrubAgain {
		return false
	}
	e.begun = now
	return true
}

func (e *Eraser) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.begun, e.failed = time.Time{}, time.Time{}
	if err != nil && !errors.Is(err, context.Canceled) {
		e.failed, e.next = e.now(), e.now().Add(scrubAgain)
	}
}

// promise leaves the freeing of what was asked for to Run.
func (e *Eraser) promise(asked int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ours, e.next, e.failed = max(e.ours, asked), e.now().Add(scrubAfter), time.Time{}
}
