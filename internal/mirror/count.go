package mirror

import (
	"cmp"
	"context"
	"slices"
	"time"

	api "cmpconsole/internal/cmp"
)

// Totals are the figures of the whole fleet.
type Totals struct {
	Devices, Gone int
	// By counts the devices that are not gone, by stage and by the status of their order ("": none). What the document
	// does not name is "?".
	By             map[api.Lifecycle]map[api.OrderStatus]int
	Oldest, Newest time.Time // the times at which the CMP confirmed one of them last
}

// Count tells how many devices match.
func (m *Mirror) Count(ctx context.Context, f Filter) (int, error) {
	c := m.columns.Load()
	p, err := m.plan(ctx, c, f)
	if err != nil {
		return 0, err
	}
	return m.counted.of(c, p), nil
}

// Totals counts the fleet. It reads counts and ages that are kept up to date.
func (m *Mirror) Totals(context.Context) (Totals, error) {
	c := m.columns.Load()
	t := Totals{By: map[api.Lifecycle]map[api.OrderStatus]int{}}
	for state, n := range c.tally {
		state := uint8(state)
		switch {
		case n == 0:
		case state&stateGone != 0:
			t.Gone += n
		default:
			t.Devices += n
			if t.By[stageOf(state)] == nil {
				t.By[stageOf(state)] = map[api.OrderStatus]int{}
			}
			t.By[stageOf(state)][statusOf(state)] += n
		}
	}
	t.Oldest, t.Newest = c.oldestAndNewest()
	return t, nil
}

// oldestAndNewest are those confirmations of the devices that are not gone.
func (c *columns) oldestAndNewest() (oldest, newest time.Time) {
	var all summary
	for _, a := range c.summaries {
		if a.oldest > 0 && (all.oldest == 0 || a.oldest < all.oldest) {
			all.oldest = a.oldest
		}
		all.newest = max(all.newest, a.newest)
	}
	if all.oldest == 0 {
		return time.Time{}, time.Time{}
	}
	return time.Unix(int64(all.oldest), 0).UTC(), time.Unix(int64(all.newest), 0).UTC()
}

// each visits the devices that a plan means.
func (c *columns) each(p *plan, visit func(f *facet, i int)) {
	var marks bitset
	for b, f := range c.facets {
		p.block(c, b, &marks)
		marks.each(func(i int) { visit(f, i) })
	}
}

// CodeCount is a package or a partner that devices have, by its code and the name that the CMP gives it.
type CodeCount struct {
	Code, Name string
	Devices    int
}

// Packages returns all packages of the fleet, those with the most devices first. It reads counts that are kept up to date.
func (m *Mirror) Packages() []CodeCount { return m.packages.counted(m.columns.Load().packs) }

// Partners returns all partners of the fleet in the same way.
func (m *Mirror) Partners() []CodeCount { return m.partners.counted(m.columns.Load().partners) }

// counted lists the entries that are in use; the name of a code is the one that most devices have.
func (d *dictionary) counted(counts []int) []CodeCount {
	d.mu.RLock()
	defer d.mu.RUnlock()
	byCode := map[string]*CodeCount{}
	most := map[string]int{}
	for k, devices := range counts {
		if k == 0 || devices == 0 {
			continue
		}
		n := d.names[int64(k)]
		p := byCode[n.Code]
		if p == nil {
			p = &CodeCount{Code: n.Code}
			byCode[n.Code] = p
		}
		p.Devices += devices
		if devices > most[n.Code] {
			p.Name, most[n.Code] = n.Name, devices
		}
	}
	list := make([]CodeCount, 0, len(byCode))
	for _, p := range byCode {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b CodeCount) int {
		return cmp.Or(cmp.Compare(b.Devices, a.Devices), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code))
	})
	return list
}
