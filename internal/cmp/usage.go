package cmp

import (
	"cmp"
	"slices"
	"time"
)

// Usage is what records add up to.
type Usage struct {
	Days       []DayUsage // every day asked for, also those without a record
	Networks   []Share    // largest first, by MCC and MNC
	APNs       []Share    // largest first; the empty name holds what has none
	Bytes      int64
	Records    int
	Repeated   int // records that equal one before, which the sums hold nevertheless
	Undated    int // records without a readable start, which stand in no day
	Unmeasured int // records without a readable volume
}

// DayUsage is one day's sum. A session counts whole to the day on which it began: the CMP does not say when
// within a session its bytes went.
type DayUsage struct {
	Day     time.Time // its first moment
	Bytes   int64
	Records int
}

// Share is what went over one network or APN.
type Share struct {
	Name    string
	Bytes   int64
	Records int
}

// Sum adds records up by the days from and until, both included, of a zone. The CMP gives records no id, so that
// equal ones cannot be told from one printed twice: they are counted, and named as Repeated.
func Sum(records []CDR, from, until time.Time, zone *time.Location) Usage {
	u := Usage{Records: len(records)}
	byDay := map[string]int{}
	for day := midnight(from, zone); !day.After(until.In(zone)); day = midnight(day.Add(36*time.Hour), zone) {
		byDay[day.Format(time.DateOnly)] = len(u.Days)
		u.Days = append(u.Days, DayUsage{Day: day})
	}
	seen, networks, names := map[CDR]bool{}, map[string]Share{}, map[string]Share{}
	for _, r := range records {
		if seen[r] {
			u.Repeated++
		}
		seen[r] = true
		if !r.Volume.Known {
			u.Unmeasured++
		}
		u.Bytes += r.Volume.Bytes
		tally(networks, r.MCC+" "+r.MNC, r)
		tally(names, r.APN, r)
		if r.Start.At.IsZero() {
			u.Undated++
			continue
		}
		if i, ok := byDay[r.Start.At.In(zone).Format(time.DateOnly)]; ok {
			u.Days[i].Bytes += r.Volume.Bytes
			u.Days[i].Records++
		}
	}
	u.Networks, u.APNs = largestFirst(networks), largestFirst(names)
	return u
}

// midnight is the first moment of a day; a zone may have none at 0:00 on the day its summer begins.
func midnight(t time.Time, zone *time.Location) time.Time {
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

func tally(shares map[string]Share, name string, r CDR) {
	s := shares[name]
	s.Name, s.Bytes, s.Records = name, s.Bytes+r.Volume.Bytes, s.Records+1
	shares[name] = s
}

func largestFirst(shares map[string]Share) []Share {
	list := make([]Share, 0, len(shares))
	for _, s := range shares {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Share) int {
		return cmp.Or(cmp.Compare(b.Bytes, a.Bytes), cmp.Compare(b.Records, a.Records), cmp.Compare(a.Name, b.Name))
	})
	return list
}
