package mirror

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// progress is how far the sync has come. It is stored in the transaction of each page, so that a page is either in the
// mirror and counted, or neither.
type progress struct {
	Run   *Run   `json:",omitempty"` // nil between runs
	Print uint64 // of the last whole pass
	Asked string `json:",omitempty"` // the missing device that was asked for last, in this run or an earlier one
	Past  []Run  `json:"-"`          // newest first; stored by itself, because it seldom changes
}

// last returns when the last run began, zero before the first.
func (p *progress) last() time.Time {
	if len(p.Past) == 0 {
		return time.Time{}
	}
	return p.Past[0].Started
}

// end closes the run.
func (p *progress) end(now time.Time) {
	p.Run.Ended = now
	p.Past = append([]Run{*p.Run}, p.Past[:min(len(p.Past), runsKept-1)]...)
	p.Run = nil
}

// clone keeps what others look at from being changed under their eyes.
func (p progress) clone() progress {
	if p.Run != nil {
		run := *p.Run
		p.Run = &run
	}
	return p
}

// Wish is what a person has asked of the sync.
type Wish struct {
	Stopped bool      // the list is not read until somebody starts it again
	By      string    // who stopped or started it last
	At      time.Time // when
	Run     time.Time `json:",omitzero"`  // when a run was asked for last
	Accept  bool      `json:",omitempty"` // in that run devices may be missing in any number
}

// Names of what is stored: the sync itself writes its progress and its runs, and people what they ask of it.
const (
	storedProgress = "progress"
	storedRuns     = "runs"
	storedWish     = "wish"
)

// load reads what is stored under a name. What cannot be understood, as of another version, is as good as nothing: the
// fleet is then read from the beginning.
func (s *Sync) load(ctx context.Context, name string, into any) error {
	var text string
	err := s.mirror.db.Read().QueryRowContext(ctx, `SELECT value FROM sync WHERE name = ?`, name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s of the sync: %w", name, err)
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		s.Logger.Warn("what the sync had reached cannot be understood, so it begins anew", "name", name, "err", err)
	}
	return nil
}

// save returns what stores a value within a transaction.
func save(ctx context.Context, name string, value any) func(*sql.Tx) error {
	return func(tx *sql.Tx) error {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO sync (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, string(text))
		return err
	}
}
