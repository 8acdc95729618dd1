package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// Filter says which rows a list shows. Empty fields do not filter. Before and After page by seq: the rows
// older than Before, or those next newer than After. Limit is 50 when not set, 1000 at most.
type Filter struct {
	Actor, Action, Device, Order, Outcome string
	Since, Until                          time.Time // from the first on, before the second
	Text                                  string    // somewhere in the row, whatever the case of its letters
	Changes                               bool      // only what was done to a thing, or refused or settled: no intents, views or sign-ins
	Before, After                         int64
	Limit                                 int
}

const (
	defaultLimit = 50
	maxLimit     = 1000
)

const rowColumns = `seq, body, prev_hash, hash, time, coalesce(actor, ''), coalesce(action, ''), coalesce(phase, ''), coalesce(outcome, ''),
	coalesce(device, ''), coalesce(order_id, ''), coalesce(of, 0), coalesce(request_id, '')`

const changes = `(phase = 'outcome' OR action LIKE '%.settled' OR outcome = 'refused')`

// List returns the rows that match, newest first, at most Limit of them.
func (l *Log) List(ctx context.Context, f Filter) ([]Row, error) {
	where, args := f.where()
	order := " ORDER BY seq DESC LIMIT ?"
	if f.After > 0 {
		order = " ORDER BY seq LIMIT ?"
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	rows, err := selectRows(ctx, l.db.Read(), where+order, append(args, min(limit, maxLimit))...)
	if f.After > 0 {
		slices.Reverse(rows)
	}
	return rows, err
}

func (f Filter) where() (string, []any) {
	var terms []string
	var args []any
	add := func(term string, set bool, arg any) {
		if set {
			terms, args = append(terms, term), append(args, arg)
		}
	}
	add("actor = ?", f.Actor != "", f.Actor)
	add("action = ?", f.Action != "", f.Action)
	add("device = ?", f.Device != "", f.Device)
	add("order_id = ?", f.Order != "", f.Order)
	add("outcome = ?", f.Outcome != "", f.Outcome)
	if f.Changes {
		terms = append(terms, changes)
	}
	add("time >= ?", !f.Since.IsZero(), f.Since.UnixMicro())
	add("time < ?", !f.Until.IsZero(), f.Until.UnixMicro())
	add(`CAST(body AS TEXT) LIKE ? ESCAPE '!'`, f.Text != "", "%"+likeLiteral.Replace(f.Text)+"%")
	add("seq < ?", f.Before > 0, f.Before)
	add("seq > ?", f.After > 0, f.After)
	if terms == nil {
		return "", nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

// likeLiteral keeps what somebody looks for from being a pattern. A quote stands escaped in the rows.
var likeLiteral = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_", `"`, `\"`, `\`, `\\`)

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
	seq, _, err := l.Head(ctx)
	return seq, err
}

// Matching returns how many rows match, whatever page Before and After ask for.
func (l *Log) Matching(ctx context.Context, f Filter) (int64, error) {
	f.Before, f.After = 0, 0
	where, args := f.where()
	if where == "" {
		return l.Count(ctx)
	}
	var n int64
	if err := l.db.Read().QueryRowContext(ctx, "SELECT count(*) FROM audit"+where, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count audit rows: %w", err)
	}
	return n, nil
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
	found, err := q.QueryContext(ctx, "SELECT "+rowColumns+" FROM audit"+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read audit log: %w", err)
	}
	defer found.Close()
	var rows []Row
	for found.Next() {
		var r Row
		var body []byte
		var micros int64
		if err := found.Scan(&r.Seq, &body, &r.PrevHash, &r.Hash, &micros, &r.Actor, &r.Action, &r.Phase, &r.Outcome,
			&r.Device, &r.Order, &r.Of, &r.RequestID); err != nil {
			return nil, fmt.Errorf("read audit row: %w", err)
		}
		r.Time = time.UnixMicro(micros).UTC()
		rows = append(rows, fromBody(r, body))
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
