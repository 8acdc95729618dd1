package mirror

import (
	"testing"

	"cmpconsole/internal/cmp"
)

// A spread counts as the same filters do, whatever the window; days beyond its own are one.
func TestSpread(t *testing.T) {
	t.Parallel()
	m, r := open(t, Options{}), dice(t)
	put(t, m, fleet(r, 3000), noon)
	on := func(days int) Days { return Days{From: noon.AddDate(0, 0, days)} }
	windows := map[string]Days{
		"any": {}, "past": {Until: noon.AddDate(0, 0, -1)}, "today": {From: noon, Until: noon}, "some": {From: noon.AddDate(0, 0, 2), Until: noon.AddDate(0, 0, 9)},
		"from": on(3), "later": on(10), "none": {None: true}, "reversed": {From: noon.AddDate(0, 0, 5), Until: noon.AddDate(0, 0, 4)},
	}
	for _, base := range []Filter{{}, {Partner: "P1"}, {Packages: []string{"LP2"}}} {
		for by, name := range map[Date]string{Expiry: "expiry", StageEnd: "stage end"} {
			s, err := m.Spread(t.Context(), base, by, noon, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range []Filter{{}, {Lifecycles: []cmp.Lifecycle{"1", "2"}}, {Lifecycles: []cmp.Lifecycle{"?"}}, {Statuses: []cmp.OrderStatus{"2", "5"}}, {NoOrder: true}, {NoOrder: true, Statuses: []cmp.OrderStatus{"?"}}} {
				for window, days := range windows {
					asked := f
					asked.Partner, asked.Packages, asked.Expires = base.Partner, base.Packages, days
					if by == StageEnd {
						asked.Expires, asked.StageEnds = Days{}, days
					}
					want, err := m.Count(t.Context(), asked)
					if got := s.Count(f, days); err != nil || got != want {
						t.Errorf("%+v, %s %s, %+v: %d, want %d; %v", base, window, name, f, got, want, err)
					}
				}
			}
		}
	}
}
