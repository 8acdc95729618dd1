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
	n, ok := k.look(c, p)
	if !ok {
		n = c.count(p)
		k.keep(c, p, n)
	}
	return n
}

// keeps tells whether a count holds until a fact changes.
func (p *plan) keeps() bool { return p.before == 0 && len(p.sets) == 0 }

func (k *counted) look(c *columns, p *plan) (n int, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.revision < c.revision {
		k.revision, k.counts = c.revision, nil
	}
	if k.revision == c.revision && p.keeps() {
		n, ok = k.counts[p.key]
	}
	return n, ok
}

func (k *counted) keep(c *columns, p *plan, n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.revision != c.revision || !p.keeps() {
		return
	}
	if k.counts == nil || len(k.counts) >= keptCounts {
		k.counts = map[string]int{}
	}
	k.counts[p.key] = n
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
