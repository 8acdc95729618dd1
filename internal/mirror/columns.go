package mirror

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"cmpconsole/internal/store"
)

// blockSize is how many devices stand in one block of the columns: few enough that a page of the CMP rewrites little.
const blockSize = 1024

// facts are what a device is filtered and sorted by. Days are counted as dayOf does.
type facts struct {
	state         uint8  // stage, order status, OTA and gone: see stateOf
	expires, ends uint16 // day of the order's expiry and of the stage's end; 0: none
	used          uint16 // share of the allowance as shareOf gives it, noUse when not stated
	pack, partner uint32 // numbers in the dictionaries
	key           uint64 // sorts as the device id does
}

const noUse = narrowMax

// facet are the facts of a block, one column after the other. A block is never changed: it is replaced.
type facet struct {
	state               [blockSize]uint8
	expires, ends, used narrow
	pack, partner       wide
	key                 [blockSize]uint64
}

// confirmed are the seconds since 1970 at which the CMP last confirmed the devices of a block.
type confirmed [blockSize]uint32

// summary is what is known of a block without looking into it.
type summary struct {
	oldest, newest      uint32    // confirmations of devices that are not gone; 0: there is none
	firstRead, lastRead uint32    // confirmations of all devices
	lowKey, highKey     uint64    // keys of all devices
	states              [4]uint64 // bit by bit, those that occur
}

func (f *facet) summary(c *confirmed) summary {
	s := summary{firstRead: math.MaxUint32, lowKey: math.MaxUint64}
	for i, state := range f.state {
		s.states[state/64] |= 1 << (state % 64)
		if state == 0 {
			continue
		}
		second := c[i]
		s.firstRead, s.lastRead = min(s.firstRead, second), max(s.lastRead, second)
		s.lowKey, s.highKey = min(s.lowKey, f.key[i]), max(s.highKey, f.key[i])
		if second == 0 || state&stateGone != 0 {
			continue
		}
		if s.oldest == 0 || second < s.oldest {
			s.oldest = second
		}
		s.newest = max(s.newest, second)
	}
	return s
}

// columns are the facts of all devices at one moment. Device n stands in block n/blockSize. What is no device is empty.
type columns struct {
	facets    []*facet
	confirmed []*confirmed
	summaries []summary
	last      int64    // the highest n
	tally     [256]int // devices by state
	packs     []int    // devices that are not gone, by the number of their package
	partners  []int    // the same by that of their partner
	revision  uint64   // grows with every change of a fact
	runs      runs
}

// adjust adds devices with these facts to the counts, or takes them out.
func (c *columns) adjust(state uint8, pack, partner uint32, many int) {
	c.tally[state] += many
	if state&stateGone == 0 {
		c.packs, c.partners = add(c.packs, pack, many), add(c.partners, partner, many)
	}
}

func add(counts []int, at uint32, many int) []int {
	for int(at) >= len(counts) {
		counts = append(counts, 0)
	}
	counts[at] += many
	return counts
}

// at is the block and the place in it of device n.
func at(n int64) (block, place int) { return int(n / blockSize), int(n % blockSize) }

func (c *columns) confirmedAt(n int64) uint32 {
	b, i := at(n)
	if b >= len(c.confirmed) {
		return 0
	}
	return c.confirmed[b][i]
}

// draft is a copy of the columns in which blocks are replaced, until it is published.
type draft struct {
	columns
	facetsOf, confirmedOf map[int]bool // blocks of our own
}

func (c *columns) draft() *draft {
	d := &draft{columns: *c, facetsOf: map[int]bool{}, confirmedOf: map[int]bool{}}
	d.facets, d.confirmed, d.summaries = slices.Clone(c.facets), slices.Clone(c.confirmed), slices.Clone(c.summaries)
	d.packs, d.partners = slices.Clone(c.packs), slices.Clone(c.partners)
	d.runs.homes = c.runs.homes.draft()
	return d
}

func (d *draft) grow(block int) {
	for len(d.facets) <= block {
		d.facetsOf[len(d.facets)], d.confirmedOf[len(d.confirmed)] = true, true
		d.facets, d.confirmed, d.summaries = append(d.facets, &facet{}), append(d.confirmed, &confirmed{}), append(d.summaries, summary{})
	}
}

// set lays down a device's facts.
func (d *draft) set(n int64, f facts) {
	b, i := at(n)
	d.grow(b)
	if !d.facetsOf[b] {
		own := *d.facets[b]
		d.facets[b], d.facetsOf[b] = &own, true
	}
	c := d.facets[b]
	if was := c.state[i]; was != 0 {
		d.adjust(was, c.pack.at(i), c.partner.at(i), -1)
	}
	d.adjust(f.state, f.pack, f.partner, 1)
	c.state[i], c.key[i] = f.state, f.key
	c.expires.put(i, f.expires)
	c.ends.put(i, f.ends)
	c.used.put(i, f.used)
	c.pack.put(i, f.pack)
	c.partner.put(i, f.partner)
	d.last, d.revision = max(d.last, n), d.revision+1
}

// confirm notes that the CMP told of a device.
func (d *draft) confirm(n int64, second uint32) {
	b, i := at(n)
	d.grow(b)
	if !d.confirmedOf[b] {
		own := *d.confirmed[b]
		d.confirmed[b], d.confirmedOf[b] = &own, true
	}
	d.confirmed[b][i] = second
}

// save writes the blocks that are new.
func (d *draft) save(ctx context.Context, q store.Querier) error {
	for _, b := range slices.Sorted(maps.Keys(d.facetsOf)) {
		if err := saveBlock(ctx, q, "facet", b, d.facets[b].encode()); err != nil {
			return err
		}
	}
	touched := maps.Clone(d.facetsOf)
	maps.Copy(touched, d.confirmedOf)
	for b := range touched {
		d.summaries[b] = d.facets[b].summary(d.confirmed[b])
	}
	for _, b := range slices.Sorted(maps.Keys(d.confirmedOf)) {
		if err := saveBlock(ctx, q, "confirmed", b, d.confirmed[b].encode()); err != nil {
			return err
		}
	}
	return nil
}

func saveBlock(ctx context.Context, q store.Querier, table string, b int, data []byte) error {
	_, err := q.ExecContext(ctx, `INSERT INTO `+table+` (block, data) VALUES (?, ?) ON CONFLICT (block) DO UPDATE SET data = excluded.data`, b, data)
	return err
}

// loadColumns reads the blocks, which takes far less than reading the devices, on as many processors as pay.
func loadColumns(ctx context.Context, db *store.DB) (*columns, error) {
	d := (&columns{}).draft()
	var highest int
	if err := db.Read().QueryRowContext(ctx, `SELECT coalesce(max(block), -1) FROM facet`).Scan(&highest); err != nil {
		return nil, err
	}
	d.grow(highest)
	errs, counts := make([]error, d.shares()), make([]columns, d.shares())
	d.share(len(errs), func(part, from, until int) {
		errs[part] = db.ReadOnce(ctx, func(q store.Querier) error { return d.load(ctx, q, from, until) })
		if errs[part] == nil {
			counts[part].include(d.facets[from:until], from)
		}
	})
	for i := range counts {
		d.add(&counts[i])
	}
	return &d.columns, errors.Join(errs...)
}

// include counts the devices of blocks, of which the first has a number.
func (c *columns) include(blocks []*facet, first int) {
	for b, f := range blocks {
		for i, state := range f.state {
			if state != 0 {
				c.adjust(state, f.pack.at(i), f.partner.at(i), 1)
				c.last = int64((first+b)*blockSize + i)
			}
		}
	}
}

// add adds what was counted of other blocks.
func (c *columns) add(other *columns) {
	for state, many := range other.tally {
		c.tally[state] += many
	}
	for pack, many := range other.packs {
		c.packs = add(c.packs, uint32(pack), many)
	}
	for partner, many := range other.partners {
		c.partners = add(c.partners, uint32(partner), many)
	}
	c.last = max(c.last, other.last)
}

// load reads the blocks between two.
func (d *draft) load(ctx context.Context, q store.Querier, from, until int) error {
	err := loadBlocks(ctx, q, "facet", from, until, func(b int, data []byte) error { return d.facets[b].decode(data) })
	if err != nil {
		return err
	}
	err = loadBlocks(ctx, q, "confirmed", from, until, func(b int, data []byte) error { return d.confirmed[b].decode(data) })
	for b := from; b < until; b++ {
		d.summaries[b] = d.facets[b].summary(d.confirmed[b])
	}
	return err
}

// loadBlocks reads the blocks of a table between two, of which none may be missing.
func loadBlocks(ctx context.Context, q store.Querier, table string, from, until int, block func(b int, data []byte) error) error {
	rows, err := q.QueryContext(ctx, `SELECT block, data FROM `+table+` WHERE block >= ? AND block < ? ORDER BY block`, from, until)
	if err != nil {
		return err
	}
	defer rows.Close()
	next := from
	for ; rows.Next(); next++ {
		var b int
		var data sql.RawBytes
		if err := rows.Scan(&b, &data); err != nil {
			return err
		}
		if b != next {
			break
		}
		if err := block(b, data); err != nil {
			return fmt.Errorf("block %d of %s: %w", b, table, err)
		}
	}
	if err := rows.Err(); err != nil || next == until {
		return err
	}
	return fmt.Errorf("block %d of %s: %w", next, table, errBlock)
}
