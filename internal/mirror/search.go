package mirror

import (
	"context"
	"fmt"
	"slices"
)

// Hit is a device and the number of it that matched: Value[From:To] is what was asked for.
type Hit struct {
	Device   Device
	Kind     Kind
	Value    string
	From, To int
}

// Hits are the best matches first: whole numbers, then beginnings, ends and what stands inside.
type Hits struct {
	List []Hit
	More bool // there are others
}

// Exact finds devices that have a number, whole, up to a limit. Case does not matter.
func (m *Mirror) Exact(ctx context.Context, value string, limit int) (Hits, error) {
	f := m.finding(value, limit)
	if err := f.whole(ctx); err != nil {
		return Hits{}, err
	}
	return f.result(ctx)
}

// Parts finds the devices that have a part in one of their numbers, each once: in any, or in one of some kinds. It takes MinPart letters
// or digits; an order code is looked up by its digits. Of some kinds it looks at mostOfKind devices and no further: a kind that never has
// a part that all others have would else be looked for through the fleet.
func (m *Mirror) Parts(ctx context.Context, part string, limit int, kinds ...Kind) (Hits, error) {
	f := m.finding(part, limit)
	if len(kinds) > 0 {
		f.kinds, f.left, f.beginning = kinds, mostOfKind, firstSift
	}
	if len(folded(part)) < MinPart {
		return Hits{}, nil
	}
	for _, look := range []func(context.Context) error{f.whole, f.beginnings, f.others} {
		if err := look(ctx); err != nil {
			return Hits{}, err
		}
	}
	return f.result(ctx)
}

// finding collects hits up to one more than the limit. Of the devices it knows nothing but their numbers.
type finding struct {
	*Mirror
	part      string
	limit     int
	kinds     []Kind // that count; none: all
	left      int    // devices that may yet be looked at
	beginning int    // devices that are looked at for a beginning, which numbers of another kind may have
	seen      map[int64]bool
	hits      []Hit
	cut       bool // not all that may have the part were looked at
}

func (m *Mirror) finding(part string, limit int) *finding {
	return &finding{Mirror: m, part: part, limit: limit, left: maxPart, beginning: mostOfOthers, seen: map[int64]bool{}}
}

func (f *finding) full() bool { return len(f.hits) > f.limit }

// over tells that no more devices are looked at: there are enough, or too many have been in vain.
func (f *finding) over() bool {
	f.cut = f.cut || f.left <= 0
	return f.full() || f.left <= 0
}

func (f *finding) add(list []Hit) {
	for _, h := range list {
		if !f.seen[h.Device.n] {
			f.seen[h.Device.n] = true
			f.hits = append(f.hits, h)
		}
	}
}

// result reads the devices that were found.
func (f *finding) result(ctx context.Context) (Hits, error) {
	hits := f.hits[:min(f.limit, len(f.hits))]
	ns := make([]int64, len(hits))
	for i, h := range hits {
		ns[i] = h.Device.n
	}
	found, err := f.dressed(ctx, ns)
	if err != nil {
		return Hits{}, err
	}
	for i, d := range found { // rows are never deleted
		hits[i].Device = d
	}
	return Hits{List: hits, More: f.cut || f.full()}, nil
}

// whole finds those of whom the part is a number. An order stands under its digits.
func (f *finding) whole(ctx context.Context) error {
	code := number{KindOrder, f.part}.looked()
	return f.read(ctx, equal, `SELECT n FROM device WHERE id = ? UNION ALL SELECT n FROM number WHERE h IN (?, ?)`, f.part, keyOf(f.part), keyOf(code))
}

// beginnings finds those with a number that begins with the part. Device ids are sorted, and so are numbers of digits; those of
// letters are found like any other part.
func (f *finding) beginnings(ctx context.Context) error {
	if f.counts(KindDevice) {
		if err := f.read(ctx, starting, `SELECT n FROM device WHERE id >= ? AND id < ?`, f.part, f.part+"\U0010FFFF"); err != nil {
			return err
		}
	}
	if !allDigits(f.part) {
		return nil
	}
	low, high := keysFrom(f.part)
	return f.read(ctx, starting, `SELECT n FROM number WHERE h BETWEEN ? AND ?`, low, high)
}

// read goes through devices whose numbers match, one after the other, until there are enough.
func (f *finding) read(ctx context.Context, match func(numbers []number, part string) (Hit, bool), which string, args ...any) error {
	if f.full() {
		return nil
	}
	rows, err := f.db.Read().QueryContext(ctx, `SELECT `+numberColumns+` FROM (`+which+`) CROSS JOIN device USING (n)`, args...)
	if err != nil {
		return fmt.Errorf("find devices: %w", err)
	}
	defer rows.Close()
	var r row
	for looked := 0; !f.full() && rows.Next(); looked++ {
		if looked == f.beginning {
			f.cut = true // a beginning that numbers of another kind have
			break
		}
		if err := rows.Scan(r.numberTargets()...); err != nil {
			return err
		}
		if h, ok := match(f.counting(r.numbers()), folded(f.part)); ok {
			h.Device.n = r.n
			f.add([]Hit{h})
		}
	}
	return rows.Err()
}

// counting are the numbers of the kinds that count.
func (f *finding) counting(numbers []number) []number {
	return slices.DeleteFunc(numbers, func(n number) bool { return !f.counts(n.kind) })
}

func (f *finding) counts(k Kind) bool { return len(f.kinds) == 0 || slices.Contains(f.kinds, k) }

// others finds those that have the part elsewhere. Of few hits the best are put first; of too many, ends are looked for by
// themselves.
func (f *finding) others(ctx context.Context) error {
	if f.full() {
		return nil
	}
	best := slices.Clone(f.hits)
	if err := f.ask(ctx, inside); err != nil {
		return err
	}
	others := f.hits[len(best):]
	if !f.full() {
		slices.SortStableFunc(others, func(a, b Hit) int { return a.rank() - b.rank() })
		return nil
	}
	for _, h := range others {
		delete(f.seen, h.Device.n)
	}
	f.hits = best
	if err := f.ask(ctx, end); err != nil {
		return err
	}
	f.add(others)
	return nil
}

// ask asks the index, and compares what it gives.
func (f *finding) ask(ctx context.Context, p place) error {
	if f.over() {
		return nil
	}
	cut, err := f.sift(ctx, f.columns.Load().runs.ask(f.part, p, f.kinds), firstSift, f.left, func(ns []int64) (bool, error) {
		most := len(ns)
		if p == inside && len(f.kinds) == 0 {
			most = f.limit + 1
		}
		hits, err := f.compared(ctx, slices.DeleteFunc(slices.Clone(ns), func(n int64) bool { return f.seen[n] }), f.part, most, func(all []number, part string) (Hit, bool) {
			if p == end {
				return ending(f.counting(all), part)
			}
			return best(f.counting(all), part)
		})
		f.add(hits)
		f.left -= len(ns)
		return !f.over(), err
	})
	f.cut = f.cut || cut
	return err
}
