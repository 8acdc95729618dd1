package webhook

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
)

// InboundMark is a place in a device's messages: the last one seen, nothing for the newest.
type InboundMark struct {
	At time.Time
	ID int64
}

// Mark is the message's place among those of its device.
func (m Inbound) Mark() InboundMark { return InboundMark{m.At, m.ID} }

// InboundsBefore returns the messages of a device by the moment that they bear, newest first.
func (i *Inbox) InboundsBefore(ctx context.Context, device string, before InboundMark, limit int) ([]Inbound, error) {
	at := before.At.UnixMicro()
	if before.ID == 0 {
		at = math.MaxInt64
	}
	return selectInbounds(ctx, i.db.Read(), `WHERE device = ? AND (at < ? OR at = ? AND id < ?) ORDER BY at DESC, id DESC LIMIT ?`, device, at, at, before.ID, limit)
}

// CountInbounds tells how many messages from devices a query has, whatever its place and limit.
func (i *Inbox) CountInbounds(ctx context.Context, q InboundQuery) (n int, err error) {
	condition, args := q.where()
	err = i.db.Read().QueryRowContext(ctx, `SELECT count(*) FROM mo_message `+condition, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count messages from devices: %w", err)
	}
	return n, nil
}

// Read notes that somebody has read some messages of a device, and records it in the same transaction. It tells how many of them
// nobody had read; when there is none, nothing is done and no row left.
func (i *Inbox) Read(ctx context.Context, device string, ids []int64, e audit.Entry) (marked int, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	ctx = context.WithoutCancel(ctx) // what is recorded is done
	err = i.db.Write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE mo_message SET read_at = ?, read_by = ? WHERE device = ? AND read_at IS NULL AND mo_message.id IN (SELECT value FROM json_each(?))`, i.Now().UnixMicro(), e.Actor, device, string(list))
		if err != nil {
			return err
		}
		rows, err := res.RowsAffected()
		if marked = int(rows); err != nil || marked == 0 {
			return err
		}
		e.Device, e.Detail = device, append(e.Detail, audit.Field{Key: "messages", Value: strconv.Itoa(marked)})
		_, err = i.Log.AppendTx(ctx, tx, e)
		return err
	})
	if err != nil {
		return 0, fault.Wrap(fault.Unavailable, err, "The messages could not be marked as read. They stay as they are.")
	}
	return marked, nil
}
