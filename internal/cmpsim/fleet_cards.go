package cmpsim

import (
	"bytes"
	"hash/maphash"
	"iter"
	"math"
)

// card is what must be known of a device without building it.
type card struct {
	id     [20]byte
	orders [4]uint16 // how many by status, in the order of countedStatuses
	ends   int32     // the last day of an order in use, on which those counts rest
	held   bool
	gone   bool
}

var countedStatuses = [4]string{StatusWaiting, StatusInUse, StatusEnded, StatusSuspended}

func cardOf(d *Device) card {
	var c card
	copy(c.id[:], d.ID)
	c.count(d)
	return c
}

func (c *card) count(d *Device) {
	for i, status := range countedStatuses {
		c.orders[i] = uint16(countOf(d, orderFilter{status: status}))
	}
	c.ends = math.MaxInt32
	if o := d.withStatus(StatusInUse); o != nil {
		c.ends = dayNumber(o.Expire)
	}
}

// countOrders counts the orders that the filter keeps. The whole fleet is
// walked over for it, some 15 ms for a million devices.
func (f *fleet) countOrders(q orderFilter) int {
	total := 0
	for _, n := range f.candidates(q) {
		total += f.countAt(n, q)
	}
	return total
}

// orders are those that the filter keeps, in the fleet's order and a device's
// oldest first: as many as limit, after the first ones are skipped.
func (f *fleet) orders(q orderFilter, skip, limit int) iter.Seq[*Order] {
	return func(yield func(*Order) bool) {
		for _, n := range f.candidates(q) {
			count := f.countAt(n, q)
			if skip >= count {
				skip -= count
				continue
			}
			d := f.at(n)
			for i := range d.Orders {
				switch o := &d.Orders[i]; {
				case !q.keeps(o):
				case skip > 0:
					skip--
				case limit == 0 || !yield(o):
					return
				default:
					limit--
				}
			}
		}
	}
}

// candidates are the devices that can have orders of the filter.
func (f *fleet) candidates(q orderFilter) []slot {
	if q.order == "" {
		return f.line
	}
	if n, ok := f.present(byOrder, q.order); ok {
		return []slot{n}
	}
	return nil
}

// countAt counts the orders of a device that the filter keeps, by its card where that tells.
func (f *fleet) countAt(n slot, q orderFilter) int {
	c := &f.cards[n]
	if !bytes.Contains(c.id[:], []byte(q.device)) {
		return 0
	}
	if c.held || q.order != "" {
		return countOf(f.at(n), q)
	}
	total := 0
	for i, count := range c.orders {
		if q.status == "" || q.status == countedStatuses[i] {
			total += int(count)
		}
	}
	return total
}

func countOf(d *Device, q orderFilter) int {
	total := 0
	for i := range d.Orders {
		if q.keeps(&d.Orders[i]) {
			total++
		}
	}
	return total
}

// kind tells what a number of the index is.
type kind byte

const (
	byDevice kind = iota
	byIMSI
	byOrder
)

// index finds the device that bears a number. It keeps 8 bytes in place of each
// number, so who finds a device looks whether it bears it.
type index struct {
	seed  maphash.Seed
	slots map[uint64]slot
}

// newIndex has room for what a fleet of the size has: an id, an IMSI or two,
// and one to six orders each.
func newIndex(size int) index {
	return index{seed: maphash.MakeSeed(), slots: make(map[uint64]slot, 4*size)}
}

func (x index) put(k kind, text string, n slot) { x.slots[x.key(k, text)] = n }

func (x index) get(k kind, text string) (slot, bool) {
	n, ok := x.slots[x.key(k, text)]
	return n, ok
}

func (x index) key(k kind, text string) uint64 {
	return maphash.Comparable(x.seed, struct {
		kind kind
		text string
	}{k, text})
}
