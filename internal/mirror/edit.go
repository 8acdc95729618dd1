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

	tx     *prepared
	draft  *draft
	second uint32
	met    map[string]met
	was    map[int64]row // the numbers of those of a page of whom it says something new
	fresh  []string      // ids of new devices, of which we may know something already
	young  []int64       // those whose numbers no segment of the search index has
	keys   []numberKey   // to be written
}

// met is what must be known of a device to tell whether a page says anything new of it.
type met struct{ n, told, borne, gone int64 }

func (m *Mirror) edit(tx *sql.Tx) *edit {
	return &edit{Mirror: m, tx: prepare(tx), draft: m.columns.Load().draft(), met: map[string]met{}}
}

// page takes over a page of the CMP's list.
func (e *edit) page(ctx context.Context, list []cmp.Device) error {
	if err := e.meet(ctx, list); err != nil {
		return err
	}
	rows := make([]row, len(list))
	var news []int64
	for i, d := range list {
		rows[i] = e.rowOf(d)
		if known, ok := e.met[d.ID]; ok && known.borne != rows[i].borne {
			news = append(news, known.n)
		}
	}
	if err := e.remember(ctx, news); err != nil {
		return err
	}
	for _, r := range rows {
		if err := e.list(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// says tells whether a row of the CMP's list is known already.
func (k met) says(r row) bool { return k.told == r.told && k.gone == 0 }

// meet looks up all devices of a page at once.
func (e *edit) meet(ctx context.Context, list []cmp.Device) error {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	rows, err := e.tx.QueryContext(ctx, `SELECT id, n, told, borne, gone FROM device WHERE id IN (SELECT value FROM json_each(?))`, jsonOf(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var known met
		if err := rows.Scan(&id, &known.n, &known.told, &known.borne, &known.gone); err != nil {
			return err
		}
		e.met[id] = known
	}
	return rows.Err()
}

// remember reads the numbers that devices have had: no more of what was is needed to write a row anew.
func (e *edit) remember(ctx context.Context, ns []int64) error {
	e.was = make(map[int64]row, len(ns))
	rows, err := e.tx.QueryContext(ctx, `SELECT `+numberColumns+` FROM device WHERE n IN (SELECT value FROM json_each(?))`, jsonOf(ns))
	if err != nil {
		return err
	}
	return eachRow(rows, (*row).numberTargets, func(r *row) (more bool) {
		e.was[r.n] = *r
		return true
	})
}

// list takes over a device of the CMP's list.
func (e *edit) list(ctx context.Context, is row) error {
	known, ok := e.met[is.id]
	switch {
	case is.id == "":
		return nil
	case !ok:
		return e.insert(ctx, is)
	}
	if e.late(known.n, known.gone) {
		e.Same++
		return nil
	}
	e.draft.confirm(known.n, e.second)
	if known.says(is) {
		e.Same++
		return nil
	}
	if known.borne == is.borne {
		return e.renew(ctx, known.n, is)
	}
	was, err := e.row(ctx, known.n, is.id)
	if err != nil {
		return err
	}
	is.profiles, is.imei = was.profiles, was.imei
	return e.replace(ctx, was, is)
}

// row is a device as it stands; one that a page names twice may have been written since the page was looked up.
func (e *edit) row(ctx context.Context, n int64, id string) (row, error) {
	if r, ok := e.was[n]; ok {
		delete(e.was, n)
		return r, nil
	}
	return rowBy(ctx, e.tx, id)
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
	if e.late(was.n, was.gone) {
		e.Same++
		return nil
	}
	e.draft.confirm(was.n, e.second)
	is.keep(was)
	is.told, is.borne = is.hash(), is.bearing()
	return e.update(ctx, was, is)
}

// lateAtMost is how long an answer may be under way. One that is older by more was read by a clock that was set back since.
const lateAtMost = 300

// late tells whether the mirror knows something newer of device n than what was just read: a page of many devices may
// have been asked for before a change, and come after the device was read anew.
func (e *edit) late(n, gone int64) bool {
	newer := max(int64(e.draft.confirmedAt(n)), gone) - int64(e.second)
	return newer > 0 && newer < lateAtMost
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
	r.n = e.draft.last + 1
	_, err := e.tx.ExecContext(ctx, insertRow, append([]any{r.n}, r.values()...)...)
	if err != nil {
		return err
	}
	e.draft.set(r.n, factsOf(&r))
	e.draft.confirm(r.n, e.second)
	e.New, e.fresh = e.New+1, append(e.fresh, r.id)
	e.met[r.id] = met{r.n, r.told, r.borne, 0}
	return e.index(ctx, r.n, nil, r.numbers())
}

// update writes the row anew when it differs.
func (e *edit) update(ctx context.Context, was, is row) error {
	if slices.EqualFunc(was.values(), is.values(), sameValue) {
		e.Same++
		return nil
	}
	return e.replace(ctx, was, is)
}

// renew writes all of the row but its numbers, which are what they were.
func (e *edit) renew(ctx context.Context, n int64, is row) error {
	is.n = n
	return e.overwrite(ctx, is, renewRow, is.renewed())
}

// replace writes the row anew, and its numbers when one of them changed.
func (e *edit) replace(ctx context.Context, was, is row) error {
	is.n = was.n
	values := slices.Delete(is.values(), 2, 3) // all but the id
	if err := e.overwrite(ctx, is, updateRow, values); err != nil || was.bears() == is.bears() {
		return err
	}
	return e.index(ctx, is.n, was.numbers(), is.numbers())
}

func (e *edit) overwrite(ctx context.Context, is row, statement string, values []any) error {
	if _, err := e.tx.ExecContext(ctx, statement, append(values, is.n)...); err != nil {
		return err
	}
	e.Changed++
	e.met[is.id] = met{is.n, is.told, is.borne, is.gone}
	e.draft.set(is.n, factsOf(&is))
	return nil
}

// finish writes the columns, and what we know of devices that are new to the mirror but not to us.
func (e *edit) finish(ctx context.Context) error {
	if err := e.label(ctx, e.tx, e.fresh); err != nil {
		return err
	}
	if err := e.bind(ctx); err != nil {
		return err
	}
	if err := e.saveKeys(ctx); err != nil {
		return err
	}
	if err := saveYoung(ctx, e.tx, e.young); err != nil {
		return err
	}
	return e.draft.save(ctx, e.tx)
}

// bind gives new devices the IMEIs that we bound them to: the CMP's list does not tell them.
func (e *edit) bind(ctx context.Context) error {
	if e.Bound == nil || len(e.fresh) == 0 {
		return nil
	}
	imeis, err := e.Bound(ctx, e.fresh)
	if err != nil {
		return err
	}
	changed := e.Changed // they are new, and not changed
	for id, imei := range imeis {
		was, err := rowBy(ctx, e.tx, id)
		if err != nil {
			return err
		}
		is := was
		is.imei = imei
		if err := e.replace(ctx, was, is); err != nil {
			return err
		}
	}
	e.Changed = changed
	return nil
}

var (
	insertRow = fmt.Sprintf(`INSERT INTO device (%s) VALUES (%s)`, rowColumns, marks(strings.Count(rowColumns, ",")+1))
	// A device keeps its id: SQLite would write the index of ids anew for one that is set to the same.
	updateRow = fmt.Sprintf(`UPDATE device SET (%s) = (%s) WHERE n = ?`, strings.Replace(strings.TrimPrefix(rowColumns, "n, "), "id, ", "", 1), marks(strings.Count(rowColumns, ",")-1))
	renewRow  = fmt.Sprintf(`UPDATE device SET (%s) = (%s) WHERE n = ?`, renewedColumns, marks(strings.Count(renewedColumns, ",")+1))
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
