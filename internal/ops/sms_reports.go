package ops

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"cmpconsole/internal/cmp"
)

// The bounds of asking for the reports of a list. Lists reload by themselves, and many may be open at once.
const (
	asksAtMost = 20
	asksAtOnce = 2
	asksTime   = 5 * time.Second
	askAgain   = 3 * time.Second // a message is not asked about again before
)

// AskReports asks the CMP about those of the messages that wait, the one not asked about for longest first. It
// tells whether any was asked about. A message that the CMP says nothing of stays as it is.
func (o *Actions) AskReports(ctx context.Context, shown []Message) (bool, error) {
	due := dueForReport(shown, o.now())
	if len(due) == 0 {
		return false, nil
	}
	if err := o.markAsked(ctx, due); err != nil { // what is known is shown all the same
		o.logger.Warn("reports not asked about", "err", err)
		return false, nil
	}
	// Ended by leaving, not by a deadline, which would count as a failure of the CMP.
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	defer time.AfterFunc(asksTime, leave).Stop()
	var asking errgroup.Group
	asking.SetLimit(asksAtOnce)
	for _, m := range due {
		asking.Go(func() error {
			if _, err := o.AskReport(ctx, m); err != nil && ctx.Err() == nil {
				o.logger.Warn("report not read", "msg_id", m.MsgID, "err", err)
			}
			return nil
		})
	}
	return true, asking.Wait()
}

// dueForReport picks the messages to ask about.
func dueForReport(shown []Message, now time.Time) []Message {
	due := slices.DeleteFunc(slices.Clone(shown), func(m Message) bool { return !m.Waits() || now.Sub(m.Asked) < askAgain })
	slices.SortStableFunc(due, func(x, y Message) int { return x.Asked.Compare(y.Asked) })
	return due[:min(len(due), asksAtMost)]
}

// markAsked comes before asking, so that lists open at the same time ask about different messages.
func (o *Actions) markAsked(ctx context.Context, due []Message) error {
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		for _, m := range due {
			if _, err := tx.ExecContext(ctx, `UPDATE message SET asked_at = ? WHERE msg_id = ?`, o.now().UnixMicro(), m.MsgID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("mark messages as asked about: %w", err)
	}
	return nil
}

// AskReport asks the CMP what became of a message, keeps what it says, and takes it as evidence for a lost answer.
func (o *Actions) AskReport(ctx context.Context, m Message) (Message, error) {
	asked := o.now()
	page, err := o.client.MTMessages(ctx, cmp.MTQuery{MsgID: m.MsgID, Page: 1, Size: 5})
	if err != nil || len(page.Messages) == 0 {
		return m, err
	}
	if _, err := o.observe(ctx, m.Action.rule().subject(m.Action), is(accepted), asked); err != nil {
		return m, err
	}
	told := page.Messages[0]
	told.DeviceID = m.DeviceID
	if keptOf(told) == keptOf(m.Told) {
		return m, nil
	}
	if m.Told = told; told.Report != "" {
		m.Reported = o.now()
	}
	if err := o.keepTold(ctx, m); err != nil {
		return m, err
	}
	o.tellOf(m)
	return m, nil
}

// keptOf is what of a report stands in the database. Times are compared as they came: what they are read as also tells what
// is known of their zone.
func keptOf(told cmp.MTMessage) [5]string {
	return [5]string{string(told.Report), string(told.State), told.MSISDN, told.Started.Raw, told.Ended.Raw}
}

func (o *Actions) keepTold(ctx context.Context, m Message) error {
	reported := sql.NullInt64{Int64: m.Reported.UnixMicro(), Valid: !m.Reported.IsZero()}
	err := o.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE message SET report = ?, send_state = ?, msisdn = ?, send_started = ?, send_ended = ?, reported_at = ? WHERE msg_id = ?`,
			m.Told.Report, m.Told.State, m.Told.MSISDN, m.Told.Started.Raw, m.Told.Ended.Raw, reported, m.MsgID)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep what became of message %s: %w", m.MsgID, err)
	}
	return nil
}
