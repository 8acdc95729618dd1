package webhook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
	"cmpconsole/internal/mirror"
	"cmpconsole/internal/ops"
)

func (l *lab) one(t *testing.T, kind cmpsim.Sort) (cmpsim.Device, cmpsim.Order) {
	t.Helper()
	d, ok := l.sim.Sample(kind)
	if !ok {
		t.Fatalf("the sandbox has no device that is %s", kind)
	}
	return d, d.Orders[0]
}

// pause has an order paused at the CMP by another hand.
func (l *lab) pause(t *testing.T, device, order string) {
	t.Helper()
	if err := l.client.PauseService(t.Context(), cmp.ServiceOrder{OrderID: order, DeviceID: device}); err != nil {
		t.Fatal(err)
	}
}

// A callback about an order that has not changed leaves no row in the log, however many orders are named.
func TestNoNewsLeaveNoRow(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	for _, d := range l.sim.Samples(cmpsim.SortInUse, 50) {
		for _, o := range d.Orders {
			l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q,"operation":"1001"}`, d.ID, o.ID)
		}
	}
	l.drain(t)
	if n := len(l.rows(t, audit.PushOrder)); n != 0 {
		t.Errorf("%d rows", n)
	}
	for effect, some := range map[Effect]bool{Changed: false, Confirmed: false, Same: true, Seen: true} {
		if n, err := l.Count(t.Context(), Query{Effect: effect}); err != nil || (n > 0) != some {
			t.Errorf("%d callbacks led to %q, %v", n, effect, err)
		}
	}
}

// A callback believes nothing of what it says, has its order read once however often it comes, and is settled by what the CMP says.
func TestAnOrderIsReadAnew(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, o := l.one(t, cmpsim.SortInUse)
	l.pause(t, d.ID, o.ID)
	var ids []int64
	for _, operation := range []string{"1001", "1001", "1003", "4711"} {
		ids = append(ids, l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q,"operation":%q}`, d.ID, o.ID, operation).ID)
	}
	l.drain(t)
	if got := l.reads.reads[d.ID]; len(got) != 1 || len(l.reads.reads) != 1 {
		t.Errorf("read %v", l.reads.reads)
	}
	for _, id := range ids {
		if p := l.get(t, id); p.State != Done || p.Effect != Changed || p.Told != cmpsim.StatusSuspended || p.Holder != d.ID || p.Seq == 0 {
			t.Errorf("%+v", p)
		}
	}
	rows := l.rows(t, audit.PushOrder)
	if len(rows) != 1 || rows[0].Actor != audit.CMP || rows[0].Order != o.ID || rows[0].Device != d.ID || rows[0].Get("before_status") != o.Status || rows[0].Get("status_read") != cmpsim.StatusSuspended {
		t.Errorf("recorded %+v", rows)
	}
	if !slices.Equal(l.anew, []string{d.ID}) || !slices.Contains(l.told, "order:"+o.ID) {
		t.Errorf("read anew %v, told %v", l.anew, l.told)
	}
	again := l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q,"operation":"1001"}`, d.ID, o.ID)
	l.drain(t)
	if p := l.get(t, again.ID); p.Effect != Same || p.Times != 3 || len(l.rows(t, audit.PushOrder)) != 1 {
		t.Errorf("the same again: %+v", p)
	}
	l.reads.check(t)
}

// A change that the CMP only accepted is confirmed once its order is seen changed; one whose answer was lost is settled.
func TestACallbackConfirms(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*cmpsim.Fault{
		"accepted": nil, "lost": {Path: "/cmp-api/device/pauseService", Kind: cmpsim.KindResetAfter, Times: 1},
	} {
		l := newLab(t, 300)
		d, o := l.one(t, cmpsim.SortInUse)
		if fault != nil {
			l.sim.Script(*fault)
		}
		pre, err := l.acts.Preflight(t.Context(), anna, o.ID, ops.Pause)
		if err != nil || pre.ID == "" {
			t.Fatalf("%s: %+v, %v", name, pre, err)
		}
		a, err := l.acts.Do(t.Context(), anna, ops.Form{OrderID: o.ID, Verb: ops.Pause, ActionID: pre.ID, Reason: "stolen"})
		if err != nil || !a.Confirmed.IsZero() || a.InDoubt() != (fault != nil) {
			t.Fatalf("%s: %+v, %v", name, a, err)
		}
		l.at = l.at.Add(time.Second)
		id := l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q,"operation":"1003"}`, d.ID, o.ID).ID
		l.drain(t)
		if p := l.get(t, id); p.Effect != Confirmed || p.Action != a.ID || p.Told != string(cmp.StatusSuspended) {
			t.Errorf("%s: %+v", name, p)
		}
		confirmed, settled := l.rows(t, audit.OrderConfirmed), l.rows(t, audit.OrderSettled)
		if fault == nil && (len(confirmed) != 1 || confirmed[0].Of != a.IntentSeq || confirmed[0].Actor != audit.CMP || len(settled) != 0) {
			t.Errorf("%s: confirmed %+v, settled %+v", name, confirmed, settled)
		}
		if fault != nil && (len(settled) != 1 || settled[0].Of != a.IntentSeq || len(confirmed) != 0) {
			t.Errorf("%s: confirmed %+v, settled %+v", name, confirmed, settled)
		}
		l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q,"operation":"1003","time":"later"}`, d.ID, o.ID)
		l.drain(t)
		if n := len(l.rows(t, audit.OrderConfirmed)) + len(l.rows(t, audit.OrderSettled)); n != 1 {
			t.Errorf("%s: %d rows after another callback", name, n)
		}
	}
}

// An order that something was done to here is known, though the copy of the fleet has not come to its device yet.
func TestOwnOrdersAreKnown(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	_, o := l.one(t, cmpsim.SortInUse)
	pre, err := l.acts.Preflight(t.Context(), anna, o.ID, ops.Pause)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.acts.Do(t.Context(), anna, ops.Form{OrderID: o.ID, Verb: ops.Pause, ActionID: pre.ID, Reason: "stolen"}); err != nil {
		t.Fatal(err)
	}
	l.Fleet = emptyFleet{}
	l.at = l.at.Add(time.Second)
	id := l.receive(t, OrderStatus, `{"orderid":%q,"operation":"1003"}`, o.ID).ID
	l.drain(t)
	if p := l.get(t, id); p.Effect != Confirmed {
		t.Errorf("%+v", p)
	}
}

type emptyFleet struct{}

func (emptyFleet) Device(context.Context, string) (mirror.Device, bool, error) {
	return mirror.Device{}, false, nil
}

func (emptyFleet) ExactMany(context.Context, []string) (map[string][]mirror.Ref, error) {
	return nil, nil
}

// While the CMP cannot be asked a callback waits, longer each time, and is given up after a day.
func TestACallbackWaitsForTheCMP(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, o := l.one(t, cmpsim.SortInUse)
	l.CMP = failing{}
	p := l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q}`, d.ID, o.ID)
	var waits []time.Duration
	for p.State == New {
		asked := l.at
		if _, err := l.Process(t.Context(), OrderStatus); err != nil {
			t.Fatal(err)
		}
		if p = l.get(t, p.ID); p.State == New {
			waits = append(waits, p.Due.Sub(asked))
			l.at = p.Due
		}
	}
	if want := []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second}; !slices.Equal(waits[:3], want) || slices.Max(waits) != mostWait {
		t.Errorf("it waits %v", waits)
	}
	if p.State != Failed || p.Done.Sub(p.Received) < giveUp || !strings.Contains(p.Wrong, "out of order") {
		t.Errorf("%+v", p)
	}
}

type failing struct{}

func (failing) Device(context.Context, string) (cmp.Device, error) {
	return cmp.Device{}, errors.New("the CMP does not answer")
}

func (failing) OrdersOf(context.Context, string) ([]cmp.Order, error) {
	return nil, errors.New("out of order")
}

// A process that dies while it asks the CMP leaves the callback as it was: the next one processes it, once.
func TestUnprocessedCallbacksSurvive(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, o := l.one(t, cmpsim.SortInUse)
	l.pause(t, d.ID, o.ID)
	id := l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q}`, d.ID, o.ID).ID
	ctx, die := context.WithCancel(t.Context())
	first := l.Parts
	first.CMP = dying{l.reads, die}
	if _, err := NewProcessor(l.Inbox, first).Process(ctx, OrderStatus); !errors.Is(err, context.Canceled) {
		t.Errorf("the first one ends with %v", err)
	}
	if p := l.get(t, id); p.State != New || p.Tries != 0 || !p.Due.IsZero() {
		t.Errorf("left behind: %+v", p)
	}
	if _, err := NewProcessor(NewInbox(l.db, l.Options), l.Parts).Process(t.Context(), OrderStatus); err != nil {
		t.Fatal(err)
	}
	if p := l.get(t, id); p.State != Done || len(l.rows(t, audit.PushOrder)) != 1 {
		t.Errorf("%+v", p)
	}
}

// dying is a process that ends while the CMP is asked.
type dying struct {
	orderReader
	die func()
}

func (d dying) OrdersOf(ctx context.Context, device string) ([]cmp.Order, error) {
	d.die()
	return nil, ctx.Err()
}

// A CMP that does not answer, or an order that cannot be judged, holds up neither other devices nor messages, and is not asked again at once.
func TestOneCallbackHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(l *lab, order string){
		"no answer":  func(l *lab, _ string) { l.Timeout = time.Nanosecond },
		"not judged": func(l *lab, order string) { l.Actions = unjudged{l.acts, order} },
	} {
		l := newLab(t, 300)
		d, o := l.one(t, cmpsim.SortInUse)
		other, o2 := l.one(t, cmpsim.SortSuspended)
		spoil(l, o.ID)
		bad := l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q}`, d.ID, o.ID).ID
		good := l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q}`, other.ID, o2.ID).ID
		mo := l.receive(t, SMSMO, `{"iccid":%q,"sms_content":"x"}`, d.ID).ID
		for range 3 {
			if err := l.processDue(t.Context(), Kinds()...); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if p := l.get(t, bad); p.State != New || p.Tries != 1 || p.Due.Sub(l.at) != Coalesce {
			t.Errorf("%s: %+v", name, p)
		}
		if p := l.get(t, mo); name == "not judged" && p.Effect != Kept {
			t.Errorf("%s: the message %+v", name, p)
		}
		if p := l.get(t, good); name == "not judged" && p.State != Done {
			t.Errorf("%s: the other %+v", name, p)
		}
	}
}

// unjudged cannot say what became of one order.
type unjudged struct {
	actions
	order string
}

func (u unjudged) Heard(ctx context.Context, o cmp.Order, asked, came time.Time) (string, error) {
	if o.ID == u.order {
		return "", errors.New("disk full")
	}
	return u.actions.Heard(ctx, o, asked, came)
}

// What reads settle as not having happened is not told as confirmed.
func TestNothingHappenedIsNoConfirmation(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, o := l.one(t, cmpsim.SortInUse)
	l.sim.Script(cmpsim.Fault{Path: "/cmp-api/device/pauseService", Kind: cmpsim.KindResetBefore, Times: 1})
	pre, err := l.acts.Preflight(t.Context(), anna, o.ID, ops.Pause)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := l.acts.Do(t.Context(), anna, ops.Form{OrderID: o.ID, Verb: ops.Pause, ActionID: pre.ID, Reason: "stolen"}); err != nil || !a.InDoubt() {
		t.Fatalf("%+v, %v", a, err)
	}
	tick := make(chan time.Time)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go l.acts.Reconcile(ctx, tick)
	var last int64
	for range 12 {
		l.at = l.at.Add(time.Hour)
		last = l.receive(t, OrderStatus, `{"assetid":%q,"orderid":%q,"operation":"1003"}`, d.ID, o.ID).ID
		l.drain(t)
		if p := l.get(t, last); p.Effect == Confirmed {
			t.Fatalf("%+v", p)
		}
		tick <- l.at
		tick <- l.at // the one before has been worked off
	}
}

// Of 500 histories of changes the callbacks come shuffled, repeated and thinned. What they lead to is what the CMP says, and after the next sweep
// the copy is what the CMP has.
func TestMangledHistories(t *testing.T) {
	t.Parallel()
	var l *lab
	for seed := range histories() {
		if seed%50 == 0 {
			l = newLab(t, 60)
		}
		dice := rand.New(rand.NewPCG(uint64(seed), 7))
		began := l.at
		var bodies []string
		for range 3 + dice.IntN(10) {
			if body := l.move(t, dice); body != "" {
				bodies = append(bodies, body)
			}
		}
		for _, body := range mangled(dice, bodies) {
			l.receive(t, OrderStatus, "%s", body)
			if dice.IntN(4) == 0 {
				if _, err := l.Process(t.Context(), OrderStatus); err != nil {
					t.Fatal(err)
				}
			}
		}
		l.drain(t)
		l.compareTold(t, seed, began)
		l.sweep(t)
		l.compareCopy(t, seed)
		if t.Failed() {
			return
		}
	}
	if l.reads.check(t) == 0 {
		t.Error("nothing was read")
	}
}

// move changes an order at the CMP by another hand, and gives the callback that tells so.
func (l *lab) move(t *testing.T, dice *rand.Rand) string {
	t.Helper()
	devices := slices.Collect(l.sim.Fleet())
	d := devices[dice.IntN(len(devices))]
	if len(d.Orders) == 0 {
		return ""
	}
	o := d.Orders[dice.IntN(len(d.Orders))]
	moves := map[string][]struct {
		operation string
		do        func(context.Context) error
	}{
		cmpsim.StatusWaiting: {
			{"1005", func(ctx context.Context) error { _, err := l.client.OpenPackage(ctx, o.ID); return err }},
			{"1002", func(ctx context.Context) error { return l.client.CancelPackage(ctx, o.ID) }},
		},
		cmpsim.StatusInUse: {
			{"1003", func(ctx context.Context) error {
				return l.client.PauseService(ctx, cmp.ServiceOrder{OrderID: o.ID, DeviceID: d.ID})
			}},
		},
		cmpsim.StatusSuspended: {
			{"1004", func(ctx context.Context) error {
				return l.client.RestartService(ctx, cmp.ServiceOrder{OrderID: o.ID, DeviceID: d.ID})
			}},
		},
	}[o.Status]
	if len(moves) == 0 {
		return ""
	}
	m := moves[dice.IntN(len(moves))]
	if err := m.do(t.Context()); err != nil && cmp.KindOf(err) == cmp.Unknown {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"assetid":%q,"imsi":"","operation":%q,"orderid":%q,"time":"2026-11-01 10:00:00"}`, d.ID, m.operation, o.ID)
}

// compareTold holds what callbacks since a moment led to against what the CMP says: all orders of a device that one of them came through about.
func (l *lab) compareTold(t *testing.T, seed int, began time.Time) {
	t.Helper()
	rows, err := l.db.Read().QueryContext(t.Context(), `SELECT order_id, status FROM order_told WHERE device IN (SELECT holder FROM push WHERE received > ?)`, began.UnixMicro())
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, status string
		if err := rows.Scan(&id, &status); err != nil {
			t.Fatal(err)
		}
		if o, ok := l.sim.Order(id); !ok || o.Status != status {
			t.Errorf("seed %d: order %s is %s here and %s at the CMP", seed, id, status, o.Status)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func (l *lab) compareCopy(t *testing.T, seed int) {
	t.Helper()
	for d := range l.sim.Fleet() {
		got, known, err := l.copy.Device(t.Context(), d.ID)
		if err != nil || !known {
			t.Fatalf("seed %d: %s is known %t, %v", seed, d.ID, known, err)
		}
		current, has := d.Current()
		if has != (len(got.Orders) > 0) || has && string(got.Orders[0].Status) != current.Status {
			t.Errorf("seed %d: %s has %+v here and %+v at the CMP", seed, d.ID, got.Orders, current)
		}
	}
}

// Ten thousand forged and broken callbacks change nothing, cost the CMP no more than a read of a device in ten seconds, and neither memory nor the log.
func TestForgedCallbacksDoNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t, 300)
	d, o := l.one(t, cmpsim.SortInUse)
	other, _ := l.one(t, cmpsim.SortSuspended)
	began := l.at
	dice := rand.New(rand.NewPCG(1, 2))
	forgeries := []func() (Kind, string){
		func() (Kind, string) {
			return OrderStatus, fmt.Sprintf(`{"assetid":"8985%016d","orderid":"L%d","operation":"1001"}`, dice.IntN(1e9), dice.IntN(1e9))
		},
		func() (Kind, string) {
			return OrderStatus, fmt.Sprintf(`{"assetid":%q,"orderid":"L%d","operation":"1002"}`, d.ID, dice.IntN(1e9))
		},
		func() (Kind, string) {
			return OrderStatus, fmt.Sprintf(`{"assetid":%q,"orderid":%q,"operation":"%d"}`, other.ID, o.ID, dice.IntN(3000))
		},
		func() (Kind, string) {
			return SMSMT, fmt.Sprintf(`{"msg_id":"%x","iccid":%q,"status_report":"1"}`, dice.Uint64(), d.ID)
		},
		func() (Kind, string) { return Kinds()[dice.IntN(3)], strings.Repeat("{[\"", dice.IntN(2000)) },
		func() (Kind, string) { return OrderStatus, fmt.Sprintf(`{"orderid":%d,"assetid":[]}`, dice.Uint64()) },
	}
	before := heap()
	for i := range 10_000 {
		kind, body := forgeries[i%len(forgeries)]()
		l.receive(t, kind, "%s", body)
		if i%100 == 0 {
			if err := l.processDue(t.Context(), Kinds()...); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.drain(t)
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("%d MiB of memory are kept", grown>>20)
	}
	if reads, most := l.reads.check(t), 2*(int(l.at.Sub(began)/Coalesce)+1); reads > most {
		t.Errorf("%d reads, at most %d may be", reads, most)
	}
	if looks, most := l.reads.looks, unknownAtOnce+int(l.at.Sub(began)/Coalesce)+1; looks > most || looks < unknownAtOnce {
		t.Errorf("%d looks at devices that are made up, at most %d may be", looks, most)
	}
	if n := len(l.rows(t, audit.PushOrder)); n > 1 {
		t.Errorf("%d rows in the log", n)
	}
	l.compareCopy(t, 0)
	if n, err := l.Count(t.Context(), Query{Every: true, Effect: Confirmed}); err != nil || n != 0 {
		t.Errorf("%d callbacks confirmed something, %v", n, err)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
