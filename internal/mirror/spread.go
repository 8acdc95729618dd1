package mirror

import (
	"context"
	"time"
)

// Date is one of the two dates that a device is waiting for.
type Date int

// The dates.
const (
	Expiry   Date = iota // of the current order
	StageEnd             // of the lifecycle's stage
)

// Spread holds how many devices have each stage, order status and day of a date, so that any number of counts by these
// takes one pass. Days before its first and after its last are not told apart.
type Spread struct {
	first  uint16
	counts [64][]int // by stage and status; of each: without the date, before the first day, each day, later
}

// stageAndStatus are the bits of a state that a spread tells apart.
const stageAndStatus = 1<<6 - 1

// Spread counts the devices that match, by a date of theirs: so many days from a first one on, each by itself.
func (m *Mirror) Spread(ctx context.Context, f Filter, by Date, first time.Time, days int) (*Spread, error) {
	c := m.columns.Load()
	p, err := m.plan(ctx, c, f)
	if err != nil {
		return nil, err
	}
	s := &Spread{first: dayOf(first)}
	c.each(p, func(f *facet, i int) {
		day := f.ends.at(i)
		if by == Expiry {
			day = f.expires.at(i)
		}
		counts := &s.counts[f.state[i]&stageAndStatus]
		if *counts == nil {
			*counts = make([]int, days+3)
		}
		(*counts)[s.place(day, days)]++
	})
	return s, nil
}

// place is where a day is counted.
func (s *Spread) place(day uint16, days int) int {
	switch {
	case day == 0:
		return 0
	case day < s.first:
		return 1
	}
	return 2 + min(int(day-s.first), days)
}

// Count tells how many have a stage and status that a filter asks for, and a date within days. Nothing else of the filter counts.
func (s *Spread) Count(f Filter, within Days) (n int) {
	f = Filter{Lifecycles: f.Lifecycles, Statuses: f.Statuses, NoOrder: f.NoOrder}
	from, until := within.bounds()
	for state, counts := range s.counts {
		if counts == nil || !f.wants(uint8(state)) || until < from {
			continue
		}
		days := len(counts) - 3
		begin, end := s.place(from, days), s.place(until, days)
		if within.open() {
			begin = 0
		}
		for _, count := range counts[begin : end+1] {
			n += count
		}
	}
	return n
}
