package cmp_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

const (
	accessKey = "console"
	secretKey = "of the sandbox"
)

// bench is a sandbox CMP that checks signatures, and a client in front of it.
type bench struct {
	*cmp.Client
	sim *cmpsim.Sim
}

func newBench(t *testing.T, edit ...func(*cmp.Options)) bench {
	t.Helper()
	sim, err := cmpsim.New(cmpsim.Options{Devices: 150, Seed: 7, AccessKey: accessKey, SecretKey: secretKey, PageCap: 100})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim.Handler())
	t.Cleanup(srv.Close)
	o := cmp.Options{BaseURL: srv.URL, AccessKey: accessKey, SecretKey: secretKey, Signing: cmp.SigningHMAC, Timeout: 20 * time.Second, Rate: 1e6, MaxConns: 4}
	for _, e := range edit {
		e(&o)
	}
	c, err := cmp.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return bench{c, sim}
}

// sample is a device of a sort, and its order that decides.
func (b bench) sample(t *testing.T, sort cmpsim.Sort, status string) (cmpsim.Device, cmpsim.Order) {
	t.Helper()
	d, ok := b.sim.Sample(sort)
	if !ok {
		t.Fatalf("the sandbox has no device of sort %q", sort)
	}
	for _, o := range d.Orders {
		if o.Status == status && !o.Secondary {
			return d, o
		}
	}
	t.Fatalf("device %s has no order of status %s", d.ID, status)
	return d, cmpsim.Order{}
}

// change is one of the five, from the state that allows it to the state it leads to.
type change struct {
	path     string
	sort     cmpsim.Sort
	from, to string
	do       func(ctx context.Context, c *cmp.Client, o cmpsim.Order) error
}

func changes() []change {
	return []change{
		{"package/openPackage", cmpsim.SortWaiting, cmpsim.StatusWaiting, cmpsim.StatusInUse,
			func(ctx context.Context, c *cmp.Client, o cmpsim.Order) error {
				_, err := c.OpenPackage(ctx, o.ID)
				return err
			}},
		{"package/cancelPackage", cmpsim.SortWaiting, cmpsim.StatusWaiting, cmpsim.StatusEnded,
			func(ctx context.Context, c *cmp.Client, o cmpsim.Order) error { return c.CancelPackage(ctx, o.ID) }},
		{"package/aheadFinishDeviceOrder", cmpsim.SortInUse, cmpsim.StatusInUse, cmpsim.StatusEnded,
			func(ctx context.Context, c *cmp.Client, o cmpsim.Order) error {
				return c.EndOrder(ctx, cmp.EndOrder{OrderID: o.ID, Cause: "卡已停用", DeviceType: "4"})
			}},
		{"device/pauseService", cmpsim.SortInUse, cmpsim.StatusInUse, cmpsim.StatusSuspended,
			func(ctx context.Context, c *cmp.Client, o cmpsim.Order) error {
				return c.PauseService(ctx, cmp.ServiceOrder{OrderID: o.ID, DeviceID: o.DeviceID})
			}},
		{"device/restartService", cmpsim.SortSuspended, cmpsim.StatusSuspended, cmpsim.StatusInUse,
			func(ctx context.Context, c *cmp.Client, o cmpsim.Order) error {
				return c.RestartService(ctx, cmp.ServiceOrder{OrderID: o.ID, DeviceID: o.DeviceID})
			}},
	}
}

// verdict is what the client must say of a fault, and whether the change took place behind it.
type verdict struct {
	fault   cmpsim.Fault
	want    cmp.Kind
	code    string
	applied bool
	timeout bool
	again   bool // reads are tried three times; changes never are
}

const succeeds = cmp.Kind(-1)

func verdicts() map[string]verdict {
	yes := true
	return map[string]verdict{
		"none, but late":        {fault: cmpsim.Fault{Kind: cmpsim.KindDelay, Delay: time.Millisecond}, want: succeeds, applied: true},
		"hang":                  {fault: cmpsim.Fault{Kind: cmpsim.KindHang}, want: cmp.Unknown, timeout: true},
		"hang after the effect": {fault: cmpsim.Fault{Kind: cmpsim.KindHang, Apply: &yes}, want: cmp.Unknown, applied: true, timeout: true},
		"reset before":          {fault: cmpsim.Fault{Kind: cmpsim.KindResetBefore}, want: cmp.Unknown, again: true},
		"reset after":           {fault: cmpsim.Fault{Kind: cmpsim.KindResetAfter}, want: cmp.Unknown, applied: true, again: true},
		"401":                   {fault: cmpsim.Fault{Kind: cmpsim.KindUnauthorised}, want: cmp.Unauthorised},
		"429":                   {fault: cmpsim.Fault{Kind: cmpsim.KindTooMany}, want: cmp.Unknown, again: true},
		"500":                   {fault: cmpsim.Fault{Kind: cmpsim.KindInternal}, want: cmp.Unknown},
		"500 after the effect":  {fault: cmpsim.Fault{Kind: cmpsim.KindInternal, Apply: &yes}, want: cmp.Unknown, applied: true},
		"502":                   {fault: cmpsim.Fault{Kind: cmpsim.KindBadGateway}, want: cmp.Unknown, again: true},
		"503":                   {fault: cmpsim.Fault{Kind: cmpsim.KindUnavailable}, want: cmp.Unknown, again: true},
		"html":                  {fault: cmpsim.Fault{Kind: cmpsim.KindHTML}, want: cmp.Unknown},
		"html after the effect": {fault: cmpsim.Fault{Kind: cmpsim.KindHTML, Apply: &yes}, want: cmp.Unknown, applied: true},
		"cut":                   {fault: cmpsim.Fault{Kind: cmpsim.KindCut}, want: cmp.Unknown, again: true},
		"cut after the effect":  {fault: cmpsim.Fault{Kind: cmpsim.KindCut, Apply: &yes}, want: cmp.Unknown, applied: true},
		"bad JSON":              {fault: cmpsim.Fault{Kind: cmpsim.KindBadJSON}, want: cmp.Unknown},
		"business":              {fault: cmpsim.Fault{Kind: cmpsim.KindBusiness}, want: cmp.Rejected, code: "9999"},
		"business in Chinese":   {fault: cmpsim.Fault{Kind: cmpsim.KindBusiness, Code: "A-17", Message: "订单已锁定"}, want: cmp.Rejected, code: "A-17"},
		"contradiction":         {fault: cmpsim.Fault{Kind: cmpsim.KindContradiction}, want: cmp.Unknown, code: "0000"},
		"contradicting refusal": {fault: cmpsim.Fault{Kind: cmpsim.KindContradiction, Code: "3002"}, want: cmp.Unknown, code: "3002"},
	}
}

// expiring is a context whose time limit comes when the test says so, whatever the machine is busy with.
type expiring struct {
	context.Context
	over chan struct{}
}

func (e expiring) Done() <-chan struct{} { return e.over }

func (e expiring) Err() error {
	select {
	case <-e.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// patience is a call's context. For a CMP that never answers its time limit comes as soon as the request is in
// the journal with the effect it is to have.
func (b bench) patience(t *testing.T, v verdict) context.Context {
	t.Helper()
	if !v.timeout {
		return t.Context()
	}
	ctx, seen := expiring{t.Context(), make(chan struct{})}, uint64(len(b.sim.Journal()))
	go func() {
		defer close(ctx.over)
		_, _ = b.sim.AwaitRequest(t.Context(), func(q cmpsim.Request) bool {
			return q.Seq > seen && q.Fault != "" && q.Applied == v.applied && !q.Done
		})
	}()
	return ctx
}

// Every kind of fault with every change: the right word for it, and exactly one request in the CMP's journal.
func TestEveryFaultOnEveryChange(t *testing.T) {
	t.Parallel()
	known := map[cmpsim.Kind]bool{}
	for name, v := range verdicts() {
		known[v.fault.Kind] = true
		for _, ch := range changes() {
			t.Run(name+"/"+ch.path, func(t *testing.T) {
				t.Parallel()
				playFault(t, v, ch)
			})
		}
	}
	for _, k := range cmpsim.Kinds() {
		if !known[k] {
			t.Errorf("no verdict on fault %s", k)
		}
	}
}

func playFault(t *testing.T, v verdict, ch change) {
	b := newBench(t)
	_, order := b.sample(t, ch.sort, ch.from)
	b.sim.Script(v.fault)
	err := ch.do(b.patience(t, v), b.Client, order)
	if v.want == succeeds && err != nil || v.want != succeeds && (err == nil || cmp.KindOf(err) != v.want) {
		t.Errorf("got %v, want kind %v", err, v.want)
	}
	if e, ok := errors.AsType[*cmp.Error](err); ok && (e.Code != v.code || e.Timeout() != v.timeout || v.fault.Message != "" && e.Message != v.fault.Message) {
		t.Errorf("code %q, message %q, time limit %v: %v", e.Code, e.Message, e.Timeout(), e)
	}
	q, err := b.sim.AwaitRequest(t.Context(), func(q cmpsim.Request) bool { return q.Done })
	if err != nil {
		t.Fatal(err)
	}
	if j := b.sim.Journal(); len(j) != 1 || q.Path != "/cmp-api/"+ch.path || q.OrderID != order.ID || q.Applied != v.applied || q.Fault != v.fault.Kind {
		t.Errorf("journal %+v", j)
	}
	want := map[bool]string{true: ch.to, false: ch.from}[v.applied]
	if now, ok := b.sim.Order(order.ID); !ok || now.Status != want {
		t.Errorf("status %s, want %s", now.Status, want)
	}
}

// reads are all calls that change nothing, about the demo device in use.
func reads(b bench) map[string]func(ctx context.Context) error {
	card, _ := b.sim.Device(cmpsim.DemoInUse)
	id, today := card.ID, time.Now()
	return map[string]func(ctx context.Context) error{
		"Device":  func(ctx context.Context) error { _, err := b.Device(ctx, id); return err },
		"Devices": func(ctx context.Context) error { _, err := b.Devices(ctx, 1, 20); return err },
		"Orders": func(ctx context.Context) error {
			_, err := b.Orders(ctx, cmp.OrderQuery{Page: 1, Size: 20})
			return err
		},
		"OrdersOf": func(ctx context.Context) error { _, err := b.OrdersOf(ctx, id); return err },
		"Order":    func(ctx context.Context) error { _, err := b.Order(ctx, cmpsim.DemoOrder); return err },
		"CDRs": func(ctx context.Context) error {
			_, err := b.CDRs(ctx, cmp.CDRQuery{DeviceID: id, From: today, Until: today, Page: 1, Size: 5})
			return err
		},
		"CDRs by APN": func(ctx context.Context) error {
			_, err := b.CDRs(ctx, cmp.CDRQuery{DeviceID: id, ByAPN: true, From: today, Until: today, Page: 1, Size: 5})
			return err
		},
		"AllCDRs": func(ctx context.Context) error {
			_, err := b.AllCDRs(ctx, cmp.CDRQuery{DeviceID: id, From: today, Until: today})
			return err
		},
		"Packages":    func(ctx context.Context) error { _, err := b.Packages(ctx, 1, 7); return err },
		"AllPackages": func(ctx context.Context) error { _, err := b.AllPackages(ctx); return err },
		"MTMessages": func(ctx context.Context) error {
			_, err := b.MTMessages(ctx, cmp.MTQuery{DeviceID: id, Page: 1, Size: 5})
			return err
		},
		"SMSRecords": func(ctx context.Context) error {
			_, err := b.SMSRecords(ctx, cmp.SMSRecordQuery{DeviceID: id, Page: 1, Size: 5})
			return err
		},
		"LiveSession": func(ctx context.Context) error { _, err := b.LiveSession(ctx, card.Profiles[0].IMSI); return err },
		"Bindings":    func(ctx context.Context) error { _, err := b.Bindings(ctx, id); return err },
	}
}

// Reads meet the same faults with the same words, and ask three times where that may help.
func TestEveryFaultOnReads(t *testing.T) {
	t.Parallel()
	for name, v := range verdicts() {
		if v.fault.Apply != nil {
			continue
		}
		for read := range reads(newBench(t)) {
			t.Run(name+"/"+read, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.Impatient()
				b.sim.Script(v.fault)
				err := reads(b)[read](b.patience(t, v))
				if v.want == succeeds && err != nil || v.want != succeeds && (err == nil || cmp.KindOf(err) != v.want) {
					t.Errorf("%v, want kind %v", err, v.want)
				}
				if n, want := len(b.sim.Journal()), map[bool]int{true: 3, false: 1}[v.again]; n != want {
					t.Errorf("%d requests, want %d", n, want)
				}
			})
		}
	}
}

// A read that is answered at its second or third try has succeeded, and nobody hears of the first.
func TestAFaultThatPasses(t *testing.T) {
	t.Parallel()
	for name, v := range verdicts() {
		if !v.again {
			continue
		}
		b := newBench(t)
		b.Impatient()
		_, o := b.sample(t, cmpsim.SortInUse, cmpsim.StatusInUse)
		v.fault.Times = 2
		b.sim.Script(v.fault)
		if got, err := b.Order(t.Context(), o.ID); err != nil || got.ID != o.ID || len(b.sim.Journal()) != 3 || !b.Health().OK {
			t.Errorf("%s: %v after %d requests", name, err, len(b.sim.Journal()))
		}
	}
}

// A CMP that closed its door between two calls has certainly not heard the second.
func TestTheCMPGoesAway(t *testing.T) {
	t.Parallel()
	sim, err := cmpsim.New(cmpsim.Options{Devices: 20, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(sim.Handler())
	c, err := cmp.New(cmp.Options{BaseURL: srv.URL, Signing: cmp.SigningNone, Timeout: 20 * time.Second, Rate: 1e6, MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Devices(t.Context(), 1, 5); err != nil {
		t.Fatal(err)
	}
	srv.Close()
	for _, ch := range changes() {
		if err := ch.do(t.Context(), c, cmpsim.Order{ID: "ORDER_1", DeviceID: "89852202310161621656"}); err == nil || cmp.KindOf(err) != cmp.NotSent {
			t.Errorf("%s: %v", ch.path, err)
		}
	}
	if n := len(sim.Journal()); n != 1 {
		t.Errorf("%d requests", n)
	}
}
