package mirror

import (
	"context"
	"fmt"
	"slices"
	"strings"
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

// Ref is a device that has a number.
type Ref struct {
	ID   string
	Kind Kind
	Gone bool
}

// Exact finds the devices that have a number, whole. Case does not matter.
func (m *Mirror) Exact(ctx context.Context, value string) ([]Hit, error) {
	ns, err := m.numbersOf(ctx, `SELECT n FROM number WHERE h = ? UNION SELECT n FROM device WHERE id = ?`, hashOf(value), value)
	if err != nil || len(ns) == 0 {
		return nil, err
	}
	list, err := m.devices(ctx, ns)
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for _, d := range list {
		for _, n := range d.numbers() {
			if folded(n.value) == folded(value) {
				hits = append(hits, Hit{Device: d, Kind: n.kind, Value: n.value, To: len(n.value)})
				break
			}
		}
	}
	return hits, m.dressHits(ctx, hits)
}

// Parts finds the devices that have a part in one of their numbers, each once. It takes MinPart letters or digits;
// an order code is looked up by its digits.
func (m *Mirror) Parts(ctx context.Context, part string, limit int) (Hits, error) {
	if len(part) < MinPart {
		return Hits{}, nil
	}
	whole, err := m.Exact(ctx, part)
	if err != nil {
		return Hits{}, err
	}
	count, err := m.grams.common(ctx, m)
	if err != nil {
		return Hits{}, err
	}
	found := &finding{Mirror: m, part: part, limit: limit, count: count, seen: map[int64]bool{}}
	found.add(whole)
	if err := found.all(ctx); err != nil {
		return Hits{}, err
	}
	hits := Hits{List: found.hits, More: len(found.hits) > limit}
	hits.List = hits.List[:min(limit, len(hits.List))]
	return hits, m.fill(ctx, hits.List)
}

// fill reads the devices of hits, of which nothing but the numbers was read to compare them.
func (m *Mirror) fill(ctx context.Context, hits []Hit) error {
	ns := make([]int64, len(hits))
	for i, h := range hits {
		ns[i] = h.Device.n
	}
	found, err := m.rows(ctx, ns)
	if err != nil {
		return err
	}
	for i, n := range ns {
		hits[i].Device = m.device(found[n]) // rows are never deleted
	}
	return m.dressHits(ctx, hits)
}

// finding collects hits up to one more than the limit.
type finding struct {
	*Mirror
	part  string
	limit int
	count map[string]int // how common the runs are
	seen  map[int64]bool
	hits  []Hit
}

// all asks for the part at any place. Of few hits the best are put first; of too many, those are looked for by themselves.
func (f *finding) all(ctx context.Context) error {
	whole := len(f.hits)
	if err := f.look(ctx, inside); err != nil {
		return err
	}
	if len(f.hits) <= f.limit {
		slices.SortStableFunc(f.hits[whole:], func(a, b Hit) int { return a.rank() - b.rank() })
		return nil
	}
	others := slices.Clone(f.hits[whole:])
	f.hits = f.hits[:whole]
	for _, h := range others {
		delete(f.seen, h.Device.n)
	}
	for _, p := range []place{first, end} {
		if err := f.look(ctx, p); err != nil {
			return err
		}
	}
	f.add(others)
	return nil
}

func (f *finding) add(list []Hit) {
	for _, h := range list {
		if !f.seen[h.Device.n] {
			f.seen[h.Device.n] = true
			f.hits = append(f.hits, h)
		}
	}
}

// look finds devices that have the part at a place, until there are enough. Device ids are sorted, so that those that begin
// with it need no search.
func (f *finding) look(ctx context.Context, p place) error {
	if p == first {
		ns, err := f.numbersOf(ctx, `SELECT n FROM device WHERE id >= ? AND id < ? LIMIT ?`, f.part, f.part+"\U0010FFFF", f.limit+1)
		if err != nil {
			return err
		}
		if err := f.compare(ctx, ns, p); err != nil {
			return err
		}
	}
	if len(f.part) < gramSize && p != end {
		if err := f.ask(ctx, matchDigits(f.part, p), p); err != nil {
			return err
		}
	}
	return f.ask(ctx, match(f.part, p, f.count), p)
}

// ask asks the index, and compares what it gives in batches.
func (f *finding) ask(ctx context.Context, question string, p place) error {
	if len(f.hits) > f.limit {
		return nil
	}
	var batch []int64
	err := candidates(ctx, f.db.Read(), question, func(n int64) (bool, error) {
		if f.seen[n] {
			return true, nil
		}
		if batch = append(batch, n); len(batch) <= f.limit {
			return true, nil
		}
		err := f.compare(ctx, batch, p)
		batch = batch[:0]
		return len(f.hits) <= f.limit, err
	})
	if err != nil || len(f.hits) > f.limit {
		return err
	}
	return f.compare(ctx, batch, p)
}

func (f *finding) compare(ctx context.Context, ns []int64, p place) error {
	hits, err := f.compared(ctx, ns, f.part)
	f.add(slices.DeleteFunc(hits, func(h Hit) bool { return !h.at(p) }))
	return err
}

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

// compared are those of the devices that really have the part in a number, and where: a beginning is shown before an
// end, and an end before what stands inside. Of the devices themselves nothing but the number in the mirror is told.
func (m *Mirror) compared(ctx context.Context, ns []int64, part string) ([]Hit, error) {
	if len(ns) == 0 {
		return nil, nil
	}
	list, err := m.numbered(ctx, ns)
	if err != nil {
		return nil, err
	}
	var hits []Hit
	for _, r := range list {
		if h, ok := best(r.numbers(), folded(part)); ok {
			h.Device.n = r.n
			hits = append(hits, h)
		}
	}
	return hits, nil
}

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

func (m *Mirror) exactMany(ctx context.Context, values []string, found map[string][]Ref) error {
	asked := map[string][]string{} // as typed, by the form in which they are compared
	var hashes []int64
	for _, v := range values {
		if asked[folded(v)] == nil {
			hashes = append(hashes, hashOf(v))
		}
		asked[folded(v)] = append(asked[folded(v)], v)
	}
	ns, err := m.numbersOf(ctx, `SELECT n FROM number WHERE h IN (SELECT value FROM json_each(?)) UNION SELECT n FROM device WHERE id IN (SELECT value FROM json_each(?))`,
		jsonOf(hashes), jsonOf(values))
	if err != nil {
		return err
	}
	list, err := m.devices(ctx, ns)
	if err != nil {
		return fmt.Errorf("find many: %w", err)
	}
	for _, d := range list {
		for _, n := range d.numbers() {
			for _, typed := range slices.Compact(slices.Sorted(slices.Values(asked[folded(n.value)]))) {
				found[typed] = append(found[typed], Ref{ID: d.ID, Kind: n.kind, Gone: !d.Gone.IsZero()})
			}
		}
	}
	return nil
}

func (m *Mirror) dressHits(ctx context.Context, hits []Hit) error {
	all := make([]*Device, len(hits))
	for i := range hits {
		all[i] = &hits[i].Device
	}
	return m.dress(ctx, all)
}
