package audit

import (
	"context"
	"fmt"
	"sync"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
	"cmpconsole/internal/textindex"
)

// texts finds rows by any text in them. The newest block of rows is kept in memory and catches up with the log at every look;
// the others stand in a file, which a TextIndexer fills.
type texts struct {
	db *store.DB
	blocks
	mu   sync.RWMutex
	tail []part // in memory, oldest first; all but the last are full
	read int64  // the newest row in them
	file *textindex.File
}

// part is a block of rows in memory.
type part struct {
	number int64
	block  *textindex.Block
}

// blocks is how many rows a block has.
type blocks int64

// of is the number of the block that a row is in.
func (b blocks) of(seq int64) int64 { return (seq - 1) / int64(b) }

// bounds are the first and last row of a block.
func (b blocks) bounds(number int64) (first, last int64) {
	return number*int64(b) + 1, (number + 1) * int64(b)
}

// place is where in its block a row is.
func (b blocks) place(seq int64) uint16 { return uint16((seq - 1) % int64(b)) }

// terms are the texts of a row. The fields that filters compare have their number in columns, all others the same one.
func terms(r *Row) []textindex.Term {
	t := make([]textindex.Term, 0, 16+len(r.Detail))
	for i, text := range []string{r.Actor, string(r.Action), r.Outcome, r.Device, r.Order} {
		t = append(t, textindex.Term{Field: byte(i), Text: text})
	}
	for _, text := range []string{r.Roles, string(r.Phase), r.Reason, r.UpstreamCode, r.UpstreamMessage, r.RequestID, r.IP, r.Session} {
		t = append(t, textindex.Term{Field: byte(len(columns)), Text: text})
	}
	for _, d := range r.Detail {
		t = append(t, textindex.Term{Field: byte(len(columns)), Text: d.Key + "=" + d.Value})
	}
	return t
}

// ErrShortText answers a text that is too short to be looked for.
var ErrShortText = fault.New(fault.Invalid, "The text to look for needs at least three letters or digits, or one Chinese character.")

func (f Filter) query() (textindex.Query, error) {
	q := textindex.Query{Text: f.Text}
	for i, value := range f.values() {
		if value != "" {
			q.Exact = append(q.Exact, textindex.Term{Field: byte(i), Text: value})
		}
	}
	if len(textindex.Fold(f.Text)) < textindex.MinText {
		return q, ErrShortText
	}
	return q, nil
}

// maxTail is how many blocks memory keeps when they cannot be stored.
const maxTail = 3

// readPage is how many rows are read at a time, so that no reading keeps the write-ahead log from being shortened.
const readPage = 2000

// catchUp reads what was appended since the last look.
func (t *texts) catchUp(ctx context.Context, newest int64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tail == nil && newest > 0 {
		first, _ := t.bounds(t.of(newest))
		t.tail, t.read = []part{{t.of(newest), textindex.NewBlock()}}, first-1
	}
	for t.read < newest {
		last := t.tail[len(t.tail)-1]
		if _, end := t.bounds(last.number); t.read == end {
			last = part{last.number + 1, textindex.NewBlock()}
			t.tail = append(t.tail, last)
		}
		_, end := t.bounds(last.number)
		read, err := t.fill(ctx, last.block, t.read, min(end, newest, t.read+readPage))
		if err != nil {
			return err
		}
		t.read = read
	}
	if len(t.tail) > maxTail {
		t.tail = t.tail[1:]
	}
	return nil
}

// fill adds the rows behind one row up to another to their block, and returns the last one.
func (t *texts) fill(ctx context.Context, b *textindex.Block, after, last int64) (int64, error) {
	rows, err := selectRows(ctx, t.db.Read(), " NOT INDEXED WHERE seq > ? AND seq <= ? ORDER BY seq", after, last)
	if err != nil {
		return after, err
	}
	for i := range rows {
		b.Add(t.place(rows[i].Seq), terms(&rows[i]))
	}
	return last, nil
}

// build reads a whole block.
func (t *texts) build(ctx context.Context, number int64) (*textindex.Block, error) {
	b := textindex.NewBlock()
	first, last := t.bounds(number)
	for read := first - 1; read < last; {
		var err error
		if read, err = t.fill(ctx, b, read, min(last, read+readPage)); err != nil {
			return nil, fmt.Errorf("read rows for the text index: %w", err)
		}
	}
	return b, nil
}

// reach returns the oldest row that texts are found in: all newer ones are at hand.
func (t *texts) reach() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if t.tail == nil {
		return 1
	}
	number := t.tail[0].number
	for number > 0 && t.file != nil && t.file.Holds(number-1) {
		number--
	}
	first, _ := t.bounds(number)
	return first
}

// find returns the rows of a block that the query asks for; there is false when the block is not at hand.
func (t *texts) find(number int64, q textindex.Query) (set *textindex.Set, there bool, err error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for _, p := range t.tail {
		if p.number == number {
			return p.block.Find(q), true, nil
		}
	}
	if t.file == nil || !t.file.Holds(number) {
		return nil, false, nil
	}
	set, err = t.file.Find(number, q)
	return set, true, err
}

// reading is room for one block that is in no index yet.
type reading struct {
	number int64
	block  *textindex.Block
}

// find reads the block, unless it is the one at hand, and looks into it.
func (r *reading) find(ctx context.Context, t *texts, number int64, q textindex.Query) (*textindex.Set, error) {
	if r.block == nil || r.number != number {
		b, err := t.build(ctx, number)
		if err != nil {
			return nil, err
		}
		r.number, r.block = number, b
	}
	return r.block.Find(q), nil
}
