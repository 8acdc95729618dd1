package mirror

import "sync"

// counted keeps the counts that were asked for last: they hold until a fact changes. A filter by age or by a set is
// counted anew each time.
type counted struct {
	mu       sync.Mutex
	revision uint64
	counts   map[string]int
}

const keptCounts = 256

func (k *counted) of(c *columns, p *plan) int {
	if p.before > 0 || len(p.sets) > 0 {
		return c.count(p)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.revision != c.revision || len(k.counts) >= keptCounts || k.counts == nil {
		k.revision, k.counts = c.revision, map[string]int{}
	}
	n, ok := k.counts[p.key]
	if !ok {
		n = c.count(p)
		k.counts[p.key] = n
	}
	return n
}

func (c *columns) count(p *plan) (n int) {
	var marks bitset
	for b := range c.facets {
		p.block(c, b, &marks)
		n += marks.count()
	}
	return n
}
