package ops

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Taken is when the CMP has taken the first change of a kind, after each of which it is to call back; zero when it took none.
type Taken struct{ Order, SMS time.Time }

// TakenAfter tells when the CMP took the first changes from here after two moments: of an order and of an SMS.
func (o *Actions) TakenAfter(ctx context.Context, order, sms time.Time) (t Taken, err error) {
	var first, second sql.NullInt64
	const taken = `SELECT min(claimed_at) FROM action INDEXED BY action_taken WHERE state IN ('ok', 'effect_present') AND claimed_at > ? AND verb IN `
	err = o.db.Read().QueryRowContext(ctx, `SELECT (`+taken+`(?, ?, ?, ?, ?)), (`+taken+`(?))`, order.UnixMicro(), Open, Pause, Restart, Cancel, End, sms.UnixMicro(), Send).Scan(&first, &second)
	if err != nil {
		return t, fmt.Errorf("look for changes that the CMP has taken: %w", err)
	}
	return Taken{Order: moment(first), SMS: moment(second)}, nil
}
