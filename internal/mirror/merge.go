package mirror

import (
	"context"
	"database/sql"
	"slices"
)

const (
	mergeFrom  = 4    // segments that are put into one
	mergedMost = 4    // times as many devices as are written together: a part that very many have is found in the first, and should not have to read much
	runsAtOnce = 1024 // lists that one transaction writes, so that others come to write between two
)

// merge is under way: some segments become one, without the devices that have their home elsewhere by now.
type merge struct {
	*Mirror
	of      []segment
	seats   [][]int // new ones by the old, -1 for who is left out
	devices []uint32
	counts  []uint32
	to      segment
}

// mergeAll puts neighbours together as long as there are enough small ones.
func (m *Mirror) mergeAll(ctx context.Context) error {
	for {
		r := &m.columns.Load().runs
		some := r.small()
		if some == nil {
			return nil
		}
		if err := m.merge(ctx, r, some); err != nil {
			return err
		}
		if err := m.sweep(ctx); err != nil {
			return err
		}
	}
}

// small are neighbours that fit into one segment: enough of them, or such as are half empty.
func (r *runs) small() []segment {
	left := make([]int, len(r.segments))
	for i, s := range r.segments {
		for seat := range s.many {
			if r.homes.of(s.device(seat)) == s.home() {
				left[i]++
			}
		}
	}
	for i := range r.segments {
		many, stay, end := 0, 0, i
		for end < len(left) && stay+left[end] <= mergedMost*r.size {
			many, stay, end = many+r.segments[end].many, stay+left[end], end+1
		}
		if end-i >= mergeFrom || end > i && many >= 2*stay {
			return r.segments[i:end]
		}
	}
	return nil
}

// merge reads beside those who write, and writes a part of the lists at a time. None counts before all are there.
func (m *Mirror) merge(ctx context.Context, r *runs, some []segment) error {
	w := merge{Mirror: m, of: some}
	w.take(&r.homes)
	err := m.amendRuns(ctx, func(tx *sql.Tx, r *runs) error {
		w.to = r.reserve()
		_, err := tx.ExecContext(ctx, `INSERT INTO segment (k, many, first, devices, counts) VALUES (?, 0, 0, x'', x'')`, w.to.k)
		return err
	})
	for from := 0; err == nil && from < runsInAll; from += runsAtOnce {
		err = w.copyRuns(ctx, from)
	}
	if err != nil {
		return err
	}
	return m.amendRuns(ctx, func(tx *sql.Tx, r *runs) error { return w.end(ctx, tx, r) })
}

// take gives new seats to the devices that stay.
func (w *merge) take(homes *homes) {
	for _, s := range w.of {
		seats := make([]int, s.many)
		for seat := range seats {
			n := s.device(seat)
			if seats[seat] = -1; homes.of(n) == s.home() {
				seats[seat] = len(w.devices)
				w.devices = append(w.devices, uint32(n))
			}
		}
		w.seats = append(w.seats, seats)
	}
}

func (w *merge) copyRuns(ctx context.Context, from int) error {
	lists := make([]runList, runsAtOnce)
	for i, s := range w.of {
		rows, err := w.db.Read().QueryContext(ctx, `SELECT k, list FROM run WHERE k >= ? AND k < ?`, s.key(from), s.key(from+runsAtOnce))
		if err != nil {
			return err
		}
		if err := takeOver(lists, rows, s.key(from), w.seats[i]); err != nil {
			return err
		}
	}
	return w.amendRuns(ctx, func(tx *sql.Tx, _ *runs) error {
		counts, err := w.to.write(ctx, prepare(tx), from, lists)
		w.counts = append(w.counts, counts...)
		return err
	})
}

// takeOver adds the lists of a segment, whose keys begin at one, with new seats.
func takeOver(lists []runList, rows *sql.Rows, first int64, seats []int) error {
	defer rows.Close()
	for rows.Next() {
		var key int64
		var stored sql.RawBytes
		if err := rows.Scan(&key, &stored); err != nil {
			return err
		}
		last, others := openList(stored)
		for i, r := range []*reader{&last, &others} {
			for r.next() {
				if seat := r.value.seat(); seat < len(seats) && seats[seat] >= 0 {
					lists[key-first].add(entry(seats[seat]<<kindBits|r.value.kind()), i == 0)
				}
			}
		}
	}
	return rows.Err()
}

// end makes the new segment count and the others not. Who left one of them meanwhile has no home in it.
func (w *merge) end(ctx context.Context, tx *sql.Tx, r *runs) error {
	if len(w.devices) > 0 {
		if err := w.to.save(ctx, tx, w.devices, w.counts); err != nil {
			return err
		}
	}
	for _, s := range w.of {
		if _, err := tx.ExecContext(ctx, `UPDATE segment SET many = 0 WHERE k = ?`, s.k); err != nil {
			return err
		}
	}
	for _, n := range w.devices {
		home := r.homes.of(int64(n))
		if slices.ContainsFunc(w.of, func(s segment) bool { return s.home() == home }) {
			r.homes.move(int64(n), w.to.home())
		}
	}
	r.replaced++
	return r.load(ctx, tx)
}
