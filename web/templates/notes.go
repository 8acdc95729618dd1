package templates

import "cmpconsole/web/templates/ui"

// DeviceLabels are the labels of a device, and the form that changes them for those who may. Post is empty for others.
type DeviceLabels struct {
	List                     []Link
	Failed                   bool // they could not be read
	Post, CSRF, Typed, Error string
	Known                    []string // names that are offered
}

// Notes are what is written down about a device; Form is nil for those who may not write.
type Notes struct {
	List          []NoteRow
	Form          *NoteForm
	More, AllHref string // the way to those that are left out
}

// NoteRow is one note. EditHref is empty for those who may not change it.
type NoteRow struct {
	Author, Text string
	At           ui.Moment
	Edited       string // by whom, empty while it is as it was written
	EditedAt     ui.Moment
	EditHref     string
}

// NoteForm is the form for a new note, or with KeepHref for one that is there.
type NoteForm struct{ Post, CSRF, Label, Hint, Text, Error, KeepHref string }

// LabelList is all labels.
type LabelList struct {
	Rows  []LabelRow
	Total int
}

// LabelRow is a label with how many devices have it.
type LabelRow struct{ Name, Devices, Href string }
