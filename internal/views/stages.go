package views

import (
	"slices"
	"strconv"
	"time"

	"cmpconsole/internal/cmp"
)

// place is where a stage stands beside the one that the device is in.
type place string

const (
	past  place = "past"
	now   place = "now"
	ahead place = ""
)

// step is a stage of a device's way, with what is known of its dates. Only the dates of the stage that the device is
// in are told by the CMP. One of a stage that is over is inferred, one of a stage ahead is expected.
type step struct {
	stage        cmp.Lifecycle
	place        place
	begins, ends cmp.Time // zero: cannot be told
	reckoned     bool     // ends follows from the length of the stage and is no date of the CMP
	guessed      bool     // begins is such an end of the stage before
	months       int      // the stage's length; 0: not told
}

// steps lays a device's stages out in the order in which they follow each other (API document, "Query device
// information", lifecycle). A stage that the document does not name has no place in it: there are none then.
func steps(d cmp.Device) []step {
	line := []cmp.Lifecycle{cmp.LifecycleInventory, cmp.LifecycleSilent, cmp.LifecycleUsage, cmp.LifecycleSuspended, cmp.LifecycleDisposal}
	if d.Lifecycle == cmp.LifecycleInternal {
		line[0] = cmp.LifecycleInternal
	}
	at := slices.Index(line, d.Lifecycle)
	if at < 0 {
		return nil
	}
	list := make([]step, len(line))
	for i, stage := range line {
		list[i] = step{stage: stage, months: stageMonths(d, stage), place: ahead}
		if i < at {
			list[i].place = past
		}
	}
	if at > 0 {
		list[at-1].ends = d.LifecycleStart
	}
	list[at].place, list[at].begins, list[at].ends = now, d.LifecycleStart, d.LifecycleEnd
	reckon(list[at:])
	return list
}

// reckon follows the dates from the present stage on, as far as ends and lengths are told.
func reckon(list []step) {
	for i := range list {
		if i > 0 {
			list[i].begins, list[i].guessed = list[i-1].ends, list[i-1].reckoned
		}
		if s := &list[i]; s.ends.IsZero() && s.months > 0 && !s.begins.At.IsZero() {
			s.ends, s.reckoned = later(s.begins, s.months), true
		}
	}
}

// stageMonths is the length that the CMP tells of a stage; it does so of two.
func stageMonths(d cmp.Device, stage cmp.Lifecycle) int {
	text := map[cmp.Lifecycle]string{cmp.LifecycleSilent: d.SilentMonths, cmp.LifecycleSuspended: d.ShutdownMonths}[stage]
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1200 {
		return 0
	}
	return n
}

// later is a day so many months on; a month that is too short for the day ends with its last one.
func later(t cmp.Time, months int) cmp.Time {
	y, m, d := t.At.In(cmp.Zone).Date()
	last := time.Date(y, m+time.Month(months)+1, 0, 0, 0, 0, 0, cmp.Zone).Day()
	at := time.Date(y, m+time.Month(months), min(d, last), 0, 0, 0, 0, cmp.Zone)
	return cmp.Time{At: at, DateOnly: true, Stated: t.Stated, Raw: at.Format("20060102")}
}
