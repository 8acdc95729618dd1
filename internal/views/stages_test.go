package views

import (
	"strings"
	"testing"
	"time"

	"cmpconsole/internal/cmp"
)

// Each stage has its place in the line; what is told is told, what follows from it is marked, and nothing else is said.
func TestStages(t *testing.T) {
	t.Parallel()
	k := clock{zone: time.UTC, now: time.Date(2026, 11, 28, 1, 0, 0, 0, time.UTC)}
	told := func(l cmp.Lifecycle, start, end, silent, shutdown string) cmp.Device {
		return cmp.Device{ID: "1", Lifecycle: l, LifecycleStart: cmp.TimeOf(start), LifecycleEnd: cmp.TimeOf(end), SilentMonths: silent, ShutdownMonths: shutdown}
	}
	tests := []struct {
		name   string
		device cmp.Device
		line   []string // "state name: lines [tag]"
		next   string
	}{
		{"inventory", told("0", "20260101", "20280101", "6", "2"), []string{
			"now Inventory: since 1 Jan 2026, until 1 Jan 2028, in 399 days", "Silent: after 1 Jan 2028, for 6 months [expected]", "Usage: after about 1 Jul 2028 [expected]",
			"Suspended service: for 2 months", "Disposal:",
		}, "Inventory until 1 Jan 2028 (in 399 days), then the silent period. It lasts up to 6 months."},
		{"internal inventory", told("5", "20260101", "", "", ""), []string{
			"now Internal inventory: since 1 Jan 2026", "Silent:", "Usage:", "Suspended service:", "Disposal:",
		}, "The CMP gives no end for this stage, so it cannot be told when the silent period begins."},
		{"silent", told("1", "20260731", "20270131", "6", "2"), []string{
			"past Inventory: until 31 Jul 2026 [inferred]", "now Silent: since 31 Jul 2026, until 31 Jan 2027, in 64 days", "Usage: after 31 Jan 2027 [expected]",
			"Suspended service: for 2 months", "Disposal:",
		}, "Silent until 31 Jan 2027 (in 64 days) unless first used, then the usage period."},
		{"silent without an end", told("1", "20260831", "", "6", ""), []string{
			"past Inventory: until 31 Aug 2026 [inferred]", "now Silent: since 31 Aug 2026, until about 28 Feb 2027, in 92 days", "Usage: after about 28 Feb 2027 [expected]",
			"Suspended service:", "Disposal:",
		}, "Silent until about 28 Feb 2027 (in 92 days) unless first used, then the usage period."},
		{"usage", told("2", "20260101", "20261231", "6", "2"), []string{
			"past Inventory: passed [inferred]", "past Silent: until 1 Jan 2026 [inferred]", "now Usage: since 1 Jan 2026, until 31 Dec 2026, in 33 days",
			"Suspended service: after 31 Dec 2026, for 2 months [expected]", "Disposal: after about 28 Feb 2027 [expected]",
		}, "Usage until 31 Dec 2026 (in 33 days), then suspended service. Suspended service lasts 2 months, and disposal begins after about 28 Feb 2027."},
		{"usage without dates", told("2", "", "", "6", "2"), []string{
			"past Inventory: passed [inferred]", "past Silent: passed [inferred]", "now Usage:", "Suspended service: for 2 months", "Disposal:",
		}, "The CMP gives no end for this stage, so it cannot be told when suspended service begins. Suspended service lasts 2 months, then comes disposal."},
		{"usage of decades, odd lengths", told("2", "20240717", "20540731", "many", "0"), []string{
			"past Inventory: passed [inferred]", "past Silent: until 17 Jul 2024 [inferred]", "now Usage: since 17 Jul 2024, until 31 Jul 2054, in 10,107 days",
			"Suspended service: after 31 Jul 2054 [expected]", "Disposal:",
		}, "Usage until 31 Jul 2054 (in 10,107 days), then suspended service."},
		{"usage that should be over", told("2", "20260101", "20261125", "6", "1"), []string{
			"past Inventory: passed [inferred]", "past Silent: until 1 Jan 2026 [inferred]", "now Usage: since 1 Jan 2026, until 25 Nov 2026, 3 days ago",
			"Suspended service: after 25 Nov 2026, for 1 month [expected]", "Disposal: after about 25 Dec 2026 [expected]",
		}, "This stage was over after 25 Nov 2026 (3 days ago), and the CMP has not moved the device on to suspended service yet. Suspended service lasts 1 month, and disposal begins after about 25 Dec 2026."},
		{"usage that ends today", told("2", "20260101", "20261128", "", ""), []string{
			"past Inventory: passed [inferred]", "past Silent: until 1 Jan 2026 [inferred]", "now Usage: since 1 Jan 2026, until 28 Nov 2026, today", "Suspended service: after 28 Nov 2026 [expected]", "Disposal:",
		}, "Usage until 28 Nov 2026 (today), then suspended service."},
		{"an end that is no date", told("2", "20260101", "soon", "6", "2"), []string{
			"past Inventory: passed [inferred]", "past Silent: until 1 Jan 2026 [inferred]", "now Usage: since 1 Jan 2026, until soon", "Suspended service: after soon, for 2 months [expected]", "Disposal:",
		}, "Usage until soon, then suspended service. Suspended service lasts 2 months, then comes disposal."},
		{"suspended service", told("3", "20261101", "20270101", "6", "2"), []string{
			"past Inventory: passed [inferred]", "past Silent: passed [inferred]", "past Usage: until 1 Nov 2026 [inferred]", "now Suspended service: since 1 Nov 2026, until 1 Jan 2027, in 34 days",
			"Disposal: after 1 Jan 2027 [expected]",
		}, "Suspended service until 1 Jan 2027 (in 34 days), then disposal."},
		{"suspended service without an end", told("3", "20261130", "", "", "3"), []string{
			"past Inventory: passed [inferred]", "past Silent: passed [inferred]", "past Usage: until 30 Nov 2026 [inferred]", "now Suspended service: since 30 Nov 2026, until about 28 Feb 2027, in 92 days",
			"Disposal: after about 28 Feb 2027 [expected]",
		}, "Suspended service until about 28 Feb 2027 (in 92 days), then disposal."},
		{"disposal", told("4", "20260101", "20280101", "6", "2"), []string{
			"past Inventory: passed [inferred]", "past Silent: passed [inferred]", "past Usage: passed [inferred]", "past Suspended service: until 1 Jan 2026 [inferred]", "now Disposal: since 1 Jan 2026, until 1 Jan 2028, in 399 days",
		}, "This is the last stage: nothing comes after it."},
		{
			"a stage of no document", told("9", "20260101", "20280101", "6", "2"), nil,
			"The CMP says stage 9, which its document does not name. What came before and what comes next cannot be told. Its dates: since 1 Jan 2026, until 1 Jan 2028, in 399 days.",
		},
		{"no stage", told("", "", "", "6", "2"), nil, "The CMP does not tell the stage of this device. What came before and what comes next cannot be told."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var line []string
			for _, s := range k.stages(tt.device) {
				text := strings.TrimSpace(s.State + " " + s.Name + ": " + strings.Join(s.Lines, ", "))
				if s.Tag != "" {
					text += " [" + s.Tag + "]"
				}
				line = append(line, text)
			}
			if got, want := strings.Join(line, "\n"), strings.Join(tt.line, "\n"); got != want {
				t.Errorf("line\n%s\nwant\n%s", got, want)
			}
			if got := k.nextStage(tt.device); got != tt.next {
				t.Errorf("next\n%s\nwant\n%s", got, tt.next)
			}
		})
	}
}

// The lengths stand as the CMP told them, also when they are no months.
func TestStageFacts(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]cmp.Device{
		"": {}, "Silent period 6 months, Suspended service 1 month": {SilentMonths: "6", ShutdownMonths: "1"},
		"Silent period half a year (as the CMP wrote it)": {SilentMonths: "half a year"},
	} {
		var got []string
		for _, f := range stageFacts(d) {
			got = append(got, f.Name+" "+f.Value)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%v, want %q", got, want)
		}
	}
}
