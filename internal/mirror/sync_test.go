package mirror

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// Whatever a CMP does with its pages, a run ends, and the mirror has what the list had.
func TestEveryKindOfList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		devices int
		arrange func(f *fakeCMP)
		result  Result
		passes  int
	}{
		{"one page is read once", 10, nil, Whole, 1},
		{"a first load is read twice", 95, nil, Whole, 2},
		{"the last page is full", 100, nil, Whole, 2},
		{"there is nothing", 0, nil, Whole, 1},
		{"smaller pages than asked for", 95, func(f *fakeCMP) { f.cap = 7 }, Whole, 2},
		{"smaller pages, and it does not say so", 95, func(f *fakeCMP) {
			f.cap, f.answer = 7, func(p *cmp.DevicePage, _ int) { p.Size = 10 }
		}, Whole, 2},
		{"no total and no pages", 95, func(f *fakeCMP) {
			f.answer = func(p *cmp.DevicePage, _ int) { p.Total, p.Pages = len(p.Devices), 1 }
		}, Odd, 2},
		{"far more pages than there are", 95, func(f *fakeCMP) {
			f.answer = func(p *cmp.DevicePage, _ int) { p.Pages = 1e9 }
		}, Whole, 2},
		{"too few pages", 95, func(f *fakeCMP) {
			f.answer = func(p *cmp.DevicePage, _ int) { p.Pages = 1 }
		}, Whole, 2},
		{"more devices announced than listed", 95, func(f *fakeCMP) {
			f.answer = func(p *cmp.DevicePage, _ int) { p.Total = 120 }
		}, Odd, 2},
		{"the last page for ever", 95, repeatLast, Whole, 2},
		{"the last page for ever, of a thousand announced ones", 100, func(f *fakeCMP) {
			repeatLast(f)
			last := f.answer
			f.answer = func(p *cmp.DevicePage, n int) { last(p, n); p.Total, p.Pages = 10_000, 1000 }
		}, Odd, 2},
		{"the first page for ever", 10, func(f *fakeCMP) {
			f.answer = func(p *cmp.DevicePage, _ int) { p.Devices, p.Total, p.Pages = f.list, 500, 50 }
		}, Odd, 2},
		{"round in circles", 40, func(f *fakeCMP) {
			f.answer = func(p *cmp.DevicePage, n int) {
				from := (n - 1) % 4 * 10
				p.Devices, p.Total, p.Pages = f.list[from:from+10], 500, 50
			}
		}, Odd, 2},
		{"every device twice", 60, func(f *fakeCMP) {
			f.answer = func(p *cmp.DevicePage, n int) {
				p.Devices, p.Total = nil, 120
				for i := (n - 1) * 10; i < min(n*10, 120); i++ {
					p.Devices = append(p.Devices, f.list[i/2])
				}
			}
		}, Whole, 2},
		{"a device without an id", 95, func(f *fakeCMP) { f.list[44].ID = ""; delete(f.seen, fakeID(44)) }, Odd, 2},
		{"another order in every page", 95, func(f *fakeCMP) {
			dice := rand.New(rand.NewPCG(1, 2))
			f.before = func(f *fakeCMP) {
				dice.Shuffle(len(f.list), func(i, j int) { f.list[i], f.list[j] = f.list[j], f.list[i] })
			}
		}, Moving, passesAtMost},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFakeCMP(c.devices)
			if c.arrange != nil {
				c.arrange(f)
			}
			b := newRig(t, f, 10)
			run := b.rest(t)
			if run.Result != c.result || run.Passes != c.passes {
				t.Errorf("%s after %d passes, want %s after %d: %+v", run.Result, run.Passes, c.result, c.passes, run)
			}
			if c.result == Moving {
				return // it may have missed devices, and says so
			}
			listed := f.list
			f.list = slices.DeleteFunc(slices.Clone(listed), func(d cmp.Device) bool { return d.ID == "" })
			if wrong := b.wrong(t); wrong != "" {
				t.Error(wrong)
			}
			f.list = listed
			if again := b.again(t); again.Result != c.result || again.Passes != 1 || again.New+again.Changed+again.Gone != 0 {
				t.Errorf("the next run, of the same list: %+v", again)
			}
		})
	}
}

// repeatLast serves the last page for every page behind it.
func repeatLast(f *fakeCMP) {
	f.answer = func(p *cmp.DevicePage, n int) {
		if len(p.Devices) == 0 {
			p.Devices = f.list[(len(f.list)-1)/10*10:]
		}
	}
}

// What tells that a list moved between two pages, though the counts agree in the end.
func TestWhatShowsMovement(t *testing.T) {
	t.Parallel()
	page := func(first, total, size int) cmp.DevicePage {
		p := cmp.DevicePage{Total: total, Size: size, Pages: 3}
		for i := range 10 {
			p.Devices = append(p.Devices, cmp.Device{ID: fakeID(first + i)})
		}
		return p
	}
	for name, c := range map[string]struct {
		pages []cmp.DevicePage
		rest  time.Duration
		moved bool
	}{
		"nothing":                       {[]cmp.DevicePage{page(0, 30, 10), page(10, 30, 10), page(20, 30, 10)}, time.Second, false},
		"one came, and one went":        {[]cmp.DevicePage{page(0, 30, 10), page(10, 31, 10), page(20, 30, 10)}, time.Second, true},
		"smaller pages from now on":     {[]cmp.DevicePage{page(0, 30, 10), page(10, 30, 5), page(20, 30, 10)}, time.Second, true},
		"a long rest between the pages": {[]cmp.DevicePage{page(0, 30, 10), page(10, 30, 10), page(20, 30, 10)}, 11 * time.Minute, true},
	} {
		p, at := Pass{Next: 1, Size: 10}, time.Now()
		for _, page := range c.pages {
			p.take(page, at, 30)
			at = at.Add(c.rest)
		}
		if moved := p.moved(30); moved != c.moved {
			t.Errorf("%s: %t, %+v", name, moved, p)
		}
	}
}

// Devices come, go and change places while the list is read. Those that stay are all there after the run, none that is there
// is marked gone, and after the next run, in which nothing moves, the mirror is the truth.
func TestAListThatMovesWhileItIsRead(t *testing.T) {
	t.Parallel()
	moving := 0
	for seed := range uint64(300) {
		dice := rand.New(rand.NewPCG(seed, 0))
		f, fresh := newFakeCMP(dice.IntN(120)), 100_000
		stay := map[string]bool{}
		for _, d := range f.list {
			stay[d.ID] = true
		}
		b := newRig(t, f, 3+dice.IntN(30))
		if dice.IntN(2) == 0 {
			b.rest(t) // the first load is behind us
			b.at = b.at.Add(b.opts.Every)
		}
		calls := 1 + dice.IntN(40)
		f.before = func(f *fakeCMP) {
			if calls--; calls < 0 {
				return
			}
			for range dice.IntN(4) {
				fresh++
				churn(f, dice, stay, fakeID(fresh))
			}
		}
		if run := b.rest(t); run.Passes > 1 {
			moving++
		}
		for id := range stay {
			if d, known, err := b.mirror.Device(t.Context(), id); err != nil || !known || !d.Gone.IsZero() {
				t.Fatalf("seed %d: after the run %s, which was there all the time, is known %t, gone %v, %v", seed, id, known, d.Gone, err)
			}
		}
		f.before = nil
		b.again(t)
		if wrong := b.wrong(t); wrong != "" {
			t.Fatalf("seed %d: %s", seed, wrong)
		}
		_ = b.mirror.Close()
	}
	if moving < 100 {
		t.Errorf("only %d runs saw the list move; the test is badly made", moving)
	}
}

// churn inserts, removes or moves a device.
func churn(f *fakeCMP, dice *rand.Rand, stay map[string]bool, fresh string) {
	switch n := len(f.list); {
	case n == 0 || dice.IntN(3) == 0:
		f.insert(dice.IntN(n+1), fresh)
	case dice.IntN(2) == 0:
		at := dice.IntN(n)
		delete(stay, f.list[at].ID)
		f.remove(at)
	default:
		from := dice.IntN(n)
		d := f.list[from]
		f.remove(from)
		f.list = slices.Insert(f.list, dice.IntN(n), d)
	}
}

// What is not in the list any more is asked for by itself, and only the CMP's word that there is none marks it gone. It is
// gone no longer when it comes back.
func TestWhatIsMissingFromTheList(t *testing.T) {
	t.Parallel()
	f := newFakeCMP(60)
	b := newRig(t, f, 10)
	b.rest(t)
	hidden, refused, removed := f.list[3].ID, f.list[30].ID, f.list[59].ID
	f.remove(59)
	whole := slices.Clone(f.list)
	f.list = slices.DeleteFunc(f.list, func(d cmp.Device) bool { return d.ID == hidden || d.ID == refused })
	f.device = func(id string) error {
		switch id {
		case refused:
			return &cmp.Error{Op: cmp.CallDevice, Kind: cmp.Rejected, Code: "4711", Message: "not today"}
		case hidden:
			f.list = whole // it is there, though it is not in the list
		}
		return nil
	}
	b.at = b.at.Add(time.Hour)
	run := b.again(t)
	if run.Missing != 3 || run.Asked != 3 || run.Gone != 1 || run.Result != Whole {
		t.Errorf("the run: %+v", run)
	}
	if d := get(t, b.mirror, hidden); !d.Gone.IsZero() || !d.Read.After(run.Started) {
		t.Errorf("the one that the list hides: gone %v, confirmed %v", d.Gone, d.Read)
	}
	if d := get(t, b.mirror, refused); !d.Gone.IsZero() || !d.Read.Before(run.Started) {
		t.Errorf("the one that the CMP does not tell of: gone %v, confirmed %v", d.Gone, d.Read)
	}
	if d := get(t, b.mirror, removed); d.Gone.IsZero() {
		t.Error("the one that is no more is not marked gone")
	}
	f.insert(10, removed)
	b.again(t)
	if d := get(t, b.mirror, removed); !d.Gone.IsZero() {
		t.Error("the one that came back is gone")
	}
}

// A list from which far too much is missing marks nothing gone, is read twice, and says so, until somebody says that it is right.
func TestAListThatShrank(t *testing.T) {
	t.Parallel()
	for _, left := range []int{0, 100} {
		f := newFakeCMP(300)
		b := newRig(t, f, 50)
		b.rest(t)
		f.list = f.list[:left]
		for _, passes := range []int{2, 1} {
			run := b.again(t)
			if run.Passes != passes || run.Result != Shrunk || run.Missing != 300-left || run.Asked != 0 || b.mirror.Known() != 300 {
				t.Fatalf("%d left: %+v, %d known", left, run, b.mirror.Known())
			}
		}
		b.at = b.at.Add(time.Minute)
		if err := b.Start(t.Context(), "admin", true); err != nil {
			t.Fatal(err)
		}
		if run := b.rest(t); run.Result != Whole || run.Gone != 300-left || !run.Accept || run.By != "admin" {
			t.Errorf("accepted with %d left: %+v", left, run)
		}
		if wrong := b.wrong(t); wrong != "" {
			t.Error(wrong)
		}
	}
}

// So many are asked for in a run and no more; the others have their turn in the next ones.
func TestOnlySoManyAreAskedFor(t *testing.T) {
	t.Parallel()
	f := newFakeCMP(30_000)
	b := newRig(t, f, 1000)
	b.rest(t)
	f.list = f.list[250:]
	run := b.again(t)
	if run.Missing != 250 || run.Asked != asksAtMost || run.Gone != asksAtMost {
		t.Errorf("the first run: %+v", run)
	}
	if run := b.again(t); run.Missing != 50 || run.Gone != 50 {
		t.Errorf("the second one: %+v", run)
	}
}

// A page that fails is tried again after growing waits, for as long as it takes, and what was read is not read again.
func TestAPageThatFails(t *testing.T) {
	t.Parallel()
	f := newFakeCMP(95)
	broken := &cmp.Error{Op: cmp.CallDevices, Kind: cmp.Unknown, HTTPStatus: 502}
	left := 12
	f.fail = func(page int) error {
		if page == 5 && left > 0 {
			left--
			return broken
		}
		return nil
	}
	b := newRig(t, f, 10)
	var waits []time.Duration
	for b.Status().Run == nil || b.Status().Run.Pass.Next <= 5 {
		wait := b.step(t.Context())
		if tr := b.Status().Trouble; tr != nil {
			if !errors.Is(tr.Err, broken) || tr.Tries != 12-left || !tr.Next.Equal(b.at.Add(wait)) {
				t.Fatalf("the trouble is told as %+v", tr)
			}
			waits = append(waits, wait)
		}
		b.at = b.at.Add(wait)
	}
	if want := []time.Duration{2e9, 5e9, 15e9, 60e9, 300e9, 300e9}; !slices.Equal(waits[:6], want) || len(waits) != 12 {
		t.Errorf("it waited %v", waits)
	}
	if st := b.Status(); st.Trouble != nil || st.Run.Errors != 12 {
		t.Errorf("afterwards: %+v, %+v", st.Trouble, st.Run)
	}
	b.rest(t)
	if n := f.asked("page 1 "); n != 2 { // a first load is read twice
		t.Errorf("page 1 was read %d times", n)
	}
	if wrong := b.wrong(t); wrong != "" {
		t.Error(wrong)
	}
}

// How long the CMP wants not to be asked is longer than our own wait.
func TestTheCMPAsksToWait(t *testing.T) {
	t.Parallel()
	f := newFakeCMP(95)
	f.fail = func(int) error { return &cmp.Error{Kind: cmp.NotSent, RetryAfter: 50 * time.Second} }
	b := newRig(t, f, 10)
	b.step(t.Context())
	b.at = b.at.Add(time.Second)
	if wait := b.step(t.Context()); wait != 50*time.Second {
		t.Errorf("it waits %v", wait)
	}
}
