package mirror

import (
	"context"
	"database/sql"
	"slices"

	"cmpconsole/internal/store"
)

// seal writes the young devices as a segment. There must be some.
func (r *runs) seal(ctx context.Context, q store.Querier) error {
	if err := r.write(ctx, q, &r.young); err != nil {
		return err
	}
	r.young = young{}
	_, err := q.ExecContext(ctx, `DELETE FROM young`)
	return err
}

// write adds a segment of devices.
func (r *runs) write(ctx context.Context, q store.Querier, of *young) error {
	lists := make([]runList, runsInAll)
	for _, p := range of.postings {
		lists[p.run()].add(p.entry(), p.last())
	}
	return r.add(ctx, q, of.devices, lists)
}

// add writes a segment behind all others.
func (r *runs) add(ctx context.Context, q store.Querier, devices []uint32, lists []runList) error {
	s := segment{k: 1, many: len(devices), first: int64(devices[0])}
	if many := len(r.segments); many > 0 {
		s.k = r.segments[many-1].k + 1
	}
	for i, n := range devices {
		if n != devices[0]+uint32(i) {
			s.devices = devices
			break
		}
	}
	counts, all := make([]uint32, runsInAll), slices.Clone(r.counts)
	for run := range lists {
		l := &lists[run]
		if l.many == 0 {
			continue
		}
		counts[run] = l.many
		all[run] += l.many
		if _, err := q.ExecContext(ctx, `INSERT INTO run (k, list) VALUES (?, ?)`, s.key(run), l.stored()); err != nil {
			return err
		}
	}
	r.segments, r.counts = append(slices.Clip(r.segments), s), all
	_, err := q.ExecContext(ctx, `INSERT INTO segment (k, many, first, devices, counts) VALUES (?, ?, ?, ?, ?)`, s.k, s.many, s.first, pack32(s.devices), pack32(counts))
	return err
}

// merge makes one segment of some.
func (r *runs) merge(ctx context.Context, q store.Querier, some []segment) error {
	lists, devices := make([]runList, runsInAll), []uint32{}
	for _, s := range some {
		rows, err := q.QueryContext(ctx, `SELECT k, list FROM run WHERE k >= ? AND k < ?`, s.key(0), s.key(runsInAll))
		if err != nil {
			return err
		}
		if err := takeOver(lists, rows, len(devices)); err != nil {
			return err
		}
		for place := range s.many {
			devices = append(devices, uint32(s.device(place)))
		}
	}
	if err := r.add(ctx, q, devices, lists); err != nil {
		return err
	}
	return r.forget(ctx, q, some)
}

// takeOver adds the lists of a segment, whose places begin at one.
func takeOver(lists []runList, rows *sql.Rows, begin int) error {
	defer rows.Close()
	for rows.Next() {
		var key int64
		var stored sql.RawBytes
		if err := rows.Scan(&key, &stored); err != nil {
			return err
		}
		l := &lists[key&(runsInAll-1)]
		last, others := openList(stored)
		for last.next() {
			l.add(last.value+entry(begin<<kindBits), true)
		}
		for others.next() {
			l.add(others.value+entry(begin<<kindBits), false)
		}
	}
	return rows.Err()
}

// forget leaves out segments. Their lists stay until they are swept away.
func (r *runs) forget(ctx context.Context, q store.Querier, some []segment) error {
	for _, s := range some {
		if _, err := q.ExecContext(ctx, `UPDATE segment SET many = 0 WHERE k = ?`, s.k); err != nil {
			return err
		}
	}
	r.replaced++
	return r.load(ctx, q)
}
