package ops

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cmpconsole/internal/store"
)

const actionColumns = `id, order_id, device_id, verb, actor, reason, state, before_status, prepared_at, claimed_at,
	dispatched_at, finished_at, settled_at, intent_seq, outcome_seq, latency_ms, code, message, why, looks, wants, expires_at,
	read_state, read_at, task_at, settled_by, settled_why, auto_bind, confirmed_at,
	coalesce((SELECT batch FROM purchase WHERE purchase.action_id = action.id), '')`

func scanAction(row interface{ Scan(...any) error }) (Action, error) {
	var a Action
	var verb, state string
	var prepared int64
	var claimed, dispatched, finished, settled, expires, read, task, confirmed sql.NullInt64
	err := row.Scan(&a.ID, &a.OrderID, &a.DeviceID, &verb, &a.Actor, &a.Reason, &state, &a.Before, &prepared, &claimed,
		&dispatched, &finished, &settled, &a.IntentSeq, &a.OutcomeSeq, &a.LatencyMS, &a.Code, &a.Message, &a.Why, &a.Looks, &a.Wants, &expires,
		&a.Read, &read, &task, &a.SettledBy, &a.SettledWhy, &a.autoBind, &confirmed, &a.batch)
	a.Verb, a.State = Verb(verb), State(state)
	a.Prepared, a.Claimed, a.Dispatched = time.UnixMicro(prepared).UTC(), moment(claimed), moment(dispatched)
	a.Finished, a.Settled = moment(finished), moment(settled)
	a.Expires, a.ReadAt, a.Task, a.Confirmed = moment(expires), moment(read), moment(task), moment(confirmed)
	return a, err
}

func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}

// micros is how a moment is stored, NULL for none.
func micros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

// selectActions returns the actions that the rest of the statement picks.
func selectActions(ctx context.Context, q store.Querier, rest string, args ...any) ([]Action, error) {
	rows, err := q.QueryContext(ctx, "SELECT "+actionColumns+" FROM action "+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read actions: %w", err)
	}
	defer rows.Close()
	var actions []Action
	for rows.Next() {
		a, err := scanAction(rows)
		if err != nil {
			return nil, fmt.Errorf("read action: %w", err)
		}
		actions = append(actions, a)
	}
	return actions, rows.Err()
}

// selectAction returns the first of those actions, nil when there is none.
func selectAction(ctx context.Context, q store.Querier, rest string, args ...any) (*Action, error) {
	actions, err := selectActions(ctx, q, rest+" LIMIT 1", args...)
	if err != nil || len(actions) == 0 {
		return nil, err
	}
	return &actions[0], nil
}

func insertPrepared(ctx context.Context, q store.Querier, a Action) error {
	_, err := q.ExecContext(ctx, `INSERT INTO action (id, order_id, device_id, verb, actor, state, before_status, prepared_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, a.ID, a.OrderID, a.DeviceID, a.Verb, a.Actor, Prepared, a.Before, a.Prepared.UnixMicro(), micros(a.Expires))
	return err
}

// claim takes a prepared action for sending. It fails with errMoved when it was taken before.
func claim(ctx context.Context, q store.Querier, a Action, now time.Time) error {
	return update(ctx, q, a, "state,claimed_at,dispatched_at,reason,wants,auto_bind", Dispatched, a.Claimed.UnixMicro(), now.UnixMicro(), a.Reason, a.Wants, a.autoBind)
}

var errMoved = errors.New("another hand has moved the action on")

var errLocked = errors.New("another change of the same is open")

func lock(ctx context.Context, q store.Querier, a Action) error {
	res, err := q.ExecContext(ctx, `INSERT INTO action_lock (subject, action_id) VALUES (?, ?) ON CONFLICT (subject) DO NOTHING`, a.rule().subject(a), a.ID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errLocked, err)
	}
	return nil
}

func unlock(ctx context.Context, q store.Querier, a Action) error {
	_, err := q.ExecContext(ctx, `DELETE FROM action_lock WHERE subject = ? AND action_id = ?`, a.rule().subject(a), a.ID)
	return err
}

// update writes the named columns of one action and fails unless it still is in the state it had.
func update(ctx context.Context, q store.Querier, a Action, columns string, args ...any) error {
	set := strings.ReplaceAll(columns, ",", " = ?,") + " = ?"
	res, err := q.ExecContext(ctx, "UPDATE action SET "+set+" WHERE id = ? AND state = ?", append(args, a.ID, a.State)...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("action %s, last seen as %s: %w", a.ID, a.State, errMoved), err)
	}
	return nil
}

// selectByID reads a text by its id: the query takes the ids as a list of JSON, and gives both.
func selectByID(ctx context.Context, q store.Querier, query string, ids []string) (map[string]string, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, query, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	texts := map[string]string{}
	for rows.Next() {
		var id, text string
		if err := rows.Scan(&id, &text); err != nil {
			return nil, err
		}
		texts[id] = text
	}
	return texts, rows.Err()
}
