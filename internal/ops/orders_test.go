package ops

import (
	"errors"
	"testing"
	"time"

	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

// A preflight reads the order, and prepares an action only when it can be done.
func TestPreflight(t *testing.T) {
	t.Parallel()
	for _, rule := range ruleBook {
		for _, status := range []cmp.OrderStatus{"1", "2", "3", "5", "7"} {
			b := newBench(t)
			b.cmp.set(status)
			p, err := b.Preflight(t.Context(), anna, order1, rule.verb)
			if err != nil || p.Order.Status != status || p.Rule.Verb != rule.verb || !p.ReadAt.Equal(b.time()) || p.Open != nil {
				t.Errorf("%s of status %s: %+v, %v", rule.verb, status, p, err)
			}
			possible := status == rule.from
			if (p.ID != "") != possible || (p.Refused == "") != possible {
				t.Errorf("%s of status %s: id %q, refused %q", rule.verb, status, p.ID, p.Refused)
			}
			if stored := b.count(t, `SELECT count(*) FROM action`); (stored == 1) != possible {
				t.Errorf("%s of status %s: %d actions stored", rule.verb, status, stored)
			}
			if rows := b.rows(t); len(rows) != 0 {
				t.Errorf("looking wrote %v", rows)
			}
		}
	}
}

func TestPreflightThatCannotBe(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Preflight(t.Context(), anna, order1, "explode"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("no such verb: %v", err)
	}
	if p, err := b.Preflight(t.Context(), operatorOf("mia", auth.Manager), order1, Pause); err != nil || p.Refused == "" || p.ID != "" {
		t.Errorf("a manager: %+v, %v", p, err)
	}
	b.cmp.fail(errLost)
	if p, err := b.Preflight(t.Context(), anna, order1, Pause); !errors.Is(err, errLost) || p.ID != "" {
		t.Errorf("an order that cannot be read: %+v, %v", p, err)
	}
	b.cmp.fail(nil)
	b.exec(t, `CREATE TRIGGER full BEFORE INSERT ON action BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	_, err := b.Preflight(t.Context(), anna, order1, Pause)
	wantKind(t, err, fault.Unavailable)
}

// Pages that nobody acted on are forgotten after a day; what was sent is kept.
func TestOldPagesAreForgotten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.do(t, b.form(t, anna, Pause), OK)
	b.cmp.set(cmp.StatusInUse)
	b.form(t, anna, Pause)
	b.wait(23 * time.Hour)
	b.form(t, anna, End)
	if n := b.count(t, `SELECT count(*) FROM action`); n != 3 {
		t.Errorf("after 23 hours: %d actions", n)
	}
	b.wait(25 * time.Hour)
	b.form(t, anna, End)
	if n := b.count(t, `SELECT count(*) FROM action`); n != 2 || b.latest(t).State != OK {
		t.Errorf("a day later: %d actions, the newest sent %s", n, b.latest(t).State)
	}
}

// Doubts are listed oldest first, and nothing else is.
func TestDoubts(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for i, order := range []string{"ORDER_9", "ORDER_5", "ORDER_7"} {
		b.cmp.set(cmp.StatusInUse)
		b.cmp.answers([]error{errLost, nil, errLost}[i], false)
		if _, err := b.Do(t.Context(), anna, b.formOf(t, anna, Pause, order)); err != nil {
			t.Fatal(err)
		}
	}
	doubts, err := b.Doubts(t.Context())
	if err != nil || len(doubts) != 2 || doubts[0].OrderID != "ORDER_9" || doubts[1].OrderID != "ORDER_7" {
		t.Errorf("%+v, %v", doubts, err)
	}
	if a, err := b.Latest(t.Context(), "ORDER_0"); a != nil || err != nil {
		t.Errorf("an order that nothing was done to: %+v, %v", a, err)
	}
}
