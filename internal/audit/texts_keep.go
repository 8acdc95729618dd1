package audit

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"cmpconsole/internal/textindex"
)

// TextsEvery is how often a TextIndexer is meant to look for what it has not stored yet.
const TextsEvery = time.Second

// indexRoom is how much of the disk a text index leaves free: the log needs it more.
const indexRoom = 1 << 30

// TextIndexer keeps the texts of the log's older rows in a file, so that they are found without reading the rows. The file
// holds nothing that the rows do not, may be deleted while the console is stopped, and is then built anew, from the newest
// rows to the oldest.
type TextIndexer struct {
	log     *Log
	path    string
	room    func() (uint64, error)
	logger  *slog.Logger
	resting int // ticks to let pass, after a failure
}

// rest is how many ticks a TextIndexer lets pass when it failed.
const rest = 60

// NewTextIndexer returns the indexer of a log with its file. room tells how many bytes the disk has left.
func NewTextIndexer(log *Log, path string, room func() (uint64, error), logger *slog.Logger) *TextIndexer {
	return &TextIndexer{log: log, path: path, room: room, logger: logger}
}

// Run stores what is missing at every tick, until ctx ends. Why it cannot goes to the program's log, and texts are then found
// in the newest rows only.
func (x *TextIndexer) Run(ctx context.Context, tick <-chan time.Time) {
	defer x.close()
	for {
		if x.resting--; x.resting < 0 {
			x.try(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

func (x *TextIndexer) try(ctx context.Context) {
	if err := x.Store(ctx); err != nil && ctx.Err() == nil {
		x.logger.Error("texts of the audit log not indexed", "err", err)
		x.resting = rest
	}
}

// Store stores every full block that the file does not hold yet, the newest first.
func (x *TextIndexer) Store(ctx context.Context) error {
	if err := x.open(ctx); err != nil || x.log.texts.stored() == nil {
		return err
	}
	for {
		newest, err := x.log.newest(ctx)
		if err != nil {
			return err
		}
		if err := x.log.texts.catchUp(ctx, newest); err != nil {
			return err
		}
		number, b := x.log.texts.missing()
		if number < 0 {
			return nil
		}
		if err := x.storeBlock(ctx, number, b); err != nil {
			return err
		}
	}
}

// storeBlock stores a block that may be in memory. When it cannot be stored, memory gives it up nevertheless.
func (x *TextIndexer) storeBlock(ctx context.Context, number int64, b *textindex.Block) (err error) {
	defer x.log.texts.giveUp(number)
	if free, err := x.room(); err != nil || free < indexRoom {
		return errors.Join(errNoRoom, err)
	}
	if b == nil {
		if b, err = x.log.texts.build(ctx, number); err != nil {
			return err
		}
	}
	mark, err := x.mark(ctx, number)
	if err != nil {
		return err
	}
	return x.log.texts.stored().Append(number, mark, b)
}

var errNoRoom = errors.New("the disk is too full for the text index")

// mark is the hash of a block's last row, which commits to all rows before it; zeros when somebody took that row out.
func (x *TextIndexer) mark(ctx context.Context, number int64) (mark [textindex.OwnerBytes]byte, err error) {
	_, last := x.log.texts.bounds(number)
	var hash []byte
	err = x.log.db.Read().QueryRowContext(ctx, `SELECT hash FROM audit WHERE seq = ?`, last).Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	copy(mark[:], hash)
	return mark, err
}

// open opens the file, unless it is open or the log has no rows to tell whose it is.
func (x *TextIndexer) open(ctx context.Context) error {
	if x.log.texts.stored() != nil {
		return nil
	}
	var id string
	err := x.log.db.Read().QueryRowContext(ctx, `SELECT log_id FROM audit_log`).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	file, err := textindex.Open(x.path, [textindex.OwnerBytes]byte(genesis(id)), func(number int64, mark [textindex.OwnerBytes]byte) bool {
		is, err := x.mark(ctx, number)
		return err == nil && is == mark
	})
	if err == nil {
		x.log.texts.use(file)
	}
	return err
}

func (x *TextIndexer) close() {
	if file := x.log.texts.use(nil); file != nil {
		if err := file.Close(); err != nil {
			x.logger.Error("text index not closed", "err", err)
		}
	}
}

// use takes a file, or none, in the place of the one so far.
func (t *texts) use(file *textindex.File) (before *textindex.File) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before, t.file = t.file, file
	return before
}

func (t *texts) stored() *textindex.File {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.file
}

// missing is the newest full block that is not stored, and the block itself when it is in memory; -1 when there is none.
func (t *texts) missing() (int64, *textindex.Block) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	switch {
	case len(t.tail) > 1:
		return t.tail[0].number, t.tail[0].block
	case len(t.tail) == 0:
		return -1, nil
	}
	number := t.tail[0].number - 1
	for number >= 0 && t.file.Holds(number) {
		number--
	}
	return number, nil
}

// giveUp takes the oldest block out of memory.
func (t *texts) giveUp(number int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.tail) > 1 && t.tail[0].number == number {
		t.tail = t.tail[1:]
	}
}
