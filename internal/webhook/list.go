package webhook

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

const pushColumns = `id, kind, received, source, headers, body, erased, digest, signed, state, device, subject, wrong, due, tries, done, effect, told, holder, message, joined, action, seq, times, first`

// selectPushes returns the callbacks that the rest of the statement picks.
func selectPushes(ctx context.Context, q store.Querier, rest string, args ...any) ([]Push, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+pushColumns+" FROM push "+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read callbacks: %w", err)
	}
	defer rows.Close()
	var found []Push
	for rows.Next() {
		p, err := scanPush(rows)
		if err != nil {
			return nil, fmt.Errorf("read callback: %w", err)
		}
		found = append(found, p)
	}
	return found, rows.Err()
}

func scanPush(row interface{ Scan(...any) error }) (p Push, err error) {
	var headers string
	var received, due, first int64
	var done sql.NullInt64
	err = row.Scan(&p.ID, &p.Kind, &received, &p.Source, &headers, &p.Body, &p.Erased, &p.digest, &p.Signed, &p.State, &p.Device, &p.Subject, &p.Wrong, &due, &p.Tries, &done,
		&p.Effect, &p.Told, &p.Holder, &p.Message, &p.Joined, &p.Action, &p.Seq, &p.Times, &first)
	if err != nil {
		return p, err
	}
	p.Received, p.First = time.UnixMicro(received).UTC(), time.UnixMicro(first).UTC()
	if due > 0 {
		p.Due = time.UnixMicro(due).UTC()
	}
	if done.Valid {
		p.Done = time.UnixMicro(done.Int64).UTC()
	}
	return p, json.Unmarshal([]byte(headers), &p.Headers)
}

// Query narrows the inbox. What is empty narrows nothing.
type Query struct {
	Kind   Kind
	State  State
	Effect Effect
	Device string // as a callback names it, or the device that it was found to be
	About  string // the order or message, as a callback names it
	Every  bool   // repetitions too, which are folded into the newest otherwise
	Before int64  // the id of the last one seen; 0 for the newest
	Limit  int
}

// where holds only the conditions that are asked for, so that each finds its index.
func (q Query) where() (condition string, args []any) {
	condition = `WHERE id > 0`
	if !q.Every && q.Effect == "" { // a repetition may have led to something else than what it repeats
		condition += ` AND folded = 0`
	}
	for _, c := range []struct{ column, value string }{{"kind", string(q.Kind)}, {"state", string(q.State)}, {"effect", string(q.Effect)}, {"subject", q.About}} {
		if c.value != "" {
			condition, args = condition+` AND `+c.column+` = ?`, append(args, c.value)
		}
	}
	if q.Device != "" {
		condition, args = condition+` AND (device = ? OR holder = ?)`, append(args, q.Device, q.Device)
	}
	if q.Before > 0 {
		condition, args = condition+` AND id < ?`, append(args, q.Before)
	}
	return condition, args
}

// List returns callbacks, the newest first, without their bodies' meaning: see Push.Event.
func (i *Inbox) List(ctx context.Context, q Query) ([]Push, error) {
	condition, args := q.where()
	return selectPushes(ctx, i.db.Read(), condition+` ORDER BY id DESC LIMIT ?`, append(args, q.Limit)...)
}

// Count tells how many callbacks a query has, whatever its place and limit.
func (i *Inbox) Count(ctx context.Context, q Query) (n int, err error) {
	q.Before = 0
	condition, args := q.where()
	err = i.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM push `+condition, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count callbacks: %w", err)
	}
	return n, nil
}

var errNoPush = fault.New(fault.NotFound, "There is no callback of this number. The last 100,000 are kept.")

// Get returns one callback.
func (i *Inbox) Get(ctx context.Context, id int64) (Push, error) {
	found, err := selectPushes(ctx, i.db.Read(), `WHERE id = ?`, id)
	if err != nil {
		return Push{}, err
	}
	if len(found) == 0 {
		return Push{}, errNoPush
	}
	return found[0], nil
}

// Newest tells when the last callback of each kind came; kinds of which none is kept are not in it.
func (i *Inbox) Newest(ctx context.Context) (map[Kind]time.Time, error) {
	newest := map[Kind]time.Time{}
	for _, kind := range Kinds() {
		var at int64
		err := i.db.Read().QueryRowContext(ctx, `SELECT received FROM push WHERE kind = ? ORDER BY id DESC LIMIT 1`, kind).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read the newest callback: %w", err)
		}
		newest[kind] = time.UnixMicro(at).UTC()
	}
	return newest, nil
}
