package mirror

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/store"
)

// beside compares what others wait for while a sync writes changed pages as fast as it can, with a quiet mirror.
func (t *trial) beside() {
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "console.db"))
	t.check(err)
	defer db.Close()
	log := audit.New(db, time.Now)
	for _, one := range []struct {
		what      string
		must, aim float64
		f         func()
	}{
		{"audit append", 10, 5, func() {
			_, err := log.Append(ctx, audit.Entry{Actor: "support", Roles: "support", Action: audit.DeviceView, Phase: audit.Event, Device: t.known[0].ID})
			t.check(err)
		}},
		{"list of 50", 6, 3, func() {
			_, err := t.List(ctx, Query{Filter: Filter{UsedFrom: 80}, Sort: ByExpiry, Size: 50})
			t.check(err)
		}},
		{"part of 8 digits", 6, 3, func() { t.part(t.cut(8, -1), 20) }},
	} {
		idle := slowest(one.f)
		stop := t.keepWriting()
		busy := slowest(one.f)
		stop()
		ratio := float64(busy) / float64(idle)
		verdict := "MISSED"
		switch {
		case ratio <= one.aim:
			verdict = "aim"
		case ratio <= one.must:
			verdict = "must"
		}
		fmt.Printf("%-58s %10.0f %10.0f %10s %10s %10.1f  %s\n", one.what+", p99 idle and during a sync, times", one.must, one.aim, text(idle), text(busy), ratio, verdict)
	}
}

// slowest is the 99th percentile of five hundred calls.
func slowest(f func()) time.Duration {
	took := make([]time.Duration, 500)
	for i := range took {
		at := time.Now()
		f()
		took[i] = time.Since(at)
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// keepWriting changes the first devices over and over, page by page, until it is told to stop.
func (t *trial) keepWriting() (stop func()) {
	pages, end := t.neighbours(10_000), make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		for round := 0; ; round++ {
			for _, page := range pages {
				select {
				case <-end:
					return
				default:
				}
				for i := range page {
					page[i].TaskNo = strconv.Itoa(round)
				}
				if _, err := t.Put(ctx, page, noon.Add(time.Duration(round)*time.Hour)); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	return func() {
		close(end)
		writer.Wait()
	}
}
