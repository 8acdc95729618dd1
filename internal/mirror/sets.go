package mirror

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"cmpconsole/internal/fault"
)

// set are devices that no column tells apart: those with a label, of a selection, or with a part in a number.
type set struct{ blocks map[int]*bitset }

func newSet(ns []int64) *set {
	s := &set{blocks: map[int]*bitset{}}
	for _, n := range ns {
		b, i := at(n)
		if s.blocks[b] == nil {
			s.blocks[b] = &bitset{}
		}
		s.blocks[b][i/64] |= 1 << (i % 64)
	}
	return s
}

// keep takes out the marks of devices that are not in the set.
func (s *set) keep(b int, marks *bitset) {
	own := s.blocks[b]
	if own == nil {
		*marks = bitset{}
		return
	}
	for w := range marks {
		marks[w] &= own[w]
	}
}

const (
	keptSets = 16     // sets that are kept for the next page
	maxPart  = 50_000 // devices that may be looked at for a part
)

// sets keeps those that were asked for last. They hold for one state of the facts and labels.
type sets struct {
	mu       sync.Mutex
	revision uint64
	kept     map[string]*set
}

// Reselected tells that what is in a selection has changed.
func (m *Mirror) Reselected() { m.sets.forget() }

func (s *sets) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
}

// of returns the sets that a filter asks for.
func (s *sets) of(ctx context.Context, m *Mirror, f Filter) (list []*set, err error) {
	for _, one := range []struct {
		kind, value string
		read        func(context.Context, string) ([]int64, error)
	}{{"label", f.Label, m.labelled}, {"in", f.In, m.members}, {"part", f.Part, m.containing}} {
		if one.value == "" {
			continue
		}
		set, err := s.get(m.columns.Load().revision, one.kind+" "+one.value, func() ([]int64, error) { return one.read(ctx, one.value) })
		if err != nil {
			return nil, err
		}
		list = append(list, set)
	}
	return list, nil
}

func (s *sets) get(revision uint64, key string, read func() ([]int64, error)) (*set, error) {
	s.mu.Lock()
	if s.revision != revision || len(s.kept) >= keptSets {
		s.kept = nil
	}
	kept := s.kept[key]
	s.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	ns, err := read()
	if err != nil {
		return nil, err
	}
	made := newSet(ns)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept, s.revision = map[string]*set{}, revision
	}
	s.kept[key] = made
	return made, nil
}

func (m *Mirror) labelled(ctx context.Context, name string) ([]int64, error) {
	return m.numbersOf(ctx, `SELECT n FROM label WHERE name = ?`, name)
}

func (m *Mirror) members(ctx context.Context, selection string) ([]int64, error) {
	if m.Members == nil {
		return nil, nil
	}
	ids, err := m.Members(ctx, selection)
	if err != nil {
		return nil, err
	}
	var list []int64
	for part := range slices.Chunk(ids, 1000) {
		ns, err := m.numbersOf(ctx, `SELECT n FROM device WHERE id IN (SELECT value FROM json_each(?))`, jsonOf(part))
		if err != nil {
			return nil, err
		}
		list = append(list, ns...)
	}
	return list, nil
}

// containing finds the devices with a part in one of their numbers: each is compared, so that the count is true.
func (m *Mirror) containing(ctx context.Context, part string) ([]int64, error) {
	if len(part) < MinPart {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("Type at least %d letters or digits of a number.", MinPart))
	}
	count, err := m.grams.common(ctx, m)
	if err != nil {
		return nil, err
	}
	var found, batch []int64
	compare := func() error {
		hits, err := m.compared(ctx, batch, part)
		for _, h := range hits {
			found = append(found, h.Device.n)
		}
		batch = batch[:0]
		return err
	}
	seen := 0
	err = candidates(ctx, m.db.Read(), match(part, inside, count), func(n int64) (bool, error) {
		if seen++; seen > maxPart {
			return false, fault.New(fault.Invalid, fmt.Sprintf("More than %d devices may have %q in a number. Type more of it.", maxPart, part))
		}
		if batch = append(batch, n); len(batch) < 500 {
			return true, nil
		}
		return true, compare()
	})
	if err != nil {
		return nil, err
	}
	return found, compare()
}

func (m *Mirror) numbersOf(ctx context.Context, query string, args ...any) ([]int64, error) {
	rows, err := m.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}
