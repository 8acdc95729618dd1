package templates

import (
	"net/url"

	"cmpconsole/web/templates/ui"
)

// Search is the answer of the one box.
type Search struct {
	Query, ReadAs            string   // what the input was recognised as
	Remarks                  []Notice // what was left out of it, lost, or speaks against it
	State                    *Notice  // why not everything can be found just now
	Explain                  string   // what was looked at and what was not
	Summary                  string   // read out
	Groups                   []HitGroup
	AsOf                     ui.Moment // the age of the oldest figure
	More, MoreHref, MoreLink string
	Nothing                  *Nothing
	ManyHref                 string
	Here, CSRF               string // the address of this page; empty: nothing on it can be read anew
	Typing                   bool   // the CMP is asked once the search is sent
}

// HitGroup is what was found of one kind.
type HitGroup struct {
	ID, Title string
	Hits      []Hit
	More      bool // there are others
}

// Hit is one thing found. Its name is Before, Match and After; On is the device that it belongs to.
type Hit struct {
	ID, Href, Icon       string
	Before, Match, After string
	Mono                 bool // a number
	Kind, On, Note       string
	Code                 Mark // of a thing that has a name besides
	Tags                 []string
	Badges               []ui.Badge
	Ends                 ui.Moment
	MoreHref, More       string // a second way on
	Renew                ui.Renew
	Said                 ui.Said
}

// Mark is a text with what matched in it.
type Mark struct{ Before, Match, After string }

func (h Hit) name() Mark { return Mark{h.Before, h.Match, h.After} }

// Nothing stands where nothing was found. What the CMP said, a reference and the address to try again are there when it could not be asked.
type Nothing struct{ Icon, Title, Cause, Text, Code, Said, Ref, RetryHref, Advice string }

func searchHref(q string) string { return "/search?q=" + url.QueryEscape(q) }
