package mirror

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
)

const (
	firstSift     = 128    // devices that are compared first; a part that many have needs no more
	siftAtOnce    = 4096   // devices that are compared at once
	plenty        = 2048   // devices, of which some are compared before more is asked
	segmentsFirst = 1      // segments that are looked into first
	segmentsMost  = 16     // segments that are looked into at once
	mostOfOthers  = 5000   // devices that are looked at for a beginning, though other numbers of theirs have it
	mostOfKind    = 640    // devices that are looked at for a part in one kind of number: the first two steps
	maxPart       = 50_000 // devices that may be looked at for a part
	scanFrom      = 10_000 // of a part of digits that more may have, all devices are looked at: that is quicker than one by one
)

// candidates are the devices that the index finds, some segments at a time. It holds no connection while they are compared: those who
// search at the same moment would wait for each other's. All come once more when segments were put into one meanwhile: their lists may have gone
// before they were read.
func (m *Mirror) candidates(ctx context.Context, q question) iter.Seq2[[]int64, error] {
	return func(yield func([]int64, error) bool) {
		r := &m.columns.Load().runs
		left, step := r.segments, segmentsFirst
		for len(left) > 0 {
			some := left[:min(step, len(left))]
			left, step = left[len(some):], min(2*step, segmentsMost)
			for ns, err := range m.inSegments(ctx, r, some, q) {
				if !yield(ns, err) {
					return
				}
			}
			if now := &m.columns.Load().runs; now.replaced != r.replaced {
				r, left, step = now, now.segments, segmentsFirst
			}
		}
		if ns := r.young.find(q); len(ns) > 0 {
			yield(ns, nil)
		}
	}
}

// inSegments looks into some segments, which are in the order of their keys, for one run after the other. Of many it gives a few before it looks for
// more runs: when these have the part, no others may be needed.
func (m *Mirror) inSegments(ctx context.Context, r *runs, segments []segment, q question) iter.Seq2[[]int64, error] {
	return func(yield func([]int64, error) bool) {
		var found [][]entry
		var err error
		for i, runs := range q.steps() {
			if i > 0 && !worthMore(found) {
				break
			}
			if i == 1 && total(found) > plenty && !yield(r.few(segments, found), nil) {
				return
			}
			if found, err = m.step(ctx, segments, runs, q, found); err != nil {
				yield(nil, fmt.Errorf("ask the search index: %w", err))
				return
			}
		}
		if total(found) > 0 {
			yield(r.stay(segments, found), nil)
		}
	}
}

// few takes the first devices out of what was found in the segment that has most.
func (r *runs) few(segments []segment, found [][]entry) []int64 {
	most := 0
	for i := range found {
		if len(found[i]) > len(found[most]) {
			most = i
		}
	}
	first := min(firstSift, len(found[most]))
	ns := r.stay(segments[most:most+1], [][]entry{found[most][:first]})
	found[most] = found[most][first:]
	return ns
}

// stay are the devices that were found in segments and have their home there.
func (r *runs) stay(segments []segment, found [][]entry) (ns []int64) {
	for i, s := range segments {
		for _, seat := range seats(found[i]) {
			if n := s.device(seat); r.homes.of(n) == s.home() {
				ns = append(ns, n)
			}
		}
	}
	return ns
}

func total(found [][]entry) (n int) {
	for _, list := range found {
		n += len(list)
	}
	return n
}

// worthMore tells whether another run is asked for: to compare a device takes as long as to look into two segments, or a few as one question.
func worthMore(found [][]entry) bool {
	segments := 0
	for _, list := range found {
		if len(list) > 0 {
			segments++
		}
	}
	return total(found) > max(8, 2*segments)
}

// step leaves, of what was found in each of the segments, those that have a run; at first, all that have it.
func (m *Mirror) step(ctx context.Context, segments []segment, runs []wanted, q question, found [][]entry) ([][]entry, error) {
	keys, left := make([]int64, 0, len(segments)*len(runs)), make([][]entry, len(segments))
	for i, s := range segments {
		for _, w := range runs {
			if found == nil || len(found[i]) > 0 {
				keys = append(keys, s.key(w.run))
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rows, err := m.by.lists.QueryContext(context.WithoutCancel(ctx), jsonOf(keys)) // a lookup: see store.DB.Lookup
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		var list sql.RawBytes
		if err := rows.Scan(&key, &list); err != nil {
			return nil, err
		}
		in, _ := slices.BinarySearchFunc(segments, key>>runBits, func(s segment, k int64) int { return int(s.k - k) })
		w := runs[slices.IndexFunc(runs, func(w wanted) bool { return int64(w.run) == key&(runsInAll-1) })]
		if found != nil {
			left[in] = alsoIn(found[in], list, w)
		} else {
			left[in] = union(left[in], decode(list, w, q.kinds))
		}
	}
	return left, rows.Err()
}

const listsByKey = `SELECT k, list FROM run WHERE k IN (SELECT value FROM json_each(?))`

// sift goes through what the index finds in steps that grow, until visit has had enough. It looks at so many devices at most, and
// tells whether there may be others.
func (m *Mirror) sift(ctx context.Context, q question, step, left int, visit func(ns []int64) (more bool, err error)) (cut bool, err error) {
	for ns, err := range m.candidates(ctx, q) {
		if err != nil {
			return false, err
		}
		for len(ns) > 0 {
			if left <= 0 {
				return true, nil
			}
			part := ns[:min(step, left, len(ns))]
			if more, err := visit(part); err != nil || !more {
				return false, err
			}
			if len(part) == step {
				step = min(4*step, siftAtOnce)
			}
			ns, left = ns[len(part):], left-len(part)
		}
	}
	return false, nil
}
