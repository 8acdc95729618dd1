package audit

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"cmpconsole/internal/store"
)

// A checkpoint is due after so many new rows, or after so long with any.
const (
	checkpointRows = 256
	checkpointTime = 10 * time.Minute
	// NotaryEvery is how often a Notary is meant to look whether one is due.
	NotaryEvery = 5 * time.Second
)

// ErrAnchorAhead says that the anchor knows rows that the log does not have: the log was cut off, or an old
// copy of it put in its place. Nothing is signed then, so that the anchor stays the better witness.
var ErrAnchorAhead = errors.New("the anchor knows a longer audit log than this one")

// ErrOtherLog says that the anchor knows another history than the log tells.
var ErrOtherLog = errors.New("the anchor knows another audit log than this one")

// Notary signs checkpoints of the log and has them kept outside the database.
type Notary struct {
	db     *store.DB
	key    note.Signer
	keys   note.Verifiers
	file   FileAnchor
	others []Anchor
	now    func() time.Time
	logger *slog.Logger
	made   time.Time // when the last checkpoint was made; only for the goroutine that runs
	asked  atomic.Bool

	announced string // the key whose use was recorded; only for the goroutine that runs
}

// NewNotary returns a notary who signs with the key and keeps checkpoints in the file, whose newest one the log
// is compared with before the next is signed, and at all other anchors. keys verify what stands in the file.
func NewNotary(db *store.DB, key note.Signer, keys note.Verifiers, file FileAnchor, others []Anchor, now func() time.Time, logger *slog.Logger) *Notary {
	return &Notary{db: db, key: key, keys: keys, file: file, others: others, now: now, logger: logger, made: now()}
}

// Run makes a checkpoint at once and whenever one is due, until ctx ends.
func (n *Notary) Run(ctx context.Context, tick <-chan time.Time) {
	for due := true; ; due = n.due(ctx) {
		if due {
			n.tryCheckpoint(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// Soon has a checkpoint made at the next look, if the log has grown: after work whose record is worth more than most.
func (n *Notary) Soon() { n.asked.Store(true) }

// Last makes the checkpoint at the end, when nobody appends any more. Why it cannot goes to the program's log.
func (n *Notary) Last(ctx context.Context) { n.tryCheckpoint(ctx) }

func (n *Notary) tryCheckpoint(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	n.made = n.now()
	if _, err := n.Checkpoint(ctx); err != nil {
		n.logger.Error("audit checkpoint not made", "err", err)
	}
}

// due tells whether enough rows or time have passed, or somebody has asked for a checkpoint.
func (n *Notary) due(ctx context.Context) bool {
	var rows int64
	err := n.db.Read().QueryRowContext(ctx, `SELECT coalesce((SELECT max(seq) FROM audit), 0) - coalesce((SELECT max(size) FROM audit_checkpoint), 0)`).Scan(&rows)
	if err != nil || rows == 0 {
		return false
	}
	return n.asked.Swap(false) || rows >= checkpointRows || n.now().Sub(n.made) >= checkpointTime
}

// Checkpoint signs what the log is now and has it kept. It returns the newest checkpoint, which is an old one
// when the log has not grown. It fails with ErrAnchorAhead or ErrOtherLog when the log is not what it was.
func (n *Notary) Checkpoint(ctx context.Context) (Checkpoint, error) {
	if err := n.announce(ctx); err != nil {
		return Checkpoint{}, err
	}
	c, fresh, err := n.draw(ctx)
	if err != nil {
		return c, err
	}
	last, err := n.compare(ctx, c.Log)
	if err != nil || c.Size == last.Size {
		return last, err
	}
	c.At = n.now()
	if c, err = c.sign(n.key); err != nil {
		return c, err
	}
	if err := n.db.Write(ctx, func(tx *sql.Tx) error { return insertCheckpoint(ctx, tx, c, fresh) }); err != nil {
		return c, fmt.Errorf("store checkpoint: %w", err)
	}
	for _, a := range append([]Anchor{n.file}, n.others...) {
		err = errors.Join(err, a.Keep(c))
	}
	return c, err
}

// draw reads what the log is now, and which blocks of its tree are not kept yet.
func (n *Notary) draw(ctx context.Context) (c Checkpoint, g *growth, err error) {
	err = n.db.Snapshot(ctx, func(q store.Querier) error {
		err := q.QueryRowContext(ctx, `SELECT log_id, size, head FROM audit_log`).Scan(&c.Log, &c.Size, &c.Head)
		if errors.Is(err, sql.ErrNoRows) {
			g = &growth{}
			return nil // nothing was recorded yet
		}
		if err != nil {
			return fmt.Errorf("read the end of the log: %w", err)
		}
		g, err = readTree(ctx, q, c.Size)
		if err == nil {
			c.Root = g.root()
		}
		return err
	})
	return c, g, err
}

// compare returns the newest checkpoint of the file, after comparing the log with it.
func (n *Notary) compare(ctx context.Context, log string) (Checkpoint, error) {
	notes, err := n.file.Newest()
	if err != nil {
		return Checkpoint{}, err
	}
	last, ok := newestOf(notes, n.keys)
	if !ok {
		return last, nil
	}
	if last.Log != log {
		return last, fmt.Errorf("%w: it has the id %s, this one %q", ErrOtherLog, last.Log, log)
	}
	var hash []byte
	err = n.db.Read().QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = ?`, last.Size).Scan(&hash)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return last, fmt.Errorf("%w: it has seen row %d", ErrAnchorAhead, last.Size)
	case err != nil:
		return last, fmt.Errorf("read audit row %d: %w", last.Size, err)
	case !bytes.Equal(hash, last.Head):
		return last, fmt.Errorf("%w: row %d had another hash", ErrOtherLog, last.Size)
	}
	return last, nil
}

// newestOf opens the last note that can be opened: those behind it may have been cut short.
func newestOf(notes [][]byte, keys note.Verifiers) (Checkpoint, bool) {
	for i := len(notes) - 1; i >= 0; i-- {
		if c, err := openCheckpoint(notes[i], keys); err == nil {
			return c, true
		}
	}
	return Checkpoint{}, false
}

func insertCheckpoint(ctx context.Context, tx *sql.Tx, c Checkpoint, g *growth) error {
	for i, hash := range g.fresh {
		if _, err := tx.ExecContext(ctx, `INSERT INTO audit_block (n, hash) VALUES (?, ?) ON CONFLICT DO NOTHING`, g.kept+int64(i), hash[:]); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO audit_checkpoint (size, note) VALUES (?, ?) ON CONFLICT DO NOTHING`, c.Size, c.Note)
	return err
}
