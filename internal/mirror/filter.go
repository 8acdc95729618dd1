package mirror

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
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
	Labels     []string  // all of them, as they are spelled
	ReadBefore time.Time // not confirmed by the CMP since
	Gone       bool      // only devices that the CMP no longer knows
	Part       string    // of any number of the device, MinPart letters or digits at least
	In         string    // a frozen selection
}

// Days are days in the CMP's zone, both included. A zero time leaves that side open; both zero is no filter.
type Days struct {
	From, Until time.Time
	None        bool // only devices without a date
}

func (d Days) open() bool { return d == Days{} }

// bounds are the first and last day; devices without a date have day 0, and are never between two dates.
func (d Days) bounds() (from, until uint16) {
	if d.None {
		return 0, 0
	}
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
	states            [256]uint64 // 1: wanted
	wanted            [4]uint64   // the same, bit by bit
	packs, partners   []uint64    // by number, 1: wanted; nil: all
	expFrom, expUntil uint16
	endFrom, endUntil uint16
	expires, ends     bool
	used              uint16
	before            uint32
	sets              []*set
	key               string // of everything that is asked
}

// key is the same for filters that mean the same, whatever is added to them.
func (f Filter) key() string {
	ota := "any"
	if f.OTA != nil {
		ota = strconv.FormatBool(*f.OTA)
	}
	f.OTA = nil // it would show where it stands
	return fmt.Sprintf("%s %#v", ota, f)
}

// plan makes a filter ready for one state of the columns. What it reads besides is at least as new as they are.
func (m *Mirror) plan(ctx context.Context, c *columns, f Filter) (*plan, error) {
	p := &plan{key: f.key(), expires: !f.Expires.open(), ends: !f.StageEnds.open()}
	for state := range p.states {
		if f.wants(uint8(state)) {
			p.states[state] = 1
			p.wanted[state/64] |= 1 << (state % 64)
		}
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
	p.sets, err = m.sets.of(ctx, m, c.revision, f)
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

// block marks the devices of a block that the plan means. It computes with bits in place of branches, which on values that
// are mixed would be guessed wrong half of the time.
func (p *plan) block(c *columns, b int, marks *bitset) {
	f := c.facets[b]
	if !p.inStates(c, b, marks) {
		return
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
		oneOf(marks, &f.pack, p.packs)
	}
	if p.partners != nil {
		oneOf(marks, &f.partner, p.partners)
	}
	if p.before > 0 {
		marks.keep(func(i int) bool { return c.confirmed[b][i] < p.before })
	}
	for _, s := range p.sets {
		s.keep(b, marks)
	}
}

// inStates marks the devices in wanted states, and tells whether there are any. Of a block where all or none are it need not look at
// each.
func (p *plan) inStates(c *columns, b int, marks *bitset) bool {
	all, any := true, false
	for i, there := range c.summaries[b].states {
		all, any = all && there&^p.wanted[i] == 0, any || there&p.wanted[i] != 0
	}
	for w := range marks {
		switch {
		case all:
			marks[w] = math.MaxUint64
		case !any:
			marks[w] = 0
		default:
			word := uint64(0)
			for i, state := range c.facets[b].state[w*64 : w*64+64] {
				word |= p.states[state] << i
			}
			marks[w] = word
		}
	}
	return any
}

// within takes out the marks of values that are not between two bounds.
func within(marks *bitset, column *[blockSize]uint16, from, until uint16) {
	width := uint32(until - from)
	for w := range marks {
		if until < from {
			marks[w] = 0
		}
		if marks[w] == 0 {
			continue
		}
		word := uint64(0)
		for i, v := range column[w*64 : w*64+64] {
			below := (uint32(v-from) - width - 1) >> 31 // v below from wraps around, and is above the width
			word |= uint64(below) << i
		}
		marks[w] &= word
	}
}

// oneOf takes out the marks of keys that are not wanted.
func oneOf(marks *bitset, column *[blockSize]uint32, wanted []uint64) {
	if key := slices.Index(wanted, 1); key >= 0 && slices.Index(wanted[key+1:], 1) < 0 {
		only(marks, column, uint32(key))
		return
	}
	for w := range marks {
		if marks[w] == 0 {
			continue
		}
		word := uint64(0)
		for i, k := range column[w*64 : w*64+64] {
			if int(k) < len(wanted) {
				word |= wanted[k] << i
			}
		}
		marks[w] &= word
	}
}

// only takes out the marks of all keys but one, which is most often asked for.
func only(marks *bitset, column *[blockSize]uint32, wanted uint32) {
	for w := range marks {
		if marks[w] == 0 {
			continue
		}
		word := uint64(0)
		for i, k := range column[w*64 : w*64+64] {
			word |= (uint64(k^wanted) - 1) >> 63 << i // 0 less 1 has the highest bit
		}
		marks[w] &= word
	}
}

// between marks those of the marked whose values are between two bounds.
func (b *bitset) between(marked *bitset, values *block, low, high uint64) {
	width := high - low
	for w, word := range marked {
		if word == 0 {
			continue
		}
		mask := uint64(0)
		for i, v := range values[w*64 : w*64+64] {
			_, above := bits.Sub64(width, v-low, 0)
			mask |= (above ^ 1) << i
		}
		b[w] = word & mask
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
