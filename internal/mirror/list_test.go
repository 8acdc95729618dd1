package mirror

import (
	"cmp"
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	api "cmpconsole/internal/cmp"
)

// request makes a filter of one, two or no conditions, and the same in plain words.
func request(r *rand.Rand) (Filter, func(Device) bool) {
	var f Filter
	tests := []func(Device) bool{func(d Device) bool { return d.Gone.IsZero() }}
	order := func(d Device) api.Order { o, _ := d.Current(); return o }
	for range r.IntN(3) {
		switch r.IntN(12) {
		case 10:
			f.NoOrder = true
			tests = append(tests, func(d Device) bool { return order(d).Status == "" })
		case 11:
			if f.Packages != nil {
				continue // one filter cannot ask for both
			}
			f.Packages = []string{"LP1", "LP3"}
			tests = append(tests, func(d Device) bool { return order(d).PackageCode == "LP1" || order(d).PackageCode == "LP3" })
		case 0:
			f.Lifecycles = []api.Lifecycle{"1", "2"}
			tests = append(tests, func(d Device) bool { return d.Lifecycle == "1" || d.Lifecycle == "2" })
		case 1:
			f.Statuses = []api.OrderStatus{"5"}
			tests = append(tests, func(d Device) bool { return order(d).Status == "5" })
		case 2:
			if f.Packages != nil {
				continue
			}
			f.Packages = []string{"LP2"}
			tests = append(tests, func(d Device) bool { return order(d).PackageCode == "LP2" })
		case 3:
			f.Expires = Days{From: day(0).At, Until: day(7).At}
			tests = append(tests, func(d Device) bool {
				at := order(d).Expire.At
				return !at.IsZero() && !at.Before(day(0).At) && !at.After(day(7).At)
			})
		case 4:
			if f.StageEnds.None {
				continue // one filter cannot ask for both
			}
			f.StageEnds = Days{Until: day(-1).At}
			tests = append(tests, func(d Device) bool { return !d.LifecycleEnd.At.IsZero() && d.LifecycleEnd.At.Before(day(0).At) })
		case 5:
			f.UsedFrom = 80
			tests = append(tests, func(d Device) bool { p, ok := order(d).UsedPercent(); return ok && p >= 80 })
		case 6:
			no := false
			f.OTA = &no
			tests = append(tests, func(d Device) bool { return !d.OTA.Yes() })
		case 7:
			f.Part = "0261"
			tests = append(tests, func(d Device) bool { _, ok := best(d.numbers(), "0261"); return ok })
		case 8:
			f.Partner = "P1"
			tests = append(tests, func(d Device) bool { return d.PartnerCode == "P1" })
		case 9:
			if !f.StageEnds.open() {
				continue
			}
			f.StageEnds = Days{None: true}
			tests = append(tests, func(d Device) bool { return d.LifecycleEnd.At.IsZero() })
		}
	}
	return f, func(d Device) bool {
		return !slices.ContainsFunc(tests, func(test func(Device) bool) bool { return !test(d) })
	}
}

// before orders devices as a list does, by what stands on the page.
func before(s Sort, desc bool) func(a, b Device) int {
	value := func(d Device) (int64, bool) {
		o, _ := d.Current()
		switch s {
		case ByExpiry:
			return o.Expire.At.Unix(), !o.Expire.At.IsZero()
		case ByStageEnd:
			return d.LifecycleEnd.At.Unix(), !d.LifecycleEnd.At.IsZero()
		case ByUsed:
			return o.Used.Bytes, o.Used.Known // of the same allowance
		case ByRead:
			return d.Read.Unix(), true
		}
		return d.n, true
	}
	return func(a, b Device) int {
		if s == ByID {
			if desc {
				a, b = b, a
			}
			return strings.Compare(a.ID, b.ID)
		}
		va, oka := value(a)
		vb, okb := value(b)
		switch {
		case oka != okb && oka:
			return -1
		case oka != okb:
			return 1
		case desc:
			va, vb = vb, va
		}
		if !oka {
			va, vb = 0, 0
		}
		return cmp.Or(cmp.Compare(va, vb), cmp.Compare(a.n, b.n))
	}
}

func ids(list []Device) (out []string) {
	for _, d := range list {
		out = append(out, d.ID)
	}
	return out
}

// Forwards and backwards, under any filter and sort, pages show exactly the devices that a plain search of all gives,
// each once, with the true count and place.
func TestPagesAreWhole(t *testing.T) {
	t.Parallel()
	r := dice(t)
	m := open(t, Options{})
	all := fleet(r, 3000)
	for i, part := range slices.Collect(slices.Chunk(all, 500)) {
		put(t, m, part, noon.Add(time.Duration(i)*time.Minute))
	}
	if err := m.Drop(t.Context(), []string{all[3].ID, all[4].ID}, noon); err != nil {
		t.Fatal(err)
	}
	known := everything(t, m)
	for range 60 {
		f, test := request(r)
		q := Query{Filter: f, Sort: []Sort{ByMeeting, ByID, ByExpiry, ByUsed, ByStageEnd, ByRead}[r.IntN(6)], Desc: r.IntN(2) == 0, Size: 20 + r.IntN(300)}
		want := slices.DeleteFunc(slices.Clone(known), func(d Device) bool { return !test(d) })
		slices.SortStableFunc(want, before(q.Sort, q.Desc))
		checkPages(t, m, q, ids(want))
	}
}

func everything(t *testing.T, m *Mirror) (list []Device) {
	t.Helper()
	err := m.Each(t.Context(), Query{}, func(d Device) error { list = append(list, d); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func checkPages(t *testing.T, m *Mirror, q Query, want []string) {
	t.Helper()
	var got []string
	var last Page
	for first := true; first || q.After != ""; first = false {
		p := list(t, m, q)
		if p.Total != len(want) || len(p.Devices) > 0 && p.From != len(got)+1 {
			t.Fatalf("%+v: total %d from %d, want %d from %d", q, p.Total, p.From, len(want), len(got)+1)
		}
		got = append(got, ids(p.Devices)...)
		q.After, last = p.Next, p
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v: %d devices, want %d", q, len(got), len(want))
	}
	back := ids(last.Devices)
	for q.Before = last.Previous; q.Before != ""; {
		p := list(t, m, q)
		back = append(ids(p.Devices), back...)
		if p.From != len(want)-len(back)+1 {
			t.Fatalf("%+v backwards: from %d, want %d", q, p.From, len(want)-len(back)+1)
		}
		q.Before = p.Previous
	}
	if !slices.Equal(back, want) {
		t.Fatalf("%+v backwards: %d devices, want %d", q, len(back), len(want))
	}
}

func list(t *testing.T, m *Mirror, q Query) Page {
	t.Helper()
	p, err := m.List(context.Background(), q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	return p
}

func TestCountsAreThoseOfTheLists(t *testing.T) {
	t.Parallel()
	r := dice(t)
	m := open(t, Options{})
	put(t, m, fleet(r, 2500), noon)
	for range 100 {
		f, test := request(r)
		want := 0
		for _, d := range everything(t, m) {
			if test(d) {
				want++
			}
		}
		if got, err := m.Count(t.Context(), f); err != nil || got != want {
			t.Fatalf("%+v: %d, %v, want %d", f, got, err, want)
		}
		if _, total, err := m.IDs(t.Context(), f, 10); err != nil || total != want {
			t.Fatalf("%+v: ids of %d, %v, want %d", f, total, err, want)
		}
	}
}

// The counts of packages and partners are those of the devices, whatever was changed, dropped or taken up again, also in a
// file that was opened again.
func TestPackagesAndPartnersAreCounted(t *testing.T) {
	t.Parallel()
	r := dice(t)
	path := filepath.Join(t.TempDir(), "mirror.db")
	m := openAt(t, path, Options{})
	all := fleet(r, 1500)
	put(t, m, all, noon)
	for i := range 300 {
		all[i] = some(r, 1+r.IntN(1500))
	}
	put(t, m, all[:300], noon.Add(time.Minute))
	for _, d := range all[300:330] {
		if err := m.Drop(t.Context(), []string{d.ID}, noon); err != nil {
			t.Fatal(err)
		}
	}
	put(t, m, all[300:310], noon.Add(time.Hour))
	for range 2 {
		packages, partners := map[string]int{}, map[string]int{}
		for _, d := range everything(t, m) {
			partners[d.PartnerCode]++
			if o, ok := d.Current(); ok {
				packages[o.PackageCode]++
			}
		}
		for _, tt := range []struct {
			got  []CodeCount
			want map[string]int
		}{{m.Packages(), packages}, {m.Partners(), partners}} {
			if len(tt.got) != len(tt.want) {
				t.Errorf("%v, want %v", tt.got, tt.want)
			}
			for _, c := range tt.got {
				if c.Devices != tt.want[c.Code] || c.Name == "" {
					t.Errorf("%+v, want %d", c, tt.want[c.Code])
				}
			}
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		m = openAt(t, path, Options{})
	}
}
