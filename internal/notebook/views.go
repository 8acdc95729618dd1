package notebook

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// The bounds of saved views: characters of a name, bytes of a query, and views of one owner.
const (
	maxViewName  = 60
	maxViewQuery = 2000
	maxViews     = 200
)

// View is a way to look at the list of devices, under a name. Query is the query string of its address.
type View struct {
	ID, Name, Query, Owner string
	Shared                 bool // everybody sees it, and only its owner or an admin changes it
	Changed                time.Time
}

// MayEdit tells that the view is the editor's own, or is shared and the editor may change what others share.
func (v View) MayEdit(who Editor) bool { return v.Owner == who.Name || v.Shared && who.Chief }

// Views returns the views that somebody sees, by name: their own and the shared ones.
func (b *Book) Views(ctx context.Context, user string) ([]View, error) {
	return selectViews(ctx, b.db.Lookup(), `WHERE owner = ? OR shared = 1 ORDER BY folded, owner`, user)
}

// View returns one view that somebody sees. Others' private ones are not there.
func (b *Book) View(ctx context.Context, user, id string) (View, error) {
	return viewOf(ctx, b.db.Read(), Editor{Name: user}, id)
}

// SaveView keeps a new view of its owner.
func (b *Book) SaveView(ctx context.Context, v View, record func(*sql.Tx, View) error) (View, error) {
	if err := v.check(); err != nil {
		return View{}, err
	}
	v.ID, v.Changed = strings.ToLower(rand.Text()[:12]), b.now().UTC().Truncate(time.Microsecond)
	err := b.db.Write(ctx, func(tx *sql.Tx) error {
		own, err := selectViews(ctx, tx, `WHERE owner = ?`, v.Owner)
		if err != nil {
			return err
		}
		if len(own) >= maxViews {
			return fault.New(fault.Invalid, fmt.Sprintf("You have %d views. Delete one before you save another.", maxViews))
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO saved_view (id, name, folded, query, owner, shared, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			v.ID, v.Name, fold(v.Name), v.Query, v.Owner, v.Shared, v.Changed.UnixMicro())
		if err != nil {
			return err
		}
		return record(tx, v)
	})
	if err != nil {
		return View{}, fmt.Errorf("save a view: %w", v.taken(ctx, b.db.Read(), err))
	}
	return v, nil
}

// ChangeView renames a view, replaces its filters or shares it, as edit says; record gets it as it was and as it is.
func (b *Book) ChangeView(ctx context.Context, who Editor, id string, edit func(*View), record func(tx *sql.Tx, was, is View) error) (View, error) {
	var is View
	err := b.db.Write(ctx, func(tx *sql.Tx) error {
		was, err := viewOf(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !was.MayEdit(who) {
			return errNotYours(was)
		}
		is = was
		edit(&is)
		is.ID, is.Owner = was.ID, was.Owner
		if err := is.check(); err != nil || is == was {
			return err
		}
		is.Changed = b.now().UTC().Truncate(time.Microsecond)
		if _, err := tx.ExecContext(ctx, `UPDATE saved_view SET name = ?, folded = ?, query = ?, shared = ?, at = ? WHERE id = ?`, is.Name, fold(is.Name), is.Query, is.Shared, is.Changed.UnixMicro(), id); err != nil {
			return err
		}
		return record(tx, was, is)
	})
	if err != nil {
		return View{}, fmt.Errorf("change view %s: %w", id, is.taken(ctx, b.db.Read(), err))
	}
	return is, nil
}

// DeleteView forgets a view; record gets it as it was.
func (b *Book) DeleteView(ctx context.Context, who Editor, id string, record func(*sql.Tx, View) error) error {
	err := b.db.Write(ctx, func(tx *sql.Tx) error {
		was, err := viewOf(ctx, tx, who, id)
		if err != nil {
			return err
		}
		if !was.MayEdit(who) {
			return errNotYours(was)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM saved_view WHERE id = ?`, id); err != nil {
			return err
		}
		return record(tx, was)
	})
	if err != nil {
		return fmt.Errorf("delete view %s: %w", id, err)
	}
	return nil
}

func errNotYours(v View) error {
	return fault.New(fault.Forbidden, "This view is "+v.Owner+"'s. Only its owner and admins may change it.")
}

// check makes the view fit to be kept.
func (v *View) check() (err error) {
	if v.Name, err = line("a name for the view", v.Name, maxViewName); err == nil && len(v.Query) > maxViewQuery {
		err = fault.New(fault.Invalid, "These filters are too long to be kept as a view.")
	}
	return err
}

// taken tells an error for which the name is the cause: one owner has no two views of a name.
func (v View) taken(ctx context.Context, q store.Querier, err error) error {
	same, failed := selectViews(ctx, q, `WHERE owner = ? AND folded = ? AND id <> ?`, v.Owner, fold(v.Name), v.ID)
	if _, told := errors.AsType[*fault.Error](err); told || failed != nil || len(same) == 0 {
		return err
	}
	return fault.Wrap(fault.Invalid, err, "There is a view “"+same[0].Name+"” already. Choose another name, or replace that one.")
}

func viewOf(ctx context.Context, q store.Querier, who Editor, id string) (View, error) {
	list, err := selectViews(ctx, q, `WHERE id = ? AND (owner = ? OR shared = 1)`, id, who.Name)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "There is no such view, or it is private and somebody else's.")
	}
	if err != nil {
		return View{}, err
	}
	return list[0], nil
}

func selectViews(ctx context.Context, q store.Querier, which string, args ...any) ([]View, error) {
	rows, err := q.QueryContext(ctx, `SELECT id, name, query, owner, shared, at FROM saved_view `+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read views: %w", err)
	}
	defer rows.Close()
	var list []View
	for rows.Next() {
		var v View
		var at int64
		if err := rows.Scan(&v.ID, &v.Name, &v.Query, &v.Owner, &v.Shared, &at); err != nil {
			return nil, fmt.Errorf("read view: %w", err)
		}
		v.Changed = moment(at)
		list = append(list, v)
	}
	return list, rows.Err()
}
