package templates

import "cmpconsole/web/templates/ui"

// Annotate is the form for labels and a note of all devices of a selection.
type Annotate struct {
	CSRF, Post, BackHref string
	Selection, Devices   string
	Label, Remove, Note  string
	Known                []string // labels that the fields offer
	Error                string
	Changes              []string // what would change, to be confirmed; none: nothing was asked yet
	Undone               []Notice // what was asked for and not done to its end
}

// Annotation is how far that is.
type Annotation struct {
	Watch                    *Watch
	CSRF                     string
	Selection, ListHref      string
	Notice                   Notice
	Meter                    *ui.Meter // while it goes on
	StopAction, ResumeAction string    // empty: there is nothing to stop, or to go on with
	Others                   string    // those that ResumeAction is for
	Facts                    []Fact    // what was asked for
}
