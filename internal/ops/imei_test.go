package ops

import (
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/auth"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/fault"
)

const imei1 = "860996043052016"

// bindForm prepares a change of the card's binding as its page does, and fills its form.
func (b *bench) bindForm(t *testing.T, verb Verb) Form {
	t.Helper()
	p, err := b.PreflightIMEI(t.Context(), anna, device, verb)
	if err != nil || p.ID == "" {
		t.Fatalf("preflight of %s: %+v, %v", verb, p, err)
	}
	return Form{Verb: verb, DeviceID: device, ActionID: p.ID, Reason: why, Confirm: "0016", Wants: imei1, OTA: true, AutoBind: true}
}

func (b *bench) deviceRows(t *testing.T) []audit.Row {
	t.Helper()
	rows, err := b.log.List(t.Context(), audit.Filter{Device: device, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(rows)
	return rows
}

// A card is bound, then unbound: each is recorded, sent once, and says what was bound before and is to be after.
func TestBindAndUnbind(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, verb := range []Verb{Bind, Unbind} {
		form := b.bindForm(t, verb)
		b.do(t, form, OK)
		b.do(t, form, OK) // posted again, it is answered and not sent
	}
	want := []cmp.Binding{
		{DeviceID: device, IMEI: imei1, OTA: true, AutoBind: true}, {DeviceID: device, IMEI: imei1, Unbind: true, OTA: true, AutoBind: true},
	}
	if !slices.Equal(b.cmp.bindings, want) {
		t.Errorf("sent %+v", b.cmp.bindings)
	}
	var told []string
	for _, r := range b.deviceRows(t) {
		told = append(told, string(r.Action)+" "+string(r.Phase)+" "+r.Outcome+" "+r.Get("bound_before")+">"+r.Get("bound_wanted"))
		if r.Get("ota") != "true" || r.Get("auto_bind") != "true" {
			t.Errorf("row %d does not say what was sent: %+v", r.Seq, r.Detail)
		}
	}
	if !slices.Equal(told, []string{"imei.bind intent  >" + imei1, "imei.bind outcome ok >" + imei1, "imei.unbind intent  " + imei1 + ">", "imei.unbind outcome ok " + imei1 + ">"}) {
		t.Errorf("rows %q", told)
	}
	if a, err := b.LatestIMEI(t.Context(), device); err != nil || a == nil || a.Verb != Unbind || a.Wants != imei1 {
		t.Errorf("latest %+v, %v", a, err)
	}
}

// What is not sent: a card that is bound, one that has changed since, a wrong IMEI, another device's form, no right.
func TestBindingsThatAreNotSent(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(b *bench, f *Form, who *Operator)
		kind  fault.Kind
	}{
		"changed since": {func(b *bench, _ *Form, _ *Operator) {
			b.cmp.tracks = []cmp.BindingTrack{{IMEI: "1", Text: "机卡绑定"}}
		}, fault.Conflict},
		"14 digits":       {func(_ *bench, f *Form, _ *Operator) { f.Wants = imei1[:14] }, fault.Invalid},
		"letters":         {func(_ *bench, f *Form, _ *Operator) { f.Wants = "86099604305201x" }, fault.Invalid},
		"no reason":       {func(_ *bench, f *Form, _ *Operator) { f.Reason = "" }, fault.Invalid},
		"another device":  {func(_ *bench, f *Form, _ *Operator) { f.DeviceID = "89852026000000000024" }, fault.Conflict},
		"another verb":    {func(_ *bench, f *Form, _ *Operator) { f.Verb = Unbind }, fault.Conflict},
		"an order's form": {func(_ *bench, f *Form, _ *Operator) { f.Verb = Pause }, fault.Conflict},
		"no right":        {func(_ *bench, _ *Form, w *Operator) { w.Roles = []auth.Role{auth.Manager} }, fault.Forbidden},
	} {
		b, who := newBench(t), anna
		form := b.bindForm(t, Bind)
		tt.spoil(b, &form, &who)
		_, err := b.Do(t.Context(), who, form)
		if fault.KindOf(err) != tt.kind || len(b.cmp.bindings) != 0 {
			t.Errorf("%s: %v, sent %+v", name, err, b.cmp.bindings)
		}
	}
}

// Each page offers only what can be done, to those who may.
func TestPreflightOfIMEI(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, tt := range []struct {
		tracks  []cmp.BindingTrack
		verb    Verb
		who     Operator
		refused string
	}{
		{nil, Bind, anna, ""},
		{nil, Unbind, anna, "The card is bound to no IMEI."},
		{[]cmp.BindingTrack{{IMEI: imei1, Text: "机卡绑定"}}, Bind, anna, "The card is bound to an IMEI already. Unbind it first."},
		{[]cmp.BindingTrack{{IMEI: imei1, Text: "机卡绑定"}}, Unbind, anna, ""},
		{[]cmp.BindingTrack{{IMEI: imei1, Text: "机卡解绑"}, {IMEI: imei1, Text: "机卡绑定"}}, Bind, anna, ""},
		{nil, Bind, operatorOf("mia", auth.Manager), "Your role does not allow this. It needs Support."},
	} {
		b.cmp.tracks = tt.tracks
		p, err := b.PreflightIMEI(t.Context(), tt.who, device, tt.verb)
		if err != nil || p.Refused != tt.refused || (p.ID == "") != (tt.refused != "") {
			t.Errorf("%s with %+v: %+v, %v", tt.verb, tt.tracks, p, err)
		}
	}
	if _, err := b.PreflightIMEI(t.Context(), anna, device, Pause); fault.KindOf(err) != fault.NotFound {
		t.Errorf("pausing a binding: %v", err)
	}
}

// A lost answer locks the card's binding, not its orders, until reads tell what became of it.
func TestALostBindingIsSettledByReads(t *testing.T) {
	t.Parallel()
	for _, effect := range []bool{true, false} {
		b := newBench(t)
		form := b.bindForm(t, Bind)
		form.AutoBind = false
		b.cmp.answers(errLost, effect)
		a := b.do(t, form, Unknown)
		if p, err := b.Preflight(t.Context(), anna, order1, Pause); err != nil || p.Refused != "" {
			t.Errorf("the device's order is locked too: %+v, %v", p, err)
		}
		b.wait(time.Hour)
		looks, want := 1, EffectPresent
		if !effect {
			looks, want = enoughLooks, EffectAbsent
		}
		for range looks {
			if a.State != Unknown {
				t.Fatalf("settled too soon as %s", a.State)
			}
			if err := b.look(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			latest, err := b.LatestIMEI(t.Context(), device)
			if err != nil {
				t.Fatal(err)
			}
			a = *latest
		}
		rows := b.deviceRows(t)
		if last := rows[len(rows)-1]; a.State != want || last.Action != audit.IMEISettled || last.Outcome != string(want) || len(b.cmp.bindings) != 1 {
			t.Errorf("effect %v: %s, last row %+v", effect, a.State, last.Entry)
		}
		if open, err := b.Open(t.Context(), IMEISubject(device)); open != nil || err != nil {
			t.Errorf("still locked: %+v, %v", open, err)
		}
	}
}

// A binding for the first use of the network may come at any time, after a restart too: reads never call it absent, a
// person is asked, and it is found when it has come.
func TestABindingForLaterIsNotCalledAbsent(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.answers(errLost, false)
	b.do(t, b.bindForm(t, Bind), Unknown)
	b = b.restarted(t)
	newest := func() Action {
		a, err := b.LatestIMEI(t.Context(), device)
		if err != nil || a == nil {
			t.Fatal(a, err)
		}
		return *a
	}
	for range 2 * enoughLooks {
		b.wait(time.Hour)
		if err := b.lookAtDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if a := newest(); a.State != Unknown || a.Looks < enoughLooks || a.Task.IsZero() {
		t.Fatalf("%s after %d looks, task %v", a.State, a.Looks, a.Task)
	}
	b.cmp.tracks = []cmp.BindingTrack{{IMEI: imei1, Text: "机卡绑定"}}
	b.wait(time.Hour)
	if err := b.lookAtDue(t.Context()); err != nil || newest().State != EffectPresent {
		t.Errorf("%s, %v", newest().State, err)
	}
}

// What a card was bound to last is known from the actions: not what was unbound, and not what waits for the card's first use.
func TestBoundByUs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		autoBind, unbind bool
		want             string
	}{"bound": {want: imei1}, "at the first use": {autoBind: true}, "unbound": {unbind: true}} {
		b := newBench(t)
		form := b.bindForm(t, Bind)
		form.AutoBind = tt.autoBind
		b.do(t, form, OK)
		if tt.unbind {
			b.do(t, b.bindForm(t, Unbind), OK)
		}
		got, err := Bound(b.db)(t.Context(), []string{device, "89852026000000000024"})
		if err != nil || got[device] != tt.want || len(got) > 1 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
