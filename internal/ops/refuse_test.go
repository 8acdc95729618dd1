package ops

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

const (
	saidChanged = "The order has changed since this page was shown, so nothing was sent. Check its state below."
	saidOld     = "This page was older than 15 minutes, so nothing was sent. Check the state below, it has just been read, and send it again."
	saidForeign = "This form is not known here any more. Nothing was sent. Check the state below and send it again."
	saidRole    = "Your role does not allow this action. Nothing was sent."
	saidNoLog   = "The intent could not be written to the audit log, so nothing was sent. Try again when the database takes writes."
)

// What is wrong between page and post: nothing is sent, the operator is told why, and a claimed form leaves a row.
func TestWhatIsNotSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, b *bench, f *Form, who *Operator)
		kind  fault.Kind
		said  string
		rows  int
	}{
		{"the state has changed", func(_ *testing.T, b *bench, _ *Form, _ *Operator) { b.cmp.set(cmp.StatusSuspended) }, fault.Conflict, saidChanged, 1},
		{"a state that nobody knows", func(_ *testing.T, b *bench, _ *Form, _ *Operator) { b.cmp.set("") }, fault.Conflict, saidChanged, 1},
		{"the order has moved to another device", func(_ *testing.T, b *bench, _ *Form, _ *Operator) { b.cmp.order.DeviceID = "89852026000000000099" }, fault.Conflict, saidChanged, 1},
		{"the page is too old", func(_ *testing.T, b *bench, _ *Form, _ *Operator) { b.wait(formLife + time.Microsecond) }, fault.Conflict, saidOld, 1},
		{"somebody else's form", func(_ *testing.T, _ *bench, _ *Form, w *Operator) { w.Name = "bert" }, fault.Conflict, saidForeign, 0},
		{"another verb's form", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.Verb = End }, fault.Conflict, saidForeign, 0},
		{"another order's form", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.OrderID = "ORDER_2" }, fault.Conflict, saidForeign, 0},
		{"no form", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.ActionID = "" }, fault.Conflict, saidForeign, 0},
		{"an invented form", func(_ *testing.T, _ *bench, f *Form, _ *Operator) { f.ActionID = strings.Repeat("A", 26) }, fault.Conflict, saidForeign, 0},
		{"the role was taken away", func(_ *testing.T, _ *bench, _ *Form, w *Operator) { w.Roles = []auth.Role{auth.Manager, auth.Admin} }, fault.Forbidden, saidRole, 0},
		{"the log takes no intent", func(t *testing.T, b *bench, _ *Form, _ *Operator) { b.refuseRows(t, "intent") }, fault.Unavailable, saidNoLog, 1},
		{"the log takes nothing", func(t *testing.T, b *bench, _ *Form, _ *Operator) { b.refuseRows(t, "") }, fault.Unavailable, saidNoLog, 0},
		{"the database takes nothing", func(t *testing.T, b *bench, _ *Form, _ *Operator) {
			b.exec(t, `CREATE TRIGGER full_too BEFORE UPDATE ON action BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
		}, fault.Unavailable, saidNoLog, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b, who := newBench(t), anna
			form := b.form(t, who, Pause)
			tt.spoil(t, b, &form, &who)
			_, err := b.Do(t.Context(), who, form)
			wantKind(t, err, tt.kind)
			wantSaid(t, err, tt.said)
			if sent := b.cmp.sent(); len(sent) != 0 || b.locked(t) || b.count(t, `SELECT count(*) FROM action_lock`) != 0 {
				t.Errorf("sent %+v, locked %v", sent, b.locked(t))
			}
			if rows := b.rows(t); len(rows) != tt.rows || (tt.rows == 1 && rows[0] != "event:refused") {
				t.Errorf("rows %v", rows)
			}
		})
	}
}

// A form lives for fifteen minutes, the last moment included.
func TestAFormOfFifteenMinutesIsSent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.wait(15 * time.Minute)
	b.do(t, form, OK)
}

// The order cannot be read just before sending: whatever the reason, nothing is sent and the refusal is recorded.
func TestTheOrderCannotBeReRead(t *testing.T) {
	t.Parallel()
	for name, cause := range map[string]error{"lost": errLost, "rejected": errRejected, "offline": errOffline, "gone": &cmp.Error{Kind: cmp.NotFound}, "given up": context.DeadlineExceeded} {
		b := newBench(t)
		form := b.form(t, anna, Pause)
		b.cmp.fail(cause)
		if _, err := b.Do(t.Context(), anna, form); err == nil || cmp.KindOf(err) != cmp.KindOf(cause) {
			t.Errorf("%s: %v", name, err)
		}
		row := b.entries(t, order1)[0]
		if len(b.cmp.sent()) != 0 || b.locked(t) || !slices.Equal(b.rows(t), []string{"event:refused"}) || row.Detail[3].Value != "The order could not be read just before sending, so nothing was sent." {
			t.Errorf("%s: sent %+v, rows %v, %+v", name, b.cmp.sent(), b.rows(t), row.Detail)
		}
		b.cmp.fail(nil)
		_, err := b.Do(t.Context(), anna, form)
		wantKind(t, err, fault.Conflict)
		b.do(t, b.form(t, anna, Pause), OK) // a new page works
	}
}

// A refusal's row says who wanted what and why it was not sent, and points at no intent.
func TestARefusalIsRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, End)
	b.cmp.set(cmp.StatusSuspended)
	if _, err := b.Do(t.Context(), anna, form); err == nil {
		t.Fatal("sent")
	}
	r := b.entries(t, order1)[0]
	if r.Actor != "anna" || r.Action != "order.end" || r.Device != device || r.Reason != why || r.Of != 0 || r.Detail[len(r.Detail)-1].Value != saidChanged {
		t.Errorf("%+v", r.Entry)
	}
	if a, err := b.Latest(t.Context(), order1); a != nil || err != nil {
		t.Errorf("what was never sent is shown as the newest action: %+v, %v", a, err)
	}
}
