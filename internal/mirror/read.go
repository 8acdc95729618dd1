package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"cmpconsole/internal/store"
)

// Device returns what is known of a device; false when the mirror never heard of it.
func (m *Mirror) Device(ctx context.Context, id string) (Device, bool, error) {
	r, err := rowBy(ctx, m.db.Read(), id)
	if errors.Is(err, sql.ErrNoRows) {
		return Device{}, false, nil
	}
	if err != nil {
		return Device{}, false, fmt.Errorf("read device: %w", err)
	}
	list := []Device{m.device(&r)}
	if err := m.dress(ctx, list); err != nil {
		return Device{}, false, err
	}
	return list[0], true, nil
}

func rowBy(ctx context.Context, q store.Querier, id string) (row, error) {
	var r row
	err := q.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM device WHERE id = ?`, id).Scan(r.targets()...)
	return r, err
}

// devices reads the devices of these numbers, in their order. One that is no longer there is left out.
func (m *Mirror) devices(ctx context.Context, ns []int64) ([]Device, error) {
	return m.read(ctx, m.by.rows, ns, (*row).targets)
}

func (m *Mirror) read(ctx context.Context, by *sql.Stmt, ns []int64, targetsOf func(*row) []any) ([]Device, error) {
	rows, err := by.QueryContext(ctx, jsonOf(ns))
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	list := make([]Device, 0, len(ns))
	err = eachRow(rows, targetsOf, func(r *row) (more bool) {
		list = append(list, m.device(r))
		return true
	})
	return list, err
}

// eachRow visits rows with what stands in their columns, and nothing else, until visit has had enough.
func eachRow(rows *sql.Rows, targetsOf func(*row) []any, visit func(r *row) (more bool)) error {
	defer rows.Close()
	var r row
	targets := targetsOf(&r)
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("read devices: %w", err)
		}
		if !visit(&r) {
			break
		}
	}
	return rows.Err()
}

// listed reads what a list shows of the devices of a page, which are found at once: see store.DB.Lookup.
func (m *Mirror) listed(ctx context.Context, ns []int64) ([]Device, error) {
	list, err := m.read(context.WithoutCancel(ctx), m.by.listed, ns, (*row).listTargets)
	if err != nil {
		return nil, err
	}
	return list, m.dress(ctx, list)
}

// numbered reads the first devices that have a part in a number, with nothing but their numbers. Of a part with letters it reads all: they may
// stand in either case.
func (m *Mirror) numbered(ctx context.Context, ns []int64, part string, most int) ([]row, error) {
	if !allDigits(part) {
		part, most = "", len(ns)
	}
	rows, err := m.by.numbers.QueryContext(context.WithoutCancel(ctx), part, jsonOf(ns))
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	list := make([]row, 0, len(ns))
	err = eachRow(rows, (*row).numberTargets, func(r *row) (more bool) {
		list = append(list, *r)
		return len(list) < most
	})
	return list, err
}

// numberColumns are those that hold numbers, for numberTargets.
const numberColumns = `n, id, main_iccid, order_id, order_imsi, order_msisdn, order_iccid, msisdn, profiles, imei`

func (r *row) numberTargets() []any {
	return []any{&r.n, &r.id, &r.mainICCID, &r.orderID, &r.imsi, &r.phone, &r.card, &r.msisdn, &r.profiles, &r.imei}
}

// hasDigits holds for devices that have digits in a number: what stands around numbers in the columns, and before the digits of an order
// code, is no digit.
const hasDigits = `(instr(id, ?1) OR instr(order_imsi, ?1) OR instr(order_id, ?1) OR instr(order_msisdn, ?1) OR instr(msisdn, ?1) OR instr(main_iccid, ?1)
	OR instr(order_iccid, ?1) OR instr(imei, ?1) OR instr(profiles, ?1))`

// It has no limit of its own: SQLite would plan the statement anew for each.
const numbersByNumber = `SELECT ` + numberColumns + ` FROM device WHERE n IN (SELECT value FROM json_each(?2)) AND ` + hasDigits + ` ORDER BY n`

// listColumns are those that a list shows, for listTargets: each column of fifty rows takes time.
const listColumns = `n, id, lifecycle, ends, ota, partner, msisdn, order_id, status, package, order_imsi, order_msisdn, order_iccid, allowance, used, expires, profiles, imei, gone`

func (r *row) listTargets() []any {
	return []any{
		&r.n, &r.id, &r.lifecycle, &r.ends, &r.ota, &r.partner, &r.msisdn, &r.orderID, &r.status, &r.pack, &r.imsi, &r.phone, &r.card,
		&r.allowance, &r.used, &r.expires, &r.profiles, &r.imei, &r.gone,
	}
}

const (
	ofNumbers      = ` FROM (SELECT key, value FROM json_each(?)) AS asked CROSS JOIN device ON n = asked.value ORDER BY asked.key`
	rowsByNumber   = `SELECT ` + rowColumns + ofNumbers
	listedByNumber = `SELECT ` + listColumns + ofNumbers
)

// dress adds what stands outside the row: when the CMP last confirmed the device, and its labels.
func (m *Mirror) dress(ctx context.Context, list []Device) error {
	cols := m.columns.Load()
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].ID
		if s := cols.confirmedAt(list[i].n); s > 0 {
			list[i].Read = time.Unix(int64(s), 0).UTC()
		}
	}
	if m.Labels == nil {
		return nil
	}
	labels, err := m.Labels(ctx, ids)
	if err != nil {
		return fmt.Errorf("read labels: %w", err)
	}
	for i := range list {
		list[i].Labels = labels[list[i].ID]
	}
	return nil
}

// numbersOf reads numbers of devices, and texts what is a text.
func (m *Mirror) numbersOf(ctx context.Context, query string, args ...any) ([]int64, error) {
	return column[int64](ctx, m.db.Read(), query, args...)
}

func (m *Mirror) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	return column[string](ctx, m.db.Read(), query, args...)
}

func column[T any](ctx context.Context, q store.Querier, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}
