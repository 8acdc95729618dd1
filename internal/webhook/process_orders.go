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
	if device == "" { // nothing is asked of the CMP: made-up ids would cost it a call each
		return p.strangers(ctx, group)
	}
	wait, err := p.pause(ctx, device)
	if err != nil {
		return err
	}
	if wait > 0 {
		p.later(group, wait)
		return p.keep(ctx, group)
	}
	asked := p.Now()
	orders, err := p.CMP.OrdersOf(ctx, device)
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if err != nil {
		p.failed(group, err)
		return p.keep(ctx, group, func(tx *sql.Tx) error { return noteAsked(context.WithoutCancel(ctx), tx, device, asked) })
	}
	r := reading{device: device, asked: asked, orders: map[string]cmp.Order{}}
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
}

// learn settles what the reading shows to have happened, and keeps what is new, in one piece with how the callbacks stand.
func (p *Processor) learn(ctx context.Context, r reading, group []*Push) error {
	ended := map[string]string{} // the action that ended, by order
	for _, push := range group {
		order, known := r.orders[push.Subject]
		if _, heard := ended[order.ID]; !known || heard {
			continue
		}
		action, err := p.Actions.Heard(ctx, order, r.asked)
		if err != nil {
			return err
		}
		ended[order.ID] = action
	}
	err := p.keep(ctx, group, func(tx *sql.Tx) error {
		news, err := p.news(context.WithoutCancel(ctx), tx, r, ended)
		if err != nil {
			return err
		}
		for _, push := range group {
			push.led(r, news, ended, p.Now())
		}
		return noteAsked(context.WithoutCancel(ctx), tx, r.device, r.asked)
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
	p.Told, p.Action, p.Seq, p.Wrong = string(order.Status), ended[order.ID], news[order.ID], ""
	switch {
	case p.Action != "":
		p.settled(Confirmed, now)
	case p.Seq > 0:
		p.settled(Changed, now)
	default:
		p.settled(Same, now)
	}
}

// news records each order of which the CMP says something else than when it was last asked for a callback, or that a callback names
// for the first time. It gives the rows of the log by order.
func (p *Processor) news(ctx context.Context, tx *sql.Tx, r reading, named map[string]string) (map[string]int64, error) {
	rows := map[string]int64{}
	for id, o := range r.orders {
		before, known, err := lastTold(ctx, tx, id)
		_, isNamed := named[id]
		if err != nil {
			return nil, err
		}
		if known && before == string(o.Status) || !known && !isNamed {
			continue
		}
		if err := noteTold(ctx, tx, o, r); err != nil {
			return nil, err
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

// pause is how long a device is not to be asked about yet.
func (p *Processor) pause(ctx context.Context, device string) (time.Duration, error) {
	var at int64
	err := p.db.Read().QueryRowContext(ctx, `SELECT at FROM push_asked WHERE device = ?`, device).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read when %s was asked about: %w", device, err)
	}
	return min(max(0, Coalesce-p.Now().Sub(time.UnixMicro(at))), Coalesce), nil // the clock may have been set back
}

func noteAsked(ctx context.Context, tx *sql.Tx, device string, at time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO push_asked (device, at) VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET at = excluded.at`, device, at.UnixMicro())
	if err == nil { // what is longer ago says nothing
		_, err = tx.ExecContext(ctx, `DELETE FROM push_asked WHERE at < ?`, at.Add(-time.Minute).UnixMicro())
	}
	if err != nil {
		return fmt.Errorf("note that %s was asked about: %w", device, err)
	}
	return nil
}

// strangers settles callbacks that name no device of the copy.
func (p *Processor) strangers(ctx context.Context, group []*Push) error {
	for _, push := range group {
		push.settled(Stranger, p.Now())
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
