package mirror

import (
	"context"
	"fmt"
	"slices"

	"cmpconsole/internal/store"
)

// segmentSize is how many devices are written together.
const segmentSize = 1 << seatBits

// young are the devices that no segment has yet, or not with their newest numbers. They are few enough to be looked through. A writer
// appends to what others read: nobody looks behind the end that he was given.
type young struct {
	devices  []uint32
	postings []posting // of one device after the other
}

// add takes in a device. There must be room for it.
func (y *young) add(n int64, numbers []number) {
	y.postings = post(y.postings, len(y.devices), numbers)
	y.devices = append(y.devices, uint32(n))
}

// find are the devices that a question asks for.
func (y *young) find(q question) (ns []int64) {
	var found []entry
	for i, list := range y.lists(q) {
		if i == 0 || q.any {
			found = union(found, list)
		} else {
			found = both(found, list)
		}
	}
	for _, seat := range seats(found) {
		ns = append(ns, int64(y.devices[seat]))
	}
	return ns
}

// lists are the entries of each run that is asked for.
func (y *young) lists(q question) [][]entry {
	var slots [runsInAll]uint8
	for i, w := range q.runs {
		slots[w.run] = uint8(i + 1)
	}
	lists := make([][]entry, len(q.runs))
	for _, p := range y.postings {
		slot := slots[p.run()]
		if slot > 0 && (p.last() || !q.runs[slot-1].last) && q.kinds.has(p.entry()) {
			lists[slot-1] = append(lists[slot-1], p.entry())
		}
	}
	for _, list := range lists {
		slices.Sort(list) // of a device, those of numbers that end with the run stand by themselves
	}
	return lists
}

// youngOf reads the numbers of the devices that are young, so many at most.
func youngOf(ctx context.Context, q store.Querier, most int) (y young, err error) {
	rows, err := q.QueryContext(ctx, `SELECT `+numberColumns+` FROM (SELECT n FROM young LIMIT ?) CROSS JOIN device USING (n) ORDER BY n`, most)
	if err != nil {
		return y, fmt.Errorf("read devices: %w", err)
	}
	err = eachRow(rows, (*row).numberTargets, func(r *row) (more bool) {
		y.add(r.n, r.numbers())
		return true
	})
	return y, err
}

// saveYoung notes which devices are young, so that they are found after a start too.
func saveYoung(ctx context.Context, q store.Querier, ns []int64) error {
	if len(ns) == 0 {
		return nil
	}
	_, err := q.ExecContext(ctx, `INSERT INTO young (n) SELECT value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`, jsonOf(ns))
	return err
}
