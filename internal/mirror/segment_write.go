package mirror

import (
	"context"

	"cmpconsole/internal/store"
)

// seal writes the young devices as a segment. There must be some.
func (r *runs) seal(ctx context.Context, q store.Querier) error {
	lists := make([]runList, runsInAll)
	for _, p := range r.young.postings {
		lists[p.run()].add(p.entry(), p.last())
	}
	s := r.reserve()
	counts, err := s.write(ctx, q, 0, lists)
	if err != nil {
		return err
	}
	if err := s.save(ctx, q, r.young.devices, counts); err != nil {
		return err
	}
	r.young = young{}
	if _, err := q.ExecContext(ctx, `DELETE FROM young`); err != nil {
		return err
	}
	if err := r.load(ctx, q); err != nil {
		return err
	}
	r.homes.settle(r.segments[len(r.segments)-1])
	return nil
}

// reserve is a new segment behind all others. None has the home of a device that is young.
func (r *runs) reserve() segment {
	if r.newest++; uint16(r.newest) == noHome {
		r.newest++
	}
	return segment{k: r.newest}
}

// write adds the lists of some runs, from one on, and tells how long they are.
func (s segment) write(ctx context.Context, q store.Querier, from int, lists []runList) (counts []uint32, err error) {
	counts = make([]uint32, len(lists))
	for i := range lists {
		l := &lists[i]
		if counts[i] = l.many; l.many == 0 {
			continue
		}
		if _, err := q.ExecContext(ctx, `INSERT INTO run (k, list) VALUES (?, ?)`, s.key(from+i), l.stored()); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// save notes whose lists they are. Before, none of them counts.
func (s segment) save(ctx context.Context, q store.Querier, devices, counts []uint32) error {
	first, list := devices[0], devices
	if follow(devices) {
		list = nil
	}
	_, err := q.ExecContext(ctx, `INSERT INTO segment (k, many, first, devices, counts) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (k) DO UPDATE SET (many, first, devices, counts) = (excluded.many, excluded.first, excluded.devices, excluded.counts)`,
		s.k, len(devices), first, pack32(list), pack32(counts))
	return err
}

func follow(devices []uint32) bool {
	for i, n := range devices {
		if n != devices[0]+uint32(i) {
			return false
		}
	}
	return true
}
