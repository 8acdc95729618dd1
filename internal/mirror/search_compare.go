package mirror

import (
	"context"
	"strings"
)

// rank puts a beginning before an end, and an end before what stands inside.
func (h Hit) rank() int {
	for rank, p := range []place{first, end, inside} {
		if h.at(p) {
			return rank
		}
	}
	return int(inside)
}

// at tells whether the match stands at a place of the number.
func (h Hit) at(p place) bool {
	switch p {
	case first:
		return h.From == len(h.Value)-len(number{h.Kind, h.Value}.looked())
	case end:
		return h.To == len(h.Value)
	}
	return true
}

// compared are the first of the devices that really have the part in a number, and where: a beginning is shown before an
// end, and an end before what stands inside. Of the devices themselves nothing but the number in the mirror is told.
func (m *Mirror) compared(ctx context.Context, ns []int64, part string, most int, match func([]number, string) (Hit, bool)) ([]Hit, error) {
	if len(ns) == 0 {
		return nil, nil
	}
	list, err := m.numbered(ctx, ns, part, most)
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for _, r := range list {
		if h, ok := match(r.numbers(), folded(part)); ok {
			h.Device.n = r.n
			hits = append(hits, h)
		}
	}
	return hits, nil
}

// equal finds the number that is the part.
func equal(numbers []number, part string) (Hit, bool) {
	for _, n := range numbers {
		if folded(n.value) == part {
			return Hit{Kind: n.kind, Value: n.value, To: len(n.value)}, true
		}
	}
	return Hit{}, false
}

// starting finds a number that begins with the part.
func starting(numbers []number, part string) (Hit, bool) {
	h, ok := best(numbers, part)
	return h, ok && h.at(first)
}

// ending finds a number that ends with the part, also when it begins with it.
func ending(numbers []number, part string) (Hit, bool) {
	for _, n := range numbers {
		if text := folded(n.value); strings.HasSuffix(n.looked(), part) {
			return Hit{Kind: n.kind, Value: n.value, From: len(text) - len(part), To: len(text)}, true
		}
	}
	return Hit{}, false
}

// best finds the number in which the part stands at the best place.
func best(numbers []number, part string) (Hit, bool) {
	var found Hit
	rank := 3
	for _, n := range numbers {
		text := folded(n.value)
		lead := len(text) - len(n.looked())
		for place, i := range []int{prefix(text[lead:], part), suffix(text[lead:], part), strings.Index(text[lead:], part)} {
			if i >= 0 && place < rank {
				rank = place
				found = Hit{Kind: n.kind, Value: n.value, From: lead + i, To: lead + i + len(part)}
			}
		}
	}
	return found, rank < 3
}

// prefix and suffix are where a part stands at the beginning or the end of a text, -1 where it does not.
func prefix(text, part string) int {
	if strings.HasPrefix(text, part) {
		return 0
	}
	return -1
}

func suffix(text, part string) int {
	if strings.HasSuffix(text, part) {
		return len(text) - len(part)
	}
	return -1
}
