package ops

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cmpconsole/internal/cmp"
)

// How a delivery report was found to be about one of our messages.
const (
	ByOurID      = "our id"
	ByProviderID = "the provider's id"
	ByDevice     = "device and time"
)

// A report without an id that we know is taken to be about a message of its device that was sent at most so long before it, or
// after it by as much as clocks may differ.
const (
	reportLate  = 72 * time.Hour
	clocksApart = 5 * time.Minute
)

// candidates is how many messages to a device a report may be about, at most.
const candidates = 5

// MessagesOf finds the messages that a delivery report may be about: the one of our id, else of the provider's, else those to the device that
// were sent shortly before the report and have no id of the provider's yet, the newest first.
func (o *Actions) MessagesOf(ctx context.Context, msgID, deviceID string, at time.Time) (ids []string, by string, err error) {
	for _, look := range []struct{ by, condition string }{{ByOurID, `m.msg_id = ?`}, {ByProviderID, `m.provider_id <> '' AND m.provider_id = ?`}} {
		found, err := selectMessages(ctx, o.db.Read(), `WHERE a.claimed_at IS NOT NULL AND `+look.condition, msgID)
		if err != nil {
			return nil, "", err
		}
		if len(found) == 1 {
			return []string{found[0].MsgID}, look.by, nil
		}
	}
	found, err := selectMessages(ctx, o.db.Read(), `WHERE a.claimed_at IS NOT NULL AND m.device_id = ? AND m.device_id <> '' AND m.provider_id = '' AND m.sent_at BETWEEN ? AND ?
		ORDER BY m.sent_at DESC LIMIT ?`, deviceID, at.Add(-reportLate).UnixMicro(), at.Add(clocksApart).UnixMicro(), candidates)
	if err != nil {
		return nil, "", err
	}
	for _, m := range found {
		ids = append(ids, m.MsgID)
	}
	return ids, ByDevice, nil
}

// HearReport asks the CMP what became of a message because a report came, and tells what it says. A message that was just asked about is left
// alone: wait is how long. One that has its report is not asked about.
func (o *Actions) HearReport(ctx context.Context, msgID string) (told cmp.MTMessage, wait time.Duration, err error) {
	m, err := o.Message(ctx, msgID)
	if err != nil || !m.Unreported() {
		return m.Told, 0, err
	}
	if wait := askAgain - o.now().Sub(m.Asked); wait > 0 {
		return cmp.MTMessage{}, min(wait, askAgain), nil
	}
	if err := o.markAsked(ctx, []Message{m}); err != nil {
		return cmp.MTMessage{}, 0, err
	}
	m, err = o.AskReport(ctx, m)
	return m.Told, 0, err
}

// NameProvider keeps the provider's id of a message, so that later reports are joined by it.
func (o *Actions) NameProvider(ctx context.Context, msgID, provider string) error {
	if provider == "" || provider == msgID {
		return nil
	}
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE message SET provider_id = ? WHERE msg_id = ? AND provider_id = ''`, provider, msgID)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the provider's id of message %s: %w", msgID, err)
	}
	return nil
}
