package views

import (
	"strings"

	"github.com/gin-gonic/gin"

	"cmpconsole/internal/audit"
	"cmpconsole/internal/fault"
	"cmpconsole/internal/inquiry"
	"cmpconsole/internal/notebook"
	"cmpconsole/web/templates"
)

// askedAtOnce is how many ids of a pasted list the CMP is asked for without a press.
const askedAtOnce = 50

// firstAsked is how many ids that nothing here has are asked for as soon as a list is pasted.
func firstAsked(lines []notebook.Line) int {
	ids := map[string]bool{}
	for _, l := range lines {
		if l.State == notebook.Missing && l.Device != "" {
			ids[l.Device] = true
		}
	}
	return min(len(ids), askedAtOnce)
}

// askForRest has the CMP asked for all ids of a selection that it was not asked for yet. That it is asked is in the log
// before it is.
func (s *Server) askForRest(c *gin.Context) (response, error) {
	sel, err := s.ownSelection(c, audit.SelectionAsk, "have the CMP asked for the rest of it")
	if err != nil {
		return nil, err
	}
	tally, err := s.Selections.Tally(c.Request.Context(), sel.ID)
	if err != nil {
		return nil, err
	}
	if tally.Waiting > s.Asker.Round(sel.ID).Left {
		e := operator(c).Entry(audit.SelectionAsk, audit.Event)
		e.Outcome, e.Detail = audit.OK, []audit.Field{{Key: "selection", Value: sel.ID}, {Key: "rows", Value: number(tally.Waiting)}}
		if err := s.record(c, e); err != nil {
			return nil, fault.Wrap(fault.Unavailable, err, "That the CMP is asked could not be recorded, so it was not asked. Try again when the database takes writes.")
		}
		s.Asker.Ask(sel.ID, tally.Waiting)
	}
	return seeOther(selectionHref(sel.ID)), nil
}

// ownSelection is the selection of an address, for whoever made it. That anybody else tried is in the log.
func (s *Server) ownSelection(c *gin.Context, action audit.Action, what string) (notebook.Selection, error) {
	sel, err := s.Selections.Get(c.Request.Context(), c.Param("id"))
	if err != nil {
		return sel, err
	}
	if sel.Owner != operator(c).UserID {
		s.deny(c, route{action: action}, "selection of somebody else")
		return sel, fault.New(fault.Forbidden, "Only "+sel.Maker+", who made this selection, may "+what+". Paste the list yourself.")
	}
	return sel, nil
}

// showAsked tells a page how far the CMP was asked, in figures alone: the lines are shown by the page, which is recorded.
func (s *Server) showAsked(c *gin.Context) (response, error) {
	sel, err := s.Selections.Get(c.Request.Context(), c.Param("id"))
	if err != nil {
		return nil, err
	}
	if c.GetHeader("HX-Request") == "" {
		return seeOther(selectionHref(sel.ID)), nil
	}
	view, err := s.askedView(c, sel)
	if err != nil || view == nil {
		return nil, err
	}
	view.Ended = view.Going == ""
	return part(templates.SelectionAsked(*view)), nil
}

// askedView tells how far the CMP was asked for a selection, nil where there is nothing to ask.
func (s *Server) askedView(c *gin.Context, sel notebook.Selection) (*templates.Asked, error) {
	round := s.Asker.Round(sel.ID)
	tally, err := s.Selections.Tally(c.Request.Context(), sel.ID)
	if err != nil || tally.Asked+tally.Waiting == 0 {
		return nil, err
	}
	href := selectionHref(sel.ID)
	view := &templates.Asked{CSRF: operator(c).CSRF, ShowHref: shownSelection(c, href), Text: askedWords(tally, round)}
	more := tally.Waiting
	if round.On {
		view.Going, view.LookHref = "Asking the CMP for "+number(min(round.Left, tally.Waiting))+" more", href+"/asked"
		more -= round.Left
	}
	if more > 0 && sel.Owner == operator(c).UserID {
		view.MoreAction, view.MoreLabel = href+"/ask", "Ask the CMP for "+number(more)+" more"
	}
	return view, nil
}

// askedWords are the figures, and why some ids could not be asked for.
func askedWords(t notebook.Tally, r inquiry.Round) string {
	words := []string{number(t.Asked) + " asked", number(t.Found) + " found", number(t.Unknown) + " not known to the CMP"}
	failed := min(r.Failed, t.Waiting)
	if failed == 0 {
		return strings.Join(words, ", ") + "."
	}
	return strings.Join(append(words, number(failed)+" could not be asked"), ", ") + ": " + why(r.Err)
}

// shownSelection is the address of the lines that a browser shows of a selection.
func shownSelection(c *gin.Context, href string) string {
	u, err := c.Request.URL.Parse(c.GetHeader("HX-Current-URL"))
	if err != nil || u.Path != href {
		return href
	}
	return u.RequestURI()
}

// asks is the detail of a record that tells how many ids the CMP is asked for.
func asks(n int) []audit.Field {
	if n == 0 {
		return nil
	}
	return []audit.Field{{Key: "asks", Value: number(n)}}
}
