package audit

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"cmpconsole/internal/store"
)

// 1 << spanShift rows share one span, as in the index audit_span.
const spanShift = 9

// span holds the earliest and latest moment of the rows whose seq begins with the same bits, in microseconds.
type span struct{ earliest, latest int64 }

// spans remembers those of all full spans, which never change. Clocks jump back, so rows are not in the order of time,
// and yet a range of times is found without reading them.
type spans struct {
	mu   sync.Mutex
	full []span
}

// until returns the full spans up to the one that row newest is in, and that one.
func (s *spans) until(ctx context.Context, q store.Querier, newest int64) (full []span, last span, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := int(newest >> spanShift)
	if n < len(s.full) {
		return s.full[:n], s.full[n], nil
	}
	found, err := readSpans(ctx, q, len(s.full), n)
	if err != nil {
		return nil, span{}, fmt.Errorf("read the log's times: %w", err)
	}
	s.full = append(s.full, found[:len(found)-1]...)
	return s.full, found[len(found)-1], nil
}

func readSpans(ctx context.Context, q store.Querier, first, last int) ([]span, error) {
	rows, err := q.QueryContext(ctx, `WITH RECURSIVE span (n) AS (SELECT ?1 UNION ALL SELECT n + 1 FROM span WHERE n < ?2)
		SELECT (SELECT time FROM audit INDEXED BY audit_span WHERE seq >> 9 = n ORDER BY time LIMIT 1),
			(SELECT time FROM audit INDEXED BY audit_span WHERE seq >> 9 = n ORDER BY time DESC LIMIT 1) FROM span`, first, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []span
	for rows.Next() {
		var earliest, latest sql.NullInt64 // NULL where somebody took the rows out
		if err := rows.Scan(&earliest, &latest); err != nil {
			return nil, err
		}
		found = append(found, span{earliest.Int64, latest.Int64})
	}
	return found, rows.Err()
}

// stretch is a run of rows, by seq, the last one included. When mixed, only some of them are in the time asked for.
type stretch struct {
	first, last int64
	mixed       bool
}

// around is the run of rows from the first of them to the last.
func around(parts []stretch) stretch {
	return stretch{first: parts[0].first, last: parts[len(parts)-1].last}
}

// stretches are the rows that a filter's page and times leave, oldest first.
func (l *Log) stretches(ctx context.Context, f Filter) ([]stretch, error) {
	newest, err := l.newest(ctx)
	if err != nil {
		return nil, err
	}
	all := stretch{first: f.After + 1, last: newest}
	if f.Before > 0 {
		all.last = min(all.last, f.Before-1)
	}
	switch {
	case all.first > all.last:
		return nil, nil
	case f.Since.IsZero() && f.Until.IsZero():
		return []stretch{all}, nil
	}
	full, last, err := l.spans.until(ctx, l.db.Read(), newest)
	if err != nil {
		return nil, err
	}
	return f.cut(all, full, last), nil
}

// cut leaves those spans out in which no row has a fitting time, and joins neighbours.
func (f Filter) cut(all stretch, full []span, last span) (cut []stretch) {
	for n := all.first >> spanShift; n <= all.last>>spanShift; n++ {
		times := last
		if n < int64(len(full)) {
			times = full[n]
		}
		fits, mixed := f.judge(times)
		if !fits {
			continue
		}
		s := stretch{max(all.first, n<<spanShift), min(all.last, (n+1)<<spanShift-1), mixed}
		if i := len(cut) - 1; i >= 0 && cut[i].last+1 == s.first && cut[i].mixed == mixed {
			cut[i].last = s.last
		} else {
			cut = append(cut, s)
		}
	}
	return cut
}

// judge tells whether rows of the span may fit, and whether some may not.
func (f Filter) judge(s span) (fits, mixed bool) {
	fits = (f.Since.IsZero() || s.latest >= f.Since.UnixMicro()) && (f.Until.IsZero() || s.earliest < f.Until.UnixMicro())
	all := (f.Since.IsZero() || s.earliest >= f.Since.UnixMicro()) && (f.Until.IsZero() || s.latest < f.Until.UnixMicro())
	return fits, !all
}
