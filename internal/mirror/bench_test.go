package mirror

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"cmpconsole/internal/cmp"
)

// BenchmarkMirror prints what the mirror does at 10,000, 100,000 and 1,000,000 devices (or at MIRROR_SIZES) beside its
// budgets (docs/adr/0007). Times are of this machine and only warn. It runs once: -benchtime 1x. In MIRROR_DIR the files stay
// for the next run, which then neither fills nor changes them.
func BenchmarkMirror(b *testing.B) {
	for _, size := range sizes(b) {
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			if b.N > 1 {
				b.Skip("it measures by itself: use -benchtime 1x")
			}
			newTrial(b, size).run()
		})
	}
}

func sizes(b *testing.B) (list []int) {
	text := os.Getenv("MIRROR_SIZES")
	if text == "" {
		return []int{10_000, 100_000, 1_000_000}
	}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

// trial is a mirror of a sandbox's fleet, and a sample of its devices to ask for.
type trial struct {
	*testing.B
	*Mirror

	size  int
	path  string
	dice  *rand.Rand
	known []cmp.Device
}

func newTrial(b *testing.B, size int) *trial {
	dir := os.Getenv("MIRROR_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	t := &trial{B: b, size: size, path: filepath.Join(dir, fmt.Sprintf("mirror-%d.db", size)), dice: rand.New(rand.NewPCG(7, 7))}
	t.Mirror = openAt(b, t.path, Options{})
	return t
}

func (t *trial) run() {
	fmt.Printf("\nThe mirror at %d devices\n%-58s %10s %10s %10s %10s %10s  %s\n", t.size, "", "must", "aim", "p50", "p99", "own work", "")
	filled := t.columns.Load().last >= int64(t.size)
	if filled {
		t.sample()
	} else {
		t.firstLoad()
	}
	t.reopen()
	t.lookUps()
	t.parts()
	t.pages()
	t.lists()
	t.counts()
	t.beside()
	t.alternatives()
	if !filled {
		t.writes()
	}
}

// sample picks devices of a mirror that was filled before.
func (t *trial) sample() {
	list, err := t.devices(ctx, spread(int64(t.size), 20_000))
	t.check(err)
	for _, d := range list {
		t.known = append(t.known, d.Device)
	}
}

// one picks a device that is known.
func (t *trial) one() cmp.Device { return t.known[t.dice.IntN(len(t.known))] }

// limit is a budget: what must be reached, and what is aimed at.
type limit struct{ must, aim time.Duration }

// none is no budget: the figure is for comparison.
var none = limit{}

// timed calls f for two seconds or 2,000 times, and prints its median and its 99th percentile beside the budget of the latter.
func (t *trial) timed(what string, l limit, f func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f() // what is read once only
	var took, worked []time.Duration
	for began := time.Now(); len(took) < 2000 && (len(took) < 20 || time.Since(began) < 2*time.Second); {
		at, own := time.Now(), processor()
		f()
		took, worked = append(took, time.Since(at)), append(worked, processor()-own)
	}
	slices.Sort(took)
	slices.Sort(worked)
	p50, p99, own := took[len(took)/2], took[len(took)*99/100], worked[len(worked)*99/100]
	fmt.Printf("%-58s %10s %10s %10s %10s %10s  %s\n", what, text(l.must), text(l.aim), text(p50), text(p99), text(own), l.verdict(p99))
}

// processor is the time that the thread has worked: unlike the clock it does not count what other programs took.
func processor() time.Duration {
	var t syscall.Timespec
	const thread = 3 // CLOCK_THREAD_CPUTIME_ID
	if _, _, err := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, thread, uintptr(unsafe.Pointer(&t)), 0); err != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}

func (l limit) verdict(seen time.Duration) string {
	switch {
	case l == none:
		return ""
	case seen <= l.aim:
		return "aim"
	case seen <= l.must:
		return "must"
	}
	return "MISSED"
}

func text(d time.Duration) string {
	if d == 0 {
		return ""
	}
	if d >= time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.3f ms", float64(d)/1e6)
}

// rate prints how many rows a second were written, beside the budget.
func rate(what string, must, aim float64, rows int, took time.Duration) {
	seen, verdict := float64(rows)/took.Seconds(), "MISSED"
	switch {
	case seen >= aim:
		verdict = "aim"
	case seen >= must:
		verdict = "must"
	}
	fmt.Printf("%-58s %10.0f %10.0f %10.0f %10s %10s  %s\n", what, must, aim, seen, "rows/s", "", verdict)
}

// amount prints what should be small.
func amount(what string, must, aim, seen float64, unit string) {
	verdict := "MISSED"
	switch {
	case seen <= aim:
		verdict = "aim"
	case seen <= must:
		verdict = "must"
	}
	fmt.Printf("%-58s %10.0f %10.0f %10.1f %10s %10s  %s\n", what, must, aim, seen, unit, "", verdict)
}

func (t *trial) check(err error) {
	if err != nil {
		t.Helper()
		t.Fatal(err)
	}
}

// ctx outlives b.Loop's own, which ends with the benchmark.
var ctx = context.Background()
