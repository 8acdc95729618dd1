package mirror

import (
	"context"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"cmpconsole/internal/cmp"
)

// Filter says which devices are meant. What is empty does not filter; the gone are left out unless they are asked for.
type Filter struct {
	Lifecycles []cmp.Lifecycle
	Statuses   []cmp.OrderStatus
	NoOrder    bool     // devices without an activated order; with Statuses: those too
	Packages   []string // codes, any of them
	Partner    string   // code
	Expires    Days     // of the current order
	StageEnds  Days
	UsedFrom   int // percent of the allowance, at least
	OTA        *bool
	Label      string
	ReadBefore time.Time // not confirmed by the CMP since
	Gone       bool      // only devices that the CMP no longer knows
	Part       string    // of any number of the device, MinPart letters or digits at least
	In         string    // a frozen selection
}

// Days are days in the CMP's zone, both included. A zero time leaves that side open; both zero is no filter.
type Days struct{ From, Until time.Time }

func (d Days) open() bool { return d.From.IsZero() && d.Until.IsZero() }

// bounds are the first and last day; devices without a date have day 0 and are never between.
func (d Days) bounds() (from, until uint16) {
	from, until = 1, 1<<16-1
	if !d.From.IsZero() {
		from = dayOf(d.From)
	}
	if !d.Until.IsZero() {
		until = dayOf(d.Until)
	}
	return from, until
}

// bitset marks devices of a block.
type bitset [blockSize / 64]uint64

func (b *bitset) count() (n int) {
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

func (b *bitset) each(visit func(i int)) {
	for w, word := range b {
		for ; word != 0; word &= word - 1 {
			visit(w*64 + bits.TrailingZeros64(word))
		}
	}
}

// plan is a filter made ready to be asked of one block after the other.
type plan struct {
	states            [256]bool
	packs, partners   map[uint32]bool
	expFrom, expUntil uint16
	endFrom, endUntil uint16
	expires, ends     bool
	used              uint16
	before            uint32
	sets              []*set
	key               string // of everything that is asked
}

func (m *Mirror) plan(ctx context.Context, f Filter) (*plan, error) {
	p := &plan{key: fmt.Sprintf("%+v %v", f, f.OTA != nil && *f.OTA), expires: !f.Expires.open(), ends: !f.StageEnds.open()}
	for state := range p.states {
		p.states[state] = f.wants(uint8(state))
	}
	if f.Packages != nil {
		p.packs = m.packages.withCode(f.Packages...)
	}
	if f.Partner != "" {
		p.partners = m.partners.withCode(f.Partner)
	}
	p.expFrom, p.expUntil = f.Expires.bounds()
	p.endFrom, p.endUntil = f.StageEnds.bounds()
	p.used = uint16(min(max(f.UsedFrom, 0)*10, noUse-1))
	if !f.ReadBefore.IsZero() {
		p.before = uint32(max(f.ReadBefore.Unix(), 1))
	}
	var err error
	p.sets, err = m.sets.of(ctx, m, f)
	return p, err
}

// wants tells whether devices of a state are meant, by all that a state tells.
func (f Filter) wants(state uint8) bool {
	switch {
	case state&7 == 0, (state&stateGone != 0) != f.Gone, f.OTA != nil && *f.OTA != (state&stateOTA != 0):
		return false
	case len(f.Lifecycles) > 0 && !slices.Contains(f.Lifecycles, stageOf(state)):
		return false
	}
	none, asked := statusOf(state) == "", len(f.Statuses) > 0
	return !asked && !f.NoOrder || f.NoOrder && none || asked && slices.Contains(f.Statuses, statusOf(state))
}

// block marks the devices of a block that the plan means.
func (p *plan) block(c *columns, b int, marks *bitset) {
	f := c.facets[b]
	for w := range marks {
		word := uint64(0)
		for i, state := range f.state[w*64 : w*64+64] {
			if p.states[state] {
				word |= 1 << i
			}
		}
		marks[w] = word
	}
	if p.expires {
		within(marks, &f.expires, p.expFrom, p.expUntil)
	}
	if p.ends {
		within(marks, &f.ends, p.endFrom, p.endUntil)
	}
	if p.used > 0 {
		within(marks, &f.used, p.used, noUse-1)
	}
	if p.packs != nil {
		marks.keep(func(i int) bool { return p.packs[f.pack[i]] })
	}
	if p.partners != nil {
		marks.keep(func(i int) bool { return p.partners[f.partner[i]] })
	}
	if p.before > 0 {
		marks.keep(func(i int) bool { return c.confirmed[b][i] < p.before })
	}
	for _, s := range p.sets {
		s.keep(b, marks)
	}
}

// within takes out the marks of values that are not between two bounds.
func within(marks *bitset, column *[blockSize]uint16, from, until uint16) {
	width := until - from
	for w := range marks {
		if until < from {
			marks[w] = 0
		}
		if marks[w] == 0 {
			continue
		}
		word := uint64(0)
		for i, v := range column[w*64 : w*64+64] {
			if v-from <= width { // below from it wraps around
				word |= 1 << i
			}
		}
		marks[w] &= word
	}
}

func (b *bitset) keep(wanted func(i int) bool) {
	for w, word := range b {
		for rest := word; rest != 0; rest &= rest - 1 {
			if i := bits.TrailingZeros64(rest); !wanted(w*64 + i) {
				word &^= 1 << i
			}
		}
		b[w] = word
	}
}
