package webhook

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// orders has the orders of one device read, once for all callbacks about them, and at most once in a while.
func (p *Processor) orders(ctx context.Context, group []*Push) error {
	device := group[0].Holder
	if device == "" {
		return p.unknown(ctx, group)
	}
	at, answered, err := p.lastAsked(ctx, device)
	if err != nil {
		return err
	}
	if answered {
		if group, err = p.settleByThat(ctx, group, at); err != nil || len(group) == 0 {
			return err
		}
	}
	if wait := min(Coalesce-p.Now().Sub(at), Coalesce); wait > 0 { // the clock may have been set back
		p.later(group, wait)
		return p.keep(ctx, group)
	}
	copied, _, err := p.Fleet.Device(ctx, device)
	if err != nil {
		return err
	}
	asked := p.Now()
	orders, err := p.CMP.OrdersOf(ctx, device)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if err != nil {
		p.failed(group, err)
		return p.keep(ctx, group, func(ctx context.Context, tx *sql.Tx) error { return noteAsked(ctx, tx, device, asked, false) })
	}
	r := reading{device: device, asked: asked, orders: map[string]cmp.Order{}, copied: copied.Orders}
	for _, o := range orders {
		r.orders[o.ID] = o
	}
	return p.learn(ctx, r, group)
}

// reading is what the CMP said of a device's orders when callbacks had it asked.
type reading struct {
	device string
	asked  time.Time
	orders map[string]cmp.Order
	copied []cmp.Order // those of the copy, as it was before
}

// before is how an order was in the copy; empty when that does not have it.
func (r reading) before(id string) string {
	for _, o := range r.copied {
		if o.ID == id {
			return string(o.Status)
		}
	}
	return ""
}

// learn settles what the reading shows to have happened, and keeps what is new, in one piece with how the callbacks stand.
func (p *Processor) learn(ctx context.Context, r reading, group []*Push) error {
	ended := map[string]string{} // the action that ended, by order
	for _, push := range group {
		order, known := r.orders[push.Subject]
		if _, heard := ended[order.ID]; !known || heard {
			continue
		}
		action, err := p.Actions.Heard(ctx, order, r.asked, push.Received)
		if err != nil {
			return err
		}
		ended[order.ID] = action
	}
	err := p.keep(ctx, group, func(ctx context.Context, tx *sql.Tx) error {
		news, err := p.news(ctx, tx, r)
		if err != nil {
			return err
		}
		for _, push := range group {
			push.led(r, news, ended, p.Now())
		}
		return noteAsked(ctx, tx, r.device, r.asked, true)
	})
	if err != nil {
		return err
	}
	p.Refresh(r.device)
	p.Tell(topicsOf(r, ended)...)
	return nil
}

// led notes on a callback what the reading that it caused has shown.
func (p *Push) led(r reading, news map[string]int64, ended map[string]string, now time.Time) {
	order, known := r.orders[p.Subject]
	if !known {
		p.settled(Stranger, now)
		return
	}
	p.Told = string(order.Status)
	seq, read := news[order.ID]
	if seq > 0 {
		p.Seq = seq
	}
	switch {
	case ended[order.ID] != "":
		p.Action = ended[order.ID]
		p.settled(Confirmed, now)
	case seq > 0:
		p.settled(Changed, now)
	case read:
		p.settled(Seen, now)
	default:
		p.settled(Same, now)
	}
}

// news records each order of which the CMP says something else than was known: when it was last asked for a callback, or in the copy. It
// gives the rows of the log by order, 0 for an order of which nothing was known, so that who names many orders fills no log.
func (p *Processor) news(ctx context.Context, tx *sql.Tx, r reading) (map[string]int64, error) {
	rows := map[string]int64{}
	for id, o := range r.orders {
		before, told, err := lastTold(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if !told {
			before = r.before(id)
		}
		if told && before == string(o.Status) {
			continue
		}
		if err := noteTold(ctx, tx, o, r); err != nil {
			return nil, err
		}
		if before == string(o.Status) {
			continue
		}
		if rows[id] = 0; before == "" {
			continue
		}
		e := audit.Entry{Actor: audit.CMP, Action: audit.PushOrder, Phase: audit.Event, Outcome: audit.OK, Device: r.device, Order: id,
			Detail: []audit.Field{{Key: "before_status", Value: before}, {Key: "status_read", Value: string(o.Status)}}}
		if rows[id], err = p.Log.AppendTx(ctx, tx, e); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

func lastTold(ctx context.Context, tx *sql.Tx, order string) (status string, known bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT status FROM order_told WHERE order_id = ?`, order).Scan(&status)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("read what was told of order %s: %w", order, err)
	}
	return status, true, nil
}

func noteTold(ctx context.Context, tx *sql.Tx, o cmp.Order, r reading) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO order_told (order_id, device, status, at) VALUES (?, ?, ?, ?)
		ON CONFLICT (order_id) DO UPDATE SET device = excluded.device, status = excluded.status, at = excluded.at`, o.ID, r.device, o.Status, r.asked.UnixMicro())
	if err != nil {
		return fmt.Errorf("keep what was told of order %s: %w", o.ID, err)
	}
	return nil
}

// lastAsked tells when a callback last had a device asked about, and whether the CMP answered. The zero time: not lately.
func (p *Processor) lastAsked(ctx context.Context, device string) (at time.Time, answered bool, err error) {
	var micros int64
	err = p.db.Read().QueryRowContext(ctx, `SELECT at, answered FROM push_asked WHERE device = ?`, device).Scan(&micros, &answered)
	if errors.Is(err, sql.ErrNoRows) {
		return at, false, nil
	}
	if err != nil {
		return at, false, fmt.Errorf("read when %s was asked about: %w", device, err)
	}
	return time.UnixMicro(micros), answered, nil
}

// settleByThat settles callbacks that came before the last reading of their device, which says all that another one could, and returns the others.
func (p *Processor) settleByThat(ctx context.Context, group []*Push, asked time.Time) (later []*Push, err error) {
	var settled []*Push
	for _, push := range group {
		if push.Received.After(asked) {
			later = append(later, push)
			continue
		}
		settled = append(settled, push)
	}
	if len(settled) == 0 {
		return later, nil
	}
	return later, p.keep(ctx, settled, func(ctx context.Context, tx *sql.Tx) error {
		for _, push := range settled {
			status, told, err := lastTold(ctx, tx, push.Subject)
			switch {
			case err != nil:
				return err
			case told:
				push.Told = status
				push.settled(Same, p.Now())
			default:
				push.settled(Stranger, p.Now())
			}
		}
		return nil
	})
}

func noteAsked(ctx context.Context, tx *sql.Tx, device string, at time.Time, answered bool) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO push_asked (device, at, answered) VALUES (?, ?, ?) ON CONFLICT (device) DO UPDATE SET at = excluded.at, answered = excluded.answered`, device, at.UnixMicro(), answered)
	if err == nil { // what is longer ago says nothing
		_, err = tx.ExecContext(ctx, `DELETE FROM push_asked WHERE at < ?`, at.Add(-time.Minute).UnixMicro())
	}
	if err != nil {
		return fmt.Errorf("note that %s was asked about: %w", device, err)
	}
	return nil
}

// strangers settles callbacks that name no device of ours, and notes why that was not looked into further, when it was not.
func (p *Processor) strangers(ctx context.Context, group []*Push, why string) error {
	for _, push := range group {
		push.settled(Stranger, p.Now())
		push.Wrong = why
	}
	return p.keep(ctx, group)
}

// topicsOf names what is another thing now for pages that are open.
func topicsOf(r reading, ended map[string]string) []string {
	topics := []string{"device:" + r.device}
	for id := range ended {
		topics = append(topics, "order:"+id)
	}
	return topics
}
