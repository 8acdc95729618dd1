package cmp

import (
	"testing"
	"time"
)

// used is one hand-made record.
func used(start string, bytes int64, mcc, mnc, apn string) CDR {
	return CDR{Start: parseTime(start), Volume: Volume{bytes, true}, MCC: mcc, MNC: mnc, APN: apn}
}

// A hand-made set: a record twice, ends missing, sessions around midnight, an unreadable start, an unreadable volume.
func handMade() []CDR {
	long := used("2024-06-01 23:59:59", 1000, "460", "00", "a") // its end lies in the next day
	long.End = parseTime("2024-06-02 07:00:00")
	return []CDR{
		used("2024-06-03 00:00:00", 1, "460", "00", "a"),
		used("2024-06-02 23:59:59", 20, "460", "00", "b"),
		used("2024-06-02 12:00:00", 300, "454", "12", ""),
		used("2024-06-02 12:00:00", 300, "454", "12", ""),
		long,
		{Start: parseTime("soon"), Volume: Volume{5, true}, MCC: "460", MNC: "00"},
		{Start: parseTime("2024-06-01 10:00:00"), MCC: "460", MNC: "01"},
	}
}

func TestDailySums(t *testing.T) {
	t.Parallel()
	got := Sum(handMade(), at(2024, 6, 1, 0, 0, 0), at(2024, 6, 4, 0, 0, 0), Zone)
	same(t, got, Usage{
		Days: []DayUsage{
			{at(2024, 6, 1, 0, 0, 0), 1000, 2}, {at(2024, 6, 2, 0, 0, 0), 620, 3}, {at(2024, 6, 3, 0, 0, 0), 1, 1}, {at(2024, 6, 4, 0, 0, 0), 0, 0},
		},
		Networks: []Share{{"460 00", 1026, 4}, {"454 12", 600, 2}, {"460 01", 0, 1}},
		APNs:     []Share{{"a", 1001, 2}, {"", 605, 4}, {"b", 20, 1}},
		Bytes:    1626, Records: 7, Repeated: 1, Undated: 1, Unmeasured: 1,
	})
}

// In another zone the same moments are other days, and a day of a changing clock is one day.
func TestDailySumsInAnotherZone(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int) time.Time { return time.Date(2024, 6, d, 0, 0, 0, 0, berlin) }
	got := Sum(handMade(), day(1), day(3), berlin) // six hours behind UTC+8
	same(t, got.Days, []DayUsage{{day(1), 1000, 2}, {day(2), 621, 4}, {day(3), 0, 0}})

	spring := time.Date(2024, 3, 30, 0, 0, 0, 0, berlin)
	autumn := time.Date(2024, 10, 26, 0, 0, 0, 0, berlin)
	for _, first := range []time.Time{spring, autumn} {
		if days := Sum(nil, first, first.AddDate(0, 0, 2), berlin).Days; len(days) != 3 || days[2].Day.Day() != first.Day()+2 && days[2].Day.Day() != 1 {
			t.Errorf("%s: %+v", first, days)
		}
	}
}

func TestSumOfNothing(t *testing.T) {
	t.Parallel()
	if got := Sum(nil, at(2024, 6, 1, 0, 0, 0), at(2024, 6, 1, 23, 0, 0), Zone); len(got.Days) != 1 || got.Bytes != 0 || len(got.Networks) != 0 {
		t.Errorf("%+v", got)
	}
}
