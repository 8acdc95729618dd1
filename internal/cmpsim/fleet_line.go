package cmpsim

import "slices"

// What moves devices in the line. The CMP's order is not documented, so that a
// caller who pages may meet any of it.

// birth adds a device that was never there, before the one at a place.
func (f *fleet) birth(at int) string {
	d := buildDevice(f.seed, f.number(slot(len(f.cards))), f.born)
	d.age(f.today)
	f.enter(d)
	f.shift(len(f.line)-1, at)
	return d.ID
}

// remove takes a device away; what happened to it is kept for its return.
func (f *fleet) remove(id string) bool {
	n, ok := f.present(byDevice, id)
	if !ok {
		return false
	}
	f.cards[n].gone = true
	place := f.placeOf(n)
	f.line = slices.Delete(f.line, place, place+1)
	return true
}

// giveBack puts a device back that was removed.
func (f *fleet) giveBack(id string, at int) bool {
	n, ok := f.where.get(byDevice, id)
	if !ok || !f.cards[n].gone {
		return false
	}
	f.cards[n].gone = false
	f.line = slices.Insert(f.line, min(at, len(f.line)), n)
	return true
}

// move gives a device another place in the line.
func (f *fleet) move(id string, at int) bool {
	n, ok := f.present(byDevice, id)
	if ok {
		f.shift(f.placeOf(n), at)
	}
	return ok
}

// shuffle gives all of them another place.
func (f *fleet) shuffle(r *random) {
	for i := len(f.line) - 1; i > 0; i-- {
		j := r.below(i + 1)
		f.line[i], f.line[j] = f.line[j], f.line[i]
	}
}

func (f *fleet) shift(from, to int) {
	n := f.line[from]
	f.line = slices.Delete(f.line, from, from+1)
	f.line = slices.Insert(f.line, min(to, len(f.line)), n)
}

func (f *fleet) placeOf(n slot) int { return slices.Index(f.line, n) }

// idAt is the id of the device at a place, read off its card.
func (f *fleet) idAt(place int) string { return f.at(f.line[place]).ID }
