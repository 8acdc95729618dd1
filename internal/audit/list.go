package audit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

const rowColumns = `seq, body, prev_hash, hash, time, coalesce(actor, ''), coalesce(action, ''), coalesce(phase, ''), coalesce(outcome, ''),
	coalesce(device, ''), coalesce(order_id, ''), coalesce(of, 0), coalesce(request_id, '')`

// List returns the rows that match, newest first, at most Limit of them.
func (l *Log) List(ctx context.Context, f Filter) ([]Row, error) {
	found, err := l.page(ctx, f, f.After > 0, f.limit(), nil)
	rows := make([]Row, len(found))
	for i, e := range found {
		rows[i] = e.Row
	}
	if f.After > 0 {
		slices.Reverse(rows)
	}
	return rows, err
}

// page returns the first rows that match, from the oldest on or from the newest. With room to read in rows that are in no
// text index yet, those are looked through too.
func (l *Log) page(ctx context.Context, f Filter, oldest bool, limit int, room *reading) ([]Exported, error) {
	parts, err := l.stretches(ctx, f)
	if err != nil || len(parts) == 0 {
		return nil, err
	}
	if f.Text != "" {
		return l.textPage(ctx, f, parts, oldest, limit, room)
	}
	access, err := f.access(ctx, l.db.Read(), around(parts))
	if err != nil {
		return nil, err
	}
	order := " ORDER BY seq LIMIT ?"
	if !oldest {
		order = " ORDER BY seq DESC LIMIT ?"
		slices.Reverse(parts)
	}
	var rows []Exported
	for _, s := range parts {
		where, args := f.where(s)
		more, err := selectWhole(ctx, l.db.Read(), access+where+order, append(args, limit-len(rows))...)
		if rows = append(rows, more...); err != nil || len(rows) == limit {
			return rows, err
		}
	}
	return rows, nil
}

// Get returns one row; the error is a fault of kind NotFound when the log has no such row.
func (l *Log) Get(ctx context.Context, seq int64) (Row, error) {
	rows, err := selectRows(ctx, l.db.Read(), " WHERE seq = ?", seq)
	if err != nil {
		return Row{}, err
	}
	if len(rows) == 0 {
		return Row{}, fault.New(fault.NotFound, "The audit log has no such row.")
	}
	return rows[0], nil
}

// Related returns the rows of the action that seq belongs to, oldest first: its intent and every row pointing
// at that intent, seq itself among them. It is empty when the row stands alone or does not exist.
func (l *Log) Related(ctx context.Context, seq int64) ([]Row, error) {
	rows, err := selectRows(ctx, l.db.Read(), ` WHERE seq = (SELECT coalesce(of, seq) FROM audit WHERE seq = ?1)
		OR of = (SELECT coalesce(of, seq) FROM audit WHERE seq = ?1) ORDER BY seq LIMIT ?2`, seq, maxLimit)
	if len(rows) < 2 {
		return nil, err
	}
	return rows, err
}

// Settlements returns, by intent, how doubts were settled later; an intent without a settlement is not among them.
func (l *Log) Settlements(ctx context.Context, intents []int64) (map[int64]string, error) {
	settled := map[int64]string{}
	if len(intents) == 0 {
		return settled, nil
	}
	args := make([]any, len(intents))
	for i, seq := range intents {
		args[i] = seq
	}
	rows, err := selectRows(ctx, l.db.Read(), " WHERE of IN (?"+strings.Repeat(", ?", len(intents)-1)+") AND action LIKE '%.settled' ORDER BY seq", args...)
	for _, r := range rows {
		settled[r.Of] = r.Outcome
	}
	return settled, err
}

// Count returns how many rows the log has. Numbers have no gap, so the newest one is the count.
func (l *Log) Count(ctx context.Context) (int64, error) {
	return l.newest(ctx)
}

// MaxCount is as far as rows that match are counted.
const MaxCount = 10_000

// Matching returns how many rows match, whatever page Before and After ask for. It stops counting at MaxCount and tells
// that there are more, unless counting needs no reading.
func (l *Log) Matching(ctx context.Context, f Filter) (n int64, more bool, err error) {
	f.Before, f.After = 0, 0
	parts, err := l.stretches(ctx, f)
	if err != nil || len(parts) == 0 {
		return 0, false, err
	}
	if f.Text != "" {
		return l.textCount(ctx, f, parts)
	}
	access, err := f.access(ctx, l.db.Read(), around(parts))
	if err != nil {
		return 0, false, err
	}
	limit := int64(MaxCount + 1)
	if f.everything() {
		limit = math.MaxInt64
	}
	for _, s := range parts {
		found, err := f.count(ctx, l.db.Read(), access, s, limit-n)
		if err != nil {
			return 0, false, err
		}
		if n += found; n >= limit {
			return MaxCount, true, nil
		}
	}
	return n, false, nil
}

// newest returns the seq of the newest row, 0 when the log is empty.
func (l *Log) newest(ctx context.Context) (seq int64, err error) {
	if err := l.db.Read().QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM audit`).Scan(&seq); err != nil {
		return 0, fmt.Errorf("read audit log: %w", err)
	}
	return seq, nil
}

// Head returns the seq and hash of the newest row, zero and nil when the log is empty.
func (l *Log) Head(ctx context.Context) (int64, []byte, error) {
	rows, err := selectRows(ctx, l.db.Read(), " ORDER BY seq DESC LIMIT 1")
	if err != nil || len(rows) == 0 {
		return 0, nil, err
	}
	return rows[0].Seq, rows[0].Hash, nil
}

// selectRows returns the rows that the rest of the statement picks.
func selectRows(ctx context.Context, q store.Querier, rest string, args ...any) ([]Row, error) {
	whole, err := selectWhole(ctx, q, rest, args...)
	var rows []Row
	for _, e := range whole {
		rows = append(rows, e.Row)
	}
	return rows, err
}

// selectWhole returns them with the bytes that were hashed.
func selectWhole(ctx context.Context, q store.Querier, rest string, args ...any) ([]Exported, error) {
	found, err := q.QueryContext(ctx, "SELECT "+rowColumns+" FROM audit"+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	defer found.Close()
	var rows []Exported
	for found.Next() {
		var r Exported
		var micros int64
		if err := found.Scan(&r.Seq, &r.Body, &r.PrevHash, &r.Hash, &micros, &r.Actor, &r.Action, &r.Phase, &r.Outcome,
			&r.Device, &r.Order, &r.Of, &r.RequestID); err != nil {
			return nil, fmt.Errorf("read audit row: %w", err)
		}
		r.Time = time.UnixMicro(micros).UTC()
		r.Row = fromBody(r.Row, r.Body)
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	return rows, nil
}

// fromBody takes the record from what was hashed, not from the search copies, unless the body cannot be read.
func fromBody(r Row, body []byte) Row {
	parsed, err := parseBody(body)
	if err != nil || parsed.Seq != r.Seq {
		r.Damaged = true
		return r
	}
	parsed.PrevHash, parsed.Hash = r.PrevHash, r.Hash
	return parsed
}
