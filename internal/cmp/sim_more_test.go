package cmp_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// moreChanges are the changes that are no order's own, to the demo device without an order.
func moreChanges() map[string]func(ctx context.Context, c *cmp.Client) error {
	return map[string]func(ctx context.Context, c *cmp.Client) error{
		"package/batchOrderPackages": func(ctx context.Context, c *cmp.Client) error {
			_, err := c.OrderPackages(ctx, cheap(cmpsim.DemoWaiting))
			return err
		},
		"sms/sendSms": func(ctx context.Context, c *cmp.Client) error {
			return c.SendSMS(ctx, cmp.SMS{To: []cmp.SMSAddress{{DeviceID: cmpsim.DemoInUse, MsgID: "LK1"}}, Content: "你好"})
		},
		"device/bind": func(ctx context.Context, c *cmp.Client) error {
			return c.BindIMEI(ctx, cmp.Binding{DeviceID: cmpsim.DemoInUse, IMEI: "860996043052016"})
		},
	}
}

// cheap orders the document's own package.
func cheap(devices ...string) cmp.BulkOrder {
	return cmp.BulkOrder{
		Devices: devices, PackageCode: "DP20190726001274", PackageName: "C_M_0_P_中国20M不限速月套餐", PackageType: "2", Periods: 1, Paid: true, PayType: "1", PayAmount: "1.00",
	}
}

// Every kind of fault with the other changes too: the right word, and exactly one request.
func TestEveryFaultOnOtherChanges(t *testing.T) {
	t.Parallel()
	for name, v := range verdicts() {
		for path, do := range moreChanges() {
			t.Run(name+"/"+path, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.sim.Script(v.fault)
				err := do(b.patience(t, v), b.Client)
				if v.want == succeeds && err != nil || v.want != succeeds && (err == nil || cmp.KindOf(err) != v.want) {
					t.Errorf("got %v, want kind %v", err, v.want)
				}
				q, err := b.sim.AwaitRequest(t.Context(), func(q cmpsim.Request) bool { return q.Done })
				if j := b.sim.Journal(); err != nil || len(j) != 1 || q.Path != "/cmp-api/"+path || q.Applied != v.applied {
					t.Errorf("%v, journal %+v", err, j)
				}
			})
		}
	}
}

// The catalogue is read whole over several pages, in order.
func TestTheWholeCatalogue(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	all, err := b.AllPackages(t.Context())
	if err != nil || len(all) < 30 {
		t.Fatalf("%d packages, %v", len(all), err)
	}
	var paged []cmp.Package
	for page := 1; ; page++ {
		p, err := b.Packages(t.Context(), page, 7)
		if err != nil || p.Total != len(all) {
			t.Fatalf("page %d: %+v, %v", page, p, err)
		}
		if len(p.Packages) == 0 {
			break
		}
		paged = append(paged, p.Packages...)
	}
	same := func(x, y cmp.Package) bool { return x.Code == y.Code && x.Name == y.Name && x.Price == y.Price }
	if !slices.EqualFunc(all, paged, same) {
		t.Errorf("by pages of 7 there are %d packages, else %d", len(paged), len(all))
	}
	if !slices.ContainsFunc(all, func(p cmp.Package) bool { return !p.Available() }) || !slices.ContainsFunc(all, cmp.Package.Unbounded) {
		t.Error("none is obsolete, or none unbounded")
	}
}

// One bulk order for a known, an unknown and a busy device: one order, and two reasons.
func TestBulkOrderForSeveralDevices(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	o := cheap(cmpsim.DemoNoOrder, "89000000000000000000", cmpsim.DemoInUse)
	o.Open = true
	got, err := b.OrderPackages(t.Context(), o)
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if !got[0].OK || got[0].OrderID == "" || got[0].Start.At.IsZero() || got[1].OK || got[1].Kind != cmp.Rejected || got[1].Code != "2001" || got[2].Code != "3004" {
		t.Errorf("%+v", got)
	}
	if made, ok := b.sim.Order(got[0].OrderID); !ok || made.DeviceID != cmpsim.DemoNoOrder || made.Status != cmpsim.StatusInUse {
		t.Errorf("%+v", made)
	}
	o.PackageName = "another"
	if _, err := b.OrderPackages(t.Context(), o); cmp.KindOf(err) != cmp.Rejected {
		t.Errorf("another name: %v", err)
	}
}

// What the client reads of records is what the sandbox wrote, whatever the pages.
func TestRecordsOfACard(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	today := time.Now().In(cmp.Zone)
	q := cmp.CDRQuery{DeviceID: cmpsim.DemoInUse, From: today.AddDate(0, 0, -60), Until: today}
	all, err := b.AllCDRs(t.Context(), q)
	if err != nil || len(all) < 40 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	for i, r := range all {
		if r.DeviceID != cmpsim.DemoInUse || !r.Volume.Known || r.Start.At.IsZero() || r.MCC == "" || i > 0 && r.Start.At.After(all[i-1].Start.At) {
			t.Errorf("record %d: %+v", i, r)
		}
	}
	q.APN = "nobody's"
	if none, err := b.AllCDRs(t.Context(), q); err != nil || len(none) != 0 {
		t.Errorf("%d records of an unknown APN, %v", len(none), err)
	}
	q.DeviceID, q.APN = "89000000000000000000", ""
	if _, err := b.CDRs(t.Context(), q); cmp.KindOf(err) != cmp.Rejected {
		t.Errorf("an unknown card: %v", err)
	}
}

func TestMessagesAndBindings(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for path, do := range moreChanges() {
		if err := do(t.Context(), b.Client); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	mt, err := b.MTMessages(t.Context(), cmp.MTQuery{MsgID: "LK1", Page: 1, Size: 10})
	if err != nil || mt.Total != 1 || mt.Messages[0].DeviceID != cmpsim.DemoInUse || mt.Messages[0].State != cmp.WasSent || mt.Messages[0].Report != "" {
		t.Errorf("%+v, %v", mt, err)
	}
	r, err := b.SMSRecords(t.Context(), cmp.SMSRecordQuery{DeviceID: cmpsim.DemoInUse, Page: 1, Size: 5})
	if err != nil || len(r.Records) != 5 || r.Total < 6 || r.Pages != (r.Total+4)/5 {
		t.Errorf("%d of %d records, %v", len(r.Records), r.Total, err)
	}
	tracks, err := b.Bindings(t.Context(), cmpsim.DemoInUse)
	if err != nil || len(tracks) != 1 || tracks[0].IMEI != "860996043052016" || tracks[0].At.At.IsZero() {
		t.Errorf("%+v, %v", tracks, err)
	}
	card, _ := b.sim.Device(cmpsim.DemoInUse)
	live, err := b.LiveSession(t.Context(), card.Profiles[0].IMSI)
	if err != nil || live.Why() != "" || live.IMEI != "860996043052016" || live.SessionStart.At.IsZero() {
		t.Errorf("%+v, %v", live, err)
	}
	card, _ = b.sim.Device(cmpsim.DemoSuspended)
	if live, err := b.LiveSession(t.Context(), card.Profiles[0].IMSI); err != nil || live.Why() != "resource not available" {
		t.Errorf("%+v, %v", live, err)
	}
}
