package cmpsim

import (
	"slices"
	"time"
)

// builder makes one device: its stream of numbers, its place in the fleet and
// the day the fleet was born.
type builder struct {
	*random
	seed  uint64
	index int
	today time.Time
	d     *Device
}

// buildDevice makes one device as it was on the day the fleet was born; the demo
// devices come first.
func buildDevice(seed uint64, index int, born time.Time) *Device {
	b := &builder{random: newRandom(seed, uint64(index)), seed: seed, index: index, today: dateOf(born)}
	return b.build()
}

func (b *builder) build() *Device {
	if b.index < len(demos) {
		return b.demo(demos[b.index])
	}
	b.card()
	b.traits()
	b.story()
	b.sortOrders()
	return b.d
}

// sortOrders puts the oldest first, as the CMP lists them.
func (b *builder) sortOrders() {
	slices.SortStableFunc(b.d.Orders, func(x, y Order) int { return x.Ordered.Compare(y.Ordered) })
}

// card gives the device its numbers.
func (b *builder) card() {
	i := pickIssuer(b.random)
	id := i.iccidOf(b.seed, b.index)
	phone := i.phoneOf(b.random)
	if b.chance(15) {
		phone = filler
	}
	b.d = &Device{ID: id, Profiles: []Profile{{ICCID: id, IMSI: i.imsiOf(b.seed, b.index), MSISDN: phone}}}
	if b.chance(8) {
		b.secondProfile(i)
	}
}

// secondProfile makes the card a multi-IMSI one, with a subscription of
// another issuer where chance gives one.
func (b *builder) secondProfile(first issuer) {
	i := pickIssuer(b.random)
	if i == first {
		i = issuers[(b.below(len(issuers)-1)+1)%len(issuers)]
	}
	// Second ICCIDs have their own range, far behind the cards' own.
	iccid := i.iccidOf(b.seed, b.index+5_000_000)
	b.d.Profiles = append(b.d.Profiles, Profile{ICCID: iccid, IMSI: i.imsiOf(b.seed, b.index+100_000_000), MSISDN: filler})
}

// traits are what does not depend on the device's story.
func (b *builder) traits() {
	p := pick(b.random, partners)
	b.d.PartnerCode, b.d.PartnerName = p.code, p.name
	b.d.SilentMonths, b.d.ShutdownMonths = 6, 2
	if b.chance(20) {
		b.d.SilentMonths, b.d.ShutdownMonths = 12, 12
	}
	b.d.OTA = b.chance(12)
	b.d.BIP = b.d.OTA && b.chance(60)
	if b.chance(40) {
		b.d.MSISDN = b.d.Profiles[0].MSISDN
	}
	if b.chance(50) {
		b.d.MainICCID = b.d.ID
	}
	if b.chance(10) {
		b.d.TaskNo = "TASK" + b.d.ID[len(b.d.ID)-9:]
	}
}

// story picks what the device has been through. The first ones after the
// demos walk the whole table, so that a small fleet holds every sort too.
func (b *builder) story() {
	if n := b.index - len(demos); n < len(stories) {
		stories[n].tell(b)
		return
	}
	total := 0
	for _, s := range stories {
		total += s.weight
	}
	n := b.below(total)
	for _, s := range stories {
		if n -= s.weight; n < 0 {
			s.tell(b)
			return
		}
	}
}

// stage sets the lifecycle and its dates.
func (b *builder) stage(lifecycle string, start, end time.Time) {
	b.d.Lifecycle, b.d.LifecycleStart, b.d.LifecycleEnd = lifecycle, start, end
}

func (b *builder) day(offset int) time.Time { return b.today.AddDate(0, 0, offset) }

// daysSince counts from a day in the past; Zone has no summer time.
func (b *builder) daysSince(day time.Time) int { return int(b.today.Sub(day) / (24 * time.Hour)) }
