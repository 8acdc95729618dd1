package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cmpconsole/internal/textindex"
)

// TextReach returns the oldest row that a list can find by its text, 1 when that is the whole log.
func (l *Log) TextReach(ctx context.Context) (int64, error) {
	newest, err := l.newest(ctx)
	if err == nil {
		err = l.texts.catchUp(ctx, newest)
	}
	return l.texts.reach(), err
}

// textPage is page for a filter with a text.
func (l *Log) textPage(ctx context.Context, f Filter, parts []stretch, oldest bool, limit int, room *reading) ([]Exported, error) {
	var seqs []int64
	err := l.eachBlock(ctx, f, parts, oldest, room, func(s stretch, set *textindex.Set) (bool, error) {
		more, err := l.fitting(ctx, f, s, l.texts.inOrder(set, s, oldest), limit-len(seqs))
		seqs = append(seqs, more...)
		return len(seqs) < limit, err
	})
	if err != nil || len(seqs) == 0 {
		return nil, err
	}
	where, args := (Filter{}).chosen(stretch{first: slices.Min(seqs), last: slices.Max(seqs)}, seqs)
	rows, err := selectWhole(ctx, l.db.Read(), where+" ORDER BY seq", args...)
	if !oldest {
		slices.Reverse(rows)
	}
	return rows, err
}

// textCount is Matching for a filter with a text.
func (l *Log) textCount(ctx context.Context, f Filter, parts []stretch) (n int64, more bool, err error) {
	err = l.eachBlock(ctx, f, parts, false, nil, func(s stretch, set *textindex.Set) (bool, error) {
		found := int64(set.Count(l.texts.place(s.first), l.texts.place(s.last)))
		if s.mixed || f.Changes {
			var err error
			if found, err = l.countOf(ctx, f, s, l.texts.inOrder(set, s, false), MaxCount+1-n); err != nil {
				return false, err
			}
		}
		n += found
		return n <= MaxCount, nil
	})
	if n > MaxCount {
		return MaxCount, true, err
	}
	return n, false, err
}

// eachBlock calls do with the rows that hold what is asked for, one block of a stretch after another, until it returns false.
func (l *Log) eachBlock(ctx context.Context, f Filter, parts []stretch, oldest bool, room *reading, do func(stretch, *textindex.Set) (bool, error)) error {
	q, err := f.query()
	if err != nil {
		return err
	}
	if err := l.texts.catchUp(ctx, parts[len(parts)-1].last); err != nil {
		return err
	}
	for _, s := range l.texts.cut(parts, room != nil, oldest) {
		set, there, err := l.texts.find(l.texts.of(s.first), q)
		if err == nil && !there && room != nil {
			set, err = room.find(ctx, &l.texts, l.texts.of(s.first), q)
		}
		if err != nil {
			return fmt.Errorf("find text in the audit log: %w", err)
		}
		if set == nil {
			continue
		}
		if more, err := do(s, set); err != nil || !more {
			return err
		}
	}
	return nil
}

// cut cuts stretches where blocks end, and leaves out what is older than the reach unless all is wanted.
func (t *texts) cut(parts []stretch, all, oldest bool) (cut []stretch) {
	reach := t.reach()
	for _, s := range parts {
		if !all {
			s.first = max(s.first, reach)
		}
		for first := s.first; first <= s.last; {
			_, end := t.bounds(t.of(first))
			cut = append(cut, stretch{first, min(end, s.last), s.mixed})
			first = end + 1
		}
	}
	if !oldest {
		slices.Reverse(cut)
	}
	return cut
}

// inOrder are the rows of a set that are in the stretch.
func (t *texts) inOrder(set *textindex.Set, s stretch, oldest bool) (seqs []int64) {
	for seq := s.first; seq <= s.last; seq++ {
		if set.Has(t.place(seq)) {
			seqs = append(seqs, seq)
		}
	}
	if !oldest {
		slices.Reverse(seqs)
	}
	return seqs
}

// chosen is a condition for some rows that also must fit the filter, but for its text.
func (f Filter) chosen(s stretch, seqs []int64) (string, []any) {
	where, args := f.where(s)
	for _, seq := range seqs {
		args = append(args, seq)
	}
	return " NOT INDEXED" + where + " AND seq IN (?" + strings.Repeat(", ?", len(seqs)-1) + ")", args
}

// fitting returns the first of the rows that fit the rest of the filter, which is not in the index, in the order given.
func (l *Log) fitting(ctx context.Context, f Filter, s stretch, seqs []int64, limit int) (fit []int64, err error) {
	if !s.mixed && !f.Changes {
		return seqs[:min(limit, len(seqs))], nil
	}
	for some := range slices.Chunk(seqs, maxLimit) {
		where, args := f.chosen(s, some)
		rows, err := selectWhole(ctx, l.db.Read(), where+" ORDER BY seq", args...)
		if err != nil {
			return nil, err
		}
		if some[0] > some[len(some)-1] {
			slices.Reverse(rows)
		}
		for _, r := range rows {
			fit = append(fit, r.Seq)
		}
		if len(fit) >= limit {
			return fit[:limit], nil
		}
	}
	return fit, nil
}

// countOf counts the rows that fit the rest of the filter, up to a limit.
func (l *Log) countOf(ctx context.Context, f Filter, s stretch, seqs []int64, limit int64) (n int64, err error) {
	for some := range slices.Chunk(seqs, maxLimit) {
		var found int64
		where, args := f.chosen(s, some)
		if err := l.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM audit"+where, args...).Scan(&found); err != nil {
			return 0, fmt.Errorf("count audit rows: %w", err)
		}
		if n += found; n >= limit {
			break
		}
	}
	return n, nil
}
