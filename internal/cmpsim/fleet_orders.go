package cmpsim

import (
	"strconv"
	"time"
)

// order appends an order of a product, not yet opened, placed some days before
// the day given.
func (b *builder) order(p product, before time.Time) *Order {
	placed := before.AddDate(0, 0, -b.below(12)).Add(time.Duration(b.between(9*3600, 18*3600)) * time.Second)
	b.d.Orders = append(b.d.Orders, Order{
		ID: orderIDOf(b.random, b.seed, b.index, len(b.d.Orders)), DeviceID: b.d.ID, Status: StatusWaiting,
		PackageName: p.name, PackageCode: p.code, PackageType: p.kind, BuyType: p.buy,
		Period: pick(b.random, p.periods), FlowMB: p.flowMB, Supplier: pick(b.random, suppliers),
		TestFlow: b.chance(5), Ordered: placed,
	})
	return &b.d.Orders[len(b.d.Orders)-1]
}

// running appends an order in use by month or longer, opened within its term.
func (b *builder) running(p product) *Order {
	o := b.order(p, b.today)
	b.begin(o, b.activeDay(monthsOf(o.PackageType)*o.Period))
	o.Status = StatusInUse
	b.consume(o, b.between(0, 9500))
	return o
}

// activeDay lies so many months back that the last of the term is not over.
func (b *builder) activeDay(term int) time.Time {
	back := b.between(0, min(term, 30))
	day := b.between(1, 28)
	active := time.Date(b.today.Year(), b.today.Month()-time.Month(back), day, 0, 0, 0, 0, Zone)
	if active.After(b.today) {
		return b.today
	}
	return active
}

// ending appends an order in use by days whose last day is left days away.
func (b *builder) ending(p product, left int) *Order {
	o := b.order(p, b.today)
	b.begin(o, b.day(left-o.Period+1))
	o.Status = StatusInUse
	b.consume(o, b.between(1000, 9900))
	return o
}

// ended appends an order whose last day was ago days ago.
func (b *builder) ended(p product, ago int) *Order {
	o := b.order(p, b.today)
	b.begin(o, b.day(1-ago-o.Period))
	o.Status = StatusEnded
	b.consume(o, b.between(0, 10000))
	return o
}

// begin opens an order on a day in the past and moves its placing before that.
func (b *builder) begin(o *Order, active time.Time) {
	clock := o.Ordered.Sub(dateOf(o.Ordered))
	o.Active = active
	o.Expire = expiry(active, o.PackageType, o.Period)
	o.Ordered = active.AddDate(0, 0, -b.below(6)).Add(clock)
	if o.Ordered.After(b.today) {
		// What was placed today was placed before the first hour was over.
		o.Ordered = b.today.Add(clock / 24)
	}
}

// consume uses hundredths of a percent of the quota in this cycle; without a
// quota it is just some traffic. The whole order used at least as much.
func (b *builder) consume(o *Order, share int) {
	quota := o.FlowMB * 1024
	if quota == 0 {
		o.UsedKB = int64(b.between(0, 400_000))
	} else {
		o.UsedKB = quota * int64(share) / 10_000
	}
	o.TotalKB = o.UsedKB
	if cycle := monthsOf(o.PackageType); cycle > 0 && o.BuyType == "2" {
		passed := int64(b.daysSince(o.Active) / 30 / cycle)
		o.TotalKB += passed * (quota + 20_000) * int64(b.between(40, 80)) / 100
	}
}

// refuel adds one or two extra volumes to a prepaid order.
func (b *builder) refuel(o *Order) {
	for k := range b.between(1, 2) {
		o.Refuelling = append(o.Refuelling, Refuelling{
			OrderID: orderIDOf(b.random, b.seed, b.index, 8+k), Flow: strconv.Itoa(pick(b.random, []int{500, 1024, 2048})),
			Ordered: formatTime(o.Active.Add(time.Duration(k*26+9)*time.Hour), spacedLayout), Status: strconv.Itoa(b.between(1, 4)),
		})
	}
}
