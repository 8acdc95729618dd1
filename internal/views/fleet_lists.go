package views

import (
	"context"
	"strconv"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/internal/mirror"
)

// fleetList is a part of the fleet: how it is counted, and the address of the list that shows it.
type fleetList struct {
	filter mirror.Filter
	pairs  []string // of the address
}

func (l fleetList) href() string { return withQuery("/devices", l.pairs...) }

// and narrows the list further.
func (l fleetList) and(key, value string, narrow func(*mirror.Filter)) fleetList {
	narrow(&l.filter)
	l.pairs = append(append([]string(nil), l.pairs...), key, value)
	return l
}

func (l fleetList) stages(value string, stages ...cmp.Lifecycle) fleetList {
	return l.and("lifecycle", value, func(f *mirror.Filter) { f.Lifecycles = stages })
}

// stage is the part in one stage; "?" are those that the document does not name.
func (l fleetList) stage(stage cmp.Lifecycle) fleetList { return l.stages(string(stage), stage) }

// status is the part whose current order has the status; "" are devices without one.
func (l fleetList) status(status cmp.OrderStatus) fleetList {
	if status == "" {
		return l.and("order", "none", func(f *mirror.Filter) { f.NoOrder = true })
	}
	return l.and("status", string(status), func(f *mirror.Filter) { f.Statuses = []cmp.OrderStatus{status} })
}

// running is the part whose order is in use or suspended: those that have something to lose.
func (l fleetList) running() fleetList {
	return l.and("status", "2,5", func(f *mirror.Filter) { f.Statuses = []cmp.OrderStatus{cmp.StatusInUse, cmp.StatusSuspended} })
}

func (l fleetList) used(percent int) fleetList {
	return l.and("used", strconv.Itoa(percent), func(f *mirror.Filter) { f.UsedFrom = percent })
}

func (l fleetList) expires(w window) fleetList {
	return l.and("expires", w.text, func(f *mirror.Filter) { f.Expires = w.days })
}

func (l fleetList) ends(w window) fleetList {
	return l.and("stage_ends", w.text, func(f *mirror.Filter) { f.StageEnds = w.days })
}

// stale is the part that the CMP has not confirmed for so long.
func (l fleetList) stale(now time.Time, text string, age time.Duration) fleetList {
	return l.and("stale", text, func(f *mirror.Filter) { f.ReadBefore = now.Add(-age) })
}

// window is a stretch of days in the CMP's zone, and how an address names it.
type window struct {
	text string
	days mirror.Days
}

// today is the present day in the CMP's zone, in which its dates stand.
func (k clock) today() time.Time { return day(k.now.In(cmp.Zone)) }

// within are the days up to so many from today, today included.
func (k clock) within(days int) window {
	return window{strconv.Itoa(days) + "d", mirror.Days{From: k.today(), Until: k.today().AddDate(0, 0, days)}}
}

// past are the days before today.
func (k clock) past() window { return window{"past", mirror.Days{Until: k.today().AddDate(0, 0, -1)}} }

// from are the days from one on.
func from(day time.Time) window {
	return window{day.Format(time.DateOnly) + "..", mirror.Days{From: day}}
}

// undated are no days: what has no date.
func undated() window { return window{"none", mirror.Days{None: true}} }

// between are the days from one to another, both included.
func between(from, until time.Time) window {
	return window{from.Format(time.DateOnly) + ".." + until.Format(time.DateOnly), mirror.Days{From: from, Until: until}}
}

// counter counts parts of one list, until one cannot be counted. What is asked of stage, status and dates takes one pass
// over the fleet for each of the two dates, however many parts are counted.
type counter struct {
	ctx     context.Context //nolint:containedctx // it lives within one page
	mirror  fleet
	whole   fleetList
	today   time.Time
	days    int // from today on that are told apart
	spreads [2]*mirror.Spread
	err     error
}

func (n *counter) of(l fleetList) (count int) {
	f, by, within := l.filter, mirror.StageEnd, l.filter.StageEnds
	if f.Expires != (mirror.Days{}) {
		by, within = mirror.Expiry, f.Expires
	}
	if n.spreads[by] == nil && n.err == nil {
		n.spreads[by], n.err = n.mirror.Spread(n.ctx, n.whole.filter, by, n.today, n.days)
	}
	if n.err != nil {
		return 0
	}
	if f.UsedFrom > 0 || !f.ReadBefore.IsZero() {
		count, n.err = n.mirror.Count(n.ctx, f)
		return count
	}
	return n.spreads[by].Count(f, within)
}
