package ops

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

func TestOffers(t *testing.T) {
	t.Parallel()
	allowed := map[cmp.OrderStatus][]Verb{
		cmp.StatusNotEnabled: {Open, Cancel}, cmp.StatusInUse: {Pause, End}, cmp.StatusSuspended: {Restart}, cmp.StatusEnded: nil, "4": nil, "": nil,
	}
	for status, want := range allowed {
		for _, role := range auth.Roles() {
			for _, open := range []*Action{nil, {State: Unknown}} {
				for _, offer := range Offers(auth.Identity{Name: "x", Roles: []auth.Role{role}}, cmp.Order{Status: status}, open) {
					expected := role == auth.Support && open == nil && slices.Contains(want, offer.Verb)
					if offer.Allowed != expected || (offer.Why == "") != expected {
						t.Errorf("status %q, %s, %s, open %v: allowed %v, why %q", status, role, offer.Verb, open != nil, offer.Allowed, offer.Why)
					}
				}
			}
		}
	}
}

func TestDoLabels(t *testing.T) {
	t.Parallel()
	rejected := &cmp.Error{Kind: cmp.Rejected, Code: "3002", Message: "订单状态不允许"}
	tests := []struct {
		name   string
		answer error
		want   State
		locked bool
	}{
		{"confirmed", nil, OK, false},
		{"rejected", rejected, Rejected, false},
		{"signature refused", &cmp.Error{Kind: cmp.Unauthorised, HTTPStatus: 401}, Rejected, false},
		{"no connection", &cmp.Error{Kind: cmp.NotSent, Err: errors.New("refused")}, NotSent, false},
		{"answer lost", errLost, Unknown, true},
		{"an error that nobody knows", errors.New("odd"), Unknown, true},
	}
	for _, tt := range tests {
		for _, verb := range []Verb{Pause, End} {
			t.Run(tt.name+" "+string(verb), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.cmp.answer = tt.answer
				a, err := b.Do(t.Context(), anna, b.form(t, anna, verb))
				if err != nil || a.State != tt.want || b.cmp.changes != 1 || b.locked(t) != tt.locked {
					t.Errorf("state %s, %v, %d changes, locked %v", a.State, err, b.cmp.changes, b.locked(t))
				}
				if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:" + a.Outcome()}) {
					t.Errorf("rows %v", got)
				}
				if latest, err := b.Latest(t.Context(), "ORDER_1"); err != nil || latest.State != tt.want || latest.Reason != "Customer asked, ticket 4711" {
					t.Errorf("stored %+v, %v", latest, err)
				}
			})
		}
	}
}

func TestThousandPostsOfOneFormSendOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			if a, err := b.Do(t.Context(), anna, form); err != nil || a.State != OK {
				t.Errorf("state %s, %v", a.State, err)
			}
		})
	}
	all.Wait()
	if b.cmp.changes != 1 {
		t.Errorf("%d changes sent", b.cmp.changes)
	}
}

// Two operators with the same order before them: one is sent, the other finds the order changed or locked.
func TestTwoFormsOfOneOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	bert := operatorOf("bert", auth.Support)
	first, second := b.form(t, anna, Pause), b.form(t, bert, End)
	b.cmp.before = func() {
		b.cmp.before = nil
		_, err := b.Do(t.Context(), bert, second)
		wantKind(t, err, fault.Conflict)
	}
	if a, err := b.Do(t.Context(), anna, first); err != nil || a.State != OK {
		t.Fatalf("%+v, %v", a, err)
	}
	if b.cmp.changes != 1 {
		t.Errorf("%d changes sent", b.cmp.changes)
	}
	_, err := b.Do(t.Context(), bert, second)
	wantKind(t, err, fault.Conflict)
}

func TestWhatIsNotSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, b *bench, f *Form, who *Operator)
		kind  fault.Kind
	}{
		{"the state has changed", func(_ *testing.T, b *bench, _ *Form, _ *Operator) { b.cmp.set(cmp.StatusSuspended) }, fault.Conflict},
		{"the page is old", func(_ *testing.T, b *bench, _ *Form, _ *Operator) { b.wait(formLife + time.Second) }, fault.Conflict},
		{"somebody else's form", func(_ *testing.T, _ *bench, _ *Form, w *Operator) { w.Name = "bert" }, fault.Conflict},
		{"another verb's form", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.Verb = End }, fault.Conflict},
		{"another order's form", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.OrderID = "ORDER_2" }, fault.Conflict},
		{"no form", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.ActionID = "" }, fault.Conflict},
		{"the role was taken away", func(_ *testing.T, _ *bench, _ *Form, w *Operator) { w.Roles = []auth.Role{auth.Manager} }, fault.Forbidden},
		{"no reason", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.Reason = " \n " }, fault.Invalid},
		{"a reason too long", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.Reason = strings.Repeat("日", MaxReason+1) }, fault.Invalid},
		{"the log takes no intent", func(t *testing.T, b *bench, _ *Form, _ *Operator) {
			b.exec(t, `CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
		}, fault.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, who := newBench(t), anna
			form := b.form(t, who, Pause)
			tt.spoil(t, b, &form, &who)
			_, err := b.Do(t.Context(), who, form)
			wantKind(t, err, tt.kind)
			if b.cmp.changes != 0 || b.locked(t) {
				t.Errorf("%d changes sent, locked %v", b.cmp.changes, b.locked(t))
			}
		})
	}
}

func TestTheOrderCannotBeReReadSoNothingIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.cmp.readErr = errLost
	if _, err := b.Do(t.Context(), anna, form); cmp.KindOf(err) != cmp.Unknown || err == nil {
		t.Errorf("got %v", err)
	}
	if b.cmp.changes != 0 || !slices.Equal(b.rows(t), []string{"event:" + audit.Refused}) {
		t.Errorf("%d changes, rows %v", b.cmp.changes, b.rows(t))
	}
}

func TestFinalActionsAskForTheDevice(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, typed := range []string{"", "0061", "016", "00160", "16 "} {
		form := b.form(t, anna, End)
		form.Confirm = typed
		_, err := b.Do(t.Context(), anna, form)
		if e, ok := errors.AsType[*FormError](err); !ok || e.Confirm == "" || e.Reason != "" {
			t.Errorf("%q: %v", typed, err)
		}
	}
	if form := b.form(t, anna, End); b.cmp.changes == 0 {
		if a, err := b.Do(t.Context(), anna, form); err != nil || a.State != OK {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

// A browser that leaves in the middle of an action does not cut it in half.
func TestTheBrowserLeaves(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	ctx, leave := context.WithCancel(t.Context())
	b.cmp.before = leave
	a, err := b.Do(ctx, anna, form)
	if err != nil || a.State != OK || !slices.Equal(b.rows(t), []string{"intent:", "outcome:ok"}) {
		t.Errorf("%+v, %v, rows %v", a, err, b.rows(t))
	}
}
