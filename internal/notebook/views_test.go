package notebook

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"cmpconsole/internal/fault"
)

func save(t *testing.T, b *Book, v View) View {
	t.Helper()
	v, err := b.SaveView(t.Context(), v, func(*sql.Tx, View) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhoSeesAView(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	private := save(t, b, View{Name: " Expiring ", Query: "expires=7d", Owner: "manager"})
	shared := save(t, b, View{Name: "Suspended", Query: "status=5", Owner: "manager", Shared: true})
	if private.Name != "Expiring" || private.ID == shared.ID {
		t.Errorf("%+v, %+v", private, shared)
	}
	for user, want := range map[string][]View{"manager": {private, shared}, "support": {shared}} {
		list, err := b.Views(t.Context(), user)
		if wantSame(t, user, list, want); err != nil {
			t.Error(err)
		}
	}
	_, err := b.View(t.Context(), "support", private.ID)
	wantFault(t, err, fault.NotFound, "no such view")
	if v, err := b.View(t.Context(), "support", shared.ID); err != nil || v != shared {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestWhoChangesAView(t *testing.T) {
	t.Parallel()
	const yes = fault.Kind(-1)
	for name, tt := range map[string]struct {
		who    Editor
		shared bool
		want   fault.Kind
	}{
		"the owner, private":      {Editor{Name: "manager"}, false, yes},
		"the owner, shared":       {Editor{Name: "manager"}, true, yes},
		"somebody else, shared":   {Editor{Name: "support"}, true, fault.Forbidden},
		"somebody else, private":  {Editor{Name: "support"}, false, fault.NotFound},
		"an admin, shared":        {Editor{Name: "root", Chief: true}, true, yes},
		"an admin, not their own": {Editor{Name: "root", Chief: true}, false, fault.NotFound},
	} {
		b := newBook(t)
		v := save(t, b, View{Name: "Expiring", Query: "expires=7d", Owner: "manager", Shared: tt.shared})
		told := 0
		is, err := b.ChangeView(t.Context(), tt.who, v.ID, func(v *View) { v.Query, v.Owner = "expires=30d", "thief" }, func(_ *sql.Tx, was, is View) error {
			told++
			if was != v || is.Query != "expires=30d" || is.Owner != "manager" {
				t.Errorf("%s: was %+v, is %+v", name, was, is)
			}
			return nil
		})
		err2 := b.DeleteView(t.Context(), tt.who, v.ID, func(_ *sql.Tx, was View) error { told++; return nil })
		if tt.want == yes && (err != nil || err2 != nil || told != 2 || is.Query != "expires=30d") {
			t.Errorf("%s: %v, %v, %d told", name, err, err2, told)
		}
		if tt.want != yes && (fault.KindOf(err) != tt.want || fault.KindOf(err2) != tt.want || told != 0) {
			t.Errorf("%s: %v, %v, %d told", name, err, err2, told)
		}
	}
}

func TestNamesOfViews(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	v := save(t, b, View{Name: "Expiring", Owner: "manager"})
	other := save(t, b, View{Name: "Other", Owner: "manager"})
	save(t, b, View{Name: "expiring", Owner: "support"}) // somebody else's may be called the same
	quiet := func(*sql.Tx, View) error { return nil }
	_, err := b.SaveView(t.Context(), View{Name: "EXPIRING", Owner: "manager"}, quiet)
	wantFault(t, err, fault.Invalid, "“Expiring” already")
	_, err = b.ChangeView(t.Context(), Editor{Name: "manager"}, other.ID, func(o *View) { o.Name = "expiring" }, func(*sql.Tx, View, View) error { return nil })
	wantFault(t, err, fault.Invalid, "“Expiring” already")
	_, err = b.ChangeView(t.Context(), Editor{Name: "manager"}, v.ID, func(v *View) { v.Name = "EXPIRING" }, func(*sql.Tx, View, View) error { return nil })
	if err != nil {
		t.Errorf("its own name in other letters: %v", err)
	}
	for name, says := range map[string]string{"": "Write", strings.Repeat("x", maxViewName+1): "60 characters", "a\x07": "cannot be seen"} {
		_, err := b.SaveView(t.Context(), View{Name: name, Owner: "manager"}, quiet)
		wantFault(t, err, fault.Invalid, says)
	}
	_, err = b.SaveView(t.Context(), View{Name: "long", Query: strings.Repeat("x", maxViewQuery+1), Owner: "manager"}, quiet)
	wantFault(t, err, fault.Invalid, "too long")
}

func TestViewsAreBounded(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	for n := range maxViews {
		save(t, b, View{Name: fmt.Sprint(n), Owner: "manager"})
	}
	_, err := b.SaveView(t.Context(), View{Name: "one more", Owner: "manager"}, func(*sql.Tx, View) error { return nil })
	wantFault(t, err, fault.Invalid, "200 views")
}

func TestAViewThatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	v := save(t, b, View{Name: "Expiring", Owner: "manager"})
	_, err := b.SaveView(t.Context(), View{Name: "Other", Owner: "manager"}, func(*sql.Tx, View) error { return errUnrecorded })
	_, err2 := b.ChangeView(t.Context(), Editor{Name: "manager"}, v.ID, func(v *View) { v.Name = "New" }, func(*sql.Tx, View, View) error { return errUnrecorded })
	err3 := b.DeleteView(t.Context(), Editor{Name: "manager"}, v.ID, func(*sql.Tx, View) error { return errUnrecorded })
	for _, err := range []error{err, err2, err3} {
		if !errors.Is(err, errUnrecorded) {
			t.Error(err)
		}
	}
	list, err := b.Views(t.Context(), "manager")
	if wantSame(t, "what stays", list, []View{v}); err != nil {
		t.Error(err)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	b := newBook(t)
	quiet := func(*sql.Tx) error { return nil }
	for _, chosen := range [][]string{nil, {"status", "package"}, {"package"}, nil} {
		if err := b.ChooseColumns(t.Context(), "support", chosen, quiet); err != nil {
			t.Fatal(err)
		}
		got, err := b.Columns(t.Context(), "support")
		if wantSame(t, "chosen", got, chosen); err != nil {
			t.Error(err)
		}
	}
	if err := b.ChooseColumns(t.Context(), "support", []string{"package"}, func(*sql.Tx) error { return errUnrecorded }); !errors.Is(err, errUnrecorded) {
		t.Error(err)
	}
	if got, err := b.Columns(t.Context(), "support"); err != nil || got != nil {
		t.Errorf("unrecorded: %v, %v", got, err)
	}
}
