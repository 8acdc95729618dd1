package cmpsim

import "time"

// Zone is the zone of every date the CMP prints.
var Zone = time.FixedZone("UTC+8", 8*3600)

const (
	dateLayout    = "20060102"
	compactLayout = "20060102150405"
	spacedLayout  = "2006-01-02 15:04:05"
)

// dateOf cuts a moment to its day in Zone.
func dateOf(t time.Time) time.Time {
	y, m, d := t.In(Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, Zone)
}

// formatTime prints no date as the empty string, as the samples do.
func formatTime(t time.Time, layout string) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Zone).Format(layout)
}

// expiry is the last day of an order opened on a day. Months and longer run to
// the end of a month, as in the samples: opened 24 November for 6 months, the
// last day is 31 May. Days are counted with the first.
func expiry(active time.Time, packageType string, period int) time.Time {
	day := dateOf(active)
	months := monthsOf(packageType) * period
	if months == 0 {
		return day.AddDate(0, 0, max(period, 1)-1)
	}
	return time.Date(day.Year(), day.Month()+time.Month(months)+1, 0, 0, 0, 0, 0, Zone)
}

// monthsOf is the length of one cycle of a package type; 0 stands for days.
func monthsOf(packageType string) int {
	switch packageType {
	case "2":
		return 1
	case "3":
		return 3
	case "4":
		return 6
	case "5":
		return 12
	}
	return 0
}

// endOfDay is the last second of a day, how openPackage prints an expiry.
func endOfDay(day time.Time) time.Time { return day.AddDate(0, 0, 1).Add(-time.Second) }
