package ops

import (
	"context"
	"fmt"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

func insertPurchase(ctx context.Context, q store.Querier, action string, p Purchase) error {
	_, err := q.ExecContext(ctx, `INSERT INTO purchase (action_id, batch, device_id, package_code, package_name, package_type, periods, is_open, paid, amount, test_flow)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, action, p.Batch, p.DeviceID, p.PackageCode, p.PackageName, p.PackageType, p.Periods, p.Open, p.Paid, p.Amount, p.TestFlow)
	return err
}

// Purchases returns the orders of a batch, in the order in which they were previewed. Only who previewed it may.
func (o *Actions) Purchases(ctx context.Context, who Operator, batch string) ([]Purchase, error) {
	list, err := o.selectPurchases(ctx, batch)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "The database did not answer. Nothing was sent.")
	}
	if len(list) == 0 || list[0].Action.Actor != who.Name {
		return nil, fault.New(fault.Conflict, "This preview is not known here any more. Nothing was sent. Look at it again and send it.")
	}
	return list, nil
}

func (o *Actions) selectPurchases(ctx context.Context, batch string) ([]Purchase, error) {
	rows, err := o.db.Read().QueryContext(ctx, `SELECT action_id, batch, device_id, package_code, package_name, package_type, periods, is_open, paid, amount, test_flow, order_id
		FROM purchase WHERE batch = ? ORDER BY rowid`, batch)
	if err != nil {
		return nil, fmt.Errorf("read purchases: %w", err)
	}
	defer rows.Close()
	var list []Purchase
	for rows.Next() {
		var p Purchase
		if err := rows.Scan(&p.Action.ID, &p.Batch, &p.DeviceID, &p.PackageCode, &p.PackageName, &p.PackageType, &p.Periods, &p.Open, &p.Paid, &p.Amount, &p.TestFlow, &p.OrderID); err != nil {
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
