package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/cmp"
	"cmpconsole/web/templates/ui"
)

// clock formats times as one operator sees them: in their zone, beside the present moment.
type clock struct {
	zone *time.Location
	now  time.Time
}

// clock reads the operator's zone from the cookie that the page's script sets; UTC without it.
func (s *Server) clock(c *gin.Context) clock {
	k := clock{zone: time.UTC, now: s.Now()}
	name, err := c.Cookie("zone")
	if err != nil || name == "" || len(name) > 64 || name == "Local" {
		return k
	}
	if zone, err := s.zones.load(name); err == nil {
		k.zone = zone
	}
	return k
}

// at shows a moment with its date.
func (k clock) at(t time.Time) ui.Moment {
	layout := "2 Jan 2006, 15:04"
	if local := t.In(k.zone); local.Format(time.DateOnly) == k.now.In(k.zone).Format(time.DateOnly) {
		layout = "15:04:05"
	}
	return k.moment(t, layout)
}

// stamp shows a moment to the second, always with its date and zone.
func (k clock) stamp(t time.Time) ui.Moment { return k.moment(t, "2 Jan 2006, 15:04:05 MST") }

// read tells when something was read from the CMP.
func (k clock) read(t time.Time) ui.Moment { return k.moment(t, "15:04:05 MST") }

func (k clock) moment(t time.Time, layout string) ui.Moment {
	if t.IsZero() {
		return ui.Moment{}
	}
	local := t.In(k.zone)
	return ui.Moment{Text: local.Format(layout), Exact: local.Format("2006-01-02 15:04:05 MST (UTC-07:00)"), Machine: t.UTC().Format(time.RFC3339)}
}

// zoneAssumed stands beside every time of the CMP for which neither it nor its document names a zone.
const zoneAssumed = "zone not stated, UTC+8 assumed"

// upstream shows a time of the CMP, and on hover as the CMP has it with what is known of its zone. A date without a
// time stays in that zone, because it must not slip by a day. What cannot be parsed is shown as it came.
func (k clock) upstream(t cmp.Time) ui.Moment {
	switch {
	case t.IsZero():
		return ui.Moment{}
	case t.At.IsZero():
		return ui.Moment{Text: t.Raw, Exact: "as the CMP wrote it"}
	case t.DateOnly:
		return ui.Moment{Text: t.At.Format("2 Jan 2006"), Exact: t.At.Format("2006-01-02") + upstreamZone(t), Machine: t.At.Format(time.DateOnly)}
	}
	m := k.moment(t.At, "2 Jan 2006, 15:04")
	m.Exact += " · at the CMP " + t.At.Format("2006-01-02 15:04:05") + upstreamZone(t)
	return m
}

func upstreamZone(t cmp.Time) string {
	if !t.Stated {
		return " (" + zoneAssumed + ")"
	}
	if _, offset := t.At.Zone(); offset != int((8 * time.Hour).Seconds()) {
		return t.At.Format(" UTC-07:00") // of its own
	}
	return " UTC+8"
}

// volume writes an amount of data in the unit that fits it, with 1,024 to the step.
func volume(v cmp.Volume) string {
	const kB, MB, GB = 1 << 10, 1 << 20, 1 << 30
	switch b := float64(v.Bytes); {
	case !v.Known:
		return "not stated"
	case v.Bytes >= GB:
		return decimal(b/GB) + " GB"
	case v.Bytes >= MB:
		return decimal(b/MB) + " MB"
	case v.Bytes >= kB:
		return decimal(b/kB) + " kB"
	}
	return strconv.FormatInt(v.Bytes, 10) + " bytes"
}

func decimal(f float64) string { return strings.TrimSuffix(strconv.FormatFloat(f, 'f', 1, 64), ".0") }

// number groups the digits of a count by three.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// days tells how far a day lies ahead or back, counted in the CMP's zone.
func (k clock) days(t cmp.Time) string {
	if t.At.IsZero() {
		return ""
	}
	day := func(t time.Time) time.Time {
		y, m, d := t.In(cmp.Zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	switch n := int(day(t.At).Sub(day(k.now)).Hours() / 24); {
	case n == 0:
		return "today"
	case n == 1:
		return "tomorrow"
	case n > 1:
		return fmt.Sprintf("in %s days", number(n))
	case n == -1:
		return "yesterday"
	default:
		return fmt.Sprintf("%s days ago", number(-n))
	}
}
