package mirror

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strings"
)

// keyOf is the key of a number in its table. Digits are sorted there as texts are, by the first eighteen after the 89 of all
// cards, so that those with the same beginning stand side by side and are written quickly. Anything else has a place of
// its own by chance. Who finds a device by a key compares the number itself: several may have the same.
func keyOf(value string) int64 {
	if text := folded(value); !allDigits(text) {
		h := fnv.New64a()
		_, _ = h.Write([]byte(text)) // never fails
		return int64(h.Sum64() | 1<<63)
	}
	low, _ := keysFrom(value)
	return low
}

// keysFrom are the lowest and the highest key of numbers that begin with some digits.
func keysFrom(digits string) (low, high int64) {
	rest, card := strings.CutPrefix(digits, "89")
	if card {
		low = 1
	}
	high = low
	for i := range keyDigits {
		least, most := int64(0), int64(9)
		if i < len(rest) {
			least, most = int64(rest[i]-'0'), int64(rest[i]-'0')
		}
		low, high = 10*low+least, 10*high+most
	}
	return low, high
}

// keyDigits fit into a key, with the one that tells cards from others before them.
const keyDigits = 18

// numberKey is a row of the table of numbers.
type numberKey struct{ h, n int64 }

// keysOf are the rows of a device.
func keysOf(numbers []number, n int64) (keys []numberKey) {
	for _, o := range numbers {
		if o.listed() {
			keys = append(keys, numberKey{keyOf(o.looked()), n})
		}
	}
	return keys
}

// index takes the numbers of a device into the look-up table and the search index.
func (e *edit) index(ctx context.Context, n int64, old, now []number) error {
	for _, key := range keysOf(old, n) {
		if _, err := e.tx.ExecContext(ctx, `DELETE FROM number WHERE h = ? AND n = ?`, key.h, key.n); err != nil {
			return err
		}
	}
	if old != nil { // a page may name a device twice
		e.keys = slices.DeleteFunc(e.keys, func(k numberKey) bool { return k.n == n })
	}
	e.keys, e.young = append(e.keys, keysOf(now, n)...), append(e.young, n)
	r := &e.draft.runs
	r.young.add(n, now)
	r.homes.move(n, noHome)
	if len(r.young.devices) < r.size {
		return nil
	}
	e.young = nil
	return r.seal(ctx, e.tx)
}

// keysAtOnce is how many of them one statement writes.
const keysAtOnce = 32

// saveKeys writes the numbers of a page in their order: those that stand side by side are written together.
func (e *edit) saveKeys(ctx context.Context) error {
	slices.SortFunc(e.keys, func(a, b numberKey) int { return cmp.Or(cmp.Compare(a.h, b.h), cmp.Compare(a.n, b.n)) })
	for some := range slices.Chunk(e.keys, keysAtOnce) {
		if len(some) < keysAtOnce {
			for _, k := range some {
				if _, err := e.tx.ExecContext(ctx, insertKey, k.h, k.n); err != nil {
					return err
				}
			}
			break
		}
		args := make([]any, 0, 2*keysAtOnce)
		for _, k := range some {
			args = append(args, k.h, k.n)
		}
		if _, err := e.tx.ExecContext(ctx, insertManyKeys, args...); err != nil {
			return err
		}
	}
	e.keys = nil
	return nil
}

const insertKey = `INSERT INTO number (h, n) VALUES (?, ?) ON CONFLICT DO NOTHING`

var insertManyKeys = strings.Replace(insertKey, "(?, ?)", strings.TrimSuffix(strings.Repeat("(?, ?), ", keysAtOnce), ", "), 1)
