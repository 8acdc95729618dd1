package webhook

import (
	"fmt"
	"testing"

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

// all are all callbacks that are kept.
func (l *lab) all(t *testing.T) []Push {
	t.Helper()
	found, err := l.List(t.Context(), Query{Every: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
