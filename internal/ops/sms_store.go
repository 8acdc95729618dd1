package ops

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// Message is an SMS to one device, with the action that sends it.
type Message struct {
	MsgID, Batch, DeviceID string
	ActionID, Actor        string
	Draft                  string // the text while no row of the log has been written; see Text
	Binary                 bool
	Segments               int
	TextSeq                int64         // the row of the log beside which the text stands, or stood; 0 while it is a draft
	Sent                   time.Time     // or tried; of what was only previewed: written
	Told                   cmp.MTMessage // by the CMP, when it was last asked; empty while it said nothing
	Reported, Asked        time.Time
	Action                 Action
}

// Unreported tells whether the CMP may have the message, and no report on it yet.
func (m Message) Unreported() bool {
	switch m.Action.State {
	case OK, EffectPresent, Unknown, Dispatched:
		return m.Told.Report == ""
	}
	return false
}

// Waits tells whether a report is to be expected: not of what the CMP says it did not send.
func (m Message) Waits() bool { return m.Unreported() && m.Told.State != cmp.WasNotSent }

func insertMessage(ctx context.Context, q store.Querier, action string, m Message) error {
	_, err := q.ExecContext(ctx, `INSERT INTO message (msg_id, action_id, batch, device_id, content, is_binary, segments, sent_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, m.MsgID, action, m.Batch, m.DeviceID, m.Draft, m.Binary, m.Segments, m.Sent.UnixMicro())
	return err
}

// selectMessages returns the messages that the rest of the statement picks; m is the message, a its action.
func selectMessages(ctx context.Context, q store.Querier, rest string, args ...any) ([]Message, error) {
	rows, err := q.QueryContext(ctx, `SELECT m.msg_id, m.batch, m.device_id, m.action_id, m.content, m.is_binary, m.segments, m.sent_at, m.reported_at, m.asked_at,
		m.report, m.send_state, m.msisdn, m.send_started, m.send_ended, coalesce(m.text_seq, 0), a.actor FROM message m JOIN action a ON a.id = m.action_id `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	defer rows.Close()
	var messages []Message
	for rows.Next() {
		m, err := scanMessage(rows)
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	for i := range messages {
		a, err := selectAction(ctx, q, `WHERE id = ?`, messages[i].ActionID)
		if err != nil {
			return nil, err
		}
		messages[i].Action = *a
	}
	return messages, nil
}

func scanMessage(rows *sql.Rows) (m Message, err error) {
	var sent int64
	var reported, asked sql.NullInt64
	var started, ended string
	if err := rows.Scan(&m.MsgID, &m.Batch, &m.DeviceID, &m.ActionID, &m.Draft, &m.Binary, &m.Segments, &sent, &reported, &asked,
		&m.Told.Report, &m.Told.State, &m.Told.MSISDN, &started, &ended, &m.TextSeq, &m.Actor); err != nil {
		return m, fmt.Errorf("read message: %w", err)
	}
	m.Sent, m.Reported, m.Asked = time.UnixMicro(sent).UTC(), moment(reported), moment(asked)
	m.Told.DeviceID, m.Told.Started, m.Told.Ended = m.DeviceID, cmp.TimeOf(started), cmp.TimeOf(ended)
	return m, nil
}

// MessageQuery narrows the list of messages.
type MessageQuery struct {
	Batch, DeviceID string
	Failed          bool      // only those that did not arrive, as the CMP says
	Since           time.Time // only those sent then or later
	Before          MessageMark
	Limit           int
}

// where is the query as a condition of selectMessages, without the place in the list.
func (q MessageQuery) where() (condition string, args []any) {
	since := int64(math.MinInt64)
	if !q.Since.IsZero() {
		since = q.Since.UnixMicro()
	}
	return `(? = '' OR m.batch = ?) AND (? = '' OR m.device_id = ?) AND m.sent_at >= ? AND (a.claimed_at IS NOT NULL OR ? <> '')
		AND (? = 0 OR m.report = ? OR m.send_state = ? AND m.report <> ?)`,
		[]any{q.Batch, q.Batch, q.DeviceID, q.DeviceID, since, q.Batch, q.Failed, cmp.Failed, cmp.WasNotSent, cmp.Delivered}
}

// MessageMark is a place in the list: the last message seen, nothing for the start. Several may have one moment, so the moment
// alone would not do.
type MessageMark struct {
	Sent  time.Time
	MsgID string
}

// Mark is the message's place in the list.
func (m Message) Mark() MessageMark { return MessageMark{m.Sent, m.MsgID} }

// Messages returns messages that were sent or tried, newest first. What was only previewed is not among them, unless those of its batch are
// asked for: there it is what was not sent.
func (o *Actions) Messages(ctx context.Context, q MessageQuery) ([]Message, error) {
	before := q.Before.Sent.UnixMicro()
	if q.Before.MsgID == "" {
		before = math.MaxInt64
	}
	condition, args := q.where()
	return selectMessages(ctx, o.db.Read(), `WHERE `+condition+` AND (m.sent_at < ? OR m.sent_at = ? AND m.msg_id > ?)
		ORDER BY m.sent_at DESC, m.msg_id LIMIT ?`, append(args, before, before, q.Before.MsgID, q.Limit)...)
}

// CountMessages tells how many messages a query has, whatever its place and limit.
func (o *Actions) CountMessages(ctx context.Context, q MessageQuery) (n int, err error) {
	condition, args := q.where()
	err = o.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM message m JOIN action a ON a.id = m.action_id WHERE `+condition, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count messages: %w", err)
	}
	return n, nil
}

// looked is how many of the newest messages are looked through for a part of their id.
const looked = 20_000

// MessagesWith returns the newest messages that have a part in their id, so many at most: those that begin with it, and among the newest
// those that have it elsewhere.
func (o *Actions) MessagesWith(ctx context.Context, part string, limit int) ([]Message, error) {
	return selectMessages(ctx, o.db.Read(), `WHERE a.claimed_at IS NOT NULL AND m.msg_id IN (SELECT msg_id FROM message WHERE msg_id >= ? AND msg_id < ?
		UNION SELECT msg_id FROM (SELECT msg_id FROM message ORDER BY sent_at DESC LIMIT ?) WHERE instr(msg_id, ?) > 0)
		ORDER BY m.sent_at DESC, m.msg_id LIMIT ?`, part, part+"\U0010FFFF", looked, part, limit)
}

// DevicesOf returns the devices that messages were sent to, by their ids.
func (o *Actions) DevicesOf(ctx context.Context, msgIDs []string) (map[string]string, error) {
	devices, err := selectByID(ctx, o.db.Read(), `SELECT m.msg_id, m.device_id FROM message m JOIN action a ON a.id = m.action_id
		WHERE a.claimed_at IS NOT NULL AND m.msg_id IN (SELECT value FROM json_each(?))`, msgIDs)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return devices, nil
}

// Message returns one message.
func (o *Actions) Message(ctx context.Context, msgID string) (Message, error) {
	found, err := selectMessages(ctx, o.db.Read(), `WHERE m.msg_id = ?`, msgID)
	if err != nil {
		return Message{}, err
	}
	if len(found) == 0 {
		return Message{}, fault.New(fault.NotFound, "This console has sent no message of this id.")
	}
	return found[0], nil
}
