package audit

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"cmpconsole/internal/store"
)

// stored is a row as the table has it.
type stored struct {
	seq              int64
	body, prev, hash sql.RawBytes
	micros           int64
	of               sql.NullInt64
	copies           sql.RawBytes // JSON, in the order of searchCopies
	kept             []secret     // beside the row, or beside rows before it that are not there
}

// verifyColumns joins the search copies, because handing over seven columns takes longer than reading the row.
const verifyColumns = `seq, body, prev_hash, hash, time, of, json_array(actor, action, phase, outcome, device, order_id, request_id)`

// Rows travel in batches, for one at a time would cost more than it saves.
const (
	batchRows  = 256
	batchBytes = batchRows << 10
)

// batch holds rows together with the memory of their content, which it uses again and again.
type batch struct {
	rows   []stored
	strays []secret // beside rows behind the last one
	bytes  []byte
	last   bool // of its stretch
}

func newBatch() *batch {
	return &batch{rows: make([]stored, 0, batchRows), bytes: make([]byte, 0, batchBytes)}
}

func (b *batch) empty() { b.rows, b.strays, b.bytes, b.last = b.rows[:0], nil, b.bytes[:0], false }

// add copies a row, because the driver's slices hold until the next one only.
func (b *batch) add(s stored) {
	s.body, s.prev, s.hash, s.copies = b.keep(s.body), b.keep(s.prev), b.keep(s.hash), b.keep(s.copies)
	b.rows = append(b.rows, s)
}

func (b *batch) keep(field []byte) []byte {
	at := len(b.bytes)
	b.bytes = append(b.bytes, field...)
	return b.bytes[at:len(b.bytes):len(b.bytes)]
}

// stretchRows is how many rows a reader reads before the judge turns to another one's.
const stretchRows = 4 * batchRows

// lane is a reader and the batches that it has read ahead.
type lane struct {
	q           store.Querier
	values      bool // there may be some beside the rows
	empty, full chan *batch
	err         error // why it ended early; to be read when full is closed
}

func newLane(q store.Querier, values bool) *lane {
	const ahead = 2 * stretchRows / batchRows
	l := &lane{q: q, values: values, empty: make(chan *batch, ahead), full: make(chan *batch, ahead)}
	for range ahead {
		l.empty <- newBatch()
	}
	return l
}

// readRows judges the rows one after another, in memory that grows with the log by bits only, of the intents that have
// their outcome. Reading costs more than judging, so that several readers read ahead, a
// stretch each in turn; they end with it. All rows behind the row last are the first reader's.
func (v *verifier) readRows(ctx context.Context, readers []store.Querier, last int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stretches := int(max(last-v.from, 0)/stretchRows) + 1
	lanes := make([]*lane, len(readers))
	for i, q := range readers {
		lanes[i] = newLane(q, v.has["audit_secret"])
		go lanes[i].read(ctx, v.from, i, len(readers), stretches)
	}
	for n := stretches - 1; n >= 0; n-- { // counted from the end, which is the first reader's
		l := lanes[n%len(lanes)]
		if !v.judgeStretch(l) {
			cancel()
			for _, other := range lanes {
				other.drain()
			}
			return fmt.Errorf("read audit log after row %d: %w", v.last, l.err)
		}
	}
	return nil
}

// judgeStretch judges the rows of one stretch; false when its reader ended before.
func (v *verifier) judgeStretch(l *lane) bool {
	for b := range l.full {
		for i := range b.rows {
			v.judge(&b.rows[i])
		}
		v.stray(b.strays)
		last := b.last
		b.empty()
		l.empty <- b
		if last {
			return true
		}
	}
	return false
}

// drain takes what a reader still has, until it has ended.
func (l *lane) drain() {
	for b := range l.full {
		l.empty <- b
	}
}

// read reads every so-manieth stretch, counted from the end, the oldest first.
func (l *lane) read(ctx context.Context, from int64, mine, lanes, stretches int) {
	defer close(l.full)
	for n := stretches - 1; n >= 0; n-- {
		if n%lanes != mine {
			continue
		}
		first := from + int64(stretches-1-n)*stretchRows
		last := first + stretchRows - 1
		if first == 1 {
			first = math.MinInt64 // rows below 1 are wrong, and must be seen to be
		}
		if n == 0 {
			last = math.MaxInt64
		}
		if l.err = l.readStretch(ctx, first, last); l.err != nil {
			return
		}
	}
}

// readStretch reads the rows from first to last into empty batches and sends them off.
func (l *lane) readStretch(ctx context.Context, first, last int64) error {
	rows, err := l.q.QueryContext(ctx, `SELECT `+verifyColumns+` FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq`, first, last)
	if err != nil {
		return err
	}
	defer rows.Close()
	beside, err := readSecrets(ctx, l.q, first, last, l.values)
	if err != nil {
		return err
	}
	defer beside.Close() //nolint:errcheck // nothing was written
	var s stored
	b := <-l.empty
	for rows.Next() {
		if err := rows.Scan(&s.seq, &s.body, &s.prev, &s.hash, &s.micros, &s.of, &s.copies); err != nil {
			return err
		}
		if s.kept, err = beside.upTo(s.seq); err != nil {
			return err
		}
		if len(b.rows) == batchRows {
			l.full <- b
			b = <-l.empty
		}
		b.add(s)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	b.strays, err = beside.upTo(last)
	b.last = true
	l.full <- b
	return err
}
