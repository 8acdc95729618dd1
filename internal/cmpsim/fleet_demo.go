package cmpsim

// The demo devices, the same whatever the seed.
const (
	DemoInUse     = "89852026000000000016"
	DemoSuspended = "89852026000000000024"
	DemoWaiting   = "89852026000000000032"
	DemoSeveral   = "89852026000000000040"
	DemoOverQuota = "89852026000000000057"
	DemoNoOrder   = "89852026000000000065"
)

// The orders of the demo devices that matter, in the same order.
const (
	DemoOrder          = "ORDER_1700000000000000001"
	DemoSuspendedOrder = "ORDER_1700000000000000002"
	DemoWaitingOrder   = "ORDER_1700000000000000003"
	DemoSeveralOrder   = "ORDER_1700000000000000004"
	DemoOverQuotaOrder = "202401150930000000005"
)

type demo struct {
	id, imsi, msisdn, what string
	tell                   func(*builder)
}

var demos = []demo{
	{DemoInUse, "454120260000001", "85251000001", "one order in use, a third of its quota used", (*builder).demoInUse},
	{DemoSuspended, "454120260000002", "85251000002", "one suspended order", (*builder).demoSuspended},
	{DemoWaiting, "454120260000003", "85251000003", "one order that waits to be opened", (*builder).demoWaiting},
	{DemoSeveral, "454120260000004", filler, "one order in use, one ended, two waiting", (*builder).demoSeveral},
	{DemoOverQuota, "454120260000005", "85251000005", "in use, over its quota, expires within a week", (*builder).demoOverQuota},
	{DemoNoOrder, "454120260000006", "85251000006", "no order", (*builder).silent},
}

func (b *builder) demo(m demo) *Device {
	b.d = &Device{
		ID: m.id, PartnerCode: "SG00000010", PartnerName: "Straits Telematics Pte Ltd", MainICCID: m.id,
		SilentMonths: 6, ShutdownMonths: 2, Profiles: []Profile{{ICCID: m.id, IMSI: m.imsi, MSISDN: m.msisdn}},
	}
	m.tell(b)
	b.sortOrders()
	return b.d
}

func (b *builder) demoInUse() {
	o := b.order(cycled[0], b.today)
	o.ID, o.Period, o.Status = DemoOrder, 12, StatusInUse
	b.begin(o, b.today.AddDate(0, -3, 0))
	b.consume(o, 3333)
	b.inUsage(o)
}

func (b *builder) demoSuspended() {
	o := b.order(cycled[8], b.today)
	o.ID, o.Period, o.Status = DemoSuspendedOrder, 6, StatusSuspended
	b.begin(o, b.today.AddDate(0, -2, 0))
	b.consume(o, 6120)
	b.inUsage(o)
}

func (b *builder) demoWaiting() {
	o := b.order(cycled[4], b.day(-1))
	o.ID, o.Period = DemoWaitingOrder, 12
	b.stage(LifecycleSilent, b.day(-40), b.day(-40).AddDate(0, 6, 0))
}

func (b *builder) demoSeveral() {
	b.ended(daily[3], 400)
	o := b.order(cycled[10], b.today)
	o.ID, o.Period, o.Status = DemoSeveralOrder, 12, StatusInUse
	b.begin(o, b.today.AddDate(0, -5, 0))
	b.consume(o, 4810)
	b.inUsage(o)
	b.order(cycled[10], b.day(-1))
	b.order(cycled[2], b.day(-1))
}

func (b *builder) demoOverQuota() {
	o := b.order(daily[2], b.today)
	o.ID, o.Period, o.Status = DemoOverQuotaOrder, 90, StatusInUse
	b.begin(o, b.day(4-o.Period+1))
	b.consume(o, 11_237)
	b.inUsage(o)
}
