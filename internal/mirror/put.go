package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"cmpconsole/internal/cmp"
)

// Written counts what a page of devices did to the mirror.
type Written struct{ New, Changed, Same int }

// Put takes over devices as the CMP's list tells of them, all confirmed as of a time. Rows are written only when
// something changed. What runs besides, such as noting how far the list was read, is written together with them or not at all.
func (m *Mirror) Put(ctx context.Context, list []cmp.Device, at time.Time, also ...func(*sql.Tx) error) (Written, error) {
	return m.write(ctx, list, at, also, func(e *edit) error { return e.page(ctx, list) })
}

// PutOne takes over a device as the CMP told of it when asked for it alone: its identities are told then, but not
// its partner and some of its numbers, which stay.
func (m *Mirror) PutOne(ctx context.Context, d cmp.Device, at time.Time) (Written, error) {
	return m.write(ctx, []cmp.Device{d}, at, nil, func(e *edit) error { return e.alone(ctx, d) })
}

// Learn adds the identities that a device's orders tell, those that wait included.
func (m *Mirror) Learn(ctx context.Context, id string, orders []cmp.Order) error {
	return m.amend(ctx, id, time.Time{}, func(_ *edit, r *row) {
		list := splitProfiles(r.profiles)
		for _, o := range orders {
			for _, p := range o.Profiles {
				list = withProfile(list, p)
			}
		}
		r.profiles = joinProfiles(list)
	})
}

// Bind notes the IMEI that a device is bound to; empty: to none.
func (m *Mirror) Bind(ctx context.Context, id, imei string) error {
	return m.amend(ctx, id, time.Time{}, func(_ *edit, r *row) { r.imei = imei })
}

// Drop marks devices that the CMP no longer knew at a time. They stay, and come back when the CMP tells of them again. One that is
// marked keeps the time at which that was met first.
func (m *Mirror) Drop(ctx context.Context, ids []string, at time.Time) error {
	for _, id := range ids {
		err := m.amend(ctx, id, at, func(e *edit, r *row) {
			if r.gone == 0 && !e.late(r.n, 0) {
				r.gone = at.Unix()
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *Mirror) write(ctx context.Context, list []cmp.Device, at time.Time, also []func(*sql.Tx) error, put func(*edit) error) (Written, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return Written{}, fmt.Errorf("write mirror: %w", err)
	}
	defer unlock()
	if err := m.name(ctx, list); err != nil {
		return Written{}, fmt.Errorf("write mirror: %w", err)
	}
	var e *edit
	err = m.db.Write(ctx, func(tx *sql.Tx) error {
		ctx := context.WithoutCancel(ctx) // a page takes 50 ms, and 150 with a segment; to watch for an end meanwhile costs the driver more than its statements
		e = m.edit(tx)
		e.second = second(at)
		if err := put(e); err != nil {
			return err
		}
		for _, fn := range also {
			if err := fn(tx); err != nil {
				return err
			}
		}
		return e.finish(ctx)
	})
	if err != nil {
		return Written{}, fmt.Errorf("write mirror: %w", err)
	}
	m.columns.Store(&e.draft.columns)
	return e.Written, nil
}

// amend changes the row of a device that is known, as of a time; of one that is not there is nothing to say.
func (m *Mirror) amend(ctx context.Context, id string, at time.Time, change func(*edit, *row)) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return fmt.Errorf("write mirror: %w", err)
	}
	defer unlock()
	var e *edit
	err = m.db.Write(ctx, func(tx *sql.Tx) error {
		e = m.edit(tx)
		e.second = second(at)
		was, err := rowBy(ctx, e.tx, id)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		is := was
		change(e, &is)
		if err := e.update(ctx, was, is); err != nil {
			return err
		}
		return e.finish(ctx)
	})
	if err != nil {
		return fmt.Errorf("write mirror: %w", err)
	}
	m.columns.Store(&e.draft.columns)
	return nil
}

// name numbers the packages and partners of devices.
func (m *Mirror) name(ctx context.Context, list []cmp.Device) error {
	var packages, partners []named
	for _, d := range list {
		partners = append(partners, named{d.PartnerCode, d.PartnerName})
		if o, ok := d.Current(); ok {
			packages = append(packages, named{o.PackageCode, o.PackageName})
		}
	}
	return errors.Join(m.packages.need(ctx, m.db, packages), m.partners.need(ctx, m.db, partners))
}

func withProfile(list []cmp.Profile, p cmp.Profile) []cmp.Profile {
	for _, known := range list {
		if known.IMSI == p.IMSI && strings.EqualFold(known.ICCID, p.ICCID) {
			return list
		}
	}
	return append(list, p)
}
