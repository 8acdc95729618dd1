package templates_test

import (
	"cmpconsole/web/templates"
	"cmpconsole/web/templates/ui"
)

func labels(post string) templates.DeviceLabels {
	return templates.DeviceLabels{Post: post, CSRF: "form-token", Known: []string{"Fleet A", "VIP", "重点客户"},
		List: []templates.Link{{Label: "VIP", Href: "/devices?label=VIP"}, {Label: "重点客户", Href: "/devices?label=x"}}}
}

func notes() templates.Notes {
	return templates.Notes{
		List: []templates.NoteRow{
			{Author: "support", At: moment("11:58:02"), Text: "Sits in the lift shaft, second floor.\nAsk the porter for the key.", EditHref: "/devices/" + deviceID + "/notes/2"},
			{Author: "anna.k", At: moment("20 Nov 2026, 16:22"), Text: "客户要求月底前不要暂停", Edited: "maria.d", EditedAt: moment("21 Nov 2026, 09:02")},
		},
		Form: &templates.NoteForm{Post: "/devices/" + deviceID + "/notes", CSRF: "form-token", Label: "New note", Hint: "Up to 2,000 characters."}, More: "All 5 notes", AllHref: "/devices/" + deviceID + "/notes",
	}
}

func annotationGoing() templates.Annotation {
	return templates.Annotation{Watch: &templates.Watch{Topics: "labels:x", Href: "/devices/annotations/x", Parts: "annotation-state annotation-do", At: "1-2"}, CSRF: "form-token", Selection: "All 73,614 that matched", ListHref: "/devices?in=x",
		Notice: templates.Notice{Title: "Writing: 50,000 of 73,614 done.", Text: "The others follow one after the other, also when you leave this page.", Href: "/devices/annotations/x", Link: "Look again"}, Meter: &ui.Meter{Known: true, Percent: 67, Text: "50,000 of 73,614"},
		StopAction: "/devices/annotations/x/stop", Facts: annotationFacts()}
}

func annotationLeft() templates.Annotation {
	return templates.Annotation{CSRF: "form-token", Selection: "All 73,614 that matched", ListHref: "/devices?in=x", Facts: annotationFacts(), ResumeAction: "/devices/annotations/x/resume", Others: "23,614 devices",
		Notice: templates.Notice{Tone: "warn", Title: "50,000 of 73,614 devices had their turn.", Text: "The console was stopped. 23,614 devices had none: those behind line 50,000 of the selection.", Href: "/selections/x?page=1001", Link: "See them"}}
}

func annotationFacts() []templates.Fact {
	return []templates.Fact{{Name: "Labels put on", Value: "VIP, 重点客户"}, {Name: "Note", Value: "Moved to the new depot."}, {Name: "By", Value: "maria.d"}}
}

// notebookPages are the pages of what we ourselves keep about devices.
func notebookPages() map[string]page {
	labelled := device()
	labelled.Head.Labels, labelled.Notes = labels("/devices/"+deviceID+"/labels"), notes()
	read := labelled.Head
	read.Labels = labels("")
	wrong := labelled.Head
	wrong.Tabs, wrong.Labels.Typed, wrong.Labels.Error = []templates.Link{{Label: "Overview", Href: "/devices/" + deviceID}}, "a\x07", "There is a character in the label that cannot be seen. Type it anew."
	form := templates.NoteForm{Post: "/devices/" + deviceID + "/notes/2", CSRF: "form-token", Label: "Note", Text: "Sits in the lift shaft.", KeepHref: "/devices/" + deviceID + "/notes"}
	at := frame("Device "+deviceID, "/devices", templates.Crumb{Label: "Devices", Href: "/devices"}, templates.Crumb{Label: deviceID, ID: true})
	return map[string]page{
		"device-labelled": {at, templates.DeviceOverview(labelled)}, "device-labels": {at, templates.DeviceLabelsPage(wrong)},
		"notes": {at, templates.DeviceNotesPage(read, notes())}, "notes-none": {at, templates.DeviceNotesPage(templates.DeviceHead{ID: deviceID, Labels: templates.DeviceLabels{Failed: true}}, templates.Notes{})},
		"view-delete": {frame("Delete a view", "/devices"), templates.ViewDeletePage(templates.ViewDelete{Name: "Expiring", Owner: "yours, shared", Shared: true, Post: "/devices/views/v1/delete", CSRF: "form-token", BackHref: "/devices/views/v1", ViewShown: templates.ViewShown{Filters: "Order expires within 30 days", Devices: "312"}})},
		"view-broken": {frame("Devices", "/devices"), templates.Devices(templates.DeviceList{Wrong: "Selection: it is gone.", Views: templates.ViewMenu{AllHref: "/devices/views", Open: &templates.OpenView{Name: "Pasted", Owner: "yours alone", Broken: "Selection: it is gone.", EditHref: "/devices/views/v1"}}})},
		"note":        {at, templates.NotePage(notes().List[0], form)},
		"labels":      {frame("Labels", "/devices"), templates.LabelsPage(templates.LabelList{Total: 2, Rows: []templates.LabelRow{{Name: "VIP", Devices: "2,314", Href: "/devices?label=VIP"}, {Name: "重点客户", Devices: "1", Href: "/devices?label=x"}}})}, "labels-none": {frame("Labels", "/devices"), templates.LabelsPage(templates.LabelList{})},
	}
}

// hostileViews are the pages of views of which every text is hostile.
func hostileViews(frame templates.Page, m ui.Moment) map[string]page {
	const bad = "javascript:alert(1)"
	open := templates.OpenView{Name: hostile, Owner: hostile, Broken: hostile, Changed: true, ResetHref: bad, EditHref: bad, Replace: bad, CSRF: hostile, Query: hostile}
	link := []templates.Link{{Label: hostile, Href: bad}}
	return map[string]page{
		"devices-view": {frame, templates.Devices(templates.DeviceList{Views: templates.ViewMenu{Own: link, Shared: link, SaveHref: bad, AllHref: bad, Lost: hostile, Open: &open}})},
		"views":        {frame, templates.ViewsPage(templates.ViewTable{AsOf: m, Rows: []templates.ViewRow{{ID: hostile, Name: hostile, Href: bad, ViewShown: templates.ViewShown{Filters: hostile, Devices: hostile, Wrong: hostile}, Owner: hostile, Changed: m, EditHref: bad}}})},
		"view":         {frame, templates.ViewFormPage(templates.ViewForm{Title: hostile, CSRF: hostile, Post: bad, BackHref: bad, DeleteHref: bad, Name: hostile, Query: hostile, Error: hostile, ViewShown: templates.ViewShown{Filters: hostile, Devices: hostile, Wrong: hostile}})},
		"view-delete":  {frame, templates.ViewDeletePage(templates.ViewDelete{Name: hostile, Owner: hostile, Post: bad, CSRF: hostile, BackHref: bad, ViewShown: templates.ViewShown{Filters: hostile, Devices: hostile, Wrong: hostile}})},
	}
}

// hostileHead is the head of a device of which every text is hostile.
func hostileHead(b ui.Badge, m ui.Moment) templates.DeviceHead {
	return templates.DeviceHead{ID: hostile, RefreshAction: "javascript:alert(1)", CSRF: hostile, Lifecycle: b, Status: &b, Read: m, Tabs: []templates.Link{{Label: hostile, Href: "javascript:alert(1)"}},
		Labels: templates.DeviceLabels{Post: "javascript:alert(1)", CSRF: hostile, Typed: hostile, Error: hostile, Known: []string{hostile}, List: []templates.Link{{Label: hostile, Href: "javascript:alert(1)"}}}}
}

func hostileNotes(m ui.Moment) templates.Notes {
	return templates.Notes{List: []templates.NoteRow{{Author: hostile, Text: hostile, At: m, Edited: hostile, EditedAt: m, EditHref: "javascript:alert(1)"}}, More: hostile, AllHref: "javascript:alert(1)",
		Form: &templates.NoteForm{Post: "javascript:alert(1)", CSRF: hostile, Label: hostile, Hint: hostile, Text: hostile, Error: hostile, KeepHref: "javascript:alert(1)"}}
}
