package templates

// Annotate is the form for labels and a note of all devices of a selection.
type Annotate struct {
	CSRF, Post, BackHref string
	Selection, Devices   string
	Label, Remove, Note  string
	Known                []string // labels that the fields offer
	Error                string
	Changes              []string // what would change, to be confirmed; none: nothing was asked yet
}
