package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
)

// answers are all that a change can come back with, and what is certain then. The message is the CMP's or none.
var answers = []struct {
	name          string
	answer        error
	want          State
	code, message string
	keepsLock     bool
}{
	{"confirmed", nil, OK, "0000", "", false},
	{"rejected", errRejected, Rejected, "3002", "订单状态不允许", false},
	{"signature refused", &cmp.Error{Op: "x", Kind: cmp.Unauthorised, HTTPStatus: 401}, Unknown, "", "", true},
	{"no connection", errOffline, NotSent, "", "", false},
	{"answer lost", errLost, Unknown, "", "", true},
	{"an error that nobody knows", errors.New("odd"), Unknown, "", "", true},
	{"a kind for reads only", &cmp.Error{Op: "x", Kind: cmp.NotFound}, Unknown, "", "", true},
	{"the caller's time is up", context.DeadlineExceeded, Unknown, "", "", true},
}

// Every verb with every answer, with and without effect: it is sent once, to the right address with the right
// names, and labelled by what is certain, not by what became of the order.
func TestDoLabels(t *testing.T) {
	t.Parallel()
	sent := map[Verb]call{
		Open: {verb: Open}, Cancel: {verb: Cancel}, End: {verb: End, cause: why},
		Pause: {verb: Pause, device: device}, Restart: {verb: Restart, device: device},
	}
	for _, effect := range []bool{true, false} {
		for _, tt := range answers {
			t.Run(fmt.Sprintf("%s, effect %v", tt.name, effect), func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.cmp.answers(tt.answer, effect)
				for i, rule := range ruleBook {
					b.cmp.set(rule.from)
					form := b.formOf(t, anna, rule.verb, fmt.Sprintf("ORDER_%d", i))
					a := b.do(t, form, tt.want)
					if a.Code != tt.code || a.Message != tt.message || (a.Why == "") != (tt.want == OK || tt.message != "") || a.Reason != why || a.DeviceID != device || a.Before != string(rule.from) {
						t.Errorf("%s: %+v", rule.verb, a)
					}
					want := sent[rule.verb]
					want.order = form.OrderID
					if all := b.cmp.sent(); len(all) != i+1 || all[i] != want {
						t.Errorf("sent %+v, want %+v", all, want)
					}
					checkKept(t, b, a, tt.keepsLock)
				}
			})
		}
	}
}

// checkKept compares what is stored and locked with what the operator was told.
func checkKept(t *testing.T, b *bench, a Action, keepsLock bool) {
	t.Helper()
	open, err := b.Open(t.Context(), a.OrderID)
	if err != nil || (open != nil) != keepsLock {
		t.Errorf("%s, %s: open %+v, %v", a.Verb, a.State, open, err)
	}
	stored, err := b.Latest(t.Context(), a.OrderID)
	if err != nil || stored == nil {
		t.Fatalf("%s: not stored, %v", a.Verb, err)
	}
	a.Claimed, stored.deviceType = stored.Claimed, a.deviceType
	if *stored != a {
		t.Errorf("%s: stored %+v, told %+v", a.Verb, *stored, a)
	}
	var rows []string
	for _, r := range b.entries(t, a.OrderID) {
		rows = append(rows, string(r.Phase)+":"+r.Outcome)
	}
	if !slices.Equal(rows, []string{"intent:", "outcome:" + a.Outcome()}) {
		t.Errorf("%s: rows %v", a.Verb, rows)
	}
}

// The rows of an action tell who, from where, what, why, and what came back.
func TestWhatIsRecorded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.answers(errRejected, false)
	b.cmp.onChange = func(context.Context) { b.wait(1234 * time.Millisecond) }
	form := b.form(t, anna, End)
	form.DeviceType = "4"
	a := b.do(t, form, Rejected)
	rows := b.entries(t, order1)
	detail := []audit.Field{{Key: "action_id", Value: form.ActionID}, {Key: "before_status", Value: "2"}, {Key: "wanted_status", Value: "3"}, {Key: "device_type", Value: "4"}}
	for i, r := range rows {
		if r.Actor != "anna" || r.Roles != "support" || r.Action != audit.OrderEnd || r.Device != device || r.Order != order1 || r.Reason != why ||
			r.RequestID != "req-1" || r.IP != "127.0.0.1" || r.Session != "session-anna" || !slices.Equal(r.Detail, detail) {
			t.Errorf("row %d: %+v", i, r.Entry)
		}
	}
	if intent := rows[0]; intent.Phase != audit.Intent || intent.Of != 0 || intent.UpstreamCode != "" || intent.Seq != a.IntentSeq {
		t.Errorf("intent %+v", intent)
	}
	if out := rows[1]; out.Of != a.IntentSeq || out.Seq != a.OutcomeSeq || out.UpstreamCode != "3002" || out.UpstreamMessage != "订单状态不允许" || out.LatencyMS != 1234 || a.LatencyMS != 1234 {
		t.Errorf("outcome %+v", out)
	}
	if report, err := audit.Verify(t.Context(), b.verifier(t)); err != nil || len(report.Faults) != 0 || report.Rows != 2 {
		t.Errorf("the chain: %+v, %v", report, err)
	}
}

// The intent is durable when the request leaves: whoever opens the file at that moment finds it, and the lock.
func TestTheIntentComesFirst(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.cmp.onChange = func(context.Context) {
		seen := b.restarted(t)
		if got := seen.rows(t); !slices.Equal(got, []string{"intent:"}) || !seen.locked(t) || seen.latest(t).State != Dispatched {
			t.Errorf("when the request left: rows %v, locked %v", got, seen.locked(t))
		}
	}
	b.do(t, form, OK)
}

// A browser that leaves, before the re-read or in the middle of the change, does not cut an action in half.
func TestTheBrowserLeaves(t *testing.T) {
	t.Parallel()
	for name, hook := range map[string]func(*fakeCMP) *func(context.Context){
		"during the re-read": func(f *fakeCMP) *func(context.Context) { return &f.onRead },
		"during the change":  func(f *fakeCMP) *func(context.Context) { return &f.onChange },
	} {
		b := newBench(t)
		form := b.form(t, anna, Pause)
		ctx, leave := context.WithCancel(t.Context())
		*hook(b.cmp) = func(inner context.Context) {
			leave()
			if inner.Err() != nil {
				t.Errorf("%s: the call was told to stop", name)
			}
		}
		a, err := b.Do(ctx, anna, form)
		if err != nil || a.State != OK || len(b.cmp.sent()) != 1 || !slices.Equal(b.rows(t), []string{"intent:", "outcome:ok"}) || b.locked(t) {
			t.Errorf("%s: %+v, %v, rows %v", name, a, err, b.rows(t))
		}
	}
}

// A browser that has left before the post was looked at has nothing sent.
func TestTheBrowserHasLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := b.Do(ctx, anna, form); err == nil || len(b.cmp.sent()) != 0 {
		t.Errorf("%v, sent %+v", err, b.cmp.sent())
	}
	b.do(t, form, OK)
}

// An answer that does not come is given up at the time limit, and what is not known is recorded as that.
func TestTheTimeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		form := b.form(t, anna, Pause)
		b.cmp.onChange = func(ctx context.Context) {
			<-ctx.Done()
			b.cmp.answers(&cmp.Error{Kind: cmp.Unknown, Err: ctx.Err()}, false)
		}
		began := time.Now()
		b.do(t, form, Unknown)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %s", took)
		}
		if got := b.rows(t); !slices.Equal(got, []string{"intent:", "outcome:unknown"}) || !b.locked(t) {
			t.Errorf("rows %v, locked %v", got, b.locked(t))
		}
	})
}
