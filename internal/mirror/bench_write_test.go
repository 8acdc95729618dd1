package mirror

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	api "cmpconsole/internal/cmp"
	"cmpconsole/internal/cmpsim"
)

// pageRows is how many devices one page of the CMP brings.
const pageRows = 1000

// firstLoad fills the empty mirror and keeps a sample of devices. Making the fleet is not counted.
func (t *trial) firstLoad() {
	var took time.Duration
	for page := range pages(sandbox(t, t.size), pageRows) {
		at := time.Now()
		put(t, t.Mirror, page, noon)
		took += time.Since(at)
		for i := 0; i < len(page); i += max(1, t.size/20_000) {
			t.known = append(t.known, page[i])
		}
	}
	at := time.Now()
	t.check(t.Tidy(ctx))
	tidied := time.Since(at)
	took += tidied
	rate("first load, pages of 1,000, every index", 1e6/60, 1e6/30, t.size, took)
	t.row("first load, in all", limit{60 * time.Second, 30 * time.Second}, took)
	t.row("of that, merging the search index", none, tidied)
	info, err := os.Stat(t.path)
	t.check(err)
	amount("file, per million devices", 400, 270, float64(info.Size())/1e6/(float64(t.size)/1e6), "MB")
}

// reopen closes the file and opens it again, as a start of the console does.
func (t *trial) reopen() {
	t.check(t.Close())
	at := time.Now()
	t.Mirror = openAt(t, t.path, Options{})
	_, err := t.List(ctx, Query{Size: 50})
	t.check(err)
	t.row("open, to the first page", limit{200 * ms, 30 * ms}, time.Since(at))
	info, err := os.Stat(t.path)
	t.check(err)
	amount("file at rest, per million devices", 400, 270, float64(info.Size())/1e6/(float64(t.size)/1e6), "MB")
}

// writes are the pages of a later sync: nothing new, usage that grew, and devices that are new.
func (t *trial) writes() {
	const rows = 20_000
	old := slices.Collect(slices.Chunk(t.known[:min(rows, len(t.known))], pageRows))
	later := noon.Add(time.Hour)
	t.sync("sync, unchanged, from all over the fleet", 100_000, 1_000_000, old, later)
	pages := t.neighbours(rows)
	t.sync("sync, unchanged", 100_000, 1_000_000, pages, later)
	changed := slices.Concat(pages...)
	for i := range changed {
		changed[i].TaskNo = "1"
		if orders := slices.Clone(changed[i].Orders); len(orders) > 0 {
			orders[0].Used.Bytes += 1 << 20
			changed[i].Orders = orders
		}
	}
	t.sync("sync, changed", 50_000, 80_000, slices.Collect(slices.Chunk(changed, pageRows)), later)
	sim := sandbox(t, 1)
	ids, err := sim.Alter(cmpsim.Step{Kind: cmpsim.StepAdd, Count: rows})
	t.check(err)
	var fresh []api.Device
	for _, id := range ids {
		d, _ := sim.Device(id)
		fresh = append(fresh, told(d))
	}
	t.sync("sync, new", 10_000, 19_000, slices.Collect(slices.Chunk(fresh, pageRows)), later)
}

// neighbours are devices in the order of the CMP, as a page has them.
func (t *trial) neighbours(rows int) [][]api.Device {
	var list []api.Device
	for n := int64(1); n <= int64(min(rows, t.size)); n++ {
		list = append(list, api.Device{})
		d, err := t.devices(ctx, []int64{n})
		t.check(err)
		list[n-1] = d[0].Device
	}
	return slices.Collect(slices.Chunk(list, pageRows))
}

func (t *trial) sync(what string, must, aim float64, list [][]api.Device, at time.Time) {
	rows, began := 0, time.Now()
	var all Written
	for _, page := range list {
		w := put(t, t.Mirror, page, at)
		rows += len(page)
		all.New, all.Changed, all.Same = all.New+w.New, all.Changed+w.Changed, all.Same+w.Same
	}
	rate(fmt.Sprintf("%s (%d new, %d changed, %d same)", what, all.New, all.Changed, all.Same), must, aim, rows, time.Since(began))
}

// row prints one figure beside its budget.
func (t *trial) row(what string, l limit, seen time.Duration) {
	fmt.Printf("%-58s %10s %10s %10s %10s %10s  %s\n", what, text(l.must), text(l.aim), text(seen), "", "", l.verdict(seen))
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func middleOf(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}
