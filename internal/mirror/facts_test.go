package mirror

import (
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// Usage is told apart by whole percents up to far more than anybody asks for, and grows without a step back.
func TestShares(t *testing.T) {
	t.Parallel()
	allowance := int64(1000)
	last := uint16(0)
	for percent := int64(1); percent <= 20_000; percent++ {
		used := percent * 10
		share := shareOf(&used, &allowance)
		if share != packShare(uint64(percent)*10) || share <= last || share >= noUse {
			t.Fatalf("%d %%: %d, behind %d", percent, share, last)
		}
		last = share
	}
	used, tiny := int64(1<<62), int64(1)
	if shareOf(&used, &tiny) != noUse-1 || shareOf(nil, &tiny) != noUse || shareOf(&used, new(int64)) != noUse {
		t.Error("what cannot be a share is one")
	}
}

// Days before and behind those that are told apart are found by sides that are open, and by no day of their own.
func TestDaysAtTheEnds(t *testing.T) {
	t.Parallel()
	date := func(text string) time.Time {
		day, err := time.ParseInLocation(time.DateOnly, text, cmp.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	first, last := date("2011-01-01"), date("2100-09-15")
	for _, tt := range []struct {
		day  string
		days Days
		in   bool
	}{
		{"2010-12-31", Days{Until: first}, true},
		{"1999-01-01", Days{From: first, Until: first}, false},
		{"2011-01-01", Days{From: first, Until: first}, true},
		{"2011-01-02", Days{From: first, Until: first}, false},
		{"2100-09-15", Days{From: last, Until: last}, true},
		{"2100-09-16", Days{From: last, Until: last}, false},
		{"9999-12-31", Days{From: last}, true},
		{"9999-12-31", Days{Until: last}, false},
	} {
		from, until := tt.days.bounds()
		if day := dayOf(date(tt.day)); (day >= from && day <= until) != tt.in || !tt.days.Told() {
			t.Errorf("%s in %v: want %t", tt.day, tt.days, tt.in)
		}
	}
	for _, days := range []Days{{From: date("2010-12-31")}, {Until: date("2100-09-16")}} {
		if days.Told() {
			t.Errorf("%v cannot be told apart", days)
		}
	}
}
