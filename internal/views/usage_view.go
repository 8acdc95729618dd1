package views

import (
	gocmp "cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// usageForm fills the fields that pick the days, and the ways to the days asked for often.
func (k clock) usageForm(q usageQuery) templates.Usage {
	today := day(k.now.In(cmp.Zone))
	view := templates.Usage{
		Action: usageHref(q.device), From: q.fromText, Until: q.untilText, FromError: q.fromError, UntilError: q.untilError, APN: q.apn,
		History: "Days and times: " + zoneAssumed + ". The CMP keeps 180 days.", Read: k.read(k.now),
	}
	for _, days := range []int{7, 30, 90, 180} {
		r := usageQuery{device: q.device, apn: q.apn, fromText: today.AddDate(0, 0, 1-days).Format(time.DateOnly), untilText: today.Format(time.DateOnly)}
		view.Ranges = append(view.Ranges, templates.Link{Label: fmt.Sprintf("%d days", days), Href: r.href(usageHref(q.device)), Current: r.fromText == q.fromText && r.untilText == q.untilText})
	}
	return view
}

func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// addUsage fills in what the records say.
func (k clock) addUsage(view *templates.Usage, q usageQuery, records []cmp.CDR, page int) {
	sum := cmp.Sum(records, q.from, q.until, cmp.Zone)
	view.Total = len(records)
	view.Title, view.Summary = usageTitle(sum)
	view.Chart, view.Unit = usageChart(sum)
	view.CSVHref, view.XLSXHref = q.href(usageHref(q.device)+"/export", "format", "csv"), q.href(usageHref(q.device)+"/export", "format", "xlsx")
	for _, d := range sum.Days {
		view.Days = append(view.Days, templates.UsageDay{Day: d.Day.Format("Mon 2 Jan 2006"), Volume: bytesText(d.Bytes), Records: number(d.Records)})
	}
	view.Networks, view.APNs = shares(sum.Networks, sum.Bytes, networkOf), shares(sum.APNs, sum.Bytes, apnOf)
	view.Notes = usageNotes(sum)
	first := min((page-1)*listSize, len(records))
	shown := records[first:min(first+listSize, len(records))]
	view.Pager = pager(usageHref(q.device), page, len(records), len(shown), "from", q.fromText, "until", q.untilText, "apn", q.apn)
	for _, r := range shown {
		view.Records = append(view.Records, k.usageRecord(r))
	}
}

func bytesText(n int64) string { return volume(cmp.Volume{Bytes: n, Known: true}) }

func usageTitle(u cmp.Usage) (title, summary string) {
	days, idle, most := len(u.Days), 0, cmp.DayUsage{}
	for _, d := range u.Days {
		if d.Bytes > most.Bytes {
			most = d
		}
		if d.Records == 0 {
			idle++
		}
	}
	title = bytesText(u.Bytes) + " in " + plural(days, "day")
	if u.Bytes == 0 {
		return title, ""
	}
	summary = bytesText(u.Bytes/int64(max(days, 1))) + " a day, most " + bytesText(most.Bytes) + " on " + most.Day.Format("2 Jan")
	if idle > 0 {
		summary += ", none on " + plural(idle, "day")
	}
	return title, summary
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return number(n) + " " + word + "s"
}

// usageChart draws the days in the unit that fits the largest of them.
func usageChart(u cmp.Usage) (ui.Chart, string) {
	highest := int64(0)
	for _, d := range u.Days {
		highest = max(highest, d.Bytes)
	}
	unit, size := "bytes", 1.0
	for _, name := range []string{"kB", "MB", "GB", "TB"} {
		if float64(highest)/size < 1024 {
			break
		}
		unit, size = name, size*1024
	}
	points := make([]ui.Point, 0, len(u.Days))
	for _, d := range u.Days {
		name := d.Day.Format("2 Jan")
		points = append(points, ui.Point{Value: float64(d.Bytes) / size, Name: name, Title: name + ": " + bytesText(d.Bytes)})
	}
	label := "Data a day in " + unit + "; the table below has the same figures"
	return ui.Bars(label, points), unit + " a day; a session counts to the day on which it began (" + zoneAssumed + ")"
}

// usageNotes say what the sums hold that a reader would not expect.
func usageNotes(u cmp.Usage) []string {
	var notes []string
	for _, n := range []struct {
		count int
		text  string
	}{
		{u.Repeated, "equal to another: the CMP gives records no id, so they are counted as they come"},
		{u.Undated, "without a readable start, in no day of the chart"},
		{u.Unmeasured, "without a readable volume"},
	} {
		if n.count > 0 {
			notes = append(notes, plural(n.count, "record")+" "+n.text)
		}
	}
	return notes
}

func networkOf(name string) string {
	mcc, mnc, _ := strings.Cut(name, " ")
	return network(mcc, mnc)
}

func apnOf(name string) string {
	if name == "" {
		return "not stated by the CMP"
	}
	return name
}

// shares lists the parts of a sum, the largest first.
func shares(parts []cmp.Share, whole int64, name func(string) string) []templates.UsageShare {
	list, percent := make([]templates.UsageShare, 0, len(parts)), percents(parts, whole)
	for i, p := range parts {
		share := templates.UsageShare{Name: name(p.Name), Volume: bytesText(p.Bytes), Records: number(p.Records)}
		if whole > 0 {
			share.Meter = ui.Meter{Known: true, Percent: percent[i], Text: number(percent[i]) + " %"}
			if percent[i] == 0 && p.Bytes > 0 {
				share.Meter.Text = "< 1 %"
			}
		}
		list = append(list, share)
	}
	return list
}

// percents are the shares in whole percent that add up to 100: what rounding down leaves over goes to those that lost
// most by it.
func percents(parts []cmp.Share, whole int64) []int {
	rounded, lost, left := make([]int, len(parts)), make([]float64, len(parts)), 100
	if whole <= 0 {
		return rounded
	}
	order := make([]int, len(parts))
	for i, p := range parts {
		exact := float64(p.Bytes) / float64(whole) * 100
		rounded[i], order[i] = int(exact), i
		lost[i], left = exact-float64(rounded[i]), left-rounded[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return gocmp.Compare(lost[b], lost[a]) })
	for _, i := range order[:min(max(left, 0), len(order))] {
		rounded[i]++
	}
	return rounded
}

func (k clock) usageRecord(r cmp.CDR) templates.UsageRecord {
	return templates.UsageRecord{
		Start: k.upstream(r.Start), End: k.upstream(r.End), Volume: volume(r.Volume), Lasted: lasted(r), Network: network(r.MCC, r.MNC), Access: r.Network,
		APN: r.APN, Plan: r.PlanID, IMSI: r.IMSI, MSISDN: r.MSISDN,
	}
}

// lasted is how long a session took, by its own figure or by its two ends; often the CMP gives neither.
func lasted(r cmp.CDR) string {
	took := r.Duration
	if !r.HasDuration {
		if r.Start.At.IsZero() || r.End.At.IsZero() || r.End.At.Before(r.Start.At) {
			return "not stated"
		}
		took = r.End.At.Sub(r.Start.At)
	}
	switch {
	case took < time.Minute:
		return plural(int(took/time.Second), "second")
	case took < time.Hour:
		return number(int(took/time.Minute)) + " min"
	}
	return number(int(took/time.Hour)) + " h " + number(int(took%time.Hour/time.Minute)) + " min"
}
