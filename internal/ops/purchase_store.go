package ops

import (
	"context"
	"fmt"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

func insertPurchase(ctx context.Context, q store.Querier, action string, p Purchase) error {
	_, err := q.ExecContext(ctx, `INSERT INTO purchase (action_id, batch, device_id, package_code, package_name, package_type, periods, is_open, paid, amount, test_flow, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, action, p.Batch, p.DeviceID, p.PackageCode, p.PackageName, p.PackageType, p.Periods, p.Open, p.Paid, p.Amount, p.TestFlow, p.Reason)
	return err
}

func insertLeftOut(ctx context.Context, q store.Querier, batch string, list []LeftOut) error {
	for _, l := range list {
		if _, err := q.ExecContext(ctx, `INSERT INTO purchase_left_out (batch, device_id, why) VALUES (?, ?, ?)`, batch, l.DeviceID, l.Why); err != nil {
			return err
		}
	}
	return nil
}

// keepOrderID stores the id of the order that the CMP has made.
func keepOrderID(ctx context.Context, q store.Querier, action, order string) error {
	_, err := q.ExecContext(ctx, `UPDATE purchase SET order_id = ? WHERE action_id = ?`, order, action)
	return err
}

// LeftOut returns what the preview of a batch left out.
func (o *Actions) LeftOut(ctx context.Context, batch string) ([]LeftOut, error) {
	rows, err := o.db.Read().QueryContext(ctx, `SELECT device_id, why FROM purchase_left_out WHERE batch = ? ORDER BY rowid`, batch)
	if err != nil {
		return nil, fmt.Errorf("read what was left out: %w", err)
	}
	defer rows.Close()
	var list []LeftOut
	for rows.Next() {
		var l LeftOut
		if err := rows.Scan(&l.DeviceID, &l.Why); err != nil {
			return nil, fmt.Errorf("read what was left out: %w", err)
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// Purchases returns the orders of a batch, in the order in which they were previewed, to whom previewed it and to
// whoever may read the whole log.
func (o *Actions) Purchases(ctx context.Context, who Operator, batch string) ([]Purchase, error) {
	list, err := o.selectPurchases(ctx, batch)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The database did not answer. Nothing was sent.")
	}
	if len(list) == 0 || list[0].Action.Actor != who.Name && !who.Can(auth.AuditRead) {
		return nil, fault.New(fault.Conflict, "This preview is not known here any more. Nothing was sent. Look at it again and send it.")
	}
	return list, nil
}

func (o *Actions) selectPurchases(ctx context.Context, batch string) ([]Purchase, error) {
	rows, err := o.db.Read().QueryContext(ctx, `SELECT action_id, batch, device_id, package_code, package_name, package_type, periods, is_open, paid, amount, test_flow, reason, order_id
		FROM purchase WHERE batch = ? ORDER BY rowid`, batch)
	if err != nil {
		return nil, fmt.Errorf("read purchases: %w", err)
	}
	defer rows.Close()
	var list []Purchase
	for rows.Next() {
		var p Purchase
		if err := rows.Scan(&p.Action.ID, &p.Batch, &p.DeviceID, &p.PackageCode, &p.PackageName, &p.PackageType, &p.Periods, &p.Open, &p.Paid, &p.Amount, &p.TestFlow, &p.Reason, &p.OrderID); err != nil {
			return nil, fmt.Errorf("read purchase: %w", err)
		}
		list = append(list, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read purchases: %w", err)
	}
	for i := range list {
		a, err := selectAction(ctx, o.db.Read(), `WHERE id = ?`, list[i].Action.ID)
		if err != nil {
			return nil, err
		}
		list[i].Action = *a
	}
	return list, nil
}
