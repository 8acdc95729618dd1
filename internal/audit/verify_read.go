package audit

import (
	"context"
	"database/sql"
	"errors"
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
}

func newBatch() *batch {
	return &batch{rows: make([]stored, 0, batchRows), bytes: make([]byte, 0, batchBytes)}
}

func (b *batch) empty() { b.rows, b.strays, b.bytes = b.rows[:0], nil, b.bytes[:0] }

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

// readRows judges the rows one after another, in memory that does not grow with the log. Reading costs more
// than judging, so a goroutine that ends with it reads ahead.
func (v *verifier) readRows(ctx context.Context, q store.Querier) error {
	read, used := make(chan *batch), make(chan *batch, 2)
	used <- newBatch()
	used <- newBatch()
	var err error
	go func() {
		defer close(read)
		err = readBatches(ctx, q, v.from, used, read)
	}()
	for b := range read {
		for i := range b.rows {
			v.judge(&b.rows[i])
		}
		v.stray(b.strays)
		b.empty()
		used <- b
	}
	if err != nil {
		return fmt.Errorf("read audit log after row %d: %w", v.last, err)
	}
	return nil
}

// readBatches reads the rows from seq on into empty batches and sends them off full.
func readBatches(ctx context.Context, q store.Querier, from int64, empty <-chan *batch, full chan<- *batch) error {
	if from == 1 {
		from = math.MinInt64 // rows below 1 are wrong, and must be seen to be
	}
	rows, err := q.QueryContext(ctx, `SELECT `+verifyColumns+` FROM audit WHERE seq >= ? ORDER BY seq`, from)
	if err != nil {
		return err
	}
	defer rows.Close()
	beside, err := readSecrets(ctx, q, from)
	if err != nil {
		return err
	}
	defer beside.Close()
	var s stored
	b := <-empty
	for rows.Next() {
		if err := rows.Scan(&s.seq, &s.body, &s.prev, &s.hash, &s.micros, &s.of, &s.copies); err != nil {
			return err
		}
		if s.kept, err = beside.upTo(s.seq); err != nil {
			return err
		}
		if b.add(s); len(b.rows) == batchRows {
			full <- b
			b = <-empty
		}
	}
	b.strays, err = beside.upTo(math.MaxInt64)
	full <- b
	return errors.Join(rows.Err(), err)
}
