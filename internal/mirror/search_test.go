package mirror

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cmpconsole/internal/cmp"
)

// Any part of any number finds exactly the devices that have it, and shows where.
func TestEveryPartIsFound(t *testing.T) {
	t.Parallel()
	r := dice(t)
	m := open(t, Options{})
	put(t, m, fleet(r, 1500), noon)
	all := everything(t, m)
	for range 400 {
		numbers := all[r.IntN(len(all))].numbers()
		text := numbers[r.IntN(len(numbers))].looked()
		from := r.IntN(len(text) - MinPart + 1)
		part := text[from : from+MinPart+r.IntN(len(text)-from-MinPart+1)]
		want := map[string]bool{}
		for _, d := range all {
			if slices.ContainsFunc(d.numbers(), func(n number) bool { return strings.Contains(n.looked(), part) }) {
				want[d.ID] = true
			}
		}
		hits, err := m.Parts(t.Context(), part, len(all))
		if err != nil || hits.More || len(hits.List) != len(want) {
			t.Fatalf("%q: %d hits, more %t, %v, want %d", part, len(hits.List), hits.More, err, len(want))
		}
		for _, h := range hits.List {
			if !want[h.Device.ID] || h.Value[h.From:h.To] != part {
				t.Fatalf("%q: hit %+v", part, h)
			}
		}
		if n, err := m.Count(t.Context(), Filter{Part: part}); err != nil || n != len(want) {
			t.Fatalf("%q: %d counted, %v, want %d", part, n, err, len(want))
		}
	}
}

// The best matches come first, so that a short list holds them.
func TestBestMatchesComeFirst(t *testing.T) {
	t.Parallel()
	r := dice(t)
	m := open(t, Options{})
	put(t, m, fleet(r, 3000), noon)
	few, err := m.Parts(t.Context(), "0017", 10)
	if err != nil || len(few.List) != 10 || !few.More {
		t.Fatalf("%d hits, more %t, %v", len(few.List), few.More, err)
	}
	rank := func(h Hit) int {
		switch {
		case h.From == 0 || h.Kind == KindOrder && strings.Trim(h.Value[:h.From], "ORDE_") == "":
			return 0
		case h.To == len(h.Value):
			return 1
		}
		return 2
	}
	if !slices.IsSortedFunc(few.List, func(a, b Hit) int { return rank(a) - rank(b) }) {
		t.Errorf("not the best first: %+v", few.List)
	}
	all, _ := m.Parts(t.Context(), "0017", 3000)
	best := func(list []Hit, wanted int) (n int) {
		for _, h := range list {
			if rank(h) <= wanted {
				n++
			}
		}
		return n
	}
	for wanted := range 2 {
		if got, want := best(few.List, wanted), min(10, best(all.List, wanted)); got != want {
			t.Errorf("rank %d: %d in the short list, want %d", wanted, got, want)
		}
	}
}

// A kind of number that never has a part which all others have is not looked for through the fleet, and the answer says so.
func TestAKindThatHasNoneIsSoonGivenUp(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 4*mostOfKind)
	for i := range all {
		all[i].ID, all[i].MainICCID, all[i].Orders = fmt.Sprintf("8985777%013d", i), "", nil
	}
	put(t, m, all, noon)
	f := m.finding("577", 50)
	f.kinds, f.left = []Kind{KindICCID}, mostOfKind
	if err := f.others(t.Context()); err != nil || len(f.hits) > 0 || !f.cut || f.left != 0 {
		t.Errorf("%d hits, cut %t, %d left, %v", len(f.hits), f.cut, f.left, err)
	}
	for kind, want := range map[Kind]int{KindDevice: 50, KindICCID: 0} {
		for _, part := range []string{"577", "8985777"} { // in the middle, and as a beginning
			hits, err := m.Parts(t.Context(), part, 50, kind)
			if err != nil || len(hits.List) != want || !hits.More {
				t.Errorf("%s of %s: %d hits, more %t, %v", part, kind, len(hits.List), hits.More, err)
			}
		}
	}
}

// Numbers of another kind that all begin with a part do not hide those that have it in the middle.
func TestAKindIsNotHiddenByAnother(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 2*mostOfKind)
	for i := range all {
		all[i].Orders = []cmp.Order{{ID: fmt.Sprintf("ORDER_2026%015d", i), DeviceID: all[i].ID, Status: "2"}}
	}
	put(t, m, all, noon)
	for _, kind := range []Kind{KindDevice, KindOrder} {
		if hits, err := m.Parts(t.Context(), "2026", 50, kind); err != nil || len(hits.List) != 50 || hits.List[0].Kind != kind {
			t.Errorf("%s: %d hits, %v", kind, len(hits.List), err)
		}
	}
}

func TestWholeNumbersAreFoundManyAtOnce(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	all := fleet(dice(t), 2000)
	all[1].MSISDN, all[2].MSISDN = "4915112345678", "4915112345678"
	put(t, m, all, noon)
	asked := []string{"unknown", "4915112345678"}
	for _, d := range all[:1200] {
		asked = append(asked, d.ID, strings.ToLower(d.ID))
	}
	found, err := m.ExactMany(t.Context(), asked)
	if err != nil || len(found) != 1201 || len(found["4915112345678"]) != 2 || len(found["unknown"]) != 0 {
		t.Fatalf("%d found, %v; the shared number %+v", len(found), err, found["4915112345678"])
	}
	if refs := found[all[7].ID]; len(refs) != 1 || refs[0].ID != all[7].ID || refs[0].Kind != KindDevice {
		t.Errorf("%+v", refs)
	}
}

// Digits that more devices have than are looked at one by one are found in all of them.
func TestAPartOfNearlyAll(t *testing.T) {
	t.Parallel()
	m := open(t, Options{})
	put(t, m, fleet(dice(t), scanFrom+500), noon)
	for _, part := range []string{"8985", "20260", "001"} {
		want := 0
		for _, d := range everything(t, m) {
			if _, ok := best(d.numbers(), part); ok {
				want++
			}
		}
		if got, err := m.Count(t.Context(), Filter{Part: part}); err != nil || got != want {
			t.Errorf("%s: %d devices, want %d; %v", part, got, want, err)
		}
	}
}
