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

var mia = operatorOf("mia", auth.Manager)

func cart(devices ...string) Cart {
	c := Cart{Package: cmp.Package{Code: "LP1", Name: "Package", Type: "2", BuyType: "2", Status: "1", Price: "9.90"}, Periods: 3, Open: true, Reason: why}
	for _, id := range devices {
		c.Items = append(c.Items, CartItem{DeviceID: id})
	}
	return c
}

func (b *bench) checkout(t *testing.T, batch string) []Purchase {
	t.Helper()
	list, err := b.Checkout(t.Context(), mia, batch)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (b *bench) basket(t *testing.T, c Cart) string {
	t.Helper()
	batch, err := b.PrepareCart(t.Context(), mia, c)
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

// Each device is ordered for once, however often the cart is posted, and each has its own result.
func TestCheckout(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.unwanted = device2
	batch := b.basket(t, cart(device, device2))
	if len(b.cmp.bought) != 0 {
		t.Fatal("a preview ordered something")
	}
	for range 3 {
		list := b.checkout(t, batch)
		if len(list) != 2 || list[0].Action.State != OK || list[0].OrderID != "ORDER_9" || list[1].Action.State != Rejected || list[1].Action.Message != "unknown" {
			t.Fatalf("%+v", list)
		}
	}
	if len(b.cmp.bought) != 2 {
		t.Fatalf("%d orders were sent", len(b.cmp.bought))
	}
	if got := b.cmp.bought[0]; got.Periods != 3 || !got.Open || !got.Paid || got.PayAmount != "0.00" || got.PackageName != "Package" || got.Devices[0] != device {
		t.Errorf("sent %+v", got)
	}
	rows, err := b.log.List(t.Context(), audit.Filter{Action: string(audit.OrderCreate)})
	if err != nil || len(rows) != 4 || rows[0].Reason != why || rows[0].Get("package") != "LP1" || rows[0].Device == "" {
		t.Errorf("rows %+v, %v", rows, err)
	}
	for _, r := range rows {
		if r.Get("paid") != "true" || r.Get("test_flow") != "0" || r.Get("periods") != "3" {
			t.Errorf("row %d does not say what was sent: %+v", r.Seq, r.Detail)
		}
	}
}

// The payment follows from the catalogue: post-paid counts as paid, prepaid costs its price for each period, and
// what is not paid is not opened.
func TestPayment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		buy, price string
		periods    int
		want       Payment
		wrong      bool
	}{
		{"2", "9.90", 3, Payment{true, "0.00"}, false},
		{"2", "", 3, Payment{true, "0.00"}, false},
		{"1", "9.90", 3, Payment{false, "29.70"}, false},
		{"1", "0.335", 3, Payment{false, "1.01"}, false}, // 1.005 exactly, not what a float makes of it
		{"1", "29", 12, Payment{false, "348.00"}, false},
		{"1", "", 1, Payment{}, true},
		{"1", "free", 1, Payment{}, true},
		{"1", "-1", 1, Payment{}, true},
	} {
		got, err := PaymentOf(cmp.Package{BuyType: tt.buy, Price: tt.price}, tt.periods)
		if got != tt.want || (err != nil) != tt.wrong {
			t.Errorf("%+v: %+v, %v", tt, got, err)
		}
	}
	b := newBench(t)
	c := cart(device)
	c.Package.BuyType = "1"
	b.checkout(t, b.basket(t, c))
	if got := b.cmp.bought[0]; got.Open || got.Paid || got.PayAmount != "29.70" {
		t.Errorf("a prepaid package was ordered as %+v", got)
	}
}

// What is not ordered: without the right or a reason, for nobody or too many, by another, too late, or after somebody
// else ordered the same meanwhile.
func TestCartsThatAreNotOrdered(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, err := b.PrepareCart(t.Context(), anna, cart(device))
	wantKind(t, err, fault.Forbidden)
	silent := cart(device)
	silent.Reason = ""
	for _, c := range []Cart{cart(), cart(make([]string, MaxPurchases+1)...), silent} {
		_, err = b.PrepareCart(t.Context(), mia, c)
		wantKind(t, err, fault.Invalid)
	}
	batch := b.basket(t, cart(device))
	_, err = b.Checkout(t.Context(), operatorOf("max", auth.Manager), batch)
	wantKind(t, err, fault.Conflict)
	b.checkout(t, b.basket(t, cart(device)))
	if list := b.checkout(t, batch); list[0].Action.State != Refused || list[0].Action.Why != purchase.changed || len(b.cmp.bought) != 1 {
		t.Errorf("ordered twice: %+v", list)
	}
	late := b.basket(t, cart(device2))
	b.wait(formLife + time.Second)
	if list := b.checkout(t, late); list[0].Action.State != Expired || len(b.cmp.bought) != 1 {
		t.Errorf("an old preview: %+v", list)
	}
}

// A lost answer puts that device in doubt, and its orders tell what became of it.
func TestALostPurchaseIsSettled(t *testing.T) {
	t.Parallel()
	for _, effect := range []bool{true, false} {
		b := newBench(t)
		b.cmp.answers(errLost, effect)
		batch := b.basket(t, cart(device))
		a := b.checkout(t, batch)[0].Action
		if a.State != Unknown {
			t.Fatalf("%+v", a)
		}
		second := b.basket(t, Cart{Package: cart().Package, Periods: 1, Reason: why, Items: []CartItem{{DeviceID: device, Orders: []cmp.Order{{ID: "ORDER_9", PackageCode: "LP1"}}[:map[bool]int{true: 1}[effect]]}}})
		if list := b.checkout(t, second); list[0].Action.State != Refused || len(b.cmp.bought) != 1 {
			t.Errorf("a second order went out while the first is in doubt: %+v", list[0].Action)
		}
		b.wait(time.Hour)
		want := EffectAbsent
		if effect {
			want = EffectPresent
		}
		for range enoughLooks {
			list, err := b.Purchases(t.Context(), mia, batch)
			if err != nil {
				t.Fatal(err)
			}
			if a = list[0].Action; a.State == Unknown {
				if err := b.look(t.Context(), a); err != nil {
					t.Fatal(err)
				}
			}
		}
		list, err := b.Purchases(t.Context(), mia, batch)
		if err != nil || list[0].Action.State != want || len(b.cmp.bought) != 1 || (list[0].OrderID == "ORDER_9") != effect {
			t.Errorf("effect %v: %+v, %v", effect, list[0], err)
		}
	}
}

// What the list of a device's orders tells of a purchase whose answer was lost: the one that was not there before.
func TestWhichOrderWasMade(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, tt := range []struct {
		before, read string
		first, late  State
	}{
		{`["A"]`, `["A","B"]`, EffectPresent, EffectPresent},
		{`[]`, `["B"]`, EffectPresent, EffectPresent},
		{`["A"]`, `["B"]`, EffectPresent, EffectPresent}, // another one has gone meanwhile
		{`["A"]`, `["A"]`, Unknown, EffectAbsent},
		{`["A"]`, `["A","B","C"]`, Undetermined, Undetermined}, // which is ours, the CMP does not tell
		{`["A","B"]`, `["A"]`, Unknown, Undetermined},
		{`["A"]`, Gone, Undetermined, Undetermined},
		{`2`, `["A","B","C"]`, Undetermined, Undetermined}, // counted by an earlier version
	} {
		a := Action{Verb: Buy, Before: tt.before, Dispatched: now}
		first := judge(a, tt.read, now)
		a.Looks = enoughLooks - 1
		if late := judge(a, tt.read, now.Add(enoughTime)); first != tt.first || late != tt.late {
			t.Errorf("%s, then %s: %s and %s", tt.before, tt.read, first, late)
		}
	}
}

// The row of a settled purchase names the order that was made.
func TestASettledPurchaseNamesItsOrder(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.answers(errLost, true)
	a := b.checkout(t, b.basket(t, cart(device)))[0].Action
	b.wait(time.Minute)
	if err := b.look(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	rows, err := b.log.List(t.Context(), audit.Filter{Action: string(audit.OrderSettled)})
	if err != nil || len(rows) != 1 || rows[0].Order != "ORDER_9" || rows[0].Device != device || rows[0].Detail[2].Value != "new orders: ORDER_9" {
		t.Errorf("%+v, %v", rows, err)
	}
	if b.batches != 1 {
		t.Errorf("%d batches came to their end", b.batches)
	}
}

// An order's id stands with its outcome, in the log too; where the database does not take them, they are kept for later
// and hold back none of the devices after it.
func TestAnOrderIDThatIsNotTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	batch := b.basket(t, cart(device, device2))
	b.exec(t, `CREATE TRIGGER full BEFORE UPDATE ON purchase BEGIN SELECT RAISE(ABORT, 'disk full'); END`)
	for _, p := range b.checkout(t, batch) {
		if p.Action.State != Dispatched || p.OrderID != "" {
			t.Errorf("%s: %s, %q", p.DeviceID, p.Action.State, p.OrderID)
		}
	}
	b.takeRows(t)
	if err := b.writeEnds(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range b.checkout(t, batch) {
		if p.Action.State != OK || p.OrderID != "ORDER_9" {
			t.Errorf("%s: %s, %q", p.DeviceID, p.Action.State, p.OrderID)
		}
	}
	rows, err := b.log.List(t.Context(), audit.Filter{Action: string(audit.OrderCreate), Outcome: audit.OK})
	if err != nil || len(rows) != 2 || rows[0].Order != "ORDER_9" || len(b.cmp.bought) != 2 {
		t.Errorf("%+v, %v, %d sent", rows, err, len(b.cmp.bought))
	}
}

// The period of an opened order stands in its outcome's row, as the CMP wrote it.
func TestAnOpenedOrdersPeriod(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.cmp.set(cmp.StatusNotEnabled)
	b.cmp.opened = cmp.Opened{Start: cmp.TimeOf("2026-11-23 20:00:00"), Expire: cmp.TimeOf("2026-12-22 23:59:59")}
	b.do(t, b.form(t, anna, Open), OK)
	detail := b.entries(t, order1)[1].Detail
	want := []audit.Field{{Key: "starts", Value: "2026-11-23 20:00:00"}, {Key: "ends", Value: "2026-12-22 23:59:59"}}
	if n := len(detail) - 2; n < 0 || !slices.Equal(detail[n:], want) {
		t.Errorf("%+v", detail)
	}
}
