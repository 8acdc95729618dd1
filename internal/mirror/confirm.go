package mirror

import (
	"context"
	"math"
	"slices"
	"time"
)

// ConfirmedSince counts the devices that the CMP has told of at a time or later; the gone do not count.
func (m *Mirror) ConfirmedSince(t time.Time) int {
	c, since := m.columns.Load(), second(t)
	count := 0
	for b, f := range c.facets {
		for i, state := range f.state {
			if state != 0 && state&stateGone == 0 && c.confirmed[b][i] >= since {
				count++
			}
		}
	}
	return count
}

// Unconfirmed returns the ids of devices, up to a limit, that are known and not gone, and that the CMP has not told
// of since a time. It begins behind a device and goes around, so that each has its turn.
func (m *Mirror) Unconfirmed(ctx context.Context, since time.Time, after string, limit int) ([]string, error) {
	c := m.columns.Load()
	p, err := m.plan(ctx, c, Filter{ReadBefore: since})
	if err != nil {
		return nil, err
	}
	ns := c.numbers(p)
	behind, err := m.numbersOf(ctx, `SELECT n FROM device WHERE id = ?`, after)
	if err != nil {
		return nil, err
	}
	if len(behind) == 1 {
		i, met := slices.BinarySearch(ns, behind[0])
		if met {
			i++
		}
		ns = slices.Concat(ns[i:], ns[:i])
	}
	return m.idsOf(ctx, ns[:min(limit, len(ns))])
}

// Incomplete returns the ids of devices, up to a limit, that have several identities of which the CMP's list told one.
func (m *Mirror) Incomplete(ctx context.Context, limit int) ([]string, error) {
	return m.texts(ctx, `SELECT id FROM device WHERE multi = '1' AND profiles = '' AND order_id <> '' AND gone = 0 LIMIT ?`, limit)
}

// Known counts the devices that are not gone.
func (m *Mirror) Known() int {
	n := 0
	for state, count := range m.columns.Load().tally {
		if state&stateGone == 0 {
			n += count
		}
	}
	return n
}

func second(t time.Time) uint32 {
	return uint32(min(max(t.Unix(), 0), math.MaxUint32))
}
