package mirror

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"cmpconsole/internal/fault"
)

// set are devices that no column tells apart: those with a label, of a selection, or with a part in a number.
type set struct {
	blocks  map[int]*bitset
	refused error // there are too many to tell
}

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

// keptSets is how many sets are kept for the next page.
const keptSets = 16

// sets keeps those that were asked for last. They hold for one state of the facts, and until they are forgotten: what was read
// before either changed is not kept after it.
type sets struct {
	mu       sync.Mutex
	revision uint64
	forgot   uint64 // how often
	kept     map[string]*set
}

// Reselected tells that what is in a selection has changed.
func (m *Mirror) Reselected() { m.sets.forget() }

func (s *sets) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept, s.forgot = nil, s.forgot+1
}

// of returns the sets that a filter asks for, of one state of the facts.
func (s *sets) of(ctx context.Context, m *Mirror, revision uint64, f Filter) (list []*set, err error) {
	type asked struct {
		kind, value string
		read        func(context.Context, string) (*set, error)
	}
	all := []asked{{"in", f.In, m.members}, {"part", f.Part, m.containing}}
	for _, name := range f.Labels {
		all = append(all, asked{"label", name, m.labelled})
	}
	for _, one := range all {
		if one.value == "" {
			continue
		}
		set, err := s.get(revision, one.kind+" "+one.value, func() (*set, error) { return one.read(ctx, one.value) })
		if err == nil {
			err = set.refused
		}
		if err != nil {
			return nil, err
		}
		list = append(list, set)
	}
	return list, nil
}

func (s *sets) get(revision uint64, key string, read func() (*set, error)) (*set, error) {
	kept, forgot := s.look(revision, key)
	if kept != nil {
		return kept, nil
	}
	made, err := read()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revision != revision || s.forgot != forgot {
		return made, nil
	}
	if s.kept == nil || len(s.kept) >= keptSets {
		s.kept = map[string]*set{}
	}
	s.kept[key] = made
	return made, nil
}

// look returns a set that is kept, and how often sets were forgotten before.
func (s *sets) look(revision uint64, key string) (*set, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.revision < revision {
		s.revision, s.kept = revision, nil
	}
	if s.revision > revision {
		return nil, s.forgot
	}
	return s.kept[key], s.forgot
}

func (m *Mirror) labelled(ctx context.Context, name string) (*set, error) {
	ns, err := m.numbersOf(ctx, `SELECT n FROM label WHERE name = ?`, name)
	return newSet(ns), err
}

func (m *Mirror) members(ctx context.Context, selection string) (*set, error) {
	if m.Members == nil {
		return newSet(nil), nil
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
	return newSet(list), nil
}

// containing finds the devices with a part in one of their numbers: each is compared, so that the count is true.
func (m *Mirror) containing(ctx context.Context, part string) (*set, error) {
	if len(folded(part)) < MinPart {
		return nil, fault.New(fault.Invalid, fmt.Sprintf("Type at least %d letters or digits of a number.", MinPart))
	}
	most := maxPart
	if allDigits(part) {
		most = scanFrom
	}
	var found []int64
	many, err := m.sift(ctx, m.columns.Load().runs.ask(part, inside, nil), siftAtOnce, most, func(ns []int64) (bool, error) {
		hits, err := m.compared(ctx, ns, part, len(ns), best)
		for _, h := range hits {
			found = append(found, h.Device.n)
		}
		return true, err
	})
	if many && allDigits(part) {
		found, err = m.numbersOf(ctx, `SELECT n FROM device WHERE `+hasDigits, part)
		many = false
	}
	made := newSet(found)
	if many {
		made.refused = fault.New(fault.Invalid, fmt.Sprintf("More than %d devices may have “%s” in a number. Type more of it.", maxPart, part))
	}
	return made, err
}
