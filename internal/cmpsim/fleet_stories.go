package cmpsim

// story is one way a device can have come to its present state.
type story struct {
	weight int
	tell   func(*builder)
}

// stories is the fleet's mix; weights are relative.
var stories = []story{
	{42, (*builder).inUse},
	{7, (*builder).withoutQuota},
	{5, (*builder).overQuota},
	{4, (*builder).expiringSoon},
	{6, (*builder).expiringThisMonth},
	{8, (*builder).several},
	{6, (*builder).suspended},
	{7, (*builder).waiting},
	{3, (*builder).silent},
	{4, (*builder).inventory},
	{2, (*builder).inventoryWaiting},
	{2, (*builder).internal},
	{6, (*builder).expired},
	{3, (*builder).disposed},
	{2, (*builder).cancelled},
	{3, (*builder).otaSecondary},
	{2, (*builder).idle},
	{3, (*builder).refuelled},
}

func (b *builder) inUse() { b.inUsage(b.running(pick(b.random, cycled))) }

func (b *builder) withoutQuota() { b.inUsage(b.running(pick(b.random, endless))) }

func (b *builder) overQuota() {
	o := b.running(pick(b.random, cycled))
	b.consume(o, b.between(10_050, 18_500))
	b.inUsage(o)
}

func (b *builder) expiringSoon() { b.inUsage(b.ending(pick(b.random, daily), b.between(0, 6))) }

func (b *builder) expiringThisMonth() { b.inUsage(b.ending(pick(b.random, daily), b.between(8, 28))) }

// several has history, an order in use and more that wait.
func (b *builder) several() {
	o := *b.running(pick(b.random, cycled))
	next := o.Active
	for range b.between(1, 3) {
		next = b.ended(pick(b.random, daily), b.daysSince(next)+b.between(1, 20)).Active
	}
	for range b.between(1, 3) {
		b.order(pick(b.random, cycled), b.day(-1))
	}
	b.inUsage(&o)
}

func (b *builder) suspended() {
	o := b.running(pick(b.random, cycled))
	o.Status = StatusSuspended
	b.inUsage(o)
}

func (b *builder) waiting() {
	b.order(pick(b.random, cycled), b.day(-1))
	if b.chance(20) {
		b.order(pick(b.random, daily), b.day(-1))
	}
	b.inSilence()
}

func (b *builder) silent() { b.inSilence() }

func (b *builder) inventory() {
	start := b.day(-b.between(10, 400))
	b.stage(LifecycleInventory, start, start.AddDate(2, 0, 0))
}

func (b *builder) inventoryWaiting() {
	b.order(pick(b.random, cycled), b.day(-1))
	b.inventory()
}

func (b *builder) internal() {
	start := b.day(-b.between(5, 300))
	b.stage(LifecycleInternal, start, start.AddDate(3, 0, 0))
}

// expired is in its grace: service has stopped, the card can still come back.
func (b *builder) expired() {
	o := b.ended(pick(b.random, daily), b.between(1, 50))
	start := o.Expire.AddDate(0, 0, 1)
	b.stage(LifecycleSuspended, start, start.AddDate(0, b.d.ShutdownMonths, 0))
}

func (b *builder) disposed() {
	o := b.ended(pick(b.random, daily), b.between(400, 700))
	start := o.Expire.AddDate(0, b.d.ShutdownMonths, 1)
	b.stage(LifecycleDisposal, start, start.AddDate(2, 0, 0))
}

// cancelled never used the order it had; half of them have a new one waiting.
func (b *builder) cancelled() {
	b.order(pick(b.random, cycled), b.day(-20)).Status = StatusEnded
	if b.chance(50) {
		b.order(pick(b.random, cycled), b.day(-1))
	}
	b.inSilence()
}

// otaSecondary waits for the network to open its second package; half of them
// have a first one in use.
func (b *builder) otaSecondary() {
	b.d.OTA, b.d.BIP = true, true
	if b.chance(50) {
		b.inUsage(b.running(pick(b.random, cycled)))
	} else {
		b.inSilence()
	}
	b.order(pick(b.random, secondary), b.day(-1)).Secondary = true
}

// idle is between orders: the last one is over, the usage stage is not.
func (b *builder) idle() {
	o := b.ended(pick(b.random, daily), b.between(2, 60))
	b.stage(LifecycleUsage, o.Active, b.day(b.between(30, 300)))
}

func (b *builder) refuelled() {
	o := b.ending(pick(b.random, prepaid), b.between(3, 25))
	b.refuel(o)
	b.inUsage(o)
}

// inUsage puts the device into the stage its activated order gives.
func (b *builder) inUsage(o *Order) { b.stage(LifecycleUsage, o.Active, o.Expire) }

// inSilence puts the device before its first use, the stage not yet over.
func (b *builder) inSilence() {
	start := b.day(-b.between(15, b.d.SilentMonths*30-10))
	b.stage(LifecycleSilent, start, start.AddDate(0, b.d.SilentMonths, 0))
}
