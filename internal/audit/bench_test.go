package audit_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// BenchmarkAppend counts durable appends a second, next to what the disk itself can sync in the same run.
func BenchmarkAppend(b *testing.B) {
	b.Run("disk", benchmarkDisk)
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
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func benchmarkDisk(b *testing.B) {
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
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkVerify counts verified rows a second, next to what hashing the same number of bytes costs.
func BenchmarkVerify(b *testing.B) {
	const size = 100_000
	db, path := openFile(b)
	log := audit.New(db, time.Now)
	mustAppend(b, log, sample(0)) // keeps the statements parsed
	if err := db.Write(b.Context(), func(tx *sql.Tx) error {
		for i := range size - 1 {
			if _, err := log.AppendTx(b.Context(), tx, sample(int64(i))); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	raw, err := store.OpenReadOnly(path)
	if err != nil {
		b.Fatal(err)
	}
	defer raw.Close()
	b.Run("sha256", func(b *testing.B) {
		body := make([]byte, 460)
		for b.Loop() {
			sha256.Sum256(body)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("log", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			report, err := audit.Verify(b.Context(), raw)
			if err != nil || len(report.Faults) > 0 || report.Rows != size {
				b.Fatal(report, err)
			}
		}
		b.ReportMetric(size*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
