package audit_test

import (
	"crypto/sha256"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"syscall"
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

// BenchmarkLog takes a log of a million rows, with a checkpoint every 256 rows as a busy console makes them, and then of five
// million: how long it takes to verify, and a page with each filter, at any depth, and to count its rows. With BENCH_DIR the log
// stays there, and another run begins with what it finds.
func BenchmarkLog(b *testing.B) {
	y := openYears(b)
	for _, size := range []int64{1_000_000, 5_000_000} {
		chunk, each := int64(8192), func() {}
		if size == 1_000_000 {
			chunk, each = 256, y.notary(b)
		}
		y.grow(b, size, chunk, each)
		if y.size != size {
			continue // the log is larger, from another run
		}
		b.Run(fmt.Sprintf("rows=%d/verify", size), func(b *testing.B) { verifyOften(b, y) })
		indexTexts(b, y)
		for _, p := range pages(y, rand.New(rand.NewPCG(1, 2))) {
			b.Run(fmt.Sprintf("rows=%d/%s", size, p.name), func(b *testing.B) { askOften(b, y, p.next) })
		}
	}
}

// verifyOften compares verification, checkpoints and anchors included, with SHA-256 over as many bytes.
func verifyOften(b *testing.B, y *years) {
	b.Helper()
	var bytes int64
	if err := y.db.Read().QueryRowContext(b.Context(), `SELECT sum(length(body)) FROM audit`).Scan(&bytes); err != nil {
		b.Fatal(err)
	}
	const hashedBeside = 12 + 8 + 32 + 4 // with every body
	row := make([]byte, bytes/y.size+hashedBeside)
	start := time.Now()
	for range y.size {
		sha256.Sum256(row)
	}
	hashed := time.Since(start)
	b.ResetTimer()
	for b.Loop() {
		report, err := audit.VerifyFile(b.Context(), y.file, y.witness)
		if err != nil || len(report.Faults) > 0 || report.Rows != y.size {
			b.Fatal(report, err)
		}
	}
	each := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric(each, "s")
	b.ReportMetric(float64(y.size)/each, "rows/s")
	b.ReportMetric(hashed.Seconds()/each, "of-sha256")
	b.ReportMetric(0, "ns/op")
}

// askOften gives the times of a page, of its count, and what both cost of a processor, at the median and at the worst of a hundred.
func askOften(b *testing.B, y *years, next func() audit.Filter) {
	b.Helper()
	const asked = 300
	var page, count, busy []time.Duration
	for range asked {
		f := next()
		f.Limit = 51
		worked, start := cpuTime(b), time.Now()
		if _, err := y.log.List(b.Context(), f); err != nil {
			b.Fatal(err)
		}
		listed := time.Now()
		if _, _, err := y.log.Matching(b.Context(), f); err != nil {
			b.Fatal(err)
		}
		page, count, busy = append(page, listed.Sub(start)), append(count, time.Since(listed)), append(busy, cpuTime(b)-worked)
	}
	for name, all := range map[string][]time.Duration{"page": page, "count": count, "cpu": busy} {
		slices.Sort(all)
		b.ReportMetric(milliseconds(all[len(all)/2]), name+"-p50-ms")
		b.ReportMetric(milliseconds(all[len(all)*99/100]), name+"-p99-ms")
	}
	b.ReportMetric(0, "ns/op")
}

// cpuTime is what this process has worked so far: with other processes about, it says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
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
