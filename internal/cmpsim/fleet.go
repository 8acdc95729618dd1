package cmpsim

import "time"

// fleet is every device of the sandbox. A device follows from the seed and its
// number, so it is built when somebody asks for it; held are only those to which
// something happened. Of all the others a card of a few bytes is kept.
type fleet struct {
	seed  uint64
	size  int // devices at the start; the slots after them are of added ones
	born  time.Time
	today time.Time
	cards []card
	line  []slot // the devices that are there, in the order the CMP lists them
	held  map[slot]*Device
	where index
}

// slot is a device's place among the cards; it keeps it for good.
type slot int32

// A fleet has its numbers below mostDevices; those of devices added later begin
// there, and the second ICCIDs of multi-IMSI cards lie behind both.
const mostDevices = 4_000_000

func newFleet(seed uint64, size int, born time.Time) *fleet {
	f := &fleet{
		seed: seed, size: size, born: born, today: dateOf(born), held: map[slot]*Device{}, where: newIndex(size),
		cards: make([]card, 0, size), line: make([]slot, 0, size),
	}
	for some := range f.build() {
		for _, d := range some {
			f.enter(d)
		}
	}
	return f
}

// build makes the first devices, some at a time, beside the caller who finds
// room for their numbers: of a million either takes seconds.
func (f *fleet) build() <-chan []*Device {
	const some = 1000
	out := make(chan []*Device, 4)
	go func() {
		defer close(out)
		for from := 0; from < f.size; from += some {
			part := make([]*Device, 0, some)
			for n := from; n < min(from+some, f.size); n++ {
				part = append(part, buildDevice(f.seed, n, f.born))
			}
			out <- part
		}
	}()
	return out
}

// enter puts a device at the end of the line.
func (f *fleet) enter(d *Device) slot {
	n := slot(len(f.cards))
	f.cards = append(f.cards, cardOf(d))
	f.line = append(f.line, n)
	f.where.put(byDevice, d.ID, n)
	for _, p := range d.Profiles {
		f.where.put(byIMSI, p.IMSI, n)
	}
	for i := range d.Orders {
		f.where.put(byOrder, d.Orders[i].ID, n)
	}
	return n
}

// at gives a device as it is today. A change of it lasts only when it is held.
func (f *fleet) at(n slot) *Device {
	if f.cards[n].held {
		return f.held[n]
	}
	d := buildDevice(f.seed, f.number(n), f.born)
	d.age(f.today)
	return d
}

// number is what the device of a slot is built from.
func (f *fleet) number(n slot) int {
	if int(n) < f.size {
		return int(n)
	}
	return mostDevices + int(n) - f.size
}

// hold keeps a device that is about to change.
func (f *fleet) hold(d *Device) {
	n, _ := f.where.get(byDevice, d.ID)
	f.cards[n].held, f.held[n] = true, d
}

// ending is an order that ended.
type ending struct {
	device *Device
	order  *Order
}

// age moves the fleet to a day, and returns the orders that ended by that, in the
// order of the devices' entry. It never goes back: what has ended has ended.
func (f *fleet) age(today time.Time) (ended []ending) {
	if !today.After(f.today) {
		return nil
	}
	for n := range f.cards {
		c := &f.cards[n]
		if !c.held && c.ends >= dayNumber(today) {
			continue
		}
		d := f.at(slot(n))
		orders := d.age(today)
		if !c.held {
			c.count(d)
		}
		for _, o := range orders {
			if !c.gone {
				ended = append(ended, ending{d, o})
			}
		}
	}
	f.today = today
	return ended
}

// device finds a device by its id.
func (f *fleet) device(id string) (*Device, bool) {
	n, ok := f.present(byDevice, id)
	if !ok {
		return nil, false
	}
	d := f.at(n)
	return d, d.ID == id
}

// order finds an order and its device.
func (f *fleet) order(id string) (*Device, *Order, bool) {
	n, ok := f.present(byOrder, id)
	if !ok {
		return nil, nil, false
	}
	d := f.at(n)
	for i := range d.Orders {
		if d.Orders[i].ID == id {
			return d, &d.Orders[i], true
		}
	}
	return nil, nil, false
}

// subscription finds a device by an IMSI of any of its profiles.
func (f *fleet) subscription(imsi string) (*Device, Profile, bool) {
	n, ok := f.present(byIMSI, imsi)
	if !ok {
		return nil, Profile{}, false
	}
	d := f.at(n)
	for _, p := range d.Profiles {
		if p.IMSI == imsi {
			return d, p, true
		}
	}
	return nil, Profile{}, false
}

func (f *fleet) present(k kind, text string) (slot, bool) {
	n, ok := f.where.get(k, text)
	return n, ok && !f.cards[n].gone
}

// buy puts an order on a device, which is held from now on.
func (f *fleet) buy(d *Device, o Order) *Order {
	f.hold(d)
	n, _ := f.where.get(byDevice, d.ID)
	f.where.put(byOrder, o.ID, n)
	d.Orders = append(d.Orders, o)
	return &d.Orders[len(d.Orders)-1]
}

// dayNumber counts days, so that a card need not hold a time of 24 bytes.
func dayNumber(day time.Time) int32 {
	return int32(day.Unix() / 86_400)
}
