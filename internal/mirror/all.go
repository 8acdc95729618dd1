package mirror

import (
	"context"
	"encoding/json"
	"slices"
)

// readAtOnce is how many rows are read at a time when all of a list is wanted.
const readAtOnce = 500

// IDs returns the device ids of all that match, in no order, up to a limit, and how many match.
func (m *Mirror) IDs(ctx context.Context, f Filter, limit int) (ids []string, total int, err error) {
	c := m.columns.Load()
	p, err := m.plan(ctx, c, f)
	if err != nil {
		return nil, 0, err
	}
	ns := c.numbers(p)
	ids, err = m.idsOf(ctx, ns[:min(limit, len(ns))])
	return ids, len(ns), err
}

// idsOf reads the ids of devices, in the order of their numbers.
func (m *Mirror) idsOf(ctx context.Context, ns []int64) (ids []string, err error) {
	for part := range slices.Chunk(ns, readAtOnce) {
		some, err := m.texts(ctx, `SELECT device.id FROM json_each(?) AS asked CROSS JOIN device ON n = asked.value ORDER BY asked.key`, jsonOf(part))
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	return ids, nil
}

// Each visits all that match, in the order asked for. It reads in batches: what changes meanwhile is shown as it is then.
func (m *Mirror) Each(ctx context.Context, q Query, visit func(Device) error) error {
	q.After, q.Before = "", ""
	cols, w, err := m.walk(ctx, q)
	if err != nil {
		return err
	}
	var list []position
	var marks bitset
	for b := range cols.facets {
		w.plan.block(cols, b, &marks)
		marks.each(func(i int) { list = append(list, w.position(cols, b, i)) })
	}
	slices.SortFunc(list, position.compare)
	ns := make([]int64, len(list))
	for i, p := range list {
		ns[i] = p.n
	}
	return m.inBatches(ctx, ns, visit)
}

func (c *columns) numbers(p *plan) (ns []int64) {
	var marks bitset
	for b := range c.facets {
		p.block(c, b, &marks)
		marks.each(func(i int) { ns = append(ns, int64(b*blockSize+i)) })
	}
	return ns
}

func (m *Mirror) inBatches(ctx context.Context, ns []int64, visit func(Device) error) error {
	for part := range slices.Chunk(ns, readAtOnce) {
		list, err := m.dressed(ctx, part)
		if err != nil {
			return err
		}
		for _, d := range list {
			if err := visit(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *Mirror) dressed(ctx context.Context, ns []int64) ([]Device, error) {
	list, err := m.devices(ctx, ns)
	if err != nil {
		return nil, err
	}
	return list, m.dress(ctx, list)
}

// jsonOf is a list as SQLite's json_each takes it.
func jsonOf[T any](list []T) string {
	text, _ := json.Marshal(list) // numbers and texts always can be
	return string(text)
}
