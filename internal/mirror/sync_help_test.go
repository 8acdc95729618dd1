package mirror

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// fakeCMP is a CMP whose list a test has under its control. It serves pages as the real one does: by number and size, of
// the list as it is at that moment.
type fakeCMP struct {
	list   []cmp.Device
	cap    int                        // the largest page served; 0: any
	before func(f *fakeCMP)           // called before each page is served
	answer func(*cmp.DevicePage, int) // changes the answer to page n
	fail   func(page int) error       // fails a page
	device func(id string) error      // fails the look at one device
	calls  []string                   // what was asked, in order
	seen   map[string]bool            // ids that were ever in the list
}

func newFakeCMP(n int) *fakeCMP {
	f := &fakeCMP{seen: map[string]bool{}}
	for i := range n {
		f.insert(len(f.list), fakeID(i))
	}
	return f
}

func fakeID(i int) string { return fmt.Sprintf("8985%016d", i) }

func (f *fakeCMP) insert(at int, id string) {
	f.list = slices.Insert(f.list, at, cmp.Device{ID: id, Lifecycle: cmp.LifecycleUsage})
	f.seen[id] = true
}

func (f *fakeCMP) remove(at int) { f.list = slices.Delete(f.list, at, at+1) }

func (f *fakeCMP) has(id string) bool {
	return slices.ContainsFunc(f.list, func(d cmp.Device) bool { return d.ID == id })
}

func (f *fakeCMP) Devices(_ context.Context, page, size int) (cmp.DevicePage, error) {
	f.calls = append(f.calls, fmt.Sprintf("page %d of %d", page, size))
	if f.before != nil {
		f.before(f)
	}
	if f.fail != nil {
		if err := f.fail(page); err != nil {
			return cmp.DevicePage{}, err
		}
	}
	if f.cap > 0 {
		size = min(size, f.cap)
	}
	from := min((page-1)*size, len(f.list))
	to := min(from+size, len(f.list))
	p := cmp.DevicePage{Devices: slices.Clone(f.list[from:to]), Page: page, Size: size, Total: len(f.list), Pages: (len(f.list) + size - 1) / size}
	if f.answer != nil {
		f.answer(&p, page)
	}
	return p, nil
}

func (f *fakeCMP) Device(_ context.Context, id string) (cmp.Device, error) {
	f.calls = append(f.calls, "device "+id)
	if f.device != nil {
		if err := f.device(id); err != nil {
			return cmp.Device{}, err
		}
	}
	for _, d := range f.list {
		if d.ID == id {
			return d, nil
		}
	}
	return cmp.Device{}, &cmp.Error{Op: cmp.CallDevice, Kind: cmp.Rejected, Code: "2001", Message: "no such device"}
}

// asked counts the calls that begin with a word.
func (f *fakeCMP) asked(word string) (n int) {
	for _, c := range f.calls {
		if strings.HasPrefix(c, word) {
			n++
		}
	}
	return n
}

// rig is a sync that a test drives step by step, by a clock that moves when the sync would wait.
type rig struct {
	*Sync

	cmp  *fakeCMP
	from source // the fake, unless a test has another one
	at   time.Time
	path string
	opts SyncOptions
}

func newRig(t *testing.T, f *fakeCMP, size int) *rig {
	t.Helper()
	b := &rig{cmp: f, from: f, at: time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC), path: filepath.Join(t.TempDir(), "mirror.db")}
	b.opts = SyncOptions{Every: 6 * time.Hour, Size: size, Now: func() time.Time { return b.at }, Logger: slog.New(slog.DiscardHandler)}
	b.open(t)
	return b
}

// open opens mirror and sync, as a start of the console does.
func (b *rig) open(t *testing.T) {
	t.Helper()
	m, err := Open(t.Context(), b.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	if b.Sync, err = NewSync(t.Context(), m, b.from, b.opts); err != nil {
		t.Fatal(err)
	}
}

// rest works until there is nothing to do for a minute, and returns the last run.
func (b *rig) rest(t *testing.T) Run {
	t.Helper()
	for range 100_000 {
		wait := b.step(t.Context())
		b.at = b.at.Add(wait)
		if st := b.Status(); wait >= idleTime && st.Run == nil && st.Trouble == nil {
			if len(st.Past) == 0 {
				t.Fatal("no run has ended")
			}
			return st.Past[0]
		}
	}
	t.Fatalf("the sync does not come to rest: %+v", b.Status().Run)
	return Run{}
}

// again asks for a run and works until it has ended.
func (b *rig) again(t *testing.T) Run {
	t.Helper()
	b.at = b.at.Add(time.Minute)
	if err := b.Start(t.Context(), "manager", false); err != nil {
		t.Fatal(err)
	}
	return b.rest(t)
}

// wrong says how the mirror differs from the truth: what is there and not known, and what is known and not there.
func (b *rig) wrong(t *testing.T) string {
	t.Helper()
	var wrong []string
	for id := range b.cmp.seen {
		d, known, err := b.mirror.Device(t.Context(), id)
		switch there := b.cmp.has(id); {
		case err != nil:
			t.Fatal(err)
		case there && !known:
			wrong = append(wrong, id+" is missing")
		case there && !d.Gone.IsZero():
			wrong = append(wrong, id+" is there and marked gone")
		case !there && known && d.Gone.IsZero():
			wrong = append(wrong, id+" is gone and not marked")
		}
	}
	if n := b.mirror.Known(); len(wrong) == 0 && n != len(b.cmp.list) {
		wrong = append(wrong, fmt.Sprintf("%d devices in place of %d", n, len(b.cmp.list)))
	}
	slices.Sort(wrong)
	return strings.Join(wrong, "\n")
}
