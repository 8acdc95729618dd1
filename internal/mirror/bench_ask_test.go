package mirror

import (
	"fmt"
	"time"

	"cmpconsole/internal/cmp"
)

const ms = time.Millisecond

// lookUps ask for whole numbers and beginnings, one at a time and ten thousand at once.
func (t *trial) lookUps() {
	exact := limit{ms, ms / 2}
	for _, kind := range []struct {
		what string
		of   func(cmp.Device) string
	}{
		{"exact: device id", func(d cmp.Device) string { return d.ID }},
		{"exact: IMSI", func(d cmp.Device) string { return d.Orders[0].IMSI }},
		{"exact: order", func(d cmp.Device) string { return d.Orders[0].ID }},
	} {
		t.timed(kind.what, exact, func() {
			d := t.one()
			for len(d.Orders) == 0 {
				d = t.one()
			}
			hits, err := t.Exact(ctx, kind.of(d), 20)
			t.check(err)
			if len(hits.List) == 0 || hits.List[0].Device.ID != d.ID {
				t.Fatalf("%s leads to %+v", kind.of(d), hits)
			}
		})
	}
	t.timed("exact: no such number", exact, func() {
		_, err := t.Exact(ctx, fmt.Sprintf("9%014d", t.dice.Int64N(1e14)), 20)
		t.check(err)
	})
	t.timed("device, whole", exact, func() {
		_, _, err := t.Device(ctx, t.one().ID)
		t.check(err)
	})
	var pasted []string
	for i := range 10_000 {
		if d := t.one(); i%10 > 0 {
			pasted = append(pasted, d.ID)
			continue
		}
		pasted = append(pasted, fmt.Sprintf("9%014d", t.dice.Int64N(1e14)))
	}
	t.timed("10,000 pasted numbers", none, func() {
		_, err := t.ExactMany(ctx, pasted)
		t.check(err)
	})
}

// parts look for parts of the fleet's own numbers, twenty hits as the box on every page asks for.
func (t *trial) parts() {
	inside, prefix := limit{5 * ms, ms}, limit{ms, ms / 2}
	for _, n := range []int{3, 4, 5, 6, 8, 10, 12, 15} {
		l := inside
		if n == 3 {
			l = none
		}
		t.timed(fmt.Sprintf("part of %d digits, anywhere in a number", n), l, func() { t.part(t.cut(n, -1), 20) })
	}
	t.timed("parts of 4 to 15 digits, mixed", inside, func() { t.part(t.cut(4+t.dice.IntN(12), -1), 20) })
	t.timed("last 6 digits of a device id", inside, func() {
		id := t.one().ID
		t.part(id[len(id)-6:], 20)
	})
	t.timed("beginning of 7 to 15 digits, as a beginning", prefix, func() {
		f := t.finding(t.cut(7+t.dice.IntN(9), 0), 20)
		t.check(f.beginnings(ctx))
		_, err := f.result(ctx)
		t.check(err)
	})
	t.timed("beginning of 7 to 15 digits, anywhere in a number", inside, func() { t.part(t.cut(7+t.dice.IntN(9), 0), 20) })
	t.timed("4 to 15 digits that may not be there", inside, func() {
		n := 4 + t.dice.IntN(12)
		t.part(fmt.Sprintf("%0*d", n, t.dice.Int64N(1e15))[:n], 20)
	})
}

// kinds are those that the page of a search shows, each by itself.
var kinds = []Kind{KindDevice, KindICCID, KindIMSI, KindMSISDN, KindIMEI, KindOrder}

// pages do what the page of a search asks of the mirror: fifty hits, and of a part that more have fifty of each kind of number.
func (t *trial) pages() {
	for _, n := range []int{3, 4, 5, 6, 9, 12} {
		t.timed(fmt.Sprintf("page of a search for %d digits", n), none, func() { t.page(t.cut(n, -1)) })
	}
	for _, part := range []string{"000", "2024", "8985", "898520240"} {
		t.timed("page of a search for "+part, none, func() { t.page(part) })
	}
}

func (t *trial) page(part string) {
	const size = 50
	hits, err := t.Parts(ctx, part, size)
	t.check(err)
	if !hits.More {
		return
	}
	for _, kind := range kinds {
		_, err := t.Parts(ctx, part, size, kind)
		t.check(err)
	}
}

func (t *trial) part(part string, limit int) {
	_, err := t.Parts(ctx, part, limit)
	t.check(err)
}

// cut takes n digits out of a number of the fleet, from a place or from anywhere.
func (t *trial) cut(n, from int) string {
	d := t.one()
	list := []string{d.ID}
	if len(d.Orders) > 0 {
		list = append(list, d.Orders[0].IMSI, d.Orders[0].ID[6:])
	}
	number := list[t.dice.IntN(len(list))]
	if len(number) < n {
		number = d.ID
	}
	if from < 0 {
		from = t.dice.IntN(len(number) - n + 1)
	}
	return number[from : from+n]
}

// filters are those that the list offers, each alone.
func (t *trial) filters() map[string]Filter {
	yes := true
	d := t.one()
	for len(d.Orders) == 0 {
		d = t.one()
	}
	return map[string]Filter{
		"no filter":        {},
		"lifecycle":        {Lifecycles: []cmp.Lifecycle{cmp.LifecycleUsage}},
		"status":           {Statuses: []cmp.OrderStatus{cmp.StatusSuspended}},
		"no order":         {NoOrder: true},
		"package":          {Packages: []string{d.Orders[0].PackageCode}},
		"partner":          {Partner: d.PartnerCode},
		"expires in 30 d":  {Expires: Days{From: noon, Until: noon.AddDate(0, 0, 30)}},
		"stage ends":       {StageEnds: Days{From: noon, Until: noon.AddDate(0, 1, 0)}},
		"used 80 %":        {UsedFrom: 80},
		"OTA":              {OTA: &yes},
		"stale":            {ReadBefore: noon.Add(-time.Hour)},
		"gone":             {Gone: true},
		"part of 6 digits": {Part: d.ID[len(d.ID)-6:]},
	}
}

// lists read pages of fifty rows: each filter with each sort, at the first and at a deep page; and pairs of filters.
func (t *trial) lists() {
	page, filters := limit{5 * ms, ms}, t.filters()
	worst := map[string]time.Duration{}
	for name, f := range filters {
		for _, sort := range []Sort{ByMeeting, ByID, ByExpiry, ByUsed, ByStageEnd, ByRead} {
			for _, deep := range []bool{false, true} {
				q := Query{Filter: f, Sort: sort, Desc: sort == ByUsed, Size: 50}
				if deep {
					q.After = t.middle(q)
				}
				took := t.median(q)
				for _, key := range []string{"filter: " + name, "sort: " + string(sort), map[bool]string{false: "page: first", true: "page: deep"}[deep]} {
					worst[key] = max(worst[key], took)
				}
			}
		}
	}
	for _, key := range sorted(worst) {
		t.row("list of 50, slowest median with "+key, page, worst[key])
	}
	t.timed("list of 50, any filters in pairs, any sort and page", page, func() { t.anyPage(filters) })
}

func (t *trial) anyPage(filters map[string]Filter) {
	names := sorted(filters)
	f, g := filters[names[t.dice.IntN(len(names))]], filters[names[t.dice.IntN(len(names))]]
	f = merged(f, g)
	q := Query{Filter: f, Sort: []Sort{ByMeeting, ByID, ByExpiry, ByUsed, ByStageEnd, ByRead}[t.dice.IntN(6)], Desc: t.dice.IntN(2) == 0, Size: 50}
	if t.dice.IntN(2) == 0 {
		q.After = position{t.dice.Uint64(), t.dice.Int64N(int64(t.size))}.cursor()
	}
	_, err := t.List(ctx, q)
	t.check(err)
}

// merged asks for both.
func merged(f, g Filter) Filter {
	if g.Lifecycles != nil {
		f.Lifecycles = g.Lifecycles
	}
	if g.Statuses != nil {
		f.Statuses = g.Statuses
	}
	if g.Packages != nil {
		f.Packages = g.Packages
	}
	if g.Partner != "" {
		f.Partner = g.Partner
	}
	if !g.Expires.open() {
		f.Expires = g.Expires
	}
	if g.UsedFrom > 0 {
		f.UsedFrom = g.UsedFrom
	}
	if g.OTA != nil {
		f.OTA = g.OTA
	}
	if !g.ReadBefore.IsZero() {
		f.ReadBefore = g.ReadBefore
	}
	return f
}

// middle is a cursor in the middle of the list.
func (t *trial) middle(q Query) string {
	cols, w, err := t.walk(ctx, q)
	t.check(err)
	n := t.dice.Int64N(cols.last) + 1
	b, i := at(n)
	return w.position(cols, b, i).cursor()
}

// median is by the clock: several processors walk over the columns. Of a machine that does other work too it says little.
func (t *trial) median(q Query) time.Duration {
	const tries = 9
	var took [tries]time.Duration
	for i := range took {
		at := time.Now()
		_, err := t.List(ctx, q)
		t.check(err)
		took[i] = time.Since(at)
	}
	return middleOf(took[:])
}

// counts are the figures of the home page and of the fleet's views.
func (t *trial) counts() {
	count := limit{ms, ms / 10}
	t.timed("totals: stages and statuses", count, func() {
		_, err := t.Totals(ctx)
		t.check(err)
	})
	filters := t.filters()
	names := sorted(filters)
	t.timed("count of a filter, kept", count, func() {
		_, err := t.Count(ctx, filters[names[t.dice.IntN(len(names))]])
		t.check(err)
	})
	t.timed("count of a filter, asked for the first time", none, func() {
		c := t.columns.Load()
		p, err := t.plan(ctx, c, Filter{UsedFrom: 1 + t.dice.IntN(99), Lifecycles: []cmp.Lifecycle{cmp.LifecycleUsage}})
		t.check(err)
		c.count(p)
	})
	t.timed("devices by day of expiry", none, func() {
		_, err := t.Spread(ctx, Filter{}, Expiry, noon, 400)
		t.check(err)
	})
	t.timed("packages with their devices", none, func() {
		t.Packages()
	})
}
