package cmp_test

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// The life of an order, each step confirmed by reading it.
func TestTheLifeOfAnOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, o := b.sample(t, cmpsim.SortWaiting, cmpsim.StatusWaiting)
	all := changes()
	for _, step := range []change{all[0], all[3], all[4], all[2]} { // open, pause, restart, end
		if err := step.do(t.Context(), b.Client, o); err != nil {
			t.Fatalf("%s: %v", step.path, err)
		}
		got, err := b.Order(t.Context(), o.ID)
		if err != nil || string(got.Status) != step.to || got.DeviceID != o.DeviceID {
			t.Errorf("after %s: %+v, %v", step.path, got, err)
		}
		// What the new state does not allow is refused with the CMP's code and words.
		e, ok := errors.AsType[*cmp.Error](step.do(t.Context(), b.Client, o))
		if !ok || e.Kind != cmp.Rejected || e.Code != "3002" || !strings.Contains(e.Message, o.ID) || e.HTTPStatus != 200 {
			t.Errorf("%s again: %v", step.path, e)
		}
	}
	ended, _ := b.sim.Order(o.ID)
	if ended.Cause != "卡已停用" || ended.DeviceType != "4" {
		t.Errorf("the CMP heard %q and device type %q", ended.Cause, ended.DeviceType)
	}
}

func TestOpenedTellsStartAndEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, o := b.sample(t, cmpsim.SortWaiting, cmpsim.StatusWaiting)
	opened, err := b.OpenPackage(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	now, _ := b.sim.Order(o.ID)
	if d := time.Since(opened.Start.At).Abs(); d > time.Minute || opened.Start.DateOnly {
		t.Errorf("start %+v", opened.Start)
	}
	if end := opened.Expire.At; end.Format("20060102150405") != now.Expire.In(cmp.Zone).Format("20060102")+"235959" {
		t.Errorf("end %v, want the last second of %v", end, now.Expire)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, o := b.sample(t, cmpsim.SortWaiting, cmpsim.StatusWaiting)
	if err := b.CancelPackage(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Order(t.Context(), o.ID); err != nil || got.Status != cmp.StatusEnded || !got.Active.IsZero() {
		t.Errorf("%+v, %v", got, err)
	}
}

// Every device and every order of the sandbox is read as it is there.
func TestTheWholeFleetIsReadAsItIs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	seen := 0
	for page := 1; ; page++ {
		p, err := b.Devices(t.Context(), page, 40)
		if err != nil {
			t.Fatal(err)
		}
		if p.Total != 150 || p.Pages != 4 || p.Size != 40 || p.Page != page {
			t.Fatalf("page %d: %d devices of %d on %d pages of %d", page, len(p.Devices), p.Total, p.Pages, p.Size)
		}
		for _, listed := range p.Devices {
			seen++
			compareDevice(t, b, listed)
		}
		if page >= p.Pages {
			break
		}
	}
	if seen != 150 {
		t.Errorf("%d devices", seen)
	}
}

func compareDevice(t *testing.T, b bench, listed cmp.Device) {
	t.Helper()
	truth, ok := b.sim.Device(listed.ID)
	got, err := b.Device(t.Context(), listed.ID)
	if err != nil || !ok {
		t.Fatalf("%s: %v", listed.ID, err)
	}
	for _, d := range []cmp.Device{listed, got} {
		if string(d.Lifecycle) != truth.Lifecycle || d.OTA.Yes() != truth.OTA || d.BIP.Yes() != truth.BIP || d.MultiIMSI.Yes() != truth.MultiIMSI() ||
			!d.LifecycleStart.At.Equal(truth.LifecycleStart) || !d.LifecycleEnd.At.Equal(truth.LifecycleEnd) {
			t.Errorf("%+v, want %+v", d, truth)
		}
		want, has := truth.Current()
		if o, ok := d.Current(); ok != has || has && (o.ID != want.ID || o.DeviceID != d.ID) {
			t.Errorf("%s: current %q, want %q", d.ID, o.ID, want.ID)
		}
	}
	if listed.PartnerName != truth.PartnerName || listed.PartnerCode != truth.PartnerCode {
		t.Errorf("partner %q %q, want %q", listed.PartnerName, listed.PartnerCode, truth.PartnerName)
	}
	orders, err := b.OrdersOf(t.Context(), listed.ID)
	if err != nil || len(orders) != len(truth.Orders) {
		t.Fatalf("%s: %d orders, want %d, %v", listed.ID, len(orders), len(truth.Orders), err)
	}
	for i, o := range orders {
		compareOrder(t, o, truth.Orders[i])
	}
}

func compareOrder(t *testing.T, got cmp.Order, want cmpsim.Order) {
	t.Helper()
	if got.ID != want.ID || string(got.Status) != want.Status || got.PackageName != want.PackageName || got.PackageType != want.PackageType ||
		got.Allowance.Bytes != want.FlowMB<<20 || got.Used.Bytes != want.UsedKB<<10 || got.OrderUsed.Bytes != want.TotalKB<<10 || len(got.Refuelling) != len(want.Refuelling) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if !got.Ordered.At.Equal(want.Ordered.Truncate(time.Second)) || !got.Active.At.Equal(want.Active) || !got.Expire.At.Equal(want.Expire) {
		t.Errorf("%s: times %v %v %v, want %v %v %v", got.ID, got.Ordered, got.Active, got.Expire, want.Ordered, want.Active, want.Expire)
	}
	percent, known := got.UsedPercent()
	if known != (want.FlowMB > 0) || known && percent != int(math.Floor(float64(want.UsedKB)*100/float64(want.FlowMB*1024))) {
		t.Errorf("%s: %d %% (%v) of %d MB, %d kB", got.ID, percent, known, want.FlowMB, want.UsedKB)
	}
	for _, r := range got.Refuelling {
		if r.ID == "" || !r.Allowance.Known || r.Ordered.At.IsZero() || r.Status == "" {
			t.Errorf("refuelling %+v", r)
		}
	}
}

// The filler of a number that is not there never comes through.
func TestFillerNumbersStayOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d, ok := b.sim.Sample(cmpsim.SortFillerMSISDN)
	if !ok {
		t.Fatal("no such device")
	}
	got, err := b.Device(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range got.Orders {
		for _, p := range o.Profiles {
			if p.MSISDN != "" || p.IMSI == "" {
				t.Errorf("profile %+v", p)
			}
		}
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Order(t.Context(), "ORDER_9999999999999999999"); cmp.KindOf(err) != cmp.NotFound {
		t.Errorf("order: %v", err)
	}
	_, err := b.Device(t.Context(), "89000000000000000000")
	if e, ok := errors.AsType[*cmp.Error](err); !ok || e.Kind != cmp.Rejected || e.Code != "2001" {
		t.Errorf("device: %v", err)
	}
	if orders, err := b.OrdersOf(t.Context(), "89000000000000000000"); err != nil || len(orders) != 0 {
		t.Errorf("orders: %v, %v", orders, err)
	}
	if p, err := b.Devices(t.Context(), 99, 20); err != nil || len(p.Devices) != 0 || p.Total != 150 {
		t.Errorf("page behind the last: %+v, %v", p, err)
	}
}

// The sandbox's CMP matches parts of an id and takes what stands in the filters.
func TestOrdersAsTheCMPMatchesThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d, _ := b.sample(t, cmpsim.SortSeveral, cmpsim.StatusInUse)
	part, err := b.Orders(t.Context(), cmp.OrderQuery{DeviceID: d.ID[:12], Page: 1, Size: 100})
	if err != nil || part.Total < len(d.Orders) {
		t.Errorf("%d orders, %v", part.Total, err)
	}
	waiting, err := b.Orders(t.Context(), cmp.OrderQuery{DeviceID: d.ID, Status: cmp.StatusNotEnabled, Page: 1, Size: 100})
	if err != nil || len(waiting.Orders) == 0 || len(waiting.Orders) >= len(d.Orders) {
		t.Errorf("%d waiting of %d, %v", len(waiting.Orders), len(d.Orders), err)
	}
	for _, o := range waiting.Orders {
		if o.Status != cmp.StatusNotEnabled || o.DeviceID != d.ID {
			t.Errorf("%+v", o)
		}
	}
}

// A wrong key, on either side of the signature, is refused by the gateway, on reads and changes alike.
func TestWrongKeys(t *testing.T) {
	t.Parallel()
	ahead := func() time.Time { return time.Now().Add(2 * time.Hour) }
	for name, edit := range map[string]func(*cmp.Options){
		"secret": func(o *cmp.Options) { o.SecretKey, o.Now = "wrong", ahead },
		"access": func(o *cmp.Options) { o.AccessKey, o.Now = "wrong", ahead },
		"none":   func(o *cmp.Options) { o.Signing, o.Now = cmp.SigningNone, ahead },
	} {
		b := newBench(t, edit)
		_, o := b.sample(t, cmpsim.SortInUse, cmpsim.StatusInUse)
		_, err := b.Order(t.Context(), o.ID)
		errs := []error{err}
		for _, ch := range changes() {
			errs = append(errs, ch.do(t.Context(), b.Client, o))
		}
		for _, err := range errs {
			e, ok := errors.AsType[*cmp.Error](err)
			if !ok || e.Kind != cmp.Unauthorised || e.HTTPStatus != 401 || e.Message == "" || e.Code != "" {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if e.Skew > -119*time.Minute || e.Skew < -121*time.Minute {
				t.Errorf("%s: clock ahead by %v, ours is two hours ahead", name, e.Skew)
			}
		}
		if now, _ := b.sim.Order(o.ID); now.Status != cmpsim.StatusInUse {
			t.Errorf("%s: status %s", name, now.Status)
		}
	}
}

// The CMP's words come in the language asked for.
func TestLanguage(t *testing.T) {
	t.Parallel()
	for language, want := range map[string]string{"zh-CN": "不允许此操作", "en-US": "does not allow", "": "does not allow"} {
		b := newBench(t, func(o *cmp.Options) { o.Language = language })
		_, o := b.sample(t, cmpsim.SortInUse, cmpsim.StatusInUse)
		e, ok := errors.AsType[*cmp.Error](b.CancelPackage(t.Context(), o.ID))
		if !ok || e.Kind != cmp.Rejected || !strings.Contains(e.Message, want) {
			t.Errorf("%q: %v", language, e)
		}
	}
}
