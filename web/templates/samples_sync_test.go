package templates_test

import (
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

// syncPages are the page of the mirror while it is read for the first time, at rest, and in trouble.
func syncPages() map[string]page {
	oldest, newest := moment("09:14:07"), moment("12:06:31")
	fleet := []templates.Fact{{Name: "Devices", Value: "1,000,000", Href: "/devices"}, {Name: "Oldest", At: &oldest, Note: "confirmed by the CMP"}, {Name: "Newest", At: &newest, Note: "confirmed by the CMP"}}
	badge := func(tone, word string) ui.Badge { return ui.Badge{Icon: "circle-check", Word: word, Tone: tone} }
	runs := []templates.SyncRun{
		{Started: newest, Took: "94 min", By: "schedule", Result: badge("good", "Complete"), New: "12", Changed: "4,711", Same: "995,277", Gone: "3", Passes: "1", Troubles: "0"},
		{Started: oldest, Took: "3 h", By: "anna.k", Result: badge("warn", "List kept moving"), New: "1,000,000", Changed: "0", Same: "0", Gone: "0", Passes: "5", Troubles: "17"},
	}
	reading := templates.Sync{State: badge("info", "Reading"), Since: "since 12:06:31", Watch: &templates.Watch{Topics: "sync", Href: "/sync", Parts: "sync-state sync-reading", At: "x-1"}, Fleet: fleet, CanStop: true, Reading: &templates.SyncReading{
		Title: "Reading the list again (2)", Step: "page 4,012 of 10,000", Meter: ui.Meter{Known: true, Percent: 40, Text: "40 %"},
		Facts: []templates.Fact{{Name: "Devices read", Value: "401,200", Note: "of 1,000,000"}, {Name: "Speed", Value: "100 devices a second", Note: "1 calls a second"}, {Name: "Time left", Value: "100 min", Note: "for this reading"}},
	}}
	trouble := templates.Sync{State: badge("bad", "Does not get on"), Fleet: fleet, CanStart: true, CanAccept: true, StartLabel: "Read the fleet now", Runs: runs, Notices: []templates.Notice{
		{Tone: "bad", Title: "The CMP could not be read.", Text: "The CMP did not answer within 30 s. Tried 3 times since 12:04:10; the next try is at 12:07:00. Nothing that was read is lost."},
	}}
	at := func(s templates.Sync) page { return page{frame("Fleet mirror", "/sync"), templates.SyncPage(s)} }
	return map[string]page{
		"sync":         at(templates.Sync{State: badge("good", "At rest"), Since: "next 18:06:31, every 6 h", Fleet: fleet, CanStart: true, CanStop: true, StartLabel: "Read the fleet now", Runs: runs}),
		"sync-reading": at(reading), "sync-trouble": at(trouble),
	}
}
