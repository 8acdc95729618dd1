package mirror

import (
	"context"
	"math"
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
// of since a time.
func (m *Mirror) Unconfirmed(ctx context.Context, since time.Time, limit int) ([]string, error) {
	ids, _, err := m.IDs(ctx, Filter{ReadBefore: since}, limit)
	return ids, err
}

// Incomplete returns the ids of devices, up to a limit, that have several identities of which the CMP's list told one.
func (m *Mirror) Incomplete(ctx context.Context, limit int) ([]string, error) {
	rows, err := m.db.Read().QueryContext(ctx, `SELECT id FROM device WHERE multi = '1' AND profiles = '' AND order_id <> '' AND gone = 0 LIMIT ?`, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
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
