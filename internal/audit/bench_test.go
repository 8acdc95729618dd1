package audit_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cmpconsole/internal/audit"
)

// BenchmarkAppend counts durable appends a second, and how they compare with what the disk itself can sync in the same run.
func BenchmarkAppend(b *testing.B) {
	var disk float64
	b.Run("disk", func(b *testing.B) { disk = syncOften(b) })
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			log := audit.New(openDB(b), time.Now)
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range writers {
				wg.Go(func() {
					for next.Add(1) <= int64(b.N) {
						if _, err := log.Append(context.Background(), sample(7)); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			rate := float64(b.N) / b.Elapsed().Seconds()
			b.ReportMetric(rate, "rows/s")
			b.ReportMetric(rate/disk, "of-disk")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// syncOften counts writes of a page a second, each of them synced as SQLite does it.
func syncOften(b *testing.B) (rate float64) {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
	}
	rate = float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "rows/s")
	b.ReportMetric(0, "ns/op")
	return rate
}
