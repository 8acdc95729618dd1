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

// Foresee tells what SetLabels would do to devices, and does nothing. A fault says which name is no label.
func (b *Book) Foresee(ctx context.Context, ids, add, remove []string) (put, taken []Foreseen, err error) {
	if add, err = labelNames(add); err != nil {
		return nil, nil, err
	}
	has, err := b.Labels(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	have := map[string]int{}
	for _, names := range has {
		for _, name := range names {
			have[fold(name)]++
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
