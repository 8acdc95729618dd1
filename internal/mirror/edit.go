package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cmpconsole/internal/cmp"
)

// edit is one transaction of changes, with the columns as they will be after it.
type edit struct {
	*Mirror
	Written

	tx     *sql.Tx
	draft  *draft
	second uint32
	fresh  []string // ids of new devices, whose labels we may know already
}

// list takes over a device of the CMP's list.
func (e *edit) list(ctx context.Context, d cmp.Device) error {
	is := e.rowOf(d)
	if is.id == "" {
		return nil
	}
	var n, told, gone int64
	err := e.tx.QueryRowContext(ctx, `SELECT n, told, gone FROM device WHERE id = ?`, is.id).Scan(&n, &told, &gone)
	if errors.Is(err, sql.ErrNoRows) {
		return e.insert(ctx, is)
	}
	if err != nil {
		return err
	}
	e.draft.confirm(n, e.second)
	if told == is.told && gone == 0 {
		e.Same++
		return nil
	}
	was, err := rowBy(ctx, e.tx, is.id)
	if err != nil {
		return err
	}
	is.profiles, is.imei = was.profiles, was.imei
	return e.replace(ctx, was, is)
}

// alone takes over a device that was asked for by itself.
func (e *edit) alone(ctx context.Context, d cmp.Device) error {
	is := e.rowOf(d)
	if o, ok := d.Current(); ok {
		is.profiles = joinProfiles(o.Profiles)
	}
	was, err := rowBy(ctx, e.tx, is.id)
	if errors.Is(err, sql.ErrNoRows) {
		return e.insert(ctx, is)
	}
	if err != nil {
		return err
	}
	e.draft.confirm(was.n, e.second)
	is.keep(was)
	return e.replace(ctx, was, is)
}

// keep leaves what the CMP does not tell of a device alone as it was.
func (r *row) keep(was row) {
	if r.partner == 0 {
		r.partner = was.partner
	}
	for _, f := range []struct{ is, was *string }{
		{&r.msisdn, &was.msisdn}, {&r.mainICCID, &was.mainICCID}, {&r.task, &was.task}, {&r.profiles, &was.profiles}, {&r.imei, &was.imei},
	} {
		if *f.is == "" {
			*f.is = *f.was
		}
	}
	if r.orderID == was.orderID {
		for _, f := range []struct{ is, was *string }{{&r.supplier, &was.supplier}, {&r.imsi, &was.imsi}, {&r.phone, &was.phone}, {&r.card, &was.card}} {
			if *f.is == "" {
				*f.is = *f.was
			}
		}
	}
}

func (e *edit) insert(ctx context.Context, r row) error {
	r.told = r.hash()
	r.n = e.draft.last + 1
	_, err := e.tx.ExecContext(ctx, insertRow, append([]any{r.n}, r.values()...)...)
	if err != nil {
		return err
	}
	e.draft.set(r.n, factsOf(&r))
	e.draft.confirm(r.n, e.second)
	e.New, e.fresh = e.New+1, append(e.fresh, r.id)
	return e.index(ctx, r.n, nil, e.device(r).numbers())
}

// replace writes the row anew when it differs, and its numbers when one of them did.
func (e *edit) replace(ctx context.Context, was, is row) error {
	is.n, is.told = was.n, is.hash()
	if slices.EqualFunc(was.values(), is.values(), sameValue) {
		e.Same++
		return nil
	}
	if _, err := e.tx.ExecContext(ctx, updateRow, append(is.values(), is.n)...); err != nil {
		return err
	}
	e.Changed++
	e.draft.set(is.n, factsOf(&is))
	old, now := e.device(was).numbers(), e.device(is).numbers()
	if slices.Equal(old, now) {
		return nil
	}
	return e.index(ctx, is.n, old, now)
}

// index writes the numbers of a device into the look-up table and the search index.
func (e *edit) index(ctx context.Context, n int64, old, now []number) error {
	for _, o := range old {
		if _, err := e.tx.ExecContext(ctx, `DELETE FROM number WHERE h = ? AND n = ?`, hashOf(o.value), n); err != nil {
			return err
		}
	}
	for _, o := range now {
		if _, err := e.tx.ExecContext(ctx, `INSERT INTO number (h, n) VALUES (?, ?) ON CONFLICT DO NOTHING`, hashOf(o.value), n); err != nil {
			return err
		}
	}
	if old != nil {
		if _, err := e.tx.ExecContext(ctx, `DELETE FROM gram WHERE rowid = ?`, n); err != nil {
			return err
		}
	}
	_, err := e.tx.ExecContext(ctx, `INSERT INTO gram (rowid, s) VALUES (?, ?)`, n, gramsOf(now))
	return err
}

// finish writes the columns, and the labels of devices that are new to the mirror but not to us.
func (e *edit) finish(ctx context.Context) error {
	if err := e.label(ctx, e.tx, e.fresh); err != nil {
		return err
	}
	return e.draft.save(ctx, e.tx)
}

var (
	insertRow = fmt.Sprintf(`INSERT INTO device (%s) VALUES (%s)`, rowColumns, marks(strings.Count(rowColumns, ",")+1))
	updateRow = fmt.Sprintf(`UPDATE device SET (%s) = (%s) WHERE n = ?`, strings.TrimPrefix(rowColumns, "n, "), marks(strings.Count(rowColumns, ",")))
)

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// sameValue compares two values of a row, by what a pointer points to.
func sameValue(a, b any) bool {
	p, ok := a.(*int64)
	q, also := b.(*int64)
	if !ok || !also {
		return a == b
	}
	return p == q || p != nil && q != nil && *p == *q
}
