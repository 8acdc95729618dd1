package views

import (
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/ident"
	"cmpconsole/web/templates"
)

const (
	tooShort  = "An order code is found from three of its digits on."
	checkIt   = "Check the number for a missing or doubled digit. Spaces and dashes do not matter."
	spellIt   = "Check how it is spelled. Packages are found by the words of their name, labels and notes by any part of their text."
	onlyBound = "An IMEI is known only when its binding was looked at or made here; the CMP cannot be asked for one."
)

// nothing says that nothing was found, and what can be done.
func nothing(f finding) *templates.Nothing {
	n := &templates.Nothing{Icon: "search", Title: "Nothing found", Text: advice(f.read)}
	switch {
	case wholeIn(f.read.Text) > 1:
		n.Title, n.Text = "Several numbers", "Each is looked up by itself when you look up all of them: what was found is kept as a list."
	case f.read.Lost != nil && !f.read.Lost.Maybe:
		n.Title, n.Text = "This number is not whole", "Its last digits are lost, so no device can be told by it."
		if len(f.read.Lost.Prefix) >= ident.MinPart {
			n.Text = "Its last digits are lost, so it cannot be looked up as it stands. Devices can be looked up by the digits that are left."
		}
	case f.short():
		n.Title, n.Text = "Type more of it", "Nothing has it so far."
	case f.told.unasked != "":
		n.Title, n.Text = "Nothing found here, and the CMP was not asked", strings.TrimSpace(words(f.read)+" "+f.told.unasked)
	}
	return n
}

// unanswered says that the copy of the fleet does not have it, and what asking the CMP ran into.
func unanswered(c *gin.Context, f finding) *templates.Nothing {
	t := trouble(c, f.told.failed)
	return &templates.Nothing{Icon: "circle-alert", Title: "Not in the copy of the fleet, and the CMP could not be asked", Cause: t.Title, Text: t.Message, Code: t.Code, Said: t.Said, Ref: t.Ref, RetryHref: t.RetryHref, Advice: advice(f.read)}
}

// advice is what to check of a text that nothing has.
func advice(r ident.Reading) string {
	text := checkIt
	if said := words(r); said != "" {
		text = said
	}
	if _, ok := r.Is(ident.IMEI); ok {
		text += " " + onlyBound
	}
	return text
}

// words is the advice on a text that is a name rather than a number.
func words(r ident.Reading) string {
	if _, ok := r.Is(ident.Words); ok && !strings.ContainsAny(r.Text, "0123456789") {
		return spellIt
	}
	return ""
}
