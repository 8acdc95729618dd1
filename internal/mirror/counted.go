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
	if n, ok := k.look(c.revision, p.key); ok {
		return n
	}
	n := c.count(p)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.revision == c.revision {
		k.counts[p.key] = n
	}
	return n
}

func (k *counted) look(revision uint64, key string) (n int, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.counts == nil || k.revision < revision || len(k.counts) >= keptCounts {
		k.revision, k.counts = max(k.revision, revision), map[string]int{}
	}
	if k.revision == revision {
		n, ok = k.counts[key]
	}
	return n, ok
}

func (c *columns) count(p *plan) (n int) {
	parts := make([]int, c.shares())
	c.share(len(parts), func(part, from, until int) {
		var marks bitset
		for b := from; b < until; b++ {
			p.block(c, b, &marks)
			parts[part] += marks.count()
		}
	})
	for _, m := range parts {
		n += m
	}
	return n
}
