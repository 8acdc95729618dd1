package mirror

import (
	"context"
	"fmt"
	"slices"
)

// Ref is a device that has a number.
type Ref struct {
	ID   string
	Kind Kind
	Gone bool
}

// ExactMany finds the devices of many numbers at once. A number that nobody has is not in the answer.
func (m *Mirror) ExactMany(ctx context.Context, values []string) (map[string][]Ref, error) {
	found := map[string][]Ref{}
	for part := range slices.Chunk(values, readAtOnce) {
		if err := m.exactMany(ctx, part, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// mostRefs is how many devices are told of a number that many have.
const mostRefs = 50

func (m *Mirror) exactMany(ctx context.Context, values []string, found map[string][]Ref) error {
	asked := map[string][]string{} // as typed, by the form in which they are compared
	for _, v := range values {
		asked[folded(v)] = append(asked[folded(v)], v)
	}
	ns, err := m.holders(ctx, values)
	if err != nil {
		return err
	}
	list, err := m.devices(ctx, ns)
	if err != nil {
		return fmt.Errorf("find many: %w", err)
	}
	for _, d := range list {
		for _, n := range d.numbers() {
			meant := slices.Clone(asked[folded(n.value)])
			if digits := n.looked(); digits != folded(n.value) {
				meant = append(meant, asked[digits]...) // an order by its digits alone
			}
			slices.Sort(meant)
			for _, typed := range slices.Compact(meant) {
				if len(found[typed]) < mostRefs {
					found[typed] = append(found[typed], Ref{ID: d.ID, Kind: n.kind, Gone: !d.Gone.IsZero()})
				}
			}
		}
	}
	return nil
}

// holders are the devices under the keys of some numbers, a few of each.
func (m *Mirror) holders(ctx context.Context, values []string) ([]int64, error) {
	ns, err := m.numbersOf(ctx, `SELECT n FROM device WHERE id IN (SELECT value FROM json_each(?))`, jsonOf(values))
	if err != nil {
		return nil, err
	}
	var keys []int64
	for _, v := range values {
		keys = append(keys, keyOf(v), keyOf(number{KindOrder, v}.looked()))
	}
	slices.Sort(keys)
	rows, err := m.db.Read().QueryContext(ctx, `SELECT h, n FROM number WHERE h IN (SELECT value FROM json_each(?))`, jsonOf(slices.Compact(keys)))
	if err != nil {
		return nil, fmt.Errorf("find many: %w", err)
	}
	defer rows.Close()
	held := map[int64]int{}
	for rows.Next() {
		var key, n int64
		if err := rows.Scan(&key, &n); err != nil {
			return nil, err
		}
		if held[key]++; held[key] <= mostRefs {
			ns = append(ns, n)
		}
	}
	slices.Sort(ns)
	return slices.Compact(ns), rows.Err()
}
