package webhook

import (
	"context"
	"fmt"
	"testing"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// added has the CMP get other devices after the fleet was read, and picks one with an order.
func (l *lab) added(t *testing.T) (device, order string) {
	t.Helper()
	ids, err := l.sim.Alter(cmpsim.Step{Kind: cmpsim.StepAdd, Count: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if d, ok := l.sim.Device(id); ok && len(d.Orders) > 0 {
			return d.ID, d.Orders[0].ID
		}
	}
	t.Fatal("no new device has an order")
	return "", ""
}

const orderOf = `{"assetid":%q,"orderid":%q,"operation":"1005"}`

// A device that the copy does not have yet is asked about once, and its callbacks end as any other's; one that the CMP does not have either is
// unknown, and asked about no more than once in ten seconds.
func TestCallbacksOfNewDevices(t *testing.T) {
	t.Parallel()
	l := newLab(t, 60)
	device, order := l.added(t)
	ours, other := l.receive(t, OrderStatus, orderOf, device, order).ID, l.receive(t, OrderStatus, orderOf, device, "L1").ID
	none := l.receive(t, OrderStatus, orderOf, "89852026999999999999", order).ID
	again := l.receive(t, OrderStatus, orderOf, "89852026999999999999", "L2").ID
	nothing := l.receive(t, OrderStatus, `{"orderid":"L3","operation":"1005"}`).ID
	l.drain(t)
	if p := l.get(t, ours); p.Effect != Seen && p.Effect != Same || p.Holder != device || p.Told == "" {
		t.Errorf("of a new device: %+v", p)
	}
	for _, id := range []int64{other, none, again, nothing} {
		if p := l.get(t, id); p.State != Done || p.Effect != Stranger || p.Wrong != "" {
			t.Errorf("callback %d: %+v", id, p)
		}
	}
	if _, known, err := l.copy.Device(t.Context(), device); !known || err != nil || l.reads.looks != 2 || l.reads.check(t) != 1 {
		t.Errorf("in the copy: %t, %v; %d looks, %v reads", known, err, l.reads.looks, l.reads.reads)
	}
}

// While the CMP cannot be asked they wait; when too many are named at once the rest is not asked about.
func TestTooManyNewDevices(t *testing.T) {
	t.Parallel()
	l := newLab(t, 60)
	device, order := l.added(t)
	l.sim.Script(cmpsim.Fault{Path: "device/queryDevice", Kind: cmpsim.KindBadGateway})
	waits := l.receive(t, OrderStatus, orderOf, device, order).ID
	if _, err := l.Process(t.Context(), OrderStatus); err != nil {
		t.Fatal(err)
	}
	if p := l.get(t, waits); p.State != New || p.Tries != 1 || p.Due.Sub(l.at) != Coalesce {
		t.Errorf("without the CMP: %+v", p)
	}
	l.sim.ClearFaults()
	for n := range unknownAtOnce + 5 {
		l.receive(t, OrderStatus, orderOf, fmt.Sprintf("8985202699999999%04d", n), order)
	}
	if err := l.processDue(t.Context(), OrderStatus); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, p := range l.all(t) {
		if p.Effect == Stranger && p.Wrong == "" {
			asked++
		}
	}
	if asked != unknownAtOnce-1 {
		t.Errorf("%d were asked about at once, beside the one that waits", asked)
	}
	l.drain(t)
	if p := l.get(t, waits); p.Holder != device || p.State != Done || p.Effect == Stranger {
		t.Errorf("in the end: %+v", p)
	}
}

// Callbacks that wait because the CMP could not be asked keep waiting when it can, until each has had its turn; only one that never had any is left
// without, and they cost the CMP no more than others.
func TestNewDevicesAfterAnOutage(t *testing.T) {
	t.Parallel()
	l := newLab(t, 60)
	device, order := l.added(t)
	l.sim.Script(cmpsim.Fault{Path: "device/queryDevice", Kind: cmpsim.KindBadGateway})
	for n := range unknownAtOnce - 1 {
		l.receive(t, OrderStatus, orderOf, fmt.Sprintf("8985202699999999%04d", n), order)
	}
	last := l.receive(t, OrderStatus, orderOf, device, order).ID
	late := l.receive(t, OrderStatus, orderOf, "89852026888888888888", order).ID
	if err := l.processDue(t.Context(), OrderStatus); err != nil {
		t.Fatal(err)
	}
	soon := l.receive(t, OrderStatus, orderOf, device, "L1").ID // while the first one about it waits
	l.sim.ClearFaults()
	began, looks := l.at, l.reads.looks
	l.drain(t)
	for _, p := range l.all(t) {
		switch never := p.ID == late; {
		case p.State != Done, (p.Wrong == NotAsked) != never, !never && p.ID != soon && p.Tries == 0:
			t.Errorf("in the end: %+v", p)
		}
	}
	if p := l.get(t, last); p.Holder != device || p.Effect == Stranger {
		t.Errorf("the new device: %+v", p)
	}
	if looks, most := l.reads.looks-looks, int(l.at.Sub(began)/Coalesce)+1; looks != unknownAtOnce || looks > most {
		t.Errorf("%d looks in %v", looks, l.at.Sub(began))
	}
}

// While made-up numbers take every turn, what waits for one is tried for a day and then given up.
func TestNoTurnForADay(t *testing.T) {
	t.Parallel()
	l := newLab(t, 60)
	l.sim.Script(cmpsim.Fault{Path: "device/queryDevice", Kind: cmpsim.KindBadGateway})
	id := l.receive(t, OrderStatus, orderOf, "89852026999999999999", "L1").ID
	if _, err := l.Process(t.Context(), OrderStatus); err != nil {
		t.Fatal(err)
	}
	for p := l.get(t, id); p.State == New; p = l.get(t, id) {
		l.at = p.Due
		l.newcomers.AllowN(l.at, int(l.newcomers.TokensAt(l.at)))
		if _, err := l.Process(t.Context(), OrderStatus); err != nil {
			t.Fatal(err)
		}
	}
	if p := l.get(t, id); p.State != Failed || p.Tries != giveUp || p.Wrong != NotAsked || l.reads.looks != 1 {
		t.Errorf("in the end: %+v after %d looks", p, l.reads.looks)
	}
}

// A number that several devices of the copy have is asked about once in ten seconds for all callbacks that name it, and takes no turn of others.
func TestNumberOfSeveralDevices(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, _ := l.one(t, cmpsim.SortInUse)
	other, _ := l.one(t, cmpsim.SortSuspended)
	if _, err := l.copy.Put(t.Context(), []cmp.Device{{ID: other.ID, MainICCID: d.ID}}, l.at); err != nil {
		t.Fatal(err)
	}
	l.newcomers.AllowN(l.at, unknownAtOnce)
	for n := range 6 {
		l.receive(t, OrderStatus, orderOf, d.ID, fmt.Sprintf("L%d", n)) // no order that tells the device
		if err := l.processDue(t.Context(), OrderStatus); err != nil {
			t.Fatal(err)
		}
	}
	if l.reads.looks != 1 || l.reads.check(t) != 1 {
		t.Errorf("%d looks and the reads %v within ten seconds", l.reads.looks, l.reads.reads)
	}
	l.drain(t)
	if l.reads.looks != 2 || l.reads.check(t) != 2 {
		t.Errorf("%d looks and the reads %v in all", l.reads.looks, l.reads.reads)
	}
	for _, p := range l.all(t) {
		if p.State != Done || p.Holder != d.ID || p.Wrong != "" {
			t.Errorf("in the end: %+v", p)
		}
	}
}

// nameless is a CMP that answers with a device without an id.
type nameless struct{ orderReader }

func (nameless) Device(context.Context, string) (cmp.Device, error) { return cmp.Device{}, nil }

// An answer without an id names no device.
func TestNewDeviceWithoutAnID(t *testing.T) {
	t.Parallel()
	l := newLab(t, 60)
	l.CMP = nameless{l.CMP}
	id := l.receive(t, OrderStatus, orderOf, "89852026999999999999", "L1").ID
	if err := l.processDue(t.Context(), OrderStatus); err != nil {
		t.Fatal(err)
	}
	if p := l.get(t, id); p.State != Done || p.Effect != Stranger || p.Wrong != "" || l.newcomers.TokensAt(l.at) != unknownAtOnce-1 {
		t.Errorf("in the end: %+v, %v turns are left", p, l.newcomers.TokensAt(l.at))
	}
}

// all are all callbacks that are kept.
func (l *lab) all(t *testing.T) []Push {
	t.Helper()
	found, err := l.List(t.Context(), Query{Every: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
