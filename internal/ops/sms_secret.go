package ops

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// TextField is the name under which a row of the log commits to the text of an SMS.
const TextField = "text"

// Text is what a message says. Once it is erased, Erased is the row that tells by whom, when and why.
type Text struct {
	Content string
	Erased  *audit.Row
}

// Text returns what a message says. Nobody is to see it who has not asked for it, and that is to be recorded.
func (o *Actions) Text(ctx context.Context, m Message) (Text, error) {
	if m.TextSeq == 0 {
		return Text{Content: m.Draft}, nil
	}
	content, ok, err := o.log.Secret(ctx, m.TextSeq, TextField)
	if err != nil || ok {
		return Text{Content: content}, err
	}
	erased, err := o.log.Redaction(ctx, m.TextSeq, TextField)
	if err == nil && erased == nil {
		err = fmt.Errorf("the text of message %s is not beside row %d, and nobody erased it", m.MsgID, m.TextSeq)
	}
	return Text{Erased: erased}, err
}

// appendFirst writes the first row of an action. The text of an SMS moves beside it in the same transaction, so
// that it stands in one place, where it can be erased while the row stays; and the message stands from then on where it was sent.
func (o *Actions) appendFirst(ctx context.Context, tx *sql.Tx, a Action, e audit.Entry) (int64, error) {
	if a.rule().kind != sms {
		return o.log.AppendTx(ctx, tx, e)
	}
	text, found, err := draftOf(ctx, tx, a.ID)
	if err != nil {
		return 0, err
	}
	if !found {
		return 0, errMoved // it has its row, or was forgotten
	}
	e.Secrets = []audit.Field{{Key: TextField, Value: text}}
	seq, err := o.log.AppendTx(ctx, tx, e)
	if err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE message SET sent_at = ? WHERE action_id = ?`, a.Claimed.UnixMicro(), a.ID); err != nil {
		return 0, err
	}
	return seq, emptyDraft(ctx, tx, a.ID, seq)
}

// emptyDraft leaves a message without its text and notes the row of the log which has it, or had it.
func emptyDraft(ctx context.Context, q store.Querier, actionID string, seq int64) error {
	_, err := q.ExecContext(ctx, `UPDATE message SET content = '', text_seq = ? WHERE action_id = ?`, seq, actionID)
	return err
}

// draftOf returns the text that still stands in the message: of one that has no row yet, or of one that an older
// version has sent, whose row commits to nothing.
func draftOf(ctx context.Context, q store.Querier, actionID string) (text string, found bool, err error) {
	err = q.QueryRowContext(ctx, `SELECT content FROM message WHERE action_id = ? AND text_seq IS NULL`, actionID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read the text of action %s: %w", actionID, err)
	}
	return text, true, nil
}

// olderRows returns the rows of messages that an older version has sent and that keep this very text themselves.
func olderRows(ctx context.Context, q store.Querier, text string) (rows []int64, err error) {
	kept, err := selectMessages(ctx, q, `WHERE m.text_seq IS NULL AND m.content = ?`, text)
	if err != nil {
		return nil, err
	}
	for _, m := range kept {
		of, err := audit.WithDetail(ctx, q, audit.SMSSend, m.DeviceID, "action_id", m.ActionID)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	return rows, nil
}

// forgetDrafts deletes the previews that nobody has sent and that have a text, or belong with the message of an action.
func forgetDrafts(ctx context.Context, q store.Querier, text, actionID string) error {
	if _, err := q.ExecContext(ctx, `DELETE FROM action WHERE state = 'prepared' AND claimed_at IS NULL AND id IN
		(SELECT action_id FROM message WHERE content = ? OR batch = (SELECT batch FROM message WHERE action_id = ?))`, text, actionID); err != nil {
		return fmt.Errorf("forget previews of a text: %w", err)
	}
	return nil
}
