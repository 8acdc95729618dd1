package mirror

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"

	"cmpconsole/internal/store"
)

// segment are devices that are kept together in the index. Their lists are written once and never changed: a device whose numbers change
// is kept anew in a later segment, and then has its home there.
type segment struct {
	k       int64
	many    int
	first   int64
	devices []uint32 // nil: they follow each other from the first on
}

// device is the one at a seat.
func (s segment) device(seat int) int64 {
	if s.devices == nil {
		return s.first + int64(seat)
	}
	return int64(s.devices[min(seat, len(s.devices)-1)])
}

// key is where the list of a run stands.
func (s segment) key(run int) int64 { return s.k<<runBits + int64(run) }

// home is how homes tell of it.
func (s segment) home() uint16 { return uint16(s.k) }

// runs is the search index at one moment. It is never changed: a writer replaces it with the columns.
type runs struct {
	segments []segment // in the order of their keys
	counts   []uint32  // how often each run is in the segments
	homes    homes
	young    young
	size     int   // how many devices are written together
	newest   int64 // key of a segment
	replaced int   // how often segments were put into one: the lists of those before may be gone
}

// loadRuns reads all but the lists.
func loadRuns(ctx context.Context, q store.Querier) (runs, error) {
	r := runs{size: segmentSize, homes: homes{}.draft()}
	if err := r.load(ctx, q); err != nil {
		return r, err
	}
	for _, s := range r.segments {
		r.homes.settle(s)
	}
	if err := q.QueryRowContext(ctx, `SELECT coalesce(max(k), 0) FROM segment`).Scan(&r.newest); err != nil {
		return r, err
	}
	var err error
	r.young, err = youngOf(ctx, q, segmentSize-1)
	for _, n := range r.young.devices {
		r.homes.move(int64(n), noHome)
	}
	return r, err
}

// load reads the segments that count.
func (r *runs) load(ctx context.Context, q store.Querier) error {
	r.segments, r.counts = nil, make([]uint32, runsInAll)
	rows, err := q.QueryContext(ctx, `SELECT k, many, first, devices, counts FROM segment WHERE many > 0 ORDER BY k`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var s segment
		var devices, counts sql.RawBytes
		if err := rows.Scan(&s.k, &s.many, &s.first, &devices, &counts); err != nil {
			return err
		}
		s.devices = unpack32(devices)
		if len(s.devices) != 0 && len(s.devices) != s.many || len(counts) != 4*runsInAll {
			return fmt.Errorf("segment %d: %w", s.k, errBlock)
		}
		for run := range r.counts {
			r.counts[run] += binary.LittleEndian.Uint32(counts[4*run:])
		}
		r.segments = append(r.segments, s)
	}
	return rows.Err()
}

func pack32(list []uint32) []byte {
	data := make([]byte, 0, 4*len(list))
	for _, v := range list {
		data = binary.LittleEndian.AppendUint32(data, v)
	}
	return data
}

func unpack32(data []byte) (list []uint32) {
	for ; len(data) >= 4; data = data[4:] {
		list = append(list, binary.LittleEndian.Uint32(data))
	}
	return list
}
