package ops

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/store"
)

// A gate is closed by what its sources say, and by nothing that is fine.
func TestGate(t *testing.T) {
	t.Parallel()
	admin := Operator{Identity: auth.Identity{Name: "root", Roles: []auth.Role{auth.Admin}}}
	for name, tt := range map[string]struct {
		state audit.State
		free  uint64
		err   error
		fixed bool
		set   func(g *Gate) error
		want  string // the beginning of why it is closed
	}{
		"open":                   {free: minRoom},
		"not verified for now":   {free: minRoom, state: audit.State{Verdict: audit.Unverified, Text: "could not be verified since 05:06 UTC"}},
		"not verified for long":  {free: minRoom, state: audit.State{Verdict: audit.Unverified, Text: "could not be verified since 05:06 UTC", Mark: "5"}, want: "The audit log could not be verified for some minutes"},
		"and taken note of":      {free: minRoom, state: audit.State{Verdict: audit.Unverified, Text: "could not be verified since 05:06 UTC", Mark: "5"}, set: func(g *Gate) error { return g.AcceptBreak(t.Context(), admin, "5", "keys are lost, INC-8") }},
		"by setting":             {free: minRoom, fixed: true, want: "This console is set to read-only (CONSOLE_READ_ONLY)"},
		"the disk is full":       {free: minRoom - 1, want: "The disk has 255 MB left, and at least 256 MB"},
		"the disk is not known":  {err: errors.New("gone"), want: "The free space on the disk could not be read"},
		"the log is broken":      {free: minRoom, state: audit.State{Verdict: audit.Broken, Text: "broken: row 3", Mark: "3"}, want: "The audit log does not verify"},
		"broken, and taken note": {free: minRoom, state: audit.State{Verdict: audit.Broken, Text: "broken: row 3", Mark: "3"}, set: func(g *Gate) error { return g.AcceptBreak(t.Context(), admin, "3", "copied, INC-7") }},
		"by a person":            {free: minRoom, set: func(g *Gate) error { return g.SetReadOnly(t.Context(), admin, true, "CMP moves house") }, want: "This console was set to read-only by root: CMP moves house"},
		"opened again": {free: minRoom, set: func(g *Gate) error {
			return errors.Join(g.SetReadOnly(t.Context(), admin, true, "CMP moves house"), g.SetReadOnly(t.Context(), admin, false, "It is there"))
		}},
	} {
		b := newBench(t)
		g := NewGate(b.db, b.log, func() audit.State { return tt.state }, func() (uint64, error) { return tt.free, tt.err }, tt.fixed, b.time)
		if tt.set != nil {
			if err := tt.set(g); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := g.Closed(t.Context(), b.db.Read()); !strings.HasPrefix(got, tt.want) || (tt.want == "") != (got == "") {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// Another fault of the log than the one that was accepted closes the gate again.
func TestAcceptedBreak(t *testing.T) {
	t.Parallel()
	b, state := newBench(t), audit.State{Verdict: audit.Broken, Text: "broken: row 3", Mark: "3"}
	g := NewGate(b.db, b.log, func() audit.State { return state }, func() (uint64, error) { return minRoom, nil }, false, b.time)
	admin := Operator{Identity: auth.Identity{Name: "root", Roles: []auth.Role{auth.Admin}}}
	if err := g.AcceptBreak(t.Context(), admin, "3", "copied, INC-7"); err != nil {
		t.Fatal(err)
	}
	rows, err := b.log.List(t.Context(), audit.Filter{Action: string(audit.AuditAccept)})
	if err != nil || len(rows) != 1 || rows[0].Actor != "root" || rows[0].Reason != "copied, INC-7" || rows[0].Detail[0].Value != "broken: row 3" {
		t.Errorf("recorded %+v, %v", rows, err)
	}
	if why := g.Closed(t.Context(), b.db.Read()); why != "" {
		t.Errorf("closed: %s", why)
	}
	if state.Text = "broken: row 4, which has come since"; g.Closed(t.Context(), b.db.Read()) != "" {
		t.Error("the same fault in other words closes it again")
	}
	if state.Mark = "9"; g.Closed(t.Context(), b.db.Read()) == "" {
		t.Error("another fault leaves it open")
	}
}

// The switches need the right, a reason and a record.
func TestSwitchesAreGuarded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	g := NewGate(b.db, b.log, func() audit.State { return audit.State{Verdict: audit.Intact} }, func() (uint64, error) { return minRoom, nil }, false, b.time)
	admin := Operator{Identity: auth.Identity{Name: "root", Roles: []auth.Role{auth.Admin}}}
	for name, tt := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"no right":       {g.SetReadOnly(t.Context(), anna, true, "for fun"), fault.Forbidden},
		"no reason":      {g.SetReadOnly(t.Context(), admin, true, ""), fault.Invalid},
		"nothing broken": {g.AcceptBreak(t.Context(), admin, "3", "for fun"), fault.Conflict},
	} {
		if fault.KindOf(tt.err) != tt.want {
			t.Errorf("%s: %v", name, tt.err)
		}
	}
	if why := g.Closed(t.Context(), b.db.Read()); why != "" {
		t.Errorf("closed: %s", why)
	}
}

// While the gate is closed nothing is prepared, and what was prepared before is not sent; what was done before is told.
func TestNothingPassesAClosedGate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.closed = "Closed for the night."
	_, err := b.Do(t.Context(), anna, form)
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.Unavailable || f.Message != "Closed for the night. Nothing was sent." {
		t.Errorf("%v", err)
	}
	p, err := b.Preflight(t.Context(), anna, order1, Pause)
	if err != nil || p.Refused != b.closed || p.ID != "" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, o := range b.Offers(t.Context(), anna.Identity, cmp.Order{Status: cmp.StatusInUse}, nil) {
		if o.Allowed {
			t.Errorf("%s is offered", o.Verb)
		}
	}
	if len(b.cmp.calls) != 0 {
		t.Errorf("sent: %+v", b.cmp.calls)
	}
	b.closed = ""
	if _, err := b.Do(t.Context(), anna, form); err != nil {
		t.Error(err)
	}
	b.closed = "Closed for the night."
	if a, err := b.Do(t.Context(), anna, form); err != nil || a.State != OK {
		t.Errorf("posted again: %+v, %v", a, err)
	}
}

// Whether changes are sent is asked once more in the transaction that writes the intent, so that no switch comes between.
func TestTheGateIsAskedWithTheIntent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	form := b.form(t, anna, Pause)
	b.gate = func(_ context.Context, q store.Querier) string {
		if _, within := q.(*sql.Tx); within {
			return "Closed just now."
		}
		return ""
	}
	_, err := b.Do(t.Context(), anna, form)
	wantSaid(t, err, "Closed just now. Nothing was sent.")
	if got := b.rows(t); len(b.cmp.sent()) != 0 || !slices.Equal(got, []string{"event:refused"}) || b.locked(t) {
		t.Errorf("sent %+v, rows %v", b.cmp.sent(), got)
	}
}
