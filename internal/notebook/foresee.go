package notebook

import (
	"context"
	"slices"
)

// Foreseen is a label that is to be put on devices or taken off, and on how many that changes something.
type Foreseen struct {
	Name    string
	Devices int
}

// Foresee tells what labels would do to devices, and does nothing. A fault says which name is no label, or which device would have too many.
func (b *Book) Foresee(ctx context.Context, ids, add, remove []string) (put, taken []Foreseen, err error) {
	if add, err = labelNames(add); err != nil {
		return nil, nil, err
	}
	has, err := b.Labels(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	have, wanted, unwanted := map[string]int{}, keptNames(add), keptNames(remove)
	for _, id := range ids {
		names := has[id]
		for i := range names {
			names[i] = fold(names[i])
			have[names[i]]++
		}
		if l := labelling(id, names, wanted, unwanted); len(l.Added) > 0 && len(l.After) > maxLabels {
			return nil, nil, tooMany(id, len(l.After))
		}
	}
	for _, name := range add {
		put = append(put, Foreseen{name, len(ids) - have[fold(name)]})
	}
	for _, name := range remove {
		if !slices.ContainsFunc(add, func(a string) bool { return fold(a) == fold(name) }) { // what is both is put on
			taken = append(taken, Foreseen{name, have[fold(name)]})
		}
	}
	return put, taken, nil
}

// keptNames are labels by their folded names alone.
func keptNames(names []string) (list []kept) {
	for _, name := range names {
		list = append(list, kept{name: fold(name)})
	}
	return list
}
