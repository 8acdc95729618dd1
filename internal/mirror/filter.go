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
	NoOrder    bool     // devices without an activated order, which have no status
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

// Days are days in the CMP's zone, both included. A zero time leaves that side open; both zero is no filter. Days that Told does not
// tell apart mean the nearest that it does.
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
	from, until = earlier, later
	if !d.From.IsZero() {
		from = max(dayOf(d.From), earlier+1)
	}
	if !d.Until.IsZero() {
		until = min(dayOf(d.Until), later-1)
	}
	return from, until
}

// Told tells whether the mirror tells these days from those before and behind.
func (d Days) Told() bool {
	told := func(t time.Time) bool { day := dayOf(t); return day != earlier && day != later }
	return told(d.From) && told(d.Until)
}

// bitset marks devices of a block.
type bitset [blockSize / 64]uint64

// everyone is marked in it.
var everyone = bitset{
	math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64,
	math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64,
}

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
	packs, partners   choice
	expFrom, expUntil uint16
	endFrom, endUntil uint16
	expires, ends     bool
	used              uint16
	before            uint32
	sets              []*set
	key               string // of everything that is asked
}

// key is the same for filters that are written alike, whatever fields are added to them, and for no others.
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
		p.packs = choose(m.packages.withCode(f.Packages...))
	}
	if f.Partner != "" {
		p.partners = choose(m.partners.withCode(f.Partner))
	}
	p.expFrom, p.expUntil = f.Expires.bounds()
	p.endFrom, p.endUntil = f.StageEnds.bounds()
	p.used = packShare(uint64(max(f.UsedFrom, 0)) * 10)
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
	status := statusOf(state)
	return (!f.NoOrder || status == "") && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, status))
}

// block marks the devices of a block that the plan means. It computes with bits in place of branches, which on values that
// are mixed would be guessed wrong half of the time.
func (p *plan) block(c *columns, b int, marks *bitset) {
	f := c.facets[b]
	if !p.inStates(c, b, marks) {
		return
	}
	if p.expires {
		*marks = f.expires.within(marks, p.expFrom, p.expUntil)
	}
	if p.ends {
		*marks = f.ends.within(marks, p.endFrom, p.endUntil)
	}
	if p.used > 0 {
		*marks = f.used.within(marks, p.used, noUse-1)
	}
	p.packs.keep(marks, &f.pack)
	p.partners.keep(marks, &f.partner)
	if p.before > 0 {
		p.stale(c, b, marks)
	}
	for _, s := range p.sets {
		s.keep(b, marks)
	}
}

// stale takes out the marks of devices that were confirmed since. Most blocks were read at one moment.
func (p *plan) stale(c *columns, b int, marks *bitset) {
	switch s := &c.summaries[b]; {
	case s.firstRead >= p.before:
		*marks = bitset{}
	case s.lastRead >= p.before:
		*marks = among((*[blockSize]uint32)(c.confirmed[b]), 0, uint64(p.before-1), marks)
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
			for i, state := range (*[64]uint8)(c.facets[b].state[w*64:]) {
				word |= p.states[state] << i
			}
			marks[w] = word
		}
	}
	return any
}

// choice are the numbers of packages or of partners that are wanted.
type choice struct {
	wanted []uint64 // by number, 1: wanted; nil: all
	one    uint32   // the only one, where it is the only one
	only   bool
}

func choose(numbers []uint32) choice {
	c := choice{wanted: []uint64{0}}
	for _, n := range numbers {
		if more := int(n) + 1 - len(c.wanted); more > 0 {
			c.wanted = append(c.wanted, make([]uint64, more)...)
		}
		c.wanted[n] = 1
	}
	if c.only = len(numbers) == 1; c.only {
		c.one = numbers[0]
	}
	return c
}

// keep takes out the marks of all that are not wanted.
func (c *choice) keep(marks *bitset, column *wide) {
	switch {
	case c.wanted == nil:
	case c.only:
		*marks = column.equal(marks, c.one)
	default:
		*marks = column.wanted(marks, c.wanted)
	}
}

// add marks what is marked in another too.
func (b *bitset) add(other bitset) {
	for w := range b {
		b[w] |= other[w]
	}
}
