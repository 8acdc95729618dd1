package audit_test

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/audit"
)

// pages are what is asked of the log, each time with other values.
func pages(y *years, r *rand.Rand) []struct {
	name string
	next func() audit.Filter
} {
	someone := func() string { return actor(r.Uint64N(64)) }
	before := func() int64 { return 1 + r.Int64N(y.size) }
	day := func() (time.Time, time.Time) {
		from := y.at.Add(-time.Duration(r.Int64N(y.size)) * step).Truncate(24 * time.Hour)
		return from, from.Add(24 * time.Hour)
	}
	return []struct {
		name string
		next func() audit.Filter
	}{
		{"no filter", func() audit.Filter { return audit.Filter{Before: before()} }},
		{"who", func() audit.Filter { return audit.Filter{Actor: someone(), Before: before()} }},
		{"action", func() audit.Filter { return audit.Filter{Action: string(audit.OrderPause), Before: before()} }},
		{"outcome", func() audit.Filter { return audit.Filter{Outcome: audit.Unknown, Before: before()} }},
		{"device", func() audit.Filter { return audit.Filter{Device: device(r.Uint64N(200_000))} }},
		{"order", func() audit.Filter { return audit.Filter{Order: order(r.Uint64N(400_000))} }},
		{"changes", func() audit.Filter { return audit.Filter{Changes: true, Actor: someone()} }},
		{"who and action", func() audit.Filter {
			return audit.Filter{Actor: someone(), Action: string(audit.OrderOpen), Before: before()}
		}},
		{"who and outcome", func() audit.Filter { return audit.Filter{Actor: someone(), Outcome: audit.Unknown, Before: before()} }},
		{"who, action, outcome", func() audit.Filter {
			return audit.Filter{Actor: someone(), Action: string(audit.SMSSend), Outcome: audit.Rejected, Before: before()}
		}},
		{"device and action", func() audit.Filter {
			return audit.Filter{Device: device(r.Uint64N(200_000)), Action: string(audit.OrderPause)}
		}},
		{"a day", func() (f audit.Filter) { f.Since, f.Until = day(); return f }},
		{"who on a day", func() (f audit.Filter) { f.Since, f.Until = day(); f.Actor = someone(); return f }},
		{"outcome since a day", func() (f audit.Filter) { f.Since, _ = day(); f.Outcome = audit.Unknown; return f }},
		{"text: a device", func() audit.Filter { return audit.Filter{Text: device(r.Uint64N(200_000))} }},
		{"text: eight digits", func() audit.Filter { return audit.Filter{Text: device(r.Uint64N(200_000))[12:]} }},
		{"text: a request", func() audit.Filter { return audit.Filter{Text: fmt.Sprintf("%016X", r.Uint64())} }},
		{"text: a ticket", func() audit.Filter { return audit.Filter{Text: fmt.Sprintf("ticket %d:", r.IntN(90_000))} }},
		{"text: common", func() audit.Filter { return audit.Filter{Text: "客户要求", Before: before()} }},
		{"text: everywhere", func() audit.Filter { return audit.Filter{Text: "898602", Before: before()} }},
		{"text and who", func() audit.Filter { return audit.Filter{Text: "bill is not", Actor: someone(), Before: before()} }},
		{"text on a day", func() (f audit.Filter) { f.Since, f.Until = day(); f.Text = "tariff"; return f }},
	}
}

// BenchmarkPages shows how long a page of the log takes with each filter, at any depth, and how long counting its rows.
func BenchmarkPages(b *testing.B) {
	y := openYears(b)
	for _, size := range []int64{1_000_000, 5_000_000} {
		if y.grow(b, size, 8192, func() {}); y.size != size {
			continue // the log was kept from another run
		}
		indexTexts(b, y)
		for _, p := range pages(y, rand.New(rand.NewPCG(1, 2))) {
			b.Run(fmt.Sprintf("rows=%d/%s", size, p.name), func(b *testing.B) { askOften(b, y, p.next) })
		}
	}
}

func askOften(b *testing.B, y *years, next func() audit.Filter) {
	b.Helper()
	const asked = 300
	var page, count []time.Duration
	for range asked {
		f := next()
		f.Limit = 51
		start := time.Now()
		if _, err := y.log.List(b.Context(), f); err != nil {
			b.Fatal(err)
		}
		listed := time.Now()
		if _, _, err := y.log.Matching(b.Context(), f); err != nil {
			b.Fatal(err)
		}
		page, count = append(page, listed.Sub(start)), append(count, time.Since(listed))
	}
	for name, all := range map[string][]time.Duration{"page": page, "count": count} {
		slices.Sort(all)
		b.ReportMetric(milliseconds(all[len(all)/2]), name+"-p50-ms")
		b.ReportMetric(milliseconds(all[len(all)*99/100]), name+"-p99-ms")
	}
	b.ReportMetric(0, "ns/op")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// indexTexts tells how fast the text index is built, and how large it is.
func indexTexts(b *testing.B, y *years) {
	b.Helper()
	indexer := audit.NewTextIndexer(y.log, filepath.Join(filepath.Dir(y.file), "audit-texts"), func() (uint64, error) { return 1 << 40, nil }, slog.New(slog.DiscardHandler))
	start := time.Now()
	if err := indexer.Store(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("texts of %d rows indexed in %s", y.size, time.Since(start))
}
