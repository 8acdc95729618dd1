package cmpsim

import (
	"hash/fnv"
	"slices"
	"time"
)

// place is a network that cards roam in.
type place struct{ mcc, mnc string }

var (
	places = []place{
		{"454", "12"}, {"460", "00"}, {"440", "10"}, {"234", "10"}, {"262", "01"}, {"505", "01"}, {"520", "04"}, {"208", "01"}, {"310", "260"}, {"525", "05"},
	}
	radios = []string{"4G", "4G", "4G", "3G", "NB-IoT", "5G"}
	apns   = []string{"&&&internet&0&&3&3", "&&&ca.ntt.com&0&&3&3", "&&&iot.linkdata&0&&3&3"}
)

// stream is a run of numbers that belongs to a card and a purpose, the same at
// every call.
func (s *Sim) stream(d *Device, purpose string, n int) *random {
	h := fnv.New64a()
	_, _ = h.Write([]byte(d.ID + "/" + purpose)) // a hash takes every write
	return newRandom(s.opts.Seed^h.Sum64(), uint64(n))
}

// sessions are a card's records between two days, newest first: such as add up
// to about what its orders say they used.
func (s *Sim) sessions(d *Device, from, until time.Time) []session {
	now := s.opts.Now()
	var found []session
	for day := from; !day.After(until) && day.Before(now); day = day.AddDate(0, 0, 1) {
		if o := d.servedOn(day); o != nil {
			found = append(found, s.sessionsOn(d, o, day)...)
		}
	}
	found = slices.DeleteFunc(found, func(x session) bool { return x.start.After(now) })
	slices.SortStableFunc(found, func(x, y session) int { return y.start.Compare(x.start) })
	return found
}

// servedOn is the order that a card could use data with on a day.
func (d *Device) servedOn(day time.Time) *Order {
	for i := range d.Orders {
		o := &d.Orders[i]
		if !o.Active.IsZero() && !day.Before(o.Active) && !day.After(o.Expire) && o.TotalKB > 0 {
			return o
		}
	}
	return nil
}

func (s *Sim) sessionsOn(d *Device, o *Order, day time.Time) []session {
	r := s.stream(d, "cdr", int(day.Unix()/86_400))
	if r.chance(12) {
		return nil // a day without traffic
	}
	home := places[s.stream(d, "place", 0).below(len(places))]
	share := o.TotalKB * 1024 / int64(max(1, s.daysOf(o)))
	count := r.between(1, 5)
	found := make([]session, 0, count+1)
	for range count {
		x := session{
			start: day.Add(time.Duration(r.below(86_400)) * time.Second), place: home, network: pick(r, radios), plan: o.PackageCode,
			apn: apns[s.stream(d, "apn", 0).below(len(apns))], bytes: share / int64(count) * int64(r.between(20, 180)) / 100, measured: r.chance(60),
		}
		if r.chance(70) {
			x.end = x.start.Add(time.Duration(r.between(40, 7_200)) * time.Second)
		}
		found = append(found, x)
	}
	if r.chance(6) {
		found = append(found, found[0]) // the CMP prints a record twice now and then
	}
	return found
}

// daysOf is how many days an order has been in use.
func (s *Sim) daysOf(o *Order) int {
	last := dateOf(s.opts.Now())
	if o.Expire.Before(last) {
		last = o.Expire
	}
	return int(last.Sub(o.Active)/(24*time.Hour)) + 1
}
